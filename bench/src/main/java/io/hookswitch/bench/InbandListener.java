package io.hookswitch.bench;

import io.hookswitch.rtp.InbandDtmfDetector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What our receiver takes for keys in files of A-law at 8 kHz, in packets of 20 ms: prints "FILE keys" for each. For
 * {@code perf-scripts/talk-off}.
 */
public final class InbandListener {
    private static final int SAMPLES = 160;

    private InbandListener() {}

    /** The files. */
    public static void main(String[] args) throws IOException {
        InbandDtmfDetector detector = new InbandDtmfDetector();
        for (String name : args) {
            UnsafeBuffer audio = new UnsafeBuffer(Files.readAllBytes(Path.of(name)));
            detector.wrap(new UnsafeBuffer(new byte[InbandDtmfDetector.RECORD_LENGTH]), 0);
            StringBuilder keys = new StringBuilder();
            for (int at = 0; at < audio.capacity(); at += SAMPLES) {
                int length = Math.min(SAMPLES, audio.capacity() - at);
                if ((detector.onAudio(audio, at, length, true) & InbandDtmfDetector.BEGUN) != 0) {
                    keys.append(detector.key());
                }
            }
            System.out.println(name + " " + keys);
        }
    }
}
