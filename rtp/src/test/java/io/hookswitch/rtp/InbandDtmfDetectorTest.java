package io.hookswitch.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What receiver test tapes test (frequencies, twist, timing, levels, noise), synthesised, within ITU-T Q.24. */
class InbandDtmfDetectorTest {
    private static final String KEYS = "123A456B789C*0#D";
    private static final int[] LOW = {697, 770, 852, 941};
    private static final int[] HIGH = {1209, 1336, 1477, 1633};
    private static final double PEAK_0_DBM0 = 32_636 / Math.pow(10, 3.17 / 20);
    private static final int MS = 8;

    private final SplittableRandom random = new SplittableRandom(24);
    private final InbandDtmfDetector detector =
            new InbandDtmfDetector().wrap(new UnsafeBuffer(new byte[InbandDtmfDetector.RECORD_LENGTH]), 0);
    private final UnsafeBuffer packet = new UnsafeBuffer(new byte[240]);
    private final StringBuilder begun = new StringBuilder();
    private final StringBuilder ended = new StringBuilder();
    private int lastLength;
    private boolean isALaw = true;

    /** Sound under construction, as linear samples. */
    private final double[] sound = new double[8000 * 60];

    private int length;

    private void silence(int samples) {
        length += samples;
    }

    private void tone(int samples, double lowHz, double lowDbm0, double highHz, double highDbm0) {
        double phase = random.nextDouble() * 2 * Math.PI;
        double other = random.nextDouble() * 2 * Math.PI;
        for (int i = 0; i < samples; i++) {
            sound[length + i] += peak(lowDbm0) * Math.sin(phase + 2 * Math.PI * lowHz * i / 8000)
                    + peak(highDbm0) * Math.sin(other + 2 * Math.PI * highHz * i / 8000);
        }
        length += samples;
    }

    private void key(char key, int samples, double dbm0) {
        int place = KEYS.indexOf(key);
        tone(samples, LOW[place / 4], dbm0, HIGH[place % 4], dbm0);
    }

    private void noise(double dbm0) {
        double deviation = peak(dbm0) / Math.sqrt(2);
        for (int i = 0; i < length; i++) {
            sound[i] += deviation * random.nextGaussian();
        }
    }

    private static double peak(double dbm0) {
        return PEAK_0_DBM0 * Math.pow(10, dbm0 / 20);
    }

    /** Plays the sound in packets of 20 ms and forgets it. */
    private InbandDtmfDetectorTest play() {
        return play(160, -1);
    }

    private InbandDtmfDetectorTest play(int packetSamples, int lost) {
        begun.setLength(0);
        ended.setLength(0);
        silence(100 * MS);
        int number = 0;
        for (int at = 0; at + packetSamples <= length; at += packetSamples) {
            for (int i = 0; i < packetSamples; i++) {
                int linear = Math.clamp(Math.round(sound[at + i]), -32_000, 32_000);
                packet.putByte(i, isALaw ? G711.encodeALaw(linear) : G711.encodeMuLaw(linear));
            }
            int happened = number++ == lost
                    ? detector.onLost(packetSamples)
                    : detector.onAudio(packet, 0, packetSamples, isALaw);
            if ((happened & InbandDtmfDetector.ENDED) != 0) {
                ended.append(detector.releasedKey());
                lastLength = detector.releasedSamples();
            }
            if ((happened & InbandDtmfDetector.BEGUN) != 0) {
                begun.append(detector.key());
            }
        }
        java.util.Arrays.fill(sound, 0, length, 0);
        length = 0;
        assertThat(ended.toString()).as("released").isEqualTo(begun.toString());
        return this;
    }

