package io.hookswitch.engine.core;

import static io.hookswitch.engine.core.CoreHarness.rtp;
import static io.hookswitch.engine.core.SteppedCore.A;
import static io.hookswitch.engine.core.SteppedCore.B;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.core.CoreHarness.Message;
import io.hookswitch.engine.io.ScriptedTransport.Sent;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.rtp.codec.AudioDecoder;
import io.hookswitch.rtp.codec.AudioEncoder;
import io.hookswitch.rtp.codec.G711Decoder;
import io.hookswitch.rtp.codec.G711Encoder;
import io.hookswitch.rtp.codec.G722Decoder;
import io.hookswitch.rtp.codec.G722Encoder;
import io.hookswitch.rtp.codec.OpusDecoder;
import io.hookswitch.rtp.codec.OpusEncoder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Legs with different codecs hear each other. */
class TranscodingTest {
    private static final int G722_TYPE = 9;
    private static final double HERTZ = 440;

    private SteppedCore stepped = new SteppedCore();

    @AfterEach
    void close() {
        stepped.close();
    }

    private static AudioEncoder encoder(int codec) {
        return switch (codec) {
            case Codec.PCMU -> G711Encoder.MU_LAW;
            case Codec.PCMA -> G711Encoder.A_LAW;
            case Codec.OPUS -> {
                OpusEncoder opus = OpusEncoder.create();
                opus.begin(16_000);
                yield opus;
            }
            default -> new G722Encoder();
        };
    }

    static AudioDecoder decoder(int codec) {
        return switch (codec) {
            case Codec.PCMU -> G711Decoder.MU_LAW;
            case Codec.PCMA -> G711Decoder.A_LAW;
            case Codec.OPUS -> {
                OpusDecoder opus = OpusDecoder.create();
                opus.begin(16_000);
                yield opus;
            }
            default -> new G722Decoder();
        };
    }

    static int type(int codec) {
        return switch (codec) {
            case Codec.PCMU -> 0;
            case Codec.PCMA -> 8;
            case Codec.OPUS -> 111;
            default -> G722_TYPE;
        };
    }

    /** Ticks of a codec's RTP clock in a millisecond. */
    static int ticks(int codec) {
        return codec == Codec.OPUS ? 48 : 8;
    }

    /** @return payloads of a tone, each of a packet time */
    static byte[][] tone(int codec, int ms, int packets) {
        AudioEncoder encoder = encoder(codec);
        int count = encoder.sampleRate() / 1000 * ms;
        short[] samples = new short[count];
        byte[][] payloads = new byte[packets][];
        UnsafeBuffer room = new UnsafeBuffer(new byte[8 * ms]);
        for (int packet = 0; packet < packets; packet++) {
            for (int i = 0; i < count; i++) {
                double turn = HERTZ * (packet * count + i) / encoder.sampleRate();
                samples[i] = (short) (10_000 * Math.sin(2 * Math.PI * turn));
            }
            int length = encoder.encode(samples, 0, count, room, 0, 8 * ms);
            payloads[packet] = Arrays.copyOf(room.byteArray(), length);
        }
        return payloads;
    }

    private record Heard(List<Sent> packets, short[] audio, int rate) {
        int sequence(int index) {
            return new UnsafeBuffer(packets.get(index).bytes()).getShort(2, java.nio.ByteOrder.BIG_ENDIAN) & 0xFFFF;
        }

        int timestamp(int index) {
            return new UnsafeBuffer(packets.get(index).bytes()).getInt(4, java.nio.ByteOrder.BIG_ENDIAN);
        }

        int type(int index) {
            return packets.get(index).bytes()[1] & 0x7F;
        }

        /** @return level of the tone over that of everything, 1 = there is nothing but the tone */
        double purity(int from, int count) {
            double cos = 0;
            double sin = 0;
            double power = 0;
            for (int i = from; i < from + count; i++) {
                double turn = 2 * Math.PI * HERTZ * i / rate;
                cos += audio[i] * Math.cos(turn);
                sin += audio[i] * Math.sin(turn);
                power += (double) audio[i] * audio[i];
            }
            return 2 * (cos * cos + sin * sin) / count / power;
        }

