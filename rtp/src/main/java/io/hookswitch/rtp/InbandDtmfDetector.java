package io.hookswitch.rtp;

import org.agrona.MutableDirectBuffer;

/**
 * Hears the keys that a far end sounds in its audio (ITU-T Q.23) and reports each press once, within the tolerances of
 * ITU-T Q.24: frequencies within 1.5 % are keys and those 3.5 % off are none, twist from -4 to +8 dB, levels from 0 to
 * -25 dBm0, presses of 40 ms count and those of 23 ms do not, interruptions up to 10 ms are bridged, pauses of 40 ms
 * are not, noise 15 dB below the key is endured. Audio is G.711 at 8 kHz in packets of any length.
 *
 * <p>Every 10 ms the last 20 ms are looked at through a Hann window by eight Goertzel filters. A key is a moment in
 * which one tone of each group explains the sound almost alone; how far each is from its nominal frequency is read from
 * its phase's advance since the look before, which is much finer than the filters are wide. Three looks in a row that
 * the same key explains are a press: 40 ms always give three, two of them full of it, and 23 ms never more than two.
 * Frequencies and level must be steady from look to look, which those of voices are not.
 *
 * <pre>
 *   0 short[160] the last samples           384 int  samples in it        396 int  samples since the press began
 *  320 float[16] the last look, re and im   388 byte a look precedes      400 int  samples of the last press
 *                                           389 byte key of the last look
 *                                           390 byte looks in a row with it    391 byte key that is down
 *                                           392 byte looks without it          393 byte looks that packets were missing
 * in
 *                                           394 byte key released last            404 float power of the last look
 *                                           395 byte looks in a row full of it    408 float[2] its deviations, Hz
 * </pre>
 *
 * <p>One record a leg, all zero = nothing heard. This class is a view over a record with scratch of its own: wrap, use,
 * forget. Core thread.
 */
public final class InbandDtmfDetector {
    /** Bytes of a record. */
    public static final int RECORD_LENGTH = 448;
    /** Bit of an answer: a key went down, {@link #key()}. */
    public static final int BEGUN = 1;
    /**
     * Bit of an answer: a key was released, {@link #releasedKey()}. It comes before {@link #BEGUN} of the same answer.
     */
    public static final int ENDED = 2;

    private static final int RATE = 8000;
    private static final int WINDOW = 160;
    private static final int HOP = 80;
    private static final double HOP_S = (double) HOP / RATE;
    private static final int TONES = 8;
    private static final int GROUP = 4;
    private static final int[] FREQUENCIES = {697, 770, 852, 941, 1209, 1336, 1477, 1633};
    private static final String KEYS = "123A456B789C*0#D";

    private static final int SPECTRUM = 320;
    private static final int FILLED = 384;
    private static final int HAS_LOOK = 388;
    private static final int HEARD = 389;
    private static final int IN_A_ROW = 390;
    private static final int DOWN = 391;
    private static final int WITHOUT = 392;
    private static final int MISSING = 393;
    private static final int RELEASED = 394;
    private static final int SINCE = 396;
    private static final int LENGTH = 400;
    private static final int POWER = 404;
    private static final int FULL = 395;
    private static final int LOW_HZ = 408;
    private static final int HIGH_HZ = 412;

    private static final int LOOKS_TO_PRESS = 3;
    /** Of these, looks that the key fills. */
    private static final int FULL_TO_PRESS = 2;
    /** Looks without it that release a key: more than an interruption of 10 ms makes, fewer than a pause of 40. */
    private static final int LOOKS_TO_RELEASE = 4;
    /** Of these, looks that heard something else or nothing; the others may have been missing. */
    private static final int LEAST_HEARD_WITHOUT = 2;

    /** Power of a sine of 0 dBm0 at 16 bits: the full scale of G.711 is 3.17 dBm0 (ITU-T G.711 table 5). */
    private static final double POWER_0_DBM0 = 32_636.0 * 32_636.0 / 2 / Math.pow(10, 0.317);

    private static final float LEAST_POWER = (float) (POWER_0_DBM0 * Math.pow(10, -2.8));
    /** The lower tone may be so much stronger, and the higher one: Q.24's 8 and 4 dB, with room for noise. */
    private static final float MOST_LOWER = (float) Math.pow(10, 0.95);

    private static final float MOST_HIGHER = (float) Math.pow(10, 0.55);
    /** Part of the sound that the two tones are, at least: as much as in a look that is 6 ms short of the key. */
    private static final float LEAST_PURITY = 0.76f;
    /** The same of a look that the key fills, with noise 15 dB below it. */
    private static final float FULL_PURITY = 0.90f;
    /**
     * Most that a tone's frequency may seem to change from look to look, Hz: a look that is short of it tells it wrong.
     */
    private static final double MOST_DRIFT_HZ = 8;

