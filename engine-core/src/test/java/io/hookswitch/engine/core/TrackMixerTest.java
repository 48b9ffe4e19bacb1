package io.hookswitch.engine.core;

import static io.hookswitch.engine.core.CoreHarness.rtp;
import static io.hookswitch.engine.core.SteppedCore.A;
import static io.hookswitch.engine.core.SteppedCore.B;
import static io.hookswitch.engine.core.SteppedCore.MS;
import static io.hookswitch.engine.core.SteppedCore.S;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.hookswitch.engine.core.CoreHarness.Message;
import io.hookswitch.engine.io.ScriptedTransport.Sent;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.PlayFlyweight;
import io.hookswitch.engine.message.PlayResult;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.rtp.G711;
import io.hookswitch.rtp.codec.AudioDecoder;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tracks mixed into what far end B hears of A, packet by packet. */
class TrackMixerTest {
    private static final byte SOFT = G711.encodeMuLaw(1000);
    private static final byte LOUD = G711.encodeMuLaw(4000);
    private static final int SECOND = 8000;

    private SteppedCore stepped = new SteppedCore();
    private final Recordings recordings = new Recordings();
    private final List<byte[]> atB = new ArrayList<>();
    private final List<Long> atBNs = new ArrayList<>();
    private int sequence = 65_530;
    private int timestamp = -1000;

    @AfterEach
    void close() {
        stepped.close();
        recordings.close();
    }

    private void listen() {
        for (Sent sent = stepped.transport.takeSent(); sent != null; sent = stepped.transport.takeSent()) {
            if ((sent.bytes()[1] & 0xE0) != 0xC0 && sent.to().equals(B)) {
                atB.add(sent.bytes());
                atBNs.add(stepped.nowNs);
            }
        }
    }

    /** A says a level for a while, a packet every 20 ms. */
    private void speak(Message a, byte code, int packets) {
        byte[] payload = new byte[160];
        Arrays.fill(payload, code);
        for (int i = 0; i < packets; i++) {
            say(a, 0, payload, 160);
        }
    }

    private void say(Message a, int type, byte[] payload, int ticks) {
        stepped.transport.arrive(a.port(), rtp(type, sequence++ & 0xFFFF, timestamp, 7, payload), A);
        timestamp += ticks;
        stepped.core.settle();
        listen();
        pass(20 * MS);
    }

    private void pass(long ns) {
        for (long passed = 0; passed < ns; passed += MS) {
            stepped.pass(MS);
            listen();
        }
    }

    private void play(Message leg, long reference, MemorySegment recording, int passes, int track, int gainDb) {
        stepped.core.command(CoreCommand.PLAY, leg.leg(), message -> {
            message.reference(reference);
            assertThat(new PlayFlyweight()
                            .put(message, recording.address(), recording.byteSize(), passes, 0, track, gainDb))
                    .isTrue();
        });
        listen();
    }

    private void stop(Message leg, long reference) {
        stepped.core.command(CoreCommand.STOP_PLAY, leg.leg(), message -> message.reference(reference));
        listen();
    }

    private void assertPlayed(long reference, int result) {
        Message played = stepped.core.event(CoreEvent.PLAYED);
        assertThat(played.reference()).isEqualTo(reference);
        assertThat(played.cause()).isEqualTo(result);
    }

    /** What B heard as mu-law, as linear samples, from a packet on. */
    private int[] heard(int from) {
        return atB.subList(from, atB.size()).stream()
                .flatMapToInt(packet -> {
                    int[] samples = new int[packet.length - 12];
                    for (int i = 0; i < samples.length; i++) {
                        samples[i] = G711.decodeMuLaw(packet[12 + i]);
                    }
                    return Arrays.stream(samples);
                })
                .toArray();
    }

    private Message[] joined() {
        return stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
    }

    /** A step of mu-law where the sum is. */
    private static void assertLevel(int[] samples, int level) {
        assertThat(samples).isNotEmpty();
        for (int sample : samples) {
            assertThat((double) sample).isCloseTo(level, within(level * 0.04));
        }
    }