        double level(int from, int count) {
            double power = 0;
            for (int i = from; i < from + count; i++) {
                power += (double) audio[i] * audio[i];
            }
            return Math.sqrt(power / count);
        }
    }

    /** A's far end sends packets, without those whose number is in a list. @return what B's hears. */
    private Heard heard(Message a, int from, int to, int ms, byte[][] payloads, Integer... lost) {
        List<Sent> packets = new ArrayList<>();
        for (int i = 0; i < payloads.length; i++) {
            if (Arrays.asList(lost).contains(i)) {
                continue;
            }
            byte[] packet = rtp(type(from), 65_500 + i, -5000 + i * ms * ticks(from), 77, payloads[i]);
            for (Sent sent = stepped.send(A, a.port(), packet); sent != null; sent = stepped.transport.takeSent()) {
                packets.add(sent);
            }
            stepped.pass(ms * SteppedCore.MS);
        }
        AudioDecoder decoder = decoder(to);
        short[] audio = new short[decoder.sampleRate() * 10];
        int at = 0;
        for (Sent sent : packets) {
            byte[] bytes = sent.bytes();
            assertThat(sent.to()).isEqualTo(B);
            at += decoder.decode(new UnsafeBuffer(bytes), 12, bytes.length - 12, audio, at);
        }
        return new Heard(packets, Arrays.copyOf(audio, at), decoder.sampleRate());
    }

    @ParameterizedTest
    @CsvSource({"1,3,20", "3,1,20", "2,3,10", "3,2,30", "1,3,40", "3,2,60", "3,1,10"})
    void shouldHearTheToneWhenTheCodecsDiffer(int from, int to, int ms) {
        Message[] legs = stepped.joined(from, type(from), to, type(to));
        Heard heard = heard(legs[0], from, to, ms, tone(from, ms, 1200 / ms));
        assertThat(heard.packets()).hasSize(1200 / ms);
        assertThat(heard.audio()).hasSize(heard.rate() * 12 / 10);
        assertThat(heard.purity(heard.rate() / 10, heard.rate())).isGreaterThan(0.998);
        assertThat(heard.level(heard.rate() / 10, heard.rate())).isBetween(6700.0, 7400.0);
        for (int i = 1; i < heard.packets().size(); i++) {
            assertThat(heard.type(i)).isEqualTo(type(to));
            assertThat(heard.sequence(i)).isEqualTo(heard.sequence(i - 1) + 1 & 0xFFFF);
            assertThat(heard.timestamp(i) - heard.timestamp(i - 1)).isEqualTo(ms * 8);
        }
        assertThat(stepped.counter(CoreCounters.TRANSCODED)).isEqualTo(1200 / ms);
        assertThat(stepped.counter(CoreCounters.TRANSCODERS)).isEqualTo(2);
    }

    @ParameterizedTest // RFC 7587: a clock of 48 kHz whatever the audio; Opus has no frame of 30 ms
    @CsvSource({"1,4,20", "4,1,20", "2,4,10", "4,2,40", "3,4,20", "4,3,60", "1,4,60"})
    void shouldHearTheToneWhenOneCodecIsOpus(int from, int to, int ms) {
        Message[] legs = stepped.joined(from, type(from), to, type(to));
        Heard heard = heard(legs[0], from, to, ms, tone(from, ms, 1200 / ms));
        assertThat(heard.packets()).hasSize(1200 / ms);
        assertThat(heard.audio()).hasSize(heard.rate() * 12 / 10);
        assertThat(heard.purity(heard.rate() / 5, heard.rate() / 2)).isGreaterThan(0.97);
        assertThat(heard.level(heard.rate() / 5, heard.rate() / 2)).isBetween(6000.0, 8000.0);
        for (int i = 1; i < heard.packets().size(); i++) {
            assertThat(heard.type(i)).isEqualTo(type(to));
            assertThat(heard.sequence(i)).isEqualTo(heard.sequence(i - 1) + 1 & 0xFFFF);
            assertThat(heard.timestamp(i) - heard.timestamp(i - 1)).isEqualTo(ms * ticks(to));
        }
    }

