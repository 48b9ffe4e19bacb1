package io.hookswitch.engine.core;

import static io.hookswitch.engine.core.CoreHarness.rtp;
import static io.hookswitch.engine.core.SteppedCore.A;
import static io.hookswitch.engine.core.SteppedCore.B;
import static io.hookswitch.engine.core.SteppedCore.MS;
import static io.hookswitch.engine.core.SteppedCore.S;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.core.CoreHarness.Message;
import io.hookswitch.engine.io.ScriptedTransport.Sent;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.MediaFlyweight;
import io.hookswitch.engine.message.PlayResult;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.engine.message.SipEvent;
import io.hookswitch.rtp.G711;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recordings as a far end receives them, millisecond by millisecond. */
class PlayerTest {
    private static final int PLAY = 4711;
    private static final int SSRC_OF_B = 7;
    private static final byte[] SPEECH = new byte[160];

    static {
        Arrays.fill(SPEECH, (byte) 0x7A);
    }

    /** A packet as far end A got it. */
    private record Got(long atNs, int type, boolean marker, int sequence, int timestamp, int ssrc, byte[] payload) {
        boolean isSpeech() {
            return Arrays.equals(payload, SPEECH);
        }
    }

    private final SteppedCore stepped = new SteppedCore();
    private final CoreHarness core = stepped.core;
    private final Recordings recordings = new Recordings();
    private final List<Got> atA = new ArrayList<>();
    private int sequenceOfB = 65_500;
    private int timestampOfB = -3_000;

    @AfterEach
    void close() {
        stepped.close();
        recordings.close();
    }

    private void listen() {
        for (Sent sent = stepped.transport.takeSent(); sent != null; sent = stepped.transport.takeSent()) {
            boolean isRtcp = (sent.bytes()[1] & 0xE0) == 0xC0;
            if (!isRtcp && sent.to().equals(A)) {
                atA.add(new Got(
                        stepped.nowNs,
                        sent.bytes()[1] & 0x7F,
                        sent.bytes()[1] < 0,
                        sent.packet().getShort(2) & 0xFFFF,
                        sent.packet().getInt(4),
                        sent.packet().getInt(8),
                        Arrays.copyOfRange(sent.bytes(), 12, sent.bytes().length)));
            }
        }
    }

    private void pass(long ns) {
        for (long passed = 0; passed < ns; passed += MS) {
            stepped.pass(MS);
            listen();
        }
    }

    /** Time passes while B speaks every 20 ms. */
    private void passWithSpeech(Message legOfB, long ns) {
        for (long passed = 0; passed < ns; passed += 20 * MS) {
            speak(legOfB);
            pass(20 * MS);
        }
    }

    private void speak(Message legOfB) {
        stepped.transport.arrive(legOfB.port(), rtp(0, sequenceOfB++, timestampOfB, SSRC_OF_B, SPEECH), B);
        timestampOfB += 160;
        core.settle();
        listen();
    }

    private void play(Message leg, long reference, MemorySegment recording, int passes, long offset) {
        core.command(CoreCommand.PLAY, leg.leg(), message -> {
            message.reference(reference);
            Recordings.order(message, recording, passes, offset);
        });
        listen();
    }

    private void stop(Message leg, long reference) {
        core.command(CoreCommand.STOP_PLAY, leg.leg(), message -> message.reference(reference));
        listen();
    }

    private void media(Message leg, int codec, int payloadType, int clockRate, int direction) {
        core.sip(SipEvent.MEDIA_CHANGED, leg.leg(), message -> message.media()
                .begin()
                .direction(direction)
                .address(A.getAddress().getAddress())
                .ports(A.getPort(), A.getPort() + 1)
                .telephoneEvent(101, 8000)
                .addCodec(codec, payloadType, -1, clockRate));
    }

    private void assertPlayed(long reference, int result, long samples, int position) {
        Message played = core.event(CoreEvent.PLAYED);
        assertThat(played.reference()).isEqualTo(reference);
        assertThat(played.cause()).isEqualTo(result);
        assertThat(played.durationNs()).isEqualTo(samples * 125_000);
        assertThat(played.status()).isEqualTo(position);
        assertThat(core.hasEvent()).as("told once").isFalse();
    }

