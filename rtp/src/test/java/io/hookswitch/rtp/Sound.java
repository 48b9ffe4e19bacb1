package io.hookswitch.rtp;

import java.util.Arrays;
import java.util.Random;

/** Audio at 8 kHz, put together of pieces: what sounds like speech, sines, silence, noise. */
final class Sound {
    private static final int RATE = GreetingDetector.RATE;
    private static final int SYLLABLE_MS = 150;
    private static final int DIP_MS = 40;
    private static final int PAUSE_MS = 90;

    private short[] samples = new short[0];

    private double[] add(int ms) {
        int from = samples.length;
        samples = Arrays.copyOf(samples, from + ms * RATE / 1_000);
        return new double[samples.length - from];
    }

    private void put(double[] piece) {
        for (int i = 0; i < piece.length; i++) {
            samples[samples.length - piece.length + i] =
                    (short) Math.clamp(Math.round(piece[i]), Short.MIN_VALUE, Short.MAX_VALUE);
        }
    }

    Sound silence(int ms) {
        put(add(ms));
        return this;
    }

    /** Harmonics of a gliding voice, louder in every syllable, words of two syllables with pauses between them. */
    Sound words(int words) {
        for (int word = 0; word < words; word++) {
            syllable(120 + 7 * (word % 5));
            silence(DIP_MS);
            syllable(145 - 6 * (word % 4));
            silence(PAUSE_MS);
        }
        return this;
    }

    private void syllable(double pitchHz) {
        double[] piece = add(SYLLABLE_MS);
        double phase = 0;
        for (int i = 0; i < piece.length; i++) {
            double part = (double) i / piece.length;
            phase += 2 * Math.PI * pitchHz * (1 + 0.15 * part) / RATE;
            double sum = 0;
            for (int harmonic = 1; harmonic <= 20; harmonic++) {
                double hz = harmonic * pitchHz;
                double formants = 1 / (1 + Math.pow((hz - 600) / 150, 2)) + 0.5 / (1 + Math.pow((hz - 1_400) / 200, 2));
                sum += formants * Math.sin(harmonic * phase);
            }
            piece[i] = 4_000 * Math.sqrt(Math.sin(Math.PI * part)) * sum;
        }
        put(piece);
    }

    /** Sines of 4,000 each. */
    Sound tone(int ms, double... hz) {
        double[] piece = add(ms);
        for (double one : hz) {
            for (int i = 0; i < piece.length; i++) {
                piece[i] += 4_000 * Math.sin(2 * Math.PI * one * i / RATE);
            }
        }
        put(piece);
        return this;
    }

    /** Adds white noise to all that there is, dB below full scale. */
    Sound noise(double decibels, long seed) {
        Random random = new Random(seed);
        double level = 32_768 * Math.pow(10, decibels / 20);
        for (int i = 0; i < samples.length; i++) {
            double noisy = samples[i] + level * random.nextGaussian();
            samples[i] = (short) Math.clamp(Math.round(noisy), Short.MIN_VALUE, Short.MAX_VALUE);
        }
        return this;
    }

    short[] samples() {
        return samples.clone();
    }
}