    @Test
    void shouldDropWhatIsNoOpus() {
        Message[] legs = stepped.joined(Codec.OPUS, 111, Codec.PCMU, 0);
        assertThat(stepped.send(A, legs[0].port(), rtp(111, 1, 960, 5, new byte[] {-1, -1, 0, 0, 9})))
                .isNull();
        assertThat(stepped.counter(CoreCounters.DROPPED_UNDECODABLE)).isEqualTo(1);
        Heard heard = heard(legs[0], Codec.OPUS, Codec.PCMU, 20, tone(Codec.OPUS, 20, 60));
        assertThat(heard.purity(3200, 4000)).isGreaterThan(0.97);
    }

    @Test
    void shouldHearTheOtherWayTooAndStopWhenParted() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.G722, G722_TYPE);
        byte[] payload = tone(Codec.G722, 20, 1)[0];
        Sent sent = stepped.send(B, legs[1].port(), rtp(G722_TYPE, 1, 160, 5, payload));
        assertThat(sent.to()).isEqualTo(A);
        assertThat(sent.bytes()).hasSize(172);
        stepped.core.command(CoreCommand.PART, legs[0].leg(), message -> {});
        assertThat(stepped.counter(CoreCounters.TRANSCODERS)).isZero();
        assertThat(stepped.send(B, legs[1].port(), rtp(G722_TYPE, 2, 320, 5, payload)))
                .isNull();
        stepped.join(legs[0].leg(), legs[1].leg());
        assertThat(stepped.send(B, legs[1].port(), rtp(G722_TYPE, 3, 480, 5, payload)))
                .isNotNull();
        stepped.core.end(legs[1].leg());
        assertThat(stepped.counter(CoreCounters.TRANSCODERS)).isZero();
    }

    @ParameterizedTest
    @CsvSource({"1,3", "3,2", "4,1", "2,4"})
    void shouldFillAGapWhenPacketsAreLost(int from, int to) {
        Message[] legs = stepped.joined(from, type(from), to, type(to));
        Heard heard = heard(legs[0], from, to, 20, tone(from, 20, 50), 20, 31, 32);
        assertThat(stepped.counter(CoreCounters.CONCEALED)).isEqualTo(3);
        assertThat(heard.packets()).hasSize(50);
        for (int i = 1; i < 50; i++) {
            assertThat(heard.sequence(i)).isEqualTo(heard.sequence(i - 1) + 1 & 0xFFFF);
            assertThat(heard.timestamp(i) - heard.timestamp(i - 1)).isEqualTo(20 * ticks(to));
        }
        int packet = heard.rate() / 50;
        assertThat(heard.level(packet * 20, packet)).isBetween(5000.0, 7500.0);
        assertThat(heard.purity(packet * 36, packet * 13)).isGreaterThan(0.97);
    }

    @Test
    void shouldLeaveAHoleWhenTooMuchIsLost() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.G722, G722_TYPE);
        Heard heard = heard(legs[0], Codec.PCMU, Codec.G722, 20, tone(Codec.PCMU, 20, 30), 10, 11, 12, 13);
        assertThat(heard.packets()).hasSize(26);
        assertThat(heard.sequence(10)).isEqualTo(heard.sequence(9) + 5 & 0xFFFF);
        assertThat(heard.timestamp(10) - heard.timestamp(9)).isEqualTo(800);
    }

    @Test
    void shouldDropWhatComesBehindALaterPacket() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.G722, G722_TYPE);
        byte[] payload = tone(Codec.PCMU, 20, 1)[0];
        stepped.send(A, legs[0].port(), rtp(0, 10, 1600, 5, payload));
        stepped.send(A, legs[0].port(), rtp(0, 12, 1920, 5, payload));
        assertThat(stepped.counter(CoreCounters.CONCEALED)).isEqualTo(1);
        assertThat(stepped.send(A, legs[0].port(), rtp(0, 11, 1760, 5, payload)))
                .isNull();
        assertThat(stepped.counter(CoreCounters.DROPPED_LATE)).isEqualTo(1);
    }

    @Test
    void shouldPassTelephoneEventsAmongTranscodedAudio() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.G722, G722_TYPE);
        byte[] payload = tone(Codec.PCMU, 20, 1)[0];
        Sent before = stepped.send(A, legs[0].port(), rtp(0, 10, 1600, 5, payload));
        byte[] key = {5, 10, 0, (byte) 160};
        Sent event = stepped.send(A, legs[0].port(), rtp(101, 11, 1760, 5, key));
        assertThat(event.bytes()).hasSize(16).endsWith(key);
        assertThat(event.bytes()[1] & 0x7F).isEqualTo(101);
        assertThat(new UnsafeBuffer(event.bytes()).getInt(4, java.nio.ByteOrder.BIG_ENDIAN)
                        - new UnsafeBuffer(before.bytes()).getInt(4, java.nio.ByteOrder.BIG_ENDIAN))
                .isEqualTo(160);
        assertThat(stepped.send(A, legs[0].port(), rtp(0, 12, 1920, 5, payload)).bytes())
                .hasSize(172);
        assertThat(stepped.counter(CoreCounters.CONCEALED))
                .as("a key is no loss")
                .isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {Codec.PCMU, Codec.G722})
    void shouldBeSilentWhenMuted(int from) {
        int to = from == Codec.PCMU ? Codec.G722 : Codec.PCMU;
        Message[] legs = stepped.joined(from, type(from), to, type(to));
        stepped.core.command(CoreCommand.GAIN, legs[0].leg(), message -> message.status(CoreCommand.MUTE));
        Heard heard = heard(legs[0], from, to, 20, tone(from, 20, 10));
        assertThat(heard.packets()).hasSize(10);
        assertThat(heard.level(heard.rate() / 20, heard.rate() / 10)).isLessThan(20);
    }

    @Test
    void shouldBeSofterWhenAskedFor() {
        Message[] legs = stepped.joined(Codec.G722, G722_TYPE, Codec.PCMA, 8);
        stepped.core.command(CoreCommand.GAIN, legs[0].leg(), message -> message.status(-6));
        Heard heard = heard(legs[0], Codec.G722, Codec.PCMA, 20, tone(Codec.G722, 20, 20));
        assertThat(heard.level(800, 1600)).isBetween(3350.0, 3750.0);
    }

    @Test
    void shouldDropWhatIsTooLongToBeDecoded() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.G722, G722_TYPE);
        assertThat(stepped.send(A, legs[0].port(), rtp(0, 1, 0, 5, new byte[481])))
                .isNull();
        assertThat(stepped.send(A, legs[0].port(), rtp(0, 2, 160, 5, new byte[0])))
                .isNull();
        assertThat(stepped.counter(CoreCounters.DROPPED_UNDECODABLE)).isEqualTo(2);
        assertThat(stepped.send(A, legs[0].port(), rtp(0, 3, 320, 5, new byte[480])))
                .isNotNull();
    }

    @Test
    void shouldRefuseABridgeWhenNoTranscoderIsFree() {
        stepped.close();
        stepped = new SteppedCore(2);
        stepped.joined(Codec.PCMU, 0, Codec.G722, G722_TYPE);
        Message[] more = stepped.joined(Codec.PCMU, 0, Codec.G722, G722_TYPE);
        assertThat(stepped.core.event(CoreEvent.REFUSED).leg()).isEqualTo(more[0].leg());
        assertThat(stepped.counter(CoreCounters.NOT_TRANSCODED)).isEqualTo(1);
        assertThat(stepped.counter(CoreCounters.BRIDGES)).isEqualTo(1);
        Message[] same = stepped.joined(Codec.G722, G722_TYPE, Codec.G722, G722_TYPE);
        assertThat(stepped.send(A, same[0].port(), rtp(G722_TYPE, 1, 0, 5, new byte[160])))
                .isNotNull();
    }

    @Test
    void shouldOfferWhatWasAskedForBehindTheCallersCodec() {
        Message a = stepped.core.answered(A, Codec.PCMA, 8);
        stepped.core.command(CoreCommand.DIAL, 0, message -> {
            message.reference(1).call(5).otherLeg(a.leg());
            message.media().begin().addCodec(Codec.G722, G722_TYPE, -1, 8000);
            message.media().addCodec(Codec.PCMU, 0, -1, 8000);
        });
        assertThat(stepped.core
                        .sipCommand(io.hookswitch.engine.message.SipCommand.INVITE)
                        .codecs())
                .containsExactly(Codec.PCMA, Codec.G722, Codec.PCMU);
    }
}