    /** One SSRC, no number left out, no audio on top of other audio. */
    private void assertOneStream() {
        for (int i = 1; i < atA.size(); i++) {
            Got before = atA.get(i - 1);
            Got got = atA.get(i);
            assertThat(got.sequence).as("packet %d", i).isEqualTo((before.sequence + 1) & 0xFFFF);
            assertThat(got.ssrc).isEqualTo(before.ssrc);
            assertThat(got.timestamp - before.timestamp).as("packet %d", i).isGreaterThanOrEqualTo(160);
        }
    }

    private byte[] heard() {
        ByteArrayOutputStream heard = new ByteArrayOutputStream();
        atA.forEach(got -> heard.writeBytes(got.payload));
        return heard.toByteArray();
    }

    private static byte[] codes(int codec, int samples, int length, int from) {
        byte[] codes = new byte[length];
        for (int i = 0; i < length; i++) {
            codes[i] = Recordings.code(codec, (from + i) % samples);
        }
        return codes;
    }

    @Test // RFC 3551 section 4.1: the marker begins a talkspurt
    void shouldSendAFrameEvery20MsAndTellItsEndWhenALegWithoutAPeerIsPlayedTo() {
        Message leg = core.answered(A, Codec.PCMU, 0);
        long startNs = stepped.nowNs;
        play(leg, PLAY, recordings.mulaw(1000, false), 1, 0);
        pass(S);
        assertThat(atA).hasSize(7);
        for (int i = 0; i < 7; i++) {
            Got got = atA.get(i);
            assertThat(got.atNs).isEqualTo(startNs + MS + i * 20 * MS);
            assertThat(got.type).isZero();
            assertThat(got.marker).isEqualTo(i == 0);
            assertThat(got.timestamp - atA.getFirst().timestamp).isEqualTo(160 * i);
        }
        assertOneStream();
        assertThat(Arrays.copyOf(heard(), 1000)).isEqualTo(codes(Codec.PCMU, 1000, 1000, 0));
        assertThat(Arrays.copyOfRange(heard(), 1000, 1120)).containsOnly(G711.MU_LAW_SILENCE);
        assertPlayed(PLAY, PlayResult.COMPLETED, 1000, 1000);
    }

    @Test
    void shouldTellTheEndWhenTheLastFrameHasSoundedAndNotBefore() {
        Message leg = core.answered(A, Codec.PCMU, 0);
        play(leg, PLAY, recordings.mulaw(320, false), 1, 0);
        pass(40 * MS);
        assertThat(atA).hasSize(2);
        assertThat(core.hasEvent()).isFalse();
        pass(MS);
        assertPlayed(PLAY, PlayResult.COMPLETED, 320, 320);
    }

    @Test
    void shouldGoRoundWithoutAGapWhenTheLengthIsNoMultipleOfAFrame() {
        Message leg = core.answered(A, Codec.PCMA, 8);
        play(leg, PLAY, recordings.mulaw(250, true), 0, 0);
        pass(2 * S);
        assertThat(atA).hasSize(100);
        assertOneStream();
        assertThat(heard()).isEqualTo(codes(Codec.PCMA, 250, 16_000, 0));
        assertThat(core.hasEvent()).isFalse();
        stop(leg, PLAY);
        assertPlayed(PLAY, PlayResult.STOPPED, 16_000, 250);
        int sent = atA.size();
        pass(S);
        assertThat(atA).hasSize(sent);
    }

    @Test
    void shouldPlayAsOftenAsAskedForWhenThePassesAreCounted() {
        Message leg = core.answered(A, Codec.PCMU, 0);
        play(leg, PLAY, recordings.mulaw(250, false), 3, 100);
        pass(S);
        assertThat(Arrays.copyOf(heard(), 650)).isEqualTo(codes(Codec.PCMU, 250, 650, 100));
        assertThat(atA).hasSize(5);
        assertPlayed(PLAY, PlayResult.COMPLETED, 650, 250);
    }

    @Test
    void shouldBeOverAtOnceWhenTheOffsetIsBehindTheEnd() {
        Message leg = core.answered(A, Codec.PCMU, 0);
        play(leg, PLAY, recordings.mulaw(250, false), 1, 1L << 40);
        pass(2 * MS);
        assertThat(atA).isEmpty();
        assertPlayed(PLAY, PlayResult.COMPLETED, 0, 250);
    }