    private void assertOneStream() {
        for (int i = 1; i < atB.size(); i++) {
            UnsafeBuffer before = new UnsafeBuffer(atB.get(i - 1));
            UnsafeBuffer now = new UnsafeBuffer(atB.get(i));
            int step = Short.reverseBytes(now.getShort(2)) - Short.reverseBytes(before.getShort(2));
            assertThat(step & 0xFFFF).as("packet %d", i).isOne();
            int ticks = Integer.reverseBytes(now.getInt(4)) - Integer.reverseBytes(before.getInt(4));
            assertThat(ticks).as("packet %d", i).isGreaterThanOrEqualTo(160);
            assertThat(now.getInt(8)).isEqualTo(before.getInt(8));
        }
    }

    @Test
    void shouldHearBothWhenATrackPlaysWhileThePeerSpeaks() {
        Message[] legs = joined();
        speak(legs[0], SOFT, 3);
        assertLevel(heard(0), 1000);
        play(legs[1], 1, recordings.level(SECOND, LOUD), 1, 1, 0);
        speak(legs[0], SOFT, 50);
        assertLevel(heard(3), 5000);
        speak(legs[0], SOFT, 5);
        assertLevel(heard(53), 1000);
        assertPlayed(1, PlayResult.COMPLETED);
        assertThat(stepped.core.hasEvent()).isFalse();
        assertOneStream();
    }

    @Test
    void shouldHearTwoTracksWithTheirOwnGains() {
        Message[] legs = joined();
        play(legs[1], 1, recordings.level(SECOND, LOUD), PlayFlyweight.FOR_EVER, 1, -6);
        play(legs[1], 2, recordings.level(SECOND, SOFT), PlayFlyweight.FOR_EVER, 2, 6);
        speak(legs[0], SOFT, 120);
        assertLevel(heard(0), 1000 + 2005 + 1995);
        assertThat(stepped.core.hasEvent()).as("both go on for ever").isFalse();
        stepped.core.end(legs[1].leg());
        assertThat(stepped.core.event(CoreEvent.PLAYED).cause()).isEqualTo(PlayResult.STOPPED);
        assertThat(stepped.core.event(CoreEvent.PLAYED).cause()).isEqualTo(PlayResult.STOPPED);
    }

    @Test
    void shouldGoOnWithoutAGapWhenALoopIsNoWholeNumberOfPackets() {
        Message[] legs = joined();
        play(legs[1], 1, recordings.mulaw(1234, false), PlayFlyweight.FOR_EVER, 1, 0);
        speak(legs[0], G711.encodeMuLaw(0), 40);
        int[] heard = heard(0);
        for (int i = 0; i < heard.length; i++) {
            int code = Recordings.code(Codec.PCMU, i % 1234);
            assertThat(heard[i])
                    .as("sample %d", i)
                    .isEqualTo(G711.decodeMuLaw(G711.encodeMuLaw(G711.decodeMuLaw(code))));
        }
    }

    @Test
    void shouldFadeOutWhenItIsStopped() {
        Message[] legs = joined();
        play(legs[1], 1, recordings.level(SECOND, LOUD), PlayFlyweight.FOR_EVER, 1, 0);
        speak(legs[0], G711.encodeMuLaw(0), 5);
        stop(legs[1], 1);
        speak(legs[0], G711.encodeMuLaw(0), 5);
        int[] heard = heard(5);
        for (int i = 1; i < 160; i++) {
            assertThat(heard[i]).isLessThanOrEqualTo(heard[i - 1]);
            assertThat(heard[i - 1] - heard[i]).as("no click").isLessThan(300);
        }
        assertThat(Arrays.copyOfRange(heard, 160, heard.length)).containsOnly(0);
        assertPlayed(1, PlayResult.STOPPED);
    }

