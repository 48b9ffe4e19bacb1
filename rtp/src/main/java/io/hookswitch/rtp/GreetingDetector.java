package io.hookswitch.rtp;

/**
 * Hears from the audio of somebody who has just answered whether it is a person or an answering machine, when a
 * machine's greeting is over, and its beep. 16-bit samples at 8 kHz in pieces of any length; it knows no time but
 * theirs.
 *
 * <p>Power in frames of 10 ms, above a noise floor that follows the quietest, tells speech from silence. Nothing is
 * recognised, so words are counted as the ear does without the language: stretches of speech of 100 ms or more between
 * pauses, or two words for every three syllables (risings and fallings of the loudness), whichever are more; speech
 * without a pause also counts by its length. As many words as the threshold are a machine; fewer with
 * {@value #PERSON_SILENCE_MS} ms of silence behind them are a person.
 *
 * <p>A beep is one sine that explains its sound almost alone, steady in frequency and level, in six looks of 40 ms,
 * each 20 ms behind the one before: 150 ms always give them. What sounds so is not speech. No thread of its own.
 */
public final class GreetingDetector {
    /** Samples a second. */
    public static final int RATE = 8_000;
    /** Bit of an answer: somebody speaks. Once. */
    public static final int SPEAKS = 1;
    /** Bit of an answer: it is a person. Once, and never with {@link #MACHINE}. */
    public static final int PERSON = 2;
    /** Bit of an answer: it is a machine. Once. */
    public static final int MACHINE = 4;
    /** Bit of an answer: the machine has stopped speaking. Once. */
    public static final int STOPPED = 8;
    /** Bit of an answer: a beep. Once. */
    public static final int BEEP = 16;

    private static final int FRAME = 80;
    private static final int FRAME_MS = 10;
    private static final int PERSON_SILENCE_MS = 1_000;
    private static final int LEAST_WORD_MS = 100;
    /** A gap that is shorter is inside of a word: that of a plosive. */
    private static final int LEAST_PAUSE_MS = 60;

    private static final double FULL_SCALE_POWER = 32_768.0 * 32_768.0;
    private static final double LOWEST_DB = -75;
    /** The floor never falls below: digital silence says nothing of the noise behind it. */
    private static final double LOWEST_FLOOR_DB = -58;

    private static final double HIGHEST_FLOOR_DB = -38;
    /** What is below is never speech. */
    private static final double LEAST_SPEECH_DB = -46;

    private static final double ABOVE_FLOOR_DB = 8;
    /** How fast the floor follows when it gets louder, per frame: 4 dB a second, in speech 1.5. */
    private static final double FLOOR_RISE_DB = 0.04;

    private static final double FLOOR_RISE_IN_SPEECH_DB = 0.015;

    private static final double FLOOR_FALL = 0.2;

    /** Frames that the loudness is taken over for syllables. */
    private static final int ENVELOPE = 5;
    /** A syllable is a rise and a fall of so much. */
    private static final double SYLLABLE_DB = 2.5;

    private static final int SYLLABLES = 3;
    private static final int WORDS = 2;
    /** Speech that so long a time of stands for one word, if nothing else can be counted in it. */
    private static final int LONG_WORD_MS = 450;

    private static final int LOOK = 320;
    private static final int LOOKS_TO_BEEP = 6;
    private static final double BEEP_SHARE = 0.75;
    /** A sine must explain so much of the correlations to be looked at closer. */
    private static final double LEAST_EXPLAINED = 0.6;

    private static final double LEAST_BEEP_POWER = FULL_SCALE_POWER * 1e-4;
    private static final double LOWEST_BEEP_HZ = 350;
    private static final double HIGHEST_BEEP_HZ = 3_400;
    private static final double BEEP_HZ_SPREAD = 0.02;
    private static final double BEEP_POWER_SPREAD = 2;
    private static final double[] HANN = new double[LOOK / 2];

    static {
        for (int i = 0; i < HANN.length; i++) {
            HANN[i] = 1 - Math.cos(2 * Math.PI * i / HANN.length);
        }
    }

    private final int thresholdWords;
    private final int greetingSilenceMs;
    private final double[] recent = new double[ENVELOPE];
    private final double[] look = new double[LOOK];
    private int found;
    private int inFrame;
    private long frames;
    private double mean;