    @Test
    void shouldSendTheSecondEncodingWhenAPassFollowsAnotherOfACodecWithAMemory() {
        Message leg = core.answered(A, Codec.PCMU, 0);
        media(leg, Codec.G722, 9, 8000, MediaFlyweight.SEND | MediaFlyweight.RECEIVE);
        play(leg, PLAY, recordings.g722(200), 2, 0);
        pass(S);
        assertThat(Arrays.copyOf(heard(), 200)).isEqualTo(codes(Codec.G722, 200, 200, 0));
        assertThat(Arrays.copyOfRange(heard(), 200, 400)).isEqualTo(codes(Codec.G722 + 1, 200, 200, 0));
        assertPlayed(PLAY, PlayResult.COMPLETED, 400, 200);
    }

    @Test // RFC 7587 section 4.1: 48 kHz, whatever is inside
    void shouldSendPacketsOfTheirOwnLengthsWhenTheCodecIsOpus() {
        Message leg = core.answered(A, Codec.PCMU, 0);
        media(leg, Codec.OPUS, 111, 48_000, MediaFlyweight.SEND | MediaFlyweight.RECEIVE);
        play(leg, PLAY, recordings.opus(3), 2, 170);
        pass(S);
        assertThat(atA).extracting(got -> got.payload.length).containsExactly(2, 3, 101, 102, 103);
        assertThat(atA).allMatch(got -> got.type == 111);
        for (int i = 1; i < atA.size(); i++) {
            assertThat(atA.get(i).timestamp - atA.get(i - 1).timestamp).isEqualTo(960);
        }
        assertPlayed(PLAY, PlayResult.COMPLETED, 5 * 160 - 10, 480);
    }

    @Test
    void shouldTakeThePeersPlaceInItsStreamAndGiveItBackWithItsVeryNextPacketWhenStopped() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        passWithSpeech(legs[1], 200 * MS);
        assertThat(atA).hasSize(10).allMatch(Got::isSpeech);
        play(legs[0], PLAY, recordings.mulaw(8000, false), 0, 0);
        pass(7 * MS);
        passWithSpeech(legs[1], 400 * MS);
        List<Got> music = List.copyOf(atA.subList(10, atA.size()));
        assertThat(music).hasSize(21).noneMatch(Got::isSpeech);
        assertThat(music.getFirst().marker).isTrue();
        assertThat(stepped.counter(CoreCounters.WITHHELD)).isEqualTo(20);