    @Test
    void shouldHearTheTrackAloneInOneStreamWhileThePeerSaysNothing() {
        Message[] legs = joined();
        speak(legs[0], SOFT, 5);
        play(legs[1], 1, recordings.level(10 * SECOND, LOUD), PlayFlyweight.FOR_EVER, 1, 0);
        speak(legs[0], SOFT, 5);
        int before = atB.size();
        pass(S);
        int alone = atB.size() - before;
        assertThat(alone).isBetween(44, 46);
        assertLevel(heard(before), 4000);
        assertThat(atB.get(before)[1]).as("a marker where it begins").isNegative();
        for (int i = before + 1; i < atB.size(); i++) {
            assertThat(atBNs.get(i) - atBNs.get(i - 1)).isEqualTo(20 * MS);
        }
        // The peer's clock went on meanwhile.
        timestamp += SECOND;
        speak(legs[0], SOFT, 20);
        assertThat(atB).hasSize(before + alone + 20);
        assertLevel(heard(before + alone), 5000);
        assertOneStream();
    }

    @Test
    void shouldBeTakenBackAtOnceWhenItIsStoppedWhereNothingCanBeHeard() {
        Message[] legs = joined();
        stepped.core.command(CoreCommand.PART, legs[0].leg(), message -> {});
        play(legs[1], 1, recordings.level(SECOND, LOUD), PlayFlyweight.FOR_EVER, 1, 0);
        pass(200 * MS);
        play(legs[1], 2, recordings.level(SECOND, SOFT), PlayFlyweight.FOR_EVER, PlayFlyweight.IN_PLACE, 0);
        stop(legs[1], 1);
        pass(200 * MS);
        assertPlayed(1, PlayResult.STOPPED);
    }

    @Test
    void shouldWaitWhileARecordingTakesThePeersPlace() {
        Message[] legs = joined();
        play(legs[1], 1, recordings.level(SECOND / 2, LOUD), 1, 1, 0);
        speak(legs[0], SOFT, 5);
        play(legs[1], 2, recordings.level(SECOND, SOFT), 1, PlayFlyweight.IN_PLACE, 0);
        int from = atB.size();
        speak(legs[0], LOUD, 45);
        assertLevel(heard(from), 1000);
        speak(legs[0], SOFT, 10);
        assertPlayed(2, PlayResult.COMPLETED);
        speak(legs[0], SOFT, 30);
        assertPlayed(1, PlayResult.COMPLETED);
    }

    @ParameterizedTest // number of the track, gain
    @CsvSource({"3, 0", "-1, 0", "1, 41", "1, -41"})
    void shouldRefuseWhatIsNoTrackOrNoGain(int track, int gainDb) {
        Message[] legs = joined();
        play(legs[1], 1, recordings.level(SECOND, LOUD), 1, track, gainDb);
        assertPlayed(1, PlayResult.FAILED);
        play(legs[1], 2, recordings.junk(), 1, 1, 0);
        assertPlayed(2, PlayResult.FAILED);
        speak(legs[0], SOFT, 3);
        assertLevel(heard(0), 1000);
    }

    @Test
    void shouldTellTheOldOneWhenANewOneTakesItsTrack() {
        Message[] legs = joined();
        play(legs[1], 1, recordings.level(SECOND, LOUD), 1, 2, 0);
        speak(legs[0], SOFT, 5);
        play(legs[1], 2, recordings.level(SECOND, SOFT), 1, 2, 0);
        assertPlayed(1, PlayResult.STOPPED);
        speak(legs[0], SOFT, 5);
        assertLevel(heard(5), 2000);
        assertThat(stepped.core.hasEvent()).isFalse();
    }

    /** Level of a tone in samples, root mean square. */
    private static double level(short[] audio, int from, int rate, double hertz) {
        double cos = 0;
        double sin = 0;
        int count = audio.length - from;
        for (int i = from; i < audio.length; i++) {
            double turn = 2 * Math.PI * hertz * i / rate;
            cos += audio[i] * Math.cos(turn);
            sin += audio[i] * Math.sin(turn);
        }
        return Math.sqrt(2 * (cos * cos + sin * sin)) / count;
    }

