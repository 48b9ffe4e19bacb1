package io.hookswitch.server.audio;

import io.hookswitch.engine.message.RecordingFlyweight;
import java.lang.foreign.Arena;

/** {@code silence_stream://<ms>}: one frame of silence, played as often as it takes. */
final class Silence {
    private static final String SCHEME = "silence_stream://";
    private static final int FRAME_MS = 20;

    private final Audio frame;

    Silence() {
        Samples narrow = new Samples(0);
        Samples wide = new Samples(0);
        narrow.add(new float[RecordingFlyweight.FRAME_SAMPLES], RecordingFlyweight.FRAME_SAMPLES);
        wide.add(new float[2 * RecordingFlyweight.FRAME_SAMPLES], 2 * RecordingFlyweight.FRAME_SAMPLES);
        Arena memory = Arena.ofAuto();
        try {
            frame = new Audio(
                    RecordingEncoder.encode(
                                    new Pcm(narrow, wide), new DecodeLimits(1, System.nanoTime() + Long.MAX_VALUE / 2))
                            .build(memory),
                    RecordingFlyweight.FRAME_SAMPLES,
                    memory,
                    _ -> {});
        } catch (AudioException e) {
            throw new IllegalStateException("a frame of silence", e);
        }
    }

    static boolean isSilence(String url) {
        return url.startsWith(SCHEME);
    }

    /** Silence as long as the URL says, to a frame; the level of noise that may follow behind a comma is none. */
    AudioOutcome of(String url) {
        String text = url.substring(SCHEME.length()).split(",", 2)[0];
        if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) < 1) {
            return new AudioOutcome.Failed(url + " does not say how many ms");
        }
        return new AudioOutcome.Ready(frame.retained(), (Integer.parseInt(text) + FRAME_MS - 1) / FRAME_MS);
    }
}
