package io.hookswitch.systemtests;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.hookswitch.systemtests.farend.Tone;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Reads recordings and judges them. */
final class Wav {
    private static final int WINDOW = Tone.RATE / 100;

    private Wav() {}

    /** @return a mono 16-bit file of 8 kHz that holds a tone. */
    static byte[] tone(double hz, int seconds) {
        int samples = seconds * Tone.RATE;
        ByteBuffer file = ByteBuffer.allocate(44 + 2 * samples).order(ByteOrder.LITTLE_ENDIAN);
        file.put("RIFF".getBytes(US_ASCII)).putInt(36 + 2 * samples).put("WAVEfmt ".getBytes(US_ASCII));
        file.putInt(16)
                .putShort((short) 1)
                .putShort((short) 1)
                .putInt(Tone.RATE)
                .putInt(2 * Tone.RATE);
        file.putShort((short) 2)
                .putShort((short) 16)
                .put("data".getBytes(US_ASCII))
                .putInt(2 * samples);
        for (int i = 0; i < samples; i++) {
            file.putShort((short) Math.round(8000 * Math.sin(2 * Math.PI * hz * i / Tone.RATE)));
        }
        return file.array();
    }

    /** @return the samples of a mono 16-bit file of 8 kHz. */
    static short[] read(byte[] file) {
        return read(file, Tone.RATE, 1);
    }

    /** @return the first channel's samples of a 16-bit file of that rate and number of channels. */
    static short[] read(byte[] file, int rate, int channels) {
        ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        int at = 12;
        while (at + 8 <= file.length) {
            String chunk = new String(file, at, 4, US_ASCII);
            int length = bytes.getInt(at + 4);
            if (chunk.equals("fmt ")
                    && (bytes.getShort(at + 10) != channels
                            || bytes.getInt(at + 12) != rate
                            || bytes.getShort(at + 22) != 16)) {
                throw new AssertionError("the recording is not " + channels + " x " + rate + " Hz, 16 bit");
            }
            if (chunk.equals("data")) {
                int frameBytes = 2 * channels;
                short[] audio = new short[Math.min(length, file.length - at - 8) / frameBytes];
                for (int i = 0; i < audio.length; i++) {
                    audio[i] = bytes.getShort(at + 8 + i * frameBytes);
                }
                return audio;
            }
            at += 8 + length + (length & 1);
        }
        throw new AssertionError("the recording has no audio");
    }

    /**
     * What a recording of one tone holds.
     *
     * @param toneMs time in which windows of 10 ms hold that tone
     * @param longestGapMs longest time without it between its first and last window
     */
    record Judgement(int toneMs, int longestGapMs) {}

    /** Judges a recording by windows of 10 ms; a jump in the tone's phase counts as no tone. */
    static Judgement judge(short[] audio, double hz) {
        int tone = 0;
        int gap = 0;
        int longest = 0;
        for (int at = 0; at + WINDOW <= audio.length; at += WINDOW) {
            if (Tone.share(audio, at, WINDOW, hz) > 0.85) {
                longest = tone == 0 ? 0 : Math.max(longest, gap);
                gap = 0;
                tone += 10;
            } else {
                gap += 10;
            }
        }
        return new Judgement(tone, longest);
    }
}
