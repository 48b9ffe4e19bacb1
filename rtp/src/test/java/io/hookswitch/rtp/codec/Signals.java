package io.hookswitch.rtp.codec;

import java.util.SplittableRandom;

/** Audio to try codecs with, the same on every run. */
final class Signals {
    private Signals() {}

    static short[] tone(int rate, double hertz, double level, int samples) {
        short[] made = new short[samples];
        for (int i = 0; i < samples; i++) {
            made[i] = (short) Math.round(Math.sin(2 * Math.PI * hertz * i / rate) * level * Short.MAX_VALUE);
        }
        return made;
    }

    /** Tones that come and go in noise, then noise alone at full level, then steps from end to end, then silence. */
    static short[] everything(int samples) {
        SplittableRandom random = new SplittableRandom(722);
        short[] made = new short[samples];
        for (int i = 0; i < samples; i++) {
            int part = i * 4 / samples;
            made[i] = switch (part) {
                case 0 -> (short) ((i >> 9 & 1) * (random.nextInt(3000) - 1500) + (i * 331 & 0x3FFF) - 0x2000);
                case 1 -> (short) random.nextInt();
                case 2 -> (i / 37 & 1) == 0 ? Short.MAX_VALUE : Short.MIN_VALUE;
                default -> (short) (random.nextInt(3) - 1);
            };
        }
        return made;
    }

    /**
     * @return signal to noise in dB of what came out, against what went in, at the delay below {@code mostDelay} where
     *     they fit best; both level and delay of the codec are taken out
     */
    static double snr(short[] in, short[] out, int from, int count, int mostDelay) {
        double best = -100;
        for (int delay = 0; delay <= mostDelay; delay++) {
            double cross = 0;
            double power = 0;
            double total = 0;
            for (int i = from; i < from + count; i++) {
                cross += (double) in[i] * out[i + delay];
                power += (double) in[i] * in[i];
                total += (double) out[i + delay] * out[i + delay];
            }
            double fitted = cross * cross / power;
            best = Math.max(best, 10 * Math.log10(fitted / Math.max(1e-9, total - fitted)));
        }
        return best;
    }
}
