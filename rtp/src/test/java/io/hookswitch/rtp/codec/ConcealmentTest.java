package io.hookswitch.rtp.codec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConcealmentTest {
    private final Concealment concealment = new Concealment();

    /** A tone of which packets were lost. @return what is heard in place of all of it */
    private short[] heard(short[] sent, int packet, int firstLost, int lost) {
        short[] heard = sent.clone();
        for (int at = 0; at < sent.length; at += packet) {
            int number = at / packet;
            if (number >= firstLost && number < firstLost + lost) {
                concealment.conceal(heard, at, packet);
            } else {
                concealment.onAudio(heard, at, packet);
            }
        }
        return heard;
    }

    private static double rms(short[] samples, int from, int count) {
        double sum = 0;
        for (int i = from; i < from + count; i++) {
            sum += (double) samples[i] * samples[i];
        }
        return Math.sqrt(sum / count);
    }

    private static int greatestStep(short[] samples, int from, int to) {
        int greatest = 0;
        for (int i = from; i < to; i++) {
            greatest = Math.max(greatest, Math.abs(samples[i] - samples[i - 1]));
        }
        return greatest;
    }

    @ParameterizedTest
    @ValueSource(ints = {8000, 16_000})
    void shouldCarryAToneOnWhenAPacketIsLost(int rate) {
        concealment.reset(rate);
        int packet = rate / 50;
        short[] sent = Signals.tone(rate, 150, 0.3, packet * 20);
        short[] heard = heard(sent, packet, 10, 1);
        double usual = rms(sent, 0, packet * 10);
        assertThat(rms(heard, packet * 10, packet / 2)).isBetween(usual * 0.9, usual * 1.1);
        assertThat(rms(heard, packet * 10, packet)).isBetween(usual * 0.8, usual * 1.1);
        int most = greatestStep(sent, 1, sent.length) * 3 / 2;
        assertThat(greatestStep(heard, packet * 10 - 1, packet * 13))
                .as("no click")
                .isLessThan(most);
        for (int i = packet * 12; i < sent.length; i++) {
            assertThat(heard[i]).as("what has come is itself again").isEqualTo(sent[i]);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {8000, 16_000})
    void shouldFallSilentWhenPacketsGoOnMissing(int rate) {
        concealment.reset(rate);
        int packet = rate / 100;
        short[] heard = heard(Signals.tone(rate, 300, 0.3, packet * 40), packet, 20, 10);
        double usual = rms(heard, 0, packet * 20);
        assertThat(rms(heard, packet * 23, packet)).isBetween(usual * 0.35, usual * 0.65);
        assertThat(rms(heard, packet * 26, packet * 4)).isLessThan(usual * 0.01);
        assertThat(rms(heard, packet * 32, packet * 8)).isBetween(usual * 0.9, usual * 1.1);
    }

    @ParameterizedTest
    @ValueSource(ints = {8000, 16_000})
    void shouldMakeUpSilenceWhenNothingHasComeYet(int rate) {
        concealment.reset(rate);
        short[] made = Signals.tone(rate, 300, 0.3, rate / 50);
        concealment.conceal(made, 0, made.length);
        assertThat(rms(made, 0, made.length)).isZero();
    }
}
