package io.hookswitch.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who has answered, from audio made up: what is told, when, and what must not be taken for it. */
class GreetingDetectorTest {
    private static final int WORDS = 9;
    private static final int GREETING_SILENCE_MS = 2_000;

    private final GreetingDetector detector = new GreetingDetector(WORDS, GREETING_SILENCE_MS);

    /** @return when each bit was told, ms of audio. */
    private Map<Integer, Integer> hear(Sound sound) {
        Map<Integer, Integer> told = new LinkedHashMap<>();
        short[] samples = sound.samples();
        for (int at = 0; at < samples.length; at += 160) {
            short[] packet = Arrays.copyOfRange(samples, at, Math.min(samples.length, at + 160));
            int found = detector.hear(packet, packet.length);
            for (int bit = 1; bit <= GreetingDetector.BEEP; bit <<= 1) {
                if ((found & bit) != 0) {
                    assertThat(told.put(bit, at / 8)).isNull();
                }
            }
        }
        return told;
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5, 6})
    void shouldTellAPersonOneSecondBehindAShortGreeting(int words) {
        Sound greeting = new Sound().silence(300).words(words);
        int endMs = greeting.samples().length / 8 - 90;
        Map<Integer, Integer> told = hear(greeting.silence(5_000));
        assertThat(told).containsOnlyKeys(GreetingDetector.SPEAKS, GreetingDetector.PERSON);
        assertThat(told.get(GreetingDetector.SPEAKS)).isBetween(380, 460);
        assertThat(told.get(GreetingDetector.PERSON)).isBetween(endMs + 940, endMs + 1_060);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-90, -60, -50, -42})
    void shouldTellAMachineAtTheThresholdAndTheEndOfItsGreetingInNoise(double noiseDb) {
        Sound greeting = new Sound().silence(500).words(14);
        int endMs = greeting.samples().length / 8 - 90;
        Map<Integer, Integer> told = hear(greeting.silence(4_000).noise(noiseDb, 1));
        assertThat(told).containsOnlyKeys(GreetingDetector.SPEAKS, GreetingDetector.MACHINE, GreetingDetector.STOPPED);
        assertThat(told.get(GreetingDetector.MACHINE)).isBetween(500 + 6 * 430, 500 + 10 * 430);
        assertThat(told.get(GreetingDetector.STOPPED)).isBetween(endMs + 1_900, endMs + 2_100);
    }

    @Test
    void shouldTellAMachineByItsLengthWhenItNeverPauses() {
        Sound drone = new Sound().tone(6_000, 180, 410, 655, 930);
        assertThat(hear(drone)).containsKey(GreetingDetector.MACHINE).doesNotContainKey(GreetingDetector.BEEP);
        assertThat(detector.speechMs()).isGreaterThan(4_000);
    }

    @Test
    void shouldCountToAnotherThreshold() {
        GreetingDetector patient = new GreetingDetector(40, GREETING_SILENCE_MS);
        short[] samples = new Sound().words(14).silence(1_200).samples();
        assertThat(patient.hear(samples, samples.length)).isEqualTo(GreetingDetector.SPEAKS | GreetingDetector.PERSON);
        assertThat(patient.words()).isBetween(12, 20);
    }

    @ParameterizedTest
    @ValueSource(doubles = {-90, -60, -50, -40})
    void shouldHearNobodyInSilenceAndNoise(double noiseDb) {
        assertThat(hear(new Sound().silence(20_000).noise(noiseDb, 2))).isEmpty();
    }

    @Test
    void shouldNotTakeAClickForSpeech() {
        Sound clicks = new Sound();
        for (int i = 0; i < 20; i++) {
            clicks.silence(400).tone(30, 900, 2_100);
        }
        assertThat(hear(clicks)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {150, 200, 400, 1_500})
    void shouldHearABeepOfAnyFrequency(int ms) {
        for (int hz = 380; hz <= 3_000; hz += 37) {
            GreetingDetector one = new GreetingDetector(WORDS, GREETING_SILENCE_MS);
            short[] samples = new Sound()
                    .silence(203)
                    .tone(ms, hz)
                    .silence(300)
                    .noise(-45, hz)
                    .samples();
            assertThat(one.hear(samples, samples.length)).as("%d Hz", hz).isEqualTo(GreetingDetector.BEEP);
            assertThat((double) one.beepHz()).as("%d Hz", hz).isBetween(hz * 0.98, hz * 1.02);
        }
    }

    @Test
    void shouldHearTheBeepBehindAGreetingAndNotTakeItForSpeech() {
        Sound machine = new Sound().words(14).silence(700).tone(500, 1_000);
        int endMs = machine.samples().length / 8;
        Map<Integer, Integer> told = hear(machine.silence(3_000));
        assertThat(told)
                .containsOnlyKeys(
                        GreetingDetector.SPEAKS,
                        GreetingDetector.MACHINE,
                        GreetingDetector.BEEP,
                        GreetingDetector.STOPPED);
        assertThat(told.get(GreetingDetector.BEEP)).isLessThan(endMs);
        assertThat(told.get(GreetingDetector.STOPPED)).isLessThan(endMs + 900);
    }

    @Test
    void shouldTakeNothingElseForABeep() {
        Map<String, Sound> others = new LinkedHashMap<>();
        others.put("a short tone", new Sound().silence(200).tone(80, 1_000).silence(200));
        others.put("ringback", new Sound().tone(2_000, 440, 480));
        others.put("a key", new Sound().tone(500, 770, 1_336));
        others.put("hum", new Sound().tone(2_000, 100));
        others.put("noise", new Sound().silence(5_000).noise(-20, 3));
        others.put("speech", new Sound().words(60));
        Sound siren = new Sound();
        for (int hz = 500; hz < 1_500; hz += 20) {
            siren.tone(20, hz);
        }
        others.put("a siren", siren);
        others.forEach((what, sound) -> {
            GreetingDetector one = new GreetingDetector(1_000, GREETING_SILENCE_MS);
            short[] samples = sound.samples();
            assertThat(one.hear(samples, samples.length) & GreetingDetector.BEEP)
                    .as(what)
                    .isZero();
        });
    }

    @Test
    void shouldHearTheSameInPiecesOfAnyLength() {
        short[] samples =
                new Sound().words(14).silence(500).tone(300, 850).silence(2_100).samples();
        int whole = detector.hear(samples, samples.length);
        GreetingDetector other = new GreetingDetector(WORDS, GREETING_SILENCE_MS);
        int pieces = 0;
        for (int at = 0, length = 1; at < samples.length; at += length, length = length % 397 + 1) {
            short[] piece = Arrays.copyOfRange(samples, at, Math.min(samples.length, at + length));
            pieces |= other.hear(piece, piece.length);
        }
        assertThat(pieces).isEqualTo(whole);
        assertThat(other.words()).isEqualTo(detector.words());
        assertThat(other.beepHz()).isEqualTo(detector.beepHz()).isBetween(845, 855);
    }
}