        stop(legs[0], PLAY);
        assertPlayed(PLAY, PlayResult.STOPPED, 21 * 160, 21 * 160);
        int sent = atA.size();
        long stoppedNs = stepped.nowNs;
        speak(legs[1]);
        assertThat(atA).hasSize(sent + 1);
        assertThat(atA.getLast().isSpeech()).isTrue();
        assertThat(atA.getLast().marker).isTrue();
        assertThat(atA.getLast().atNs).isEqualTo(stoppedNs);
        pass(20 * MS);
        passWithSpeech(legs[1], 200 * MS);
        assertThat(atA).hasSize(sent + 11);
        assertThat(atA.subList(sent, sent + 11)).allMatch(Got::isSpeech);
        // What follows the bridge's last packet before the music comes when it comes, on time.
        assertThat(atA.get(10).timestamp - atA.get(9).timestamp).isPositive();
        atA.subList(0, 10).clear();
        assertOneStream();
    }

    @Test
    void shouldGoDownToSilenceInOneFrameWhenG711IsStoppedInTheMiddle() {
        Message leg = core.answered(A, Codec.PCMU, 0);
        byte loud = G711.encodeMuLaw(20_000);
        play(leg, PLAY, recordings.level(8000, loud), 0, 0);
        pass(45 * MS);
        assertThat(atA).hasSize(3);
        stop(leg, PLAY);
        assertThat(atA).hasSize(4);
        byte[] faded = atA.getLast().payload;
        assertThat(atA.getLast().marker).isFalse();
        int before = G711.decodeMuLaw(loud);
        for (byte code : faded) {
            int now = G711.decodeMuLaw(code);
            assertThat(now).isBetween(before - 1100, before);
            before = now;
        }
        assertThat(before).isZero();
        assertOneStream();
    }

    @Test
    void shouldTellKeysToControlAndKeepThemFromTheFarEndWhenThePeerPressesOneMeanwhile() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        play(legs[0], PLAY, recordings.mulaw(8000, false), 0, 0);
        pass(50 * MS);
        for (int i = 0; i < 4; i++) {
            byte[] key = {5, (byte) (i < 2 ? 10 : 0x8A), 0, (byte) (160 * Math.min(i + 1, 3) & 0xFF)};
            stepped.transport.arrive(legs[1].port(), rtp(101, sequenceOfB++, timestampOfB, SSRC_OF_B, key), B);
            pass(20 * MS);
        }
        assertThat(core.event(CoreEvent.DIGIT).cause()).isEqualTo('5');
        core.sip(SipEvent.INFO_DIGIT, legs[1].leg(), message -> message.cause('7')
                .durationNs(100 * MS));
        pass(S);
        assertThat(core.event(CoreEvent.DIGIT).cause()).isEqualTo('7');
        assertThat(atA).noneMatch(got -> got.type == 101);
        assertOneStream();
        core.end(legs[0].leg());
        assertPlayed(PLAY, PlayResult.STOPPED, atA.size() * 160L, atA.size() * 160 % 8000);
    }

    @Test // RFC 3264 section 8.4
    void shouldWaitWhereItIsWhenTheFarEndIsOnHold() {
        Message leg = core.answered(A, Codec.PCMU, 0);
        play(leg, PLAY, recordings.mulaw(3200, false), 1, 0);
        pass(200 * MS);
        assertThat(atA).hasSize(10);
        media(leg, Codec.PCMU, 0, 8000, MediaFlyweight.RECEIVE);
        assertThat(core.event(CoreEvent.HELD).status()).isOne();
        pass(5 * S);
        assertThat(atA).hasSize(10);
        media(leg, Codec.PCMU, 0, 8000, MediaFlyweight.SEND | MediaFlyweight.RECEIVE);
        assertThat(core.event(CoreEvent.HELD).status()).isZero();
        pass(S);
        assertThat(atA).hasSize(20);
        assertThat(heard()).isEqualTo(codes(Codec.PCMU, 3200, 3200, 0));
        assertThat(atA.get(10).marker).isTrue();
        assertThat(atA.get(11).marker).isFalse();
        assertThat(atA.get(10).timestamp - atA.get(9).timestamp)
                .isEqualTo((int) ((atA.get(10).atNs - atA.get(9).atNs) / 125_000));
        assertOneStream();
        assertPlayed(PLAY, PlayResult.COMPLETED, 3200, 3200);
    }

    @Test
    void shouldLetKeysThroughAndLoseNothingWhenKeysAreSentMeanwhile() {
        Message leg = core.answered(A, Codec.PCMU, 0);
        play(leg, PLAY, recordings.mulaw(3200, false), 1, 0);
        pass(105 * MS);
        core.command(CoreCommand.SEND_DIGITS, leg.leg(), message -> {
            message.reference(5).durationNs(100 * MS).status(60).cause(10);
            message.put(Field.DIGITS, "12");
        });
        pass(2 * S);
        List<Got> keys = atA.stream().filter(got -> got.type == 101).toList();
        assertThat(keys).hasSize(2 * 7);
        for (int i = 1; i < atA.size(); i++) {
            assertThat(atA.get(i).sequence).isEqualTo((atA.get(i - 1).sequence + 1) & 0xFFFF);
        }
        assertThat(core.event(CoreEvent.DIGITS_SENT).reference()).isEqualTo(5);
        atA.removeAll(keys);
        assertThat(heard()).isEqualTo(codes(Codec.PCMU, 3200, 3200, 0));
        for (int i = 1; i < atA.size(); i++) {
            assertThat(atA.get(i).timestamp - atA.get(i - 1).timestamp).isGreaterThanOrEqualTo(160);
        }
        assertPlayed(PLAY, PlayResult.COMPLETED, 3200, 3200);
    }

    @Test
    void shouldGoOnInTheOtherCodecWhenTheFarEndChangesIt() {
        Message leg = core.answered(A, Codec.PCMU, 0);
        play(leg, PLAY, recordings.mulaw(3200, true), 1, 0);
        pass(200 * MS);
        media(leg, Codec.PCMA, 8, 8000, MediaFlyweight.SEND | MediaFlyweight.RECEIVE);
        pass(S);
        assertThat(Arrays.copyOf(heard(), 1600)).isEqualTo(codes(Codec.PCMU, 3200, 1600, 0));
        assertThat(Arrays.copyOfRange(heard(), 1600, 3200)).isEqualTo(codes(Codec.PCMA, 3200, 1600, 1600));
        assertThat(atA.get(10).type).isEqualTo(8);
        assertOneStream();
        assertPlayed(PLAY, PlayResult.COMPLETED, 3200, 3200);
    }

    @Test
    void shouldFailWhenTheRecordingDoesNotHaveTheFarEndsCodec() {
        Message leg = core.answered(A, Codec.PCMA, 8);
        play(leg, PLAY, recordings.mulaw(3200, false), 1, 0);
        pass(2 * MS);
        assertPlayed(PLAY, PlayResult.FAILED, 0, 0);
        Message other = core.answered(B, Codec.PCMU, 0);
        play(other, PLAY, recordings.mulaw(3200, false), 1, 0);
        pass(21 * MS);
        media(other, Codec.PCMA, 8, 8000, MediaFlyweight.SEND);
        pass(20 * MS);
        assertPlayed(PLAY, PlayResult.FAILED, 320, 320);
        assertThat(stepped.counter(CoreCounters.PLAYOUTS_FAILED)).isEqualTo(2);
    }

    @Test
    void shouldFailWhenTheLegIsNotThereOrTheMemoryIsNoRecording() {
        Message leg = core.answered(A, Codec.PCMU, 0);
        play(leg, PLAY, recordings.junk(), 1, 0);
        assertPlayed(PLAY, PlayResult.FAILED, 0, 0);
        play(leg, PLAY, recordings.mulaw(300, false), -1, 0);
        assertPlayed(PLAY, PlayResult.FAILED, 0, 0);
        core.command(CoreCommand.PLAY, leg.leg(), message -> message.reference(PLAY));
        assertPlayed(PLAY, PlayResult.FAILED, 0, 0);
        core.end(leg.leg());
        play(leg, PLAY, recordings.mulaw(300, false), 1, 0);
        assertPlayed(PLAY, PlayResult.FAILED, 0, 0);
        stop(leg, PLAY);
        assertThat(core.hasEvent()).isFalse();
    }

    @Test
    void shouldBeginWhenMediaIsAgreedOnAndFailWhenItIsNotWithin4Seconds() {
        long offered = core.offer(A, Codec.PCMU, 0);
        Message leg = new Message(0, offered, 0, 0, 0, 0, 0, 0, new int[0], null);
        play(leg, PLAY, recordings.mulaw(160, false), 1, 0);
        pass(3 * S);
        assertThat(atA).isEmpty();
        media(leg, Codec.PCMU, 0, 8000, MediaFlyweight.SEND | MediaFlyweight.RECEIVE);
        pass(21 * MS);
        assertThat(atA).hasSize(1);
        pass(20 * MS);
        assertPlayed(PLAY, PlayResult.COMPLETED, 160, 160);

        Message mute = new Message(0, core.offer(B, Codec.PCMU, 0), 0, 0, 0, 0, 0, 0, new int[0], null);
        play(mute, PLAY, recordings.mulaw(160, false), 1, 0);
        pass(3_990 * MS);
        assertThat(core.hasEvent()).isFalse();
        pass(40 * MS);
        assertPlayed(PLAY, PlayResult.FAILED, 0, 0);
    }

    @Test
    void shouldTellBothWhenAnotherRecordingTakesThePlace() {
        Message leg = core.answered(A, Codec.PCMU, 0);
        play(leg, 1, recordings.mulaw(8000, false), 0, 0);
        pass(107 * MS);
        play(leg, 2, recordings.mulaw(320, false), 1, 0);
        assertPlayed(1, PlayResult.STOPPED, 6 * 160, 6 * 160);
        pass(S);
        assertPlayed(2, PlayResult.COMPLETED, 320, 320);
        assertThat(atA).hasSize(6 + 1 + 2);
        assertThat(atA.get(7).marker).isTrue();
        assertThat(Arrays.copyOfRange(heard(), 7 * 160, 9 * 160)).isEqualTo(codes(Codec.PCMU, 320, 320, 0));
        for (int i = 1; i < atA.size(); i++) {
            assertThat(atA.get(i).timestamp - atA.get(i - 1).timestamp)
                    .as("not a sample between them")
                    .isEqualTo(160);
        }
        play(leg, 3, recordings.mulaw(8000, false), 0, 0);
        stop(leg, 2);
        assertThat(core.hasEvent()).as("what is over cannot be stopped").isFalse();
        play(leg, 4, recordings.junk(), 1, 0);
        assertThat(core.event(CoreEvent.PLAYED).reference()).isEqualTo(3);
        assertPlayed(4, PlayResult.FAILED, 0, 0);
    }

    @Test
    void shouldTellTheRecordingsEndBeforeTheLegsWhenTheFarEndHangsUp() {
        Message leg = core.answered(A, Codec.PCMU, 0);
        play(leg, PLAY, recordings.mulaw(8000, false), 0, 0);
        pass(50 * MS);
        core.sip(SipEvent.ENDED, leg.leg(), message -> {});
        Message played = core.event(CoreEvent.PLAYED);
        assertThat(played.leg()).isEqualTo(leg.leg());
        assertThat(played.cause()).isEqualTo(PlayResult.STOPPED);
        assertThat(core.event(CoreEvent.ENDED).leg()).isEqualTo(leg.leg());
        pass(S);
        assertThat(atA).hasSize(3);
    }

    @Test
    void shouldTellTheEndOnceAndGiveTheStreamBackWhenAStepOfThatLegFails() {
        Message leg = core.dialled(A, Codec.PCMU, 0, 0);
        play(leg, PLAY, recordings.mulaw(8000, false), 0, 0);
        pass(50 * MS);
        stepped.transport.breakConnect(new IllegalStateException("a bug"));
        stepped.transport.arrive(leg.port(), rtp(0, 1, 1, 7), A);
        pass(2 * MS);
        assertThat(core.errors).hasSize(1);
        core.errors.clear();
        assertThat(core.event(CoreEvent.PLAYED).cause()).isEqualTo(PlayResult.STOPPED);
        assertThat(core.event(CoreEvent.ENDED).leg()).isEqualTo(leg.leg());
        assertThat(core.sipCommand(SipCommand.END).leg()).isEqualTo(leg.leg());
    }

    @Test
    void shouldKeepItsStepToTheMillisecondWhenItPlaysForMinutes() {
        Message leg = core.answered(A, Codec.PCMU, 0);
        long startNs = stepped.nowNs;
        play(leg, PLAY, recordings.mulaw(8000, false), 0, 0);
        stepped.transport.forgetSent();
        long packets = 0;
        for (int ms = 1; ms <= 300_000; ms++) {
            stepped.nowNs += MS;
            core.core.doWork();
            for (Sent sent = stepped.transport.takeSent(); sent != null; sent = stepped.transport.takeSent()) {
                if (sent.bytes().length == 172) {
                    assertThat(stepped.nowNs).isEqualTo(startNs + MS + packets * 20 * MS);
                    packets++;
                }
            }
        }
        assertThat(packets).isEqualTo(15_000);
    }

    @ParameterizedTest
    @ValueSource(longs = {19, 25, 100, 333})
    void shouldSendNoBurstAndLoseNothingWhenTheCoreWasHeldUp(long heldMs) {
        Message leg = core.answered(A, Codec.PCMU, 0);
        play(leg, PLAY, recordings.mulaw(1600, false), 1, 0);
        pass(50 * MS);
        assertThat(atA).hasSize(3);
        stepped.nowNs += heldMs * MS;
        core.step();
        listen();
        assertThat(atA).hasSize(4);
        pass(S);
        assertThat(atA).hasSize(10);
        for (int i = 4; i < 10; i++) {
            assertThat(atA.get(i).atNs - atA.get(i - 1).atNs).as("packet %d", i).isLessThanOrEqualTo(20 * MS);
            assertThat((atA.get(i).atNs - atA.getFirst().atNs) % (20 * MS)).isZero();
        }
        assertOneStream();
        assertThat(heard()).isEqualTo(codes(Codec.PCMU, 1600, 1600, 0));
        assertPlayed(PLAY, PlayResult.COMPLETED, 1600, 1600);
    }
}