    private void expect(String keys, String what) {
        assertThat(begun.toString()).as(what).isEqualTo(keys);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldHearEachKeyOnceWhenPressedAsPeopleDo(boolean aLaw) {
        isALaw = aLaw;
        for (int round = 0; round < 20; round++) {
            for (char key : KEYS.toCharArray()) {
                silence(random.nextInt(45 * MS, 120 * MS));
                key(key, random.nextInt(60 * MS, 200 * MS), -10);
            }
            play().expect(KEYS, "round " + round);
        }
    }

    @Test
    void shouldHearEveryKeyWhenFrequenciesAreWithinOneAndAHalfPercentAndNoneBeyondThreeAndAHalf() {
        int heardInside = 0;
        int asked = 0;
        for (int place = 0; place < 16; place++) {
            for (double low : new double[] {-1.5, -0.75, 0, 0.75, 1.5}) {
                for (double high : new double[] {-1.5, 0, 1.5}) {
                    for (int round = 0; round < 5; round++) {
                        asked++;
                        heardInside += pressed(place, low, high) == KEYS.charAt(place) ? 1 : 0;
                    }
                }
            }
            for (double off : new double[] {3.5, -3.5, 4, -4, 5, -5, 6.5, -6.5}) {
                assertThat(pressed(place, off, 0))
                        .as("lower tone of %s off %s %%", KEYS.charAt(place), off)
                        .isZero();
                assertThat(pressed(place, 0, off))
                        .as("higher tone of %s off %s %%", KEYS.charAt(place), off)
                        .isZero();
            }
        }
        assertThat(heardInside).as("of %d presses within 1.5 %%", asked).isEqualTo(asked);
    }

    private int pressed(int place, double lowPercent, double highPercent) {
        silence(random.nextInt(40 * MS, 60 * MS));
        tone(50 * MS, LOW[place / 4] * (1 + lowPercent / 100), -10, HIGH[place % 4] * (1 + highPercent / 100), -10);
        play();
        assertThat(begun.length()).isLessThanOrEqualTo(1);
        return begun.isEmpty() ? 0 : begun.charAt(0);
    }

    @Test
    void shouldHearEveryKeyWhenTwistIsWithinMinus4AndPlus8DbAndNoneFarBeyond() {
        for (int place = 0; place < 16; place++) {
            for (double twist : new double[] {-4, -2, 0, 2, 4, 6, 8}) {
                for (int round = 0; round < 5; round++) {
                    silence(random.nextInt(40 * MS, 60 * MS));
                    tone(50 * MS, LOW[place / 4], -8, HIGH[place % 4], -8 - twist);
                    play().expect(KEYS.substring(place, place + 1), "twist " + twist);
                }
            }
            for (double twist : new double[] {-9, 13}) {
                silence(50 * MS);
                tone(50 * MS, LOW[place / 4], -10, HIGH[place % 4], -10 - twist);
                play().expect("", "twist " + twist);
            }
        }
    }

    @Test
    void shouldCountFortyMillisecondsAndNotTwentyThree() {
        for (int place = 0; place < 16; place++) {
            for (int round = 0; round < 20; round++) {
                silence(random.nextInt(40 * MS, 60 * MS));
                key(KEYS.charAt(place), 40 * MS, -10);
                play().expect(KEYS.substring(place, place + 1), "40 ms");
                silence(random.nextInt(40 * MS, 60 * MS));
                key(KEYS.charAt(place), 23 * MS, -10);
                play().expect("", "23 ms");
            }
        }
    }

    @Test
    void shouldBridgeTenMillisecondsAndSeparateForty() {
        for (int round = 0; round < 200; round++) {
            char key = KEYS.charAt(round % 16);
            silence(random.nextInt(40 * MS, 60 * MS));
            key(key, random.nextInt(45 * MS, 80 * MS), -10);
            silence(10 * MS);
            key(key, random.nextInt(45 * MS, 80 * MS), -10);
            play().expect(String.valueOf(key), "interrupted for 10 ms");
            silence(random.nextInt(40 * MS, 60 * MS));
            key(key, random.nextInt(40 * MS, 80 * MS), -10);
            silence(40 * MS);
            key(key, random.nextInt(40 * MS, 80 * MS), -10);
            play().expect("" + key + key, "pause of 40 ms");
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "-3", "-10", "-20", "-25"})
    void shouldHearEveryKeyWhenLevelsAreWithinTheRange(double dbm0) {
        // Both tones at 0 dBm0 are above what G.711 can say: their sum is clipped, as on a real line.
        for (int place = 0; place < 16; place++) {
            silence(random.nextInt(40 * MS, 60 * MS));
            key(KEYS.charAt(place), 50 * MS, dbm0);
            play().expect(KEYS.substring(place, place + 1), dbm0 + " dBm0");
        }
    }

    @Test
    void shouldHearNothingWhenAKeyIsBelowTheRange() {
        for (int place = 0; place < 16; place++) {
            silence(50 * MS);
            key(KEYS.charAt(place), 100 * MS, -36);
            play().expect("", "-36 dBm0");
        }
    }

    @Test
    void shouldHearKeysInNoiseOf15Db() {
        int heard = 0;
        int asked = 0;
        for (int round = 0; round < 60; round++) {
            for (char key : KEYS.toCharArray()) {
                silence(random.nextInt(45 * MS, 60 * MS));
                key(key, 50 * MS, -13);
            }
            // The key's two tones together are 3 dB above one of them.
            noise(-13 + 3 - 15);
            play();
            assertThat(begun.length()).isLessThanOrEqualTo(16);
            heard += begun.length();
            asked += 16;
            int from = 0;
            for (char key : begun.toString().toCharArray()) {
                from = KEYS.indexOf(key, from) + 1;
                assertThat(from).as("a wrong key in " + begun).isPositive();
            }
        }
        System.out.printf("in-band keys of 50 ms in noise 15 dB below: %d of %d heard%n", heard, asked);
        assertThat((double) heard / asked).isGreaterThan(0.995);
    }

    @Test
    void shouldNeitherSplitNorJoinWhenAPacketIsLost() {
        for (int round = 0; round < 200; round++) {
            char key = KEYS.charAt(round % 16);
            int lead = random.nextInt(40 * MS, 60 * MS);
            silence(lead);
            key(key, 160 * MS, -10);
            play(160, lead / 160 + 3).expect(String.valueOf(key), "20 ms of a press lost");
            silence(lead);
            key(key, 80 * MS, -10);
            silence(70 * MS);
            key(key, 80 * MS, -10);
            play(160, (lead + 80 * MS) / 160 + 1).expect("" + key + key, "20 ms of a pause lost");
        }
    }

    @Test
    void shouldTellTheLengthOfAPress() {
        silence(100 * MS);
        key('5', 200 * MS, -10);
        play().expect("5", "200 ms");
        assertThat(lastLength).isBetween(180 * MS, 220 * MS);
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 80, 160, 240})
    void shouldHearTheSameWhateverThePacketsLength(int samples) {
        for (char key : KEYS.toCharArray()) {
            silence(60 * MS);
            key(key, 60 * MS, -10);
        }
        play(samples, -1).expect(KEYS, samples + " samples a packet");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldHearWhatTheGeneratorSounds(boolean aLaw) {
        DtmfToneGenerator generator = new DtmfToneGenerator(-9, -7);
        for (char key : KEYS.toCharArray()) {
            assertThat(DtmfToneGenerator.hasTones(key)).isTrue();
            int happened = 0;
            for (int from = 0; from < 200 * MS; from += 160) {
                generator.fill(packet, 0, 160, key, from, 60 * MS, aLaw);
                happened |= detector.onAudio(packet, 0, 160, aLaw);
            }
            assertThat(happened).isEqualTo(InbandDtmfDetector.BEGUN | InbandDtmfDetector.ENDED);
            assertThat(detector.releasedKey()).isEqualTo(key);
        }
        assertThat(DtmfToneGenerator.hasTones('w')).isFalse();
    }

    @Test
    void shouldAllocateNothingWhenAudioPasses() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        DtmfToneGenerator generator = new DtmfToneGenerator(-9, -7);
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 5; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 5_000; i++) {
                generator.fill(packet, 0, 160, '7', i % 10 * 160, 800, true);
                detector.onAudio(packet, 0, 160, true);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).as("bytes for 5,000 packets").isLessThan(512);
    }
}