    private double floorDb = HIGHEST_FLOOR_DB;
    /** Of the present stretch, which is none before it is as long as a word. */
    private int runMs;

    private int gapMs;
    private boolean inStretch;
    /** Behind the last speech. */
    private int silenceMs;

    private int speechMs;
    private int stretches;
    private int syllables;
    private boolean rising;
    private double turnDb;

    private int looksInARow;
    private double lowestHz;
    private double highestHz;
    private double lowestPower;
    private double highestPower;
    private double beepHz;

    /**
     * @param thresholdWords so many are a machine, at least 1
     * @param greetingSilenceMs so long a silence ends a machine's greeting
     */
    public GreetingDetector(int thresholdWords, int greetingSilenceMs) {
        this.thresholdWords = thresholdWords;
        this.greetingSilenceMs = greetingSilenceMs;
    }

    /** @return what these samples made sure: bits. */
    public int hear(short[] samples, int count) {
        int before = found;
        for (int i = 0; i < count; i++) {
            // The direct current of a bad converter is not sound.
            mean += (samples[i] - mean) / LOOK;
            look[LOOK - FRAME + inFrame++] = samples[i] - mean;
            if (inFrame == FRAME) {
                onFrame();
                System.arraycopy(look, FRAME, look, 0, LOOK - FRAME);
                inFrame = 0;
            }
        }
        return found & ~before;
    }

    private void onFrame() {
        double power = 0;
        for (int i = LOOK - FRAME; i < LOOK; i++) {
            power += look[i] * look[i];
        }
        power /= FRAME;
        recent[(int) (frames % ENVELOPE)] = power;
        frames++;
        if (frames % 2 == 0) {
            onLook();
        }
        double db = Math.max(LOWEST_DB, decibels(power));
        if (db < floorDb) {
            floorDb = Math.max(LOWEST_FLOOR_DB, floorDb + (db - floorDb) * FLOOR_FALL);
        } else {
            floorDb = Math.min(HIGHEST_FLOOR_DB, floorDb + (inStretch ? FLOOR_RISE_IN_SPEECH_DB : FLOOR_RISE_DB));
        }
        double leastDb = Math.max(LEAST_SPEECH_DB, floorDb + ABOVE_FLOOR_DB);
        if (db >= leastDb && looksInARow < 2) {
            onSpeech();
        } else {
            onSilence();
        }
        decide();
    }

    private static double decibels(double power) {
        return 10 * Math.log10(power / FULL_SCALE_POWER + 1e-10);
    }

    private void onSpeech() {
        int lengthMs = FRAME_MS + gapMs;
        gapMs = 0;
        runMs += lengthMs;
        if (runMs < LEAST_WORD_MS) {
            silenceMs += FRAME_MS;
            return;
        }
        if (inStretch) {
            speechMs += lengthMs;
        } else {
            inStretch = true;
            found |= SPEAKS;
            stretches++;
            speechMs += runMs;
            rising = true;
            turnDb = LOWEST_DB;
        }
        silenceMs = 0;
        onLoudness();
    }

    private void onSilence() {
        silenceMs += FRAME_MS;
        if (runMs == 0) {
            return;
        }
        gapMs += FRAME_MS;
        if (gapMs >= LEAST_PAUSE_MS) {
            if (inStretch && rising) {
                syllables++;
            }
            inStretch = false;
            runMs = 0;
            gapMs = 0;
        }
    }

    private void onLoudness() {
        double sum = 0;
        for (double power : recent) {
            sum += power;
        }
        double db = decibels(sum / ENVELOPE);
        if (rising) {
            turnDb = Math.max(turnDb, db);
            if (db < turnDb - SYLLABLE_DB) {
                syllables++;
                rising = false;
                turnDb = db;
            }
        } else {
            turnDb = Math.min(turnDb, db);
            if (db > turnDb + SYLLABLE_DB) {
                rising = true;
                turnDb = db;
            }
        }
    }

    private void decide() {
        if ((found & SPEAKS) != 0 && (found & (PERSON | MACHINE)) == 0) {
            if (words() >= thresholdWords) {
                found |= MACHINE;
            } else if (silenceMs >= PERSON_SILENCE_MS && looksInARow == 0) {
                found |= PERSON;
            }
        }
        if ((found & (MACHINE | STOPPED)) == MACHINE && silenceMs >= greetingSilenceMs) {
            found |= STOPPED;
        }
    }

