package io.hookswitch.server.taps;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand.Mix;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.TapFlyweight;
import io.hookswitch.rtp.G711;
import io.hookswitch.rtp.codec.G722Encoder;
import io.hookswitch.rtp.codec.OpusEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Packets of far ends as frames for servers, on the test's own clock: one frame is 20 ms. */
class VoiceTest {
    private static final long LEG = 7;
    private static final long OTHER = 8;
    private static final int SAMPLES = 160;
    /** Frames that a voice is behind its packets. */
    private static final int BEHIND = 2;

    private final UnsafeBuffer memory = new UnsafeBuffer(new byte[2_000]);
    private final TapFlyweight view = new TapFlyweight();
    private final G722Encoder g722 = new G722Encoder();
    private final OpusEncoder opus = OpusEncoder.create();
    private int sent;

    private void packet(TapMix mix, long leg, int codec, int ssrc, int timestamp, byte[] payload) {
        TapFlyweight.source(memory, 0, leg, 0);
        TapFlyweight.codec(memory, 0, codec, codec == Codec.OPUS ? 48_000 : 8_000);
        TapFlyweight.place(memory, 0, ssrc, 0, timestamp);
        memory.putBytes(TapFlyweight.HEAD_LENGTH, payload);
        mix.hear(view.wrap(memory, 0, TapFlyweight.HEAD_LENGTH + payload.length));
    }

    private static byte[] level(int linear, int samples) {
        byte[] payload = new byte[samples];
        Arrays.fill(payload, G711.encodeMuLaw(linear));
        return payload;
    }

    private void say(TapMix mix, int timestamp, int linear) {
        packet(mix, LEG, Codec.PCMU, 1, timestamp, level(linear, SAMPLES));
    }

    private static int sample(byte[] frame, int index) {
        return (short) (frame[2 * index] & 0xFF | frame[2 * index + 1] << 8);
    }

    /** Which level each of the next frames has at its middle, in thousands. */
    private static List<Integer> levels(TapMix mix, int frames) {
        List<Integer> levels = new ArrayList<>();
        for (int i = 0; i < frames; i++) {
            levels.add((int) Math.round(sample(mix.next(), 80) / 1_000.0));
        }
        return levels;
    }

    @Test
    void shouldPutPacketsWhereTheirTimestampsSayAndSilenceWhereNoneCame() {
        TapMix mix = new TapMix(LEG, Mix.MONO, 8_000);
        say(mix, 1_000, 1_000);
        say(mix, 1_480, 4_000);
        say(mix, 1_160, 2_000);
        assertThat(levels(mix, 7)).containsExactly(0, 0, 1, 2, 0, 4, 0);
    }

    @Test
    void shouldKeepTimeWhenTimestampsWrapAndWhenALongPauseFollows() {
        TapMix mix = new TapMix(LEG, Mix.MONO, 8_000);
        say(mix, -160, 1_000);
        say(mix, 0, 2_000);
        assertThat(levels(mix, 50)).startsWith(0, 0, 1, 2, 0).endsWith(0);
        say(mix, 49 * SAMPLES, 3_000);
        assertThat(levels(mix, 3)).containsExactly(0, 0, 3);
    }

    @Test
    void shouldGoOnWhenTheStreamIsAnotherOrItsTimeJumps() {
        TapMix mix = new TapMix(LEG, Mix.MONO, 8_000);
        say(mix, 0, 1_000);
        assertThat(levels(mix, 4)).containsExactly(0, 0, 1, 0);
        say(mix, 1 << 30, 2_000);
        assertThat(levels(mix, 4)).containsExactly(0, 0, 2, 0);
        packet(mix, LEG, Codec.PCMU, 2, 77, level(3_000, SAMPLES));
        assertThat(levels(mix, 4)).containsExactly(0, 0, 3, 0);
        packet(mix, LEG, Codec.PCMU, 2, 77 - 8_000, level(4_000, SAMPLES));
        assertThat(levels(mix, 4)).containsExactly(0, 0, 4, 0);
    }

    @Test
    void shouldBeSilentWhenAPacketIsNoneThatIsUnderstood() {
        TapMix mix = new TapMix(LEG, Mix.MONO, 8_000);
        packet(mix, LEG, Codec.UNKNOWN, 1, 0, level(4_000, SAMPLES));
        packet(mix, LEG, Codec.PCMU, 1, 0, new byte[0]);
        packet(mix, LEG, Codec.PCMU, 1, 0, new byte[1_900]);
        assertThat(levels(mix, 10)).containsOnly(0);
    }

