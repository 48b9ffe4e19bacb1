package io.hookswitch.bench;

import io.hookswitch.engine.core.CoreAgent;
import io.hookswitch.engine.core.CoreRings;
import io.hookswitch.engine.core.CoreSettings;
import io.hookswitch.engine.core.MediaSettings;
import io.hookswitch.engine.io.IdleMode;
import io.hookswitch.engine.io.ServiceThreads;
import io.hookswitch.engine.io.TransportKind;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.engine.message.SipEvent;
import io.hookswitch.rtp.srtp.SrtpSuite;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;
import org.agrona.collections.LongArrayList;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.NoOpIdleStrategy;
import org.agrona.concurrent.SystemEpochNanoClock;
import org.agrona.concurrent.SystemNanoClock;

/**
 * A core as it runs in the product, its packets moved by the kernel, with calls set up by this program in place of SIP:
 * the relay under test of {@code perf-scripts/media-limit} and {@code perf-scripts/soak}, the player of {@code
 * perf-scripts/playout}. Prints {@code ready}, writes
 * one line "port A, port B" a call, answers {@code stat} and {@code collect} on standard input, and ends with it.
 */
public final class RelayHost {
    private static final byte[] LOOPBACK = {127, 0, 0, 1};
    private static final long PACE_NS = 20_000_000L;
    /** Far ends share this many ports a side, as the generator has them. */
    private static final int SIDE_PORTS = 4;
    /**
     * What this host can do beyond relaying RTP: words that the scripts look for. {@code srtp}: it takes {@code --srtp
     * FAR:OWN}, the master key and salt (60 hexadecimal digits) of all far ends and of itself, and has
     * AES_CM_128_HMAC_SHA1_80 on every leg.
     */
    private static final String FEATURES = "srtp";

    private final CoreRings rings;
    private final LongArrayList legs = new LongArrayList();
    private final PacedLegs player;
    private long leg;
    private int port;
    private boolean answered;

    /** Master keys of all legs, null = plain RTP. */
    private final byte[] ownKey;

    private final byte[] farKey;

    /** @param keys {@code FAR:OWN} in hexadecimal, "" = plain RTP */
    private RelayHost(CoreRings rings, String keys) {
        this.rings = rings;
        player = new PacedLegs(rings, this::poll);
        int colon = keys.indexOf(':');
        farKey = colon < 0 ? null : HexFormat.of().parseHex(keys.substring(0, colon));
        ownKey = colon < 0 ? null : HexFormat.of().parseHex(keys.substring(colon + 1));
    }

    /**
     * {@code --transport io_uring|epoll --calls N --far-port P --ports A-B --out FILE [--idle balanced|latency|quiet]
     * [--garbage N] [--srtp FAR:OWN] [--play LEGS [--together]]} (garbage: MB/s that another thread allocates; play: as
     * many legs get a recording, spread over 20 ms or begun all at once), or {@code --features} alone.
     */
    public static void main(String[] args) throws IOException {
        List<String> words = Arrays.asList(args);
        if (words.contains("--features")) {
            System.out.println(FEATURES);
            return;
        }
        ServiceThreads.giveWay();
        int calls = Integer.parseInt(option(words, "--calls", "1000"));
        int farPort = Integer.parseInt(option(words, "--far-port", "61000"));
        String[] range = option(words, "--ports", "20000-39999").split("-");
        TransportKind kind =
                TransportKind.valueOf(option(words, "--transport", "auto").toUpperCase(Locale.ROOT));
        IdleMode idle = IdleMode.valueOf(option(words, "--idle", "balanced").toUpperCase(Locale.ROOT));
        CoreSettings settings = new CoreSettings(0, 2 * calls, 64, idle, kind, 256, 4096, 20_000);
        MediaSettings media = MediaSettings.of(
                InetAddress.getByAddress(LOOPBACK), Integer.parseInt(range[0]), Integer.parseInt(range[1]));
        CoreRings rings = CoreRings.of(settings);
        CoreAgent core = new CoreAgent(
                settings,
                media,
                rings,
                SystemNanoClock.INSTANCE,
                SystemEpochNanoClock.INSTANCE,
                System.nanoTime(),
                Throwable::printStackTrace);
        rings.sipEvents().wakes(core.waker());
        rings.commands().wakes(core.waker());
        AgentRunner runner = new AgentRunner(NoOpIdleStrategy.INSTANCE, Throwable::printStackTrace, null, core);
        Thread thread = AgentRunner.startOnThread(runner);
        RelayHost host = new RelayHost(rings, option(words, "--srtp", ""));
        host.bridge(calls, farPort, Path.of(option(words, "--out", "relay.ports")));
        host.play(Integer.parseInt(option(words, "--play", "0")), words.contains("--together"));
        int garbage = Integer.parseInt(option(words, "--garbage", "0"));
        if (garbage > 0) {
            ControlLoad.start(garbage);
        }
        System.out.println(core.transport().description());
        System.out.println("ready");
        answer(new RelayFigures(core, thread));
        runner.close();
    }