    /** One sine of unknown frequency in white noise, from the correlation at two lags; then how much it explains. */
    private void onLook() {
        double r0 = 0;
        double r1 = 0;
        double r2 = 0;
        for (int i = 2; i < LOOK; i++) {
            r0 += look[i] * look[i];
            r1 += look[i] * look[i - 1];
            r2 += look[i] * look[i - 2];
        }
        double power = r0 / (LOOK - 2);
        if (power < LEAST_BEEP_POWER || r1 == 0) {
            looksInARow = 0;
            return;
        }
        double root = Math.sqrt(r2 * r2 + 8 * r1 * r1);
        // Of the two roots the one that explains both correlations with a sine of positive power.
        double one = (r2 + root) / (4 * r1);
        double other = (r2 - root) / (4 * r1);
        double cosine = power(one, r1, r2) >= power(other, r1, r2) ? one : other;
        if (power(cosine, r1, r2) < LEAST_EXPLAINED * r0) {
            looksInARow = 0;
            return;
        }
        double omega = refined(Math.acos(cosine));
        double hz = omega * RATE / (2 * Math.PI);
        if (hz >= LOWEST_BEEP_HZ && hz <= HIGHEST_BEEP_HZ && share(omega) >= BEEP_SHARE) {
            onTone(hz, power);
        } else {
            looksInARow = 0;
        }
    }

    /** Power of a sine, given the cosine of its angle a sample, that explains two correlations best; 0 = none. */
    private static double power(double cosine, double r1, double r2) {
        if (!(Math.abs(cosine) <= 1)) {
            return 0;
        }
        double twice = 2 * cosine * cosine - 1;
        return Math.max(0, (r1 * cosine + r2 * twice) / (cosine * cosine + twice * twice));
    }

    /** A sine's angle a sample, from how its phase advances from the first half of the look to the second. */
    private double refined(double omega) {
        double advance = phase(LOOK / 2, omega) - phase(0, omega);
        return omega + Math.IEEEremainder(advance, 2 * Math.PI) / (LOOK / 2);
    }

    private double phase(int from, double omega) {
        double re = 0;
        double im = 0;
        for (int i = 0; i < LOOK / 2; i++) {
            double sample = look[from + i] * HANN[i];
            re += sample * Math.cos(omega * (from + i));
            im -= sample * Math.sin(omega * (from + i));
        }
        return Math.atan2(im, re);
    }

    private double share(double omega) {
        double twoCosine = 2 * Math.cos(omega);
        double before = 0;
        double last = 0;
        double energy = 0;
        for (double sample : look) {
            double next = sample + twoCosine * last - before;
            before = last;
            last = next;
            energy += sample * sample;
        }
        double power = last * last + before * before - twoCosine * last * before;
        return 2 * power / (LOOK * energy);
    }

    private void onTone(double hz, double power) {
        boolean isSame = looksInARow > 0
                && Math.max(highestHz, hz) <= Math.min(lowestHz, hz) * (1 + BEEP_HZ_SPREAD)
                && Math.max(highestPower, power) <= Math.min(lowestPower, power) * BEEP_POWER_SPREAD;
        if (!isSame) {
            looksInARow = 1;
            lowestHz = hz;
            highestHz = hz;
            lowestPower = power;
            highestPower = power;
            return;
        }
        lowestHz = Math.min(lowestHz, hz);
        highestHz = Math.max(highestHz, hz);
        lowestPower = Math.min(lowestPower, power);
        highestPower = Math.max(highestPower, power);
        if (++looksInARow == LOOKS_TO_BEEP && (found & BEEP) == 0) {
            beepHz = (lowestHz + highestHz) / 2;
            found |= BEEP;
        }
    }

    /** @return words counted so far, a machine's no further than the threshold needs. */
    public int words() {
        return Math.max(Math.max(stretches, syllables * WORDS / SYLLABLES), speechMs / LONG_WORD_MS);
    }

    /** @return how much was spoken so far, ms. */
    public int speechMs() {
        return speechMs;
    }

    /** @return frequency of the beep, Hz, 0 = none yet. */
    public int beepHz() {
        return (int) Math.round(beepHz);
    }
}