    @Test
    void shouldInterleaveSumAndLimitTwoVoices() {
        TapMix stereo = new TapMix(LEG, Mix.STEREO, 8_000);
        say(stereo, 0, 20_000);
        packet(stereo, OTHER, Codec.PCMU, 5, 99, level(-20_000, SAMPLES));
        stereo.next();
        stereo.next();
        byte[] frame = stereo.next();
        assertThat(frame).hasSize(640);
        assertThat(sample(frame, 80)).isBetween(19_000, 21_000);
        assertThat(sample(frame, 81)).isBetween(-21_000, -19_000);

        TapMix mixed = new TapMix(LEG, Mix.MIXED, 8_000);
        say(mixed, 0, 20_000);
        packet(mixed, OTHER, Codec.PCMU, 5, 99, level(20_000, SAMPLES));
        mixed.next();
        mixed.next();
        assertThat(sample(mixed.next(), 80)).isEqualTo(Short.MAX_VALUE);
    }

    @ParameterizedTest
    @ValueSource(ints = {8_000, 16_000, 24_000, 32_000, 40_000, 48_000, 64_000})
    void shouldKeepATonePureAtEveryRate(int rate) {
        assertThat(purity(new TapMix(LEG, Mix.MONO, rate), rate, 1_000, this::sayTone))
                .isGreaterThan(0.999);
    }

    @Test
    void shouldKeepHighTonesOfG722WhenTheRateHasRoomForThemAndNoneOfThemWhenNot() {
        assertThat(purity(new TapMix(LEG, Mix.MONO, 16_000), 16_000, 6_000, this::sayWide))
                .isGreaterThan(0.95);
        assertThat(purity(new TapMix(LEG, Mix.MONO, 48_000), 48_000, 6_000, this::sayWide))
                .isGreaterThan(0.95);
        assertThat(purity(new TapMix(LEG, Mix.MONO, 8_000), 8_000, 1_000, this::sayWide))
                .isGreaterThan(0.95);
        assertThat(energy(new TapMix(LEG, Mix.MONO, 8_000), 6_000)).isLessThan(200.0);
    }

    @Test
    void shouldHearOpus() {
        opus.begin(16_000);
        assertThat(purity(new TapMix(LEG, Mix.MONO, 16_000), 16_000, 1_000, this::sayOpus))
                .isGreaterThan(0.95);
    }

    private interface Speaker {
        void say(TapMix mix, int hz);
    }

    private void sayTone(TapMix mix, int hz) {
        byte[] payload = new byte[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
            payload[i] = G711.encodeALaw((int) (10_000 * Math.sin(2 * Math.PI * hz * (sent * SAMPLES + i) / 8_000)));
        }
        packet(mix, LEG, Codec.PCMA, 1, SAMPLES * sent++, payload);
    }

    private void sayOpus(TapMix mix, int hz) {
        short[] linear = new short[2 * SAMPLES];
        for (int i = 0; i < linear.length; i++) {
            linear[i] = (short) (10_000 * Math.sin(2 * Math.PI * hz * (sent * linear.length + i) / 16_000));
        }
        UnsafeBuffer out = new UnsafeBuffer(new byte[1000]);
        int length = opus.encode(linear, 0, linear.length, out, 0, 1000);
        packet(mix, LEG, Codec.OPUS, 1, 6 * SAMPLES * sent++, Arrays.copyOf(out.byteArray(), length));
    }

    private void sayWide(TapMix mix, int hz) {
        short[] linear = new short[2 * SAMPLES];
        for (int i = 0; i < linear.length; i++) {
            linear[i] = (short) (10_000 * Math.sin(2 * Math.PI * hz * (sent * linear.length + i) / 16_000));
        }
        UnsafeBuffer out = new UnsafeBuffer(new byte[SAMPLES]);
        assertThat(g722.encode(linear, 0, linear.length, out, 0, SAMPLES)).isEqualTo(SAMPLES);
        packet(mix, LEG, Codec.G722, 1, SAMPLES * sent++, out.byteArray());
    }

    private double purity(TapMix mix, int rate, int hz, Speaker speaker) {
        double[] heard = spoken(mix, hz, speaker);
        double re = 0;
        double im = 0;
        double all = 0;
        for (int i = 0; i < heard.length; i++) {
            double angle = 2 * Math.PI * hz * i / rate;
            re += heard[i] * Math.cos(angle);
            im += heard[i] * Math.sin(angle);
            all += heard[i] * heard[i];
        }
        return 2 * (re * re + im * im) / (all * heard.length);
    }

    /** Root of the mean square. */
    private double energy(TapMix mix, int hz) {
        double sum = 0;
        double[] heard = spoken(mix, hz, this::sayWide);
        for (double each : heard) {
            sum += each * each;
        }
        return Math.sqrt(sum / heard.length);
    }

    /** A second of a tone, from when it has settled. */
    private double[] spoken(TapMix mix, int hz, Speaker speaker) {
        sent = 0;
        g722.reset();
        List<byte[]> frames = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            speaker.say(mix, hz);
            byte[] frame = mix.next();
            if (i >= BEHIND + 8) {
                frames.add(frame);
            }
        }
        int samples = frames.getFirst().length / 2;
        double[] heard = new double[50 * samples];
        for (int i = 0; i < heard.length; i++) {
            heard[i] = sample(frames.get(i / samples), i % samples);
        }
        return heard;
    }
}