    private static final float MOST_SWELL = 2;

    private static final double MOST_DEVIATION = 0.025;
    /** Tones weaker than this part of it cannot be worth a closer look, whatever their frequency is. */
    private static final float WORTH_A_LOOK = 0.45f;

    private static final float[] HANN = new float[WINDOW];
    private static final float[] COEFFICIENT = new float[TONES];
    private static final float[] COSINE = new float[TONES];
    private static final float[] SINE = new float[TONES];
    /** How far the phase of a tone of nominal frequency goes from look to look, as cosine and sine. */
    private static final float[] STEP_COSINE = new float[TONES];

    private static final float[] STEP_SINE = new float[TONES];
    /** Makes |X|² of a tone its power. */
    private static final float TO_POWER;
    /** Makes the window's sum of squares the sound's power. */
    private static final float SOUND_TO_POWER;

    static {
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < WINDOW; i++) {
            double value = 0.5 - 0.5 * Math.cos(2 * Math.PI * (i + 0.5) / WINDOW);
            HANN[i] = (float) value;
            sum += value;
            squares += value * value;
        }
        TO_POWER = (float) (2 / (sum * sum));
        SOUND_TO_POWER = (float) (1 / squares);
        for (int tone = 0; tone < TONES; tone++) {
            double angle = 2 * Math.PI * FREQUENCIES[tone] / RATE;
            COEFFICIENT[tone] = (float) (2 * Math.cos(angle));
            COSINE[tone] = (float) Math.cos(angle);
            SINE[tone] = (float) Math.sin(angle);
            STEP_COSINE[tone] = (float) Math.cos(angle * HOP);
            STEP_SINE[tone] = (float) Math.sin(angle * HOP);
        }
    }

    private final float[] windowed = new float[WINDOW];
    private final float[] re = new float[TONES];
    private final float[] im = new float[TONES];
    /** Whether the same two tones explained the look before as well, which had nothing to be compared with. */
    private boolean wasPure;

    private boolean wasFull;
    /** The same of this look, and whether it goes on where the last one was. */
    private boolean isFull;

    private boolean isSteady;

    private MutableDirectBuffer buffer;
    private int offset;

    /** Points this view at a leg's record. */
    public InbandDtmfDetector wrap(MutableDirectBuffer records, int recordOffset) {
        buffer = records;
        offset = recordOffset;
        return this;
    }

    /** @return the key that is down, 0 = none. */
    public char key() {
        return (char) buffer.getByte(offset + DOWN);
    }

    /** @return the key released last, 0 = none yet. */
    public char releasedKey() {
        return (char) buffer.getByte(offset + RELEASED);
    }

    /** @return how long it was down, samples of 8 kHz; right to about 10 ms. */
    public int releasedSamples() {
        return buffer.getInt(offset + LENGTH);
    }

    /**
     * Hears the next packet.
     *
     * @param payload offset of its first byte in {@code audio}
     * @param length its bytes, one a sample
     * @return {@link #BEGUN} and {@link #ENDED} bits, 0 = nothing happened
     */
    public int onAudio(MutableDirectBuffer audio, int payload, int length, boolean isALaw) {
        int happened = 0;
        int filled = buffer.getInt(offset + FILLED);
        for (int done = 0; done < length; ) {
            int run = Math.min(length - done, WINDOW - filled);
            for (int i = 0; i < run; i++) {
                int code = audio.getByte(payload + done + i);
                short sample = isALaw ? G711.decodeALaw(code) : G711.decodeMuLaw(code);
                buffer.putShort(offset + (filled + i) * Short.BYTES, sample);
            }
            filled += run;
            done += run;
            if (filled == WINDOW) {
                happened |= step(look());
                filled = WINDOW - HOP;
            }
        }
        buffer.putInt(offset + FILLED, filled);
        return happened;
    }

    /** Some samples are lost: what they were is neither a key nor a pause. @return as {@link #onAudio}. */
    public int onLost(int samples) {
        // The looks that would have had them in: nobody knows what the phase did meanwhile.
        buffer.putByte(offset + HAS_LOOK, (byte) 0);
        buffer.putInt(offset + FILLED, 0);
        buffer.putByte(offset + IN_A_ROW, (byte) 0);
        int missing = Math.min(Byte.MAX_VALUE, buffer.getByte(offset + MISSING) + (samples + HOP - 1) / HOP + 1);
        if (key() == 0) {
            return 0;
        }
        buffer.putByte(offset + MISSING, (byte) missing);
        buffer.putInt(offset + SINCE, buffer.getInt(offset + SINCE) + samples);
        return released() ? ENDED : 0;
    }

    /** Hears the last 160 samples and makes room for the next 80. @return the key they sound, 0 = none. */
    private char look() {
        float power = window();
        boolean isLoud = power > LEAST_POWER;
        boolean follows = buffer.getByte(offset + HAS_LOOK) != 0;
        buffer.putByte(offset + HAS_LOOK, (byte) (isLoud ? 1 : 0));
        if (!isLoud) {
            return 0;
        }
        filter();
        char key = follows ? key(power) : 0;
        for (int tone = 0; tone < TONES; tone++) {
            int at = offset + SPECTRUM + 2 * Float.BYTES * tone;
            buffer.putFloat(at, re[tone]);
            buffer.putFloat(at + Float.BYTES, im[tone]);
        }
        buffer.putFloat(offset + POWER, power);
        return key;
    }

    /** Takes the samples through the window and moves the newer half to the front. @return their power. */
    private float window() {
        float squares = 0;
        for (int i = 0; i < WINDOW; i++) {
            float sample = buffer.getShort(offset + i * Short.BYTES) * HANN[i];
            windowed[i] = sample;
            squares += sample * sample;
        }
        for (int i = 0; i < HOP; i++) {
            buffer.putShort(offset + i * Short.BYTES, buffer.getShort(offset + (i + HOP) * Short.BYTES));
        }
        return squares * SOUND_TO_POWER;
    }

    /** Eight Goertzel filters side by side; the phase of each result is counted from the window's last sample. */
    private void filter() {
        goertzel(0);
        goertzel(GROUP);
    }

    private void goertzel(int first) {
        float c0 = COEFFICIENT[first];
        float c1 = COEFFICIENT[first + 1];
        float c2 = COEFFICIENT[first + 2];
        float c3 = COEFFICIENT[first + 3];
        float a0 = 0;
        float a1 = 0;
        float a2 = 0;
        float a3 = 0;
        float b0 = 0;
        float b1 = 0;
        float b2 = 0;
        float b3 = 0;
        for (int i = 0; i < WINDOW; i++) {
            float sample = windowed[i];
            float n0 = sample - b0 + c0 * a0;
            float n1 = sample - b1 + c1 * a1;
            float n2 = sample - b2 + c2 * a2;
            float n3 = sample - b3 + c3 * a3;
            b0 = a0;
            b1 = a1;
            b2 = a2;
            b3 = a3;
            a0 = n0;
            a1 = n1;
            a2 = n2;
            a3 = n3;
        }
        result(first, a0, b0);
        result(first + 1, a1, b1);
        result(first + 2, a2, b2);
        result(first + 3, a3, b3);
    }

    private void result(int tone, float last, float before) {
        re[tone] = last - before * COSINE[tone];
        im[tone] = before * SINE[tone];
    }

    /** @return the key of this look, compared with the one before. */
    private char key(float power) {
        int low = strongest(0);
        int high = strongest(GROUP);
        float lowPower = tonePower(low);
        float highPower = tonePower(high);
        if (lowPower + highPower < WORTH_A_LOOK * LEAST_PURITY * power) {
            return 0;
        }
        double lowHz = deviationHz(low);
        double highHz = deviationHz(high);
        if (Math.abs(lowHz) > MOST_DEVIATION * FREQUENCIES[low]
                || Math.abs(highHz) > MOST_DEVIATION * FREQUENCIES[high]) {
            return 0;
        }
        float lowResponse = windowResponse(lowHz);
        float highResponse = windowResponse(highHz);
        lowPower /= lowResponse;
        highPower /= highResponse;
        float before = lastTonePower(low) / lowResponse + lastTonePower(high) / highResponse;
        float powerBefore = buffer.getFloat(offset + POWER);
        wasPure = before > LEAST_PURITY * powerBefore;
        wasFull = before > FULL_PURITY * powerBefore;
        isFull = lowPower + highPower > FULL_PURITY * power;
        isSteady = Math.abs(lowHz - buffer.getFloat(offset + LOW_HZ)) < MOST_DRIFT_HZ
                && Math.abs(highHz - buffer.getFloat(offset + HIGH_HZ)) < MOST_DRIFT_HZ
                && power < MOST_SWELL * powerBefore
                && powerBefore < MOST_SWELL * power;
        buffer.putFloat(offset + LOW_HZ, (float) lowHz);
        buffer.putFloat(offset + HIGH_HZ, (float) highHz);
        boolean isKey = lowPower > LEAST_POWER
                && highPower > LEAST_POWER
                && lowPower < MOST_LOWER * highPower
                && highPower < MOST_HIGHER * lowPower
                && lowPower + highPower > LEAST_PURITY * power;
        return isKey ? KEYS.charAt(low * GROUP + high - GROUP) : 0;
    }

    private int strongest(int first) {
        int best = first;
        for (int tone = first + 1; tone < first + GROUP; tone++) {
            if (tonePower(tone) > tonePower(best)) {
                best = tone;
            }
        }
        return best;
    }

    private float tonePower(int tone) {
        return (re[tone] * re[tone] + im[tone] * im[tone]) * TO_POWER;
    }

    private float lastTonePower(int tone) {
        int at = offset + SPECTRUM + 2 * Float.BYTES * tone;
        float lastRe = buffer.getFloat(at);
        float lastIm = buffer.getFloat(at + Float.BYTES);
        return (lastRe * lastRe + lastIm * lastIm) * TO_POWER;
    }

    /** @return how far a tone is from its nominal frequency, by what its phase did since the last look, Hz. */
    private double deviationHz(int tone) {
        int at = offset + SPECTRUM + 2 * Float.BYTES * tone;
        float beforeRe = buffer.getFloat(at);
        float beforeIm = buffer.getFloat(at + Float.BYTES);
        // This look over the last one, turned back by what the nominal frequency would have done.
        float turnRe = re[tone] * beforeRe + im[tone] * beforeIm;
        float turnIm = im[tone] * beforeRe - re[tone] * beforeIm;
        float aheadRe = turnRe * STEP_COSINE[tone] + turnIm * STEP_SINE[tone];
        float aheadIm = turnIm * STEP_COSINE[tone] - turnRe * STEP_SINE[tone];
        return Math.atan2(aheadIm, aheadRe) / (2 * Math.PI * HOP_S);
    }

    /** @return what the window lets through of a tone's power, by its distance from the filter's middle. */
    private static float windowResponse(double hz) {
        double bins = Math.abs(hz) * WINDOW / RATE;
        if (bins < 1e-3) {
            return 1;
        }
        double response = Math.sin(Math.PI * bins) / (Math.PI * bins * (1 - bins * bins));
        return (float) (response * response);
    }

    private int step(char heard) {
        char down = key();
        buffer.putInt(offset + SINCE, buffer.getInt(offset + SINCE) + HOP);
        int inARow = 0;
        int full = 0;
        if (heard != 0) {
            boolean goesOn = heard == buffer.getByte(offset + HEARD) && isSteady;
            int before = goesOn ? buffer.getByte(offset + IN_A_ROW) : wasPure ? 1 : 0;
            int fullBefore = goesOn ? buffer.getByte(offset + FULL) : wasFull ? 1 : 0;
            inARow = Math.min(LOOKS_TO_PRESS, before + 1);
            full = Math.min(FULL_TO_PRESS, fullBefore + (isFull ? 1 : 0));
        }
        boolean isPress = inARow == LOOKS_TO_PRESS && full == FULL_TO_PRESS;
        buffer.putByte(offset + FULL, (byte) full);
        buffer.putByte(offset + HEARD, (byte) heard);
        buffer.putByte(offset + IN_A_ROW, (byte) inARow);
        if (down != 0 && heard == down) {
            buffer.putByte(offset + WITHOUT, (byte) 0);
            buffer.putByte(offset + MISSING, (byte) 0);
            return 0;
        }
        int happened = 0;
        if (down != 0) {
            buffer.putByte(offset + WITHOUT, (byte) (buffer.getByte(offset + WITHOUT) + 1));
            happened = isPress ? release() : released() ? ENDED : 0;
        }
        if (isPress && key() == 0) {
            buffer.putByte(offset + DOWN, (byte) heard);
            buffer.putByte(offset + WITHOUT, (byte) 0);
            buffer.putByte(offset + MISSING, (byte) 0);
            buffer.putInt(offset + SINCE, WINDOW + (LOOKS_TO_PRESS - 1) * HOP);
            happened |= BEGUN;
        }
        return happened;
    }

    private boolean released() {
        int without = buffer.getByte(offset + WITHOUT);
        boolean isOver =
                without >= LEAST_HEARD_WITHOUT && without + buffer.getByte(offset + MISSING) >= LOOKS_TO_RELEASE;
        return isOver && release() != 0;
    }

    private int release() {
        int without = buffer.getByte(offset + WITHOUT) + buffer.getByte(offset + MISSING);
        buffer.putByte(offset + RELEASED, buffer.getByte(offset + DOWN));
        buffer.putInt(offset + LENGTH, Math.max(HOP, buffer.getInt(offset + SINCE) - without * HOP));
        buffer.putByte(offset + DOWN, (byte) 0);
        buffer.putByte(offset + WITHOUT, (byte) 0);
        buffer.putByte(offset + MISSING, (byte) 0);
        return ENDED;
    }
}
