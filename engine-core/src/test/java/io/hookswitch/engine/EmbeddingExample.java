package io.hookswitch.engine;

import io.hookswitch.engine.core.CoreSettings;
import io.hookswitch.engine.core.LegFigures;
import io.hookswitch.engine.core.MediaSettings;
import io.hookswitch.engine.io.IdleMode;
import io.hookswitch.engine.io.TransportKind;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.locks.LockSupport;

/** Two far ends talk through a core of ours until one of them presses #. */
final class EmbeddingExample {
    private final StringBuilder keys = new StringBuilder();
    private boolean over;

    /** What a signalling of your own would learn from the engine, and say to its far ends. */
    interface Signalling {
        InetSocketAddress farEndOf(int ourRtpPort);
    }

    String run(Signalling signalling, InetAddress ourAddress, int firstPort, int lastPort) {
        CoreSettings core = CoreSettings.of(0, 2, IdleMode.BALANCED, TransportKind.AUTO);
        MediaSettings media = MediaSettings.of(ourAddress, firstPort, lastPort);
        try (MediaEngine engine = MediaEngine.start(core, media, Throwable::printStackTrace)) {
            // Open two legs: each has a port of ours that its far end is told to send to.
            long caller = engine.openLeg();
            long callee = engine.openLeg();
            engine.farEnd(caller, FarEnd.pcmu(signalling.farEndOf(engine.rtpPort(caller))));
            engine.farEnd(callee, FarEnd.pcma(signalling.farEndOf(engine.rtpPort(callee))));

            // Bridge them: mu-law becomes A-law and back on the way.
            engine.connect(caller, callee);

            // Hear keys: once per press, on this thread, inside poll().
            engine.onDigit((leg, digit, durationNs) -> {
                keys.append(leg == caller ? "caller " : "callee ").append(digit).append('\n');
                over = digit == '#';
            });
            while (!over) {
                if (engine.poll() == 0) {
                    LockSupport.parkNanos(1_000_000);
                }
            }

            // Read figures while packets go on.
            LegFigures figures = engine.statistics(caller);
            return keys
                    + "received " + figures.received() + ", missing " + figures.missing()
                    + ", jitter " + figures.jitterNs() / 1000 + " us, MOS " + figures.mos();
        }
    }
}