    private short[] decoded(int codec, int from) {
        AudioDecoder decoder = TranscodingTest.decoder(codec);
        short[] audio = new short[decoder.sampleRate() * 10];
        int at = 0;
        for (byte[] packet : atB.subList(from, atB.size())) {
            at += decoder.decode(new UnsafeBuffer(packet), 12, packet.length - 12, audio, at);
        }
        return Arrays.copyOf(audio, at);
    }

    @ParameterizedTest // codec of A, codec of B
    @CsvSource({"1, 2", "3, 3", "4, 4", "1, 3", "4, 1", "3, 4", "2, 4"})
    void shouldHearBothTonesWhateverTheCodecs(int from, int to) {
        Message[] legs = stepped.joined(from, TranscodingTest.type(from), to, TranscodingTest.type(to));
        byte[][] tone = TranscodingTest.tone(from, 20, 100);
        for (int i = 0; i < 10; i++) {
            say(legs[0], TranscodingTest.type(from), tone[i], 20 * TranscodingTest.ticks(from));
        }
        play(legs[1], 1, recordings.tone(SECOND, 1000), PlayFlyweight.FOR_EVER, 1, 0);
        int began = atB.size();
        for (int i = 10; i < 100; i++) {
            say(legs[0], TranscodingTest.type(from), tone[i], 20 * TranscodingTest.ticks(from));
        }
        short[] audio = decoded(to, began);
        int rate = TranscodingTest.decoder(to).sampleRate();
        assertThat(audio).hasSize(rate * 9 / 5);
        assertThat(level(audio, rate / 2, rate, 440)).isBetween(6000.0, 8000.0);
        assertThat(level(audio, rate / 2, rate, 1000)).isBetween(6000.0, 8000.0);
        stop(legs[1], 1);
        say(legs[0], TranscodingTest.type(from), tone[0], 20 * TranscodingTest.ticks(from));
        pass(40 * MS);
        assertPlayed(1, PlayResult.STOPPED);
        boolean isBridgeable = Codec.bridgeable(from, to);
        assertThat(stepped.counter(CoreCounters.TRANSCODERS)).isEqualTo(isBridgeable ? 0 : 2);
    }

    @ParameterizedTest // codecs that need an encoder of the leg's own
    @ValueSource(ints = {Codec.G722, Codec.OPUS})
    void shouldHearTheTrackAloneWhateverTheCodec(int codec) {
        Message[] legs = stepped.joined(codec, TranscodingTest.type(codec), codec, TranscodingTest.type(codec));
        play(legs[1], 1, recordings.tone(SECOND, 1000), PlayFlyweight.FOR_EVER, 1, 0);
        pass(2 * S);
        int rate = TranscodingTest.decoder(codec).sampleRate();
        short[] audio = decoded(codec, 0);
        assertThat(audio.length).isGreaterThan(rate * 18 / 10);
        assertThat(level(audio, rate / 2, rate, 1000)).isBetween(6000.0, 8000.0);
    }

    @Test
    void shouldSayThatItFailedWhenNoTranscoderIsFree() {
        stepped.close();
        stepped = new SteppedCore(0);
        Message[] legs = stepped.joined(Codec.G722, 9, Codec.G722, 9);
        play(legs[1], 1, recordings.tone(SECOND, 1000), 1, 1, 0);
        assertPlayed(1, PlayResult.FAILED);
        byte[] payload = TranscodingTest.tone(Codec.G722, 20, 1)[0];
        say(legs[0], 9, payload, 160);
        assertThat(atB).hasSize(1);
        assertThat(Arrays.copyOfRange(atB.getFirst(), 12, 172)).isEqualTo(payload);
    }

    @Test
    void shouldTellWhatIsMixedInWhenTheLegEnds() {
        Message[] legs = joined();
        play(legs[1], 1, recordings.level(SECOND, LOUD), 1, 1, 0);
        stepped.core.command(CoreCommand.END, legs[1].leg(), message -> {});
        assertPlayed(1, PlayResult.STOPPED);
        assertThat(stepped.core.sipCommand(SipCommand.END).leg()).isEqualTo(legs[1].leg());
    }
}