    private static String option(List<String> words, String name, String otherwise) {
        int at = words.indexOf(name);
        return at < 0 ? otherwise : words.get(at + 1);
    }

    private void bridge(int calls, int farPort, Path out) throws IOException {
        StringBuilder ports = new StringBuilder();
        for (int i = 0; i < calls; i++) {
            long a = leg(farPort + i % SIDE_PORTS);
            ports.append(port).append(' ');
            long b = leg(farPort + SIDE_PORTS + i % SIDE_PORTS);
            ports.append(port).append('\n');
            MessageFlyweight join = rings.commands().tryClaim(CoreCommand.JOIN);
            join.leg(a).otherLeg(b);
            publish(rings.commands());
            legs.addLong(a);
            legs.addLong(b);
        }
        Files.writeString(out, ports);
    }

    private void play(int count, boolean isTogether) {
        for (int i = 0; i < count; i++) {
            player.play(legs.getLong(i));
            if (!isTogether) {
                LockSupport.parkNanos(PACE_NS / count);
            }
        }
    }

    /** An offered and answered leg. */
    private long leg(int farPort) {
        leg = 0;
        describe(rings.sipEvents().tryClaim(SipEvent.OFFERED), farPort);
        publish(rings.sipEvents());
        while (leg == 0) {
            poll();
        }
        answered = false;
        rings.commands().tryClaim(CoreCommand.ANSWER).leg(leg);
        publish(rings.commands());
        while (!answered) {
            poll();
        }
        describe(rings.sipEvents().tryClaim(SipEvent.MEDIA_CHANGED).leg(leg), farPort);
        publish(rings.sipEvents());
        return leg;
    }

    private void describe(MessageFlyweight message, int farPort) {
        message.media().begin().address(LOOPBACK).ports(farPort, 0).addCodec(Codec.PCMA, 8, -1, 8000);
        if (ownKey != null) {
            message.media().srtp(1 + SrtpSuite.AES_CM_128_HMAC_SHA1_80.ordinal(), ownKey, farKey);
        }
    }

    private static void publish(io.hookswitch.engine.ring.SlotRing ring) {
        ring.publish();
        ring.wakeReader();
    }

    private void poll() {
        rings.events().poll(event -> {}, 64);
        if (rings.sipCommands().poll(this::onSipCommand, 64) == 0) {
            Thread.onSpinWait();
        }
    }

    private void onSipCommand(MessageFlyweight command) {
        switch (command.type()) {
            case SipCommand.BIND -> leg = command.leg();
            case SipCommand.ANSWER -> {
                port = command.media().rtpPort();
                answered = true;
            }
            default -> throw new IllegalStateException("sip command " + command.type() + ": not enough ports or legs");
        }
    }

    /** {@code stat}: the figures; {@code collect}: a full collection, for the live heap of the next {@code stat}. */
    private static void answer(RelayFigures figures) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            if (line.equals("collect")) {
                System.gc();
            }
            System.out.println("stat " + figures.json());
        }
    }
}
