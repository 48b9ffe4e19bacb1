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
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.engine.message.SipEvent;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Telephone events of the engine's own, as a far end receives them, millisecond by millisecond. */
class DigitSenderTest {
    private static final int SSRC_OF_B = 7;

    /** A packet as a far end got it. */
    private record Got(
            long atNs,
            int type,
            boolean marker,
            int sequence,
            int timestamp,
            int ssrc,
            int key,
            boolean end,
            int duration) {
        boolean isEvent() {
            return key >= 0;
        }
    }

    private final SteppedCore stepped = new SteppedCore();
    private final CoreHarness core = stepped.core;
    private final List<Got> atA = new ArrayList<>();
    private final List<Got> atB = new ArrayList<>();
    private int sequenceOfB = 65_500;
    private int timestampOfB = -3_000;

    @AfterEach
    void close() {
        stepped.close();
    }

    private void listen() {
        for (Sent sent = stepped.transport.takeSent(); sent != null; sent = stepped.transport.takeSent()) {
            int type = sent.bytes()[1] & 0x7F;
            if (sent.bytes().length < 12 || (sent.bytes()[1] & 0xE0) == 0xC0) {
                continue;
            }
            boolean isEvent = type >= 96 && sent.bytes().length == 16;
            Got got = new Got(
                    stepped.nowNs,
                    type,
                    sent.bytes()[1] < 0,
                    sent.packet().getShort(2) & 0xFFFF,
                    sent.packet().getInt(4),
                    sent.packet().getInt(8),
                    isEvent ? sent.bytes()[12] : -1,
                    isEvent && sent.bytes()[13] < 0,
                    isEvent ? sent.packet().getShort(14) & 0xFFFF : 0);
            (sent.to().equals(A) ? atA : atB).add(got);
        }
    }

    private void pass(long ns) {
        for (long passed = 0; passed < ns; passed += MS) {
            stepped.pass(MS);
            listen();
        }
    }

    /** Time passes while B speaks every 20 ms. */
    private void passWithAudio(Message legOfB, long ns) {
        for (long passed = 0; passed < ns; passed += 20 * MS) {
            stepped.transport.arrive(legOfB.port(), rtp(0, sequenceOfB++, timestampOfB, SSRC_OF_B, new byte[160]), B);
            timestampOfB += 160;
            pass(20 * MS);
        }
    }

    private void send(Message leg, String keys, long keyMs, long pauseMs) {
        core.command(CoreCommand.SEND_DIGITS, leg.leg(), message -> {
            message.reference(4711).durationNs(keyMs * MS).status((int) pauseMs).cause(13);
            message.put(Field.DIGITS, keys);
        });
        listen();
    }

    private void describe(Message leg, InetSocketAddress far, int codec, int clockRate, int eventType, int eventClock) {
        core.sip(SipEvent.MEDIA_CHANGED, leg.leg(), message -> message.media()
                .begin()
                .address(far.getAddress().getAddress())
                .ports(far.getPort(), far.getPort() + 1)
                .telephoneEvent(eventType, eventClock)
                .addCodec(codec, codec == Codec.OPUS ? 111 : 0, -1, clockRate));
    }

    private static List<Got> events(List<Got> all) {
        return all.stream().filter(Got::isEvent).toList();
    }

    /** Presses as a far end understands them: timestamps tell them apart. */
    private static String keys(List<Got> all) {
        StringBuilder keys = new StringBuilder();
        int last = 0;
        for (Got got : events(all)) {
            if (keys.isEmpty() || got.timestamp != last) {
                keys.append("0123456789*#ABCD".charAt(got.key));
            }
            last = got.timestamp;
        }
        return keys.toString();
    }

    private static void assertOneStream(List<Got> all) {
        for (int i = 1; i < all.size(); i++) {
            assertThat(all.get(i).sequence).as("packet %d", i).isEqualTo((all.get(i - 1).sequence + 1) & 0xFFFF);
            assertThat(all.get(i).ssrc).isEqualTo(all.getFirst().ssrc);
        }
    }

    @Test // RFC 4733 section 2.5.1
    void shouldSendAPacketEvery20MsAndTheLastOneThreeTimesWhenControlSendsAKey() {
        Message leg = core.answered(A, Codec.PCMU, 0);
        send(leg, "5", 100, 60);
        pass(300 * MS);
        List<Got> got = events(atA);
        assertThat(got).hasSize(7).hasSameSizeAs(atA);
        for (int i = 0; i < 7; i++) {
            assertThat(got.get(i).type).isEqualTo(101);
            assertThat(got.get(i).key).isEqualTo(5);
            assertThat(got.get(i).marker).isEqualTo(i == 0);
            assertThat(got.get(i).timestamp).isEqualTo(got.getFirst().timestamp);
            assertThat(got.get(i).duration).isEqualTo(160 * Math.min(i + 1, 5));
            assertThat(got.get(i).end).isEqualTo(i >= 4);
            assertThat(got.get(i).atNs).isEqualTo(got.getFirst().atNs + i * 20 * MS);
        }
        assertOneStream(atA);
        Message done = core.event(CoreEvent.DIGITS_SENT);
        assertThat(done.reference()).isEqualTo(4711);
        assertThat(done.status()).isZero();
    }

    @Test
    void shouldKeepLengthsPausesAndTheClockWhenControlSendsManyKeys() {
        Message leg = core.answered(A, Codec.PCMU, 0);
        send(leg, "1w2#D", 250, 100);
        pass(2300 * MS);
        assertThat(keys(atA)).isEqualTo("12#D");
        List<Got> starts = events(atA).stream().filter(Got::marker).toList();
        long[] afterMs = {0, 250 + 100 + 500, 2 * 350 + 500, 3 * 350 + 500};
        for (int i = 0; i < 4; i++) {
            long sinceNs = starts.get(i).atNs - starts.getFirst().atNs;
            assertThat(sinceNs).isEqualTo(afterMs[i] * MS);
            // Timestamps tell the same times as the clock.
            assertThat((double) starts.get(i).timestamp - starts.getFirst().timestamp)
                    .isCloseTo(sinceNs / 125_000.0, within(1.0));
        }
        assertThat(events(atA).stream().filter(Got::end).map(Got::duration))
                .hasSize(12)
                .containsOnly(2000);
        assertThat(core.event(CoreEvent.DIGITS_SENT).reference()).isEqualTo(4711);
    }

    @Test
    void shouldGoOnWithTheForwardedStreamWhenKeysAreSentInABridge() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        passWithAudio(legs[1], 200 * MS);
        send(legs[0], "19", 100, 100);
        passWithAudio(legs[1], S);
        assertOneStream(atA);
        assertThat(keys(atA)).isEqualTo("19");
        // Audio keeps its clock; while a key sounds it stays behind.
        Got first = atA.getFirst();
        for (Got got : atA) {
            assertThat((double) got.timestamp - first.timestamp)
                    .isCloseTo((got.atNs - first.atNs) / 125_000.0, within(got.isEvent() ? 1300.0 : 400.0));
        }
        List<Got> firstKey = events(atA).subList(0, 7);
        assertThat(atA)
                .noneMatch(got ->
                        !got.isEvent() && got.atNs > firstKey.getFirst().atNs && got.atNs < firstKey.get(4).atNs);
        assertThat(atA.stream().filter(got -> !got.isEvent()).count()).isBetween(48L, 52L);
        assertThat(stepped.counter(CoreCounters.WITHHELD)).isBetween(8L, 12L);
    }

    @ParameterizedTest // RFC 4733 section 2.5.1.3
    @CsvSource({"48000, 2000", "8000, 9000", "48000, 1360", "8000, 8191"})
    void shouldGoOnInSegmentsWhenAKeyIsLongerThanTheDurationField(int clockRate, int keyMs) {
        Message leg = core.answered(A, Codec.PCMU, 0);
        describe(leg, A, Codec.OPUS, clockRate, 110, clockRate);
        send(leg, "7", keyMs, 60);
        pass((keyMs + 300) * MS);
        List<Got> got = events(atA);
        assertThat(got.stream().filter(Got::marker)).hasSize(1);
        int begun = got.getFirst().timestamp;
        int segment = begun;
        for (Got each : got) {
            if (each.timestamp != segment) {
                assertThat(each.timestamp - segment).isEqualTo(0xFFFF);
                segment = each.timestamp;
            }
        }
        List<Got> ends = got.stream().filter(Got::end).toList();
        assertThat(ends).hasSize(3);
        assertThat((long) segment - begun + ends.getFirst().duration).isEqualTo((long) keyMs * clockRate / 1000);
        assertThat(core.event(CoreEvent.DIGITS_SENT).status()).isZero();
    }

    @Test
    void shouldKeepTheStreamsClockAndCountInTheEventsOwnWhenTheyDiffer() {
        Message leg = core.answered(A, Codec.PCMU, 0);
        describe(leg, A, Codec.OPUS, 48_000, 110, 8000);
        send(leg, "12", 9000, 100);
        pass(19 * S);
        List<Got> got = events(atA);
        List<Got> starts = got.stream().filter(Got::marker).toList();
        assertThat(starts).hasSize(2);
        assertThat((double) starts.getLast().timestamp - starts.getFirst().timestamp)
                .isCloseTo(9.1 * 48_000, within(2.0));
        List<Got> ends = got.stream().filter(Got::end).toList();
        assertThat(ends).hasSize(6).allMatch(end -> end.duration == 9 * 8000 - 0xFFFF);
        assertThat((double) ends.getFirst().timestamp - starts.getFirst().timestamp)
                .isCloseTo(0xFFFF * 6.0, within(6.0));
    }

    @ParameterizedTest
    @CsvSource({"8000, 48000", "48000, 8000", "8000, 16000"})
    void shouldMakeThePressAnewWhenTheClocksDiffer(int clockOfA, int clockOfB) {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        describe(legs[0], A, Codec.PCMU, 8000, 96, clockOfA);
        describe(legs[1], B, Codec.PCMU, 8000, 110, clockOfB);
        int tick = clockOfA / 50;
        for (int i = 1; i <= 7; i++) {
            int duration = Math.min(i, 5) * tick;
            byte end = (byte) (i >= 5 ? 0x80 | 9 : 9);
            stepped.transport.arrive(
                    legs[0].port(), rtp(96, i, 4000, 3, (byte) 11, end, (byte) (duration >> 8), (byte) duration), A);
            pass(20 * MS);
        }
        pass(200 * MS);
        List<Got> got = events(atB);
        assertThat(keys(atB)).isEqualTo("#");
        assertThat(got.stream().map(Got::type)).containsOnly(110);
        assertThat(got.getFirst().marker).isTrue();
        assertThat(got.stream().filter(Got::end)).hasSize(3);
        assertThat(got.getLast().duration).isEqualTo(clockOfB / 10);
        assertThat(core.event(CoreEvent.DIGIT).cause()).isEqualTo('#');
        assertThat(core.anyEvent()).isNull();
        assertOneStream(atB);
    }

    @Test
    void shouldPassThePacketsThemselvesWhenOnlyTheTypesDiffer() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        describe(legs[1], B, Codec.PCMU, 8000, 110, 8000);
        for (int i = 1; i <= 5; i++) {
            stepped.transport.arrive(
                    legs[0].port(), rtp(101, i, 4000, 3, (byte) 2, (byte) (i > 2 ? 0x8A : 10), (byte) 1, (byte) i), A);
            pass(20 * MS);
        }
        assertThat(events(atB)).hasSize(5).allMatch(got -> got.type == 110);
        assertThat(stepped.counter(CoreCounters.EVENTS_SENT)).isZero();
    }

    @Test
    void shouldMakeAWholePressWhenOnlyAnEndPacketOfThePeerArrives() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        describe(legs[1], B, Codec.PCMU, 8000, 110, 48_000);
        stepped.transport.arrive(legs[0].port(), rtp(101, 9, 4000, 3, (byte) 2, (byte) 0x8A, (byte) 3, (byte) 32), A);
        pass(300 * MS);
        assertThat(keys(atB)).isEqualTo("2");
        assertThat(events(atB).getLast().duration).isEqualTo(4800);
        assertThat(events(atB)).hasSize(7);
    }

    @Test
    void shouldEndThePressTowardThePeerWhenItsEndIsLostOrTheLegsPart() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        describe(legs[1], B, Codec.PCMU, 8000, 110, 48_000);
        stepped.transport.arrive(legs[0].port(), rtp(101, 1, 4000, 3, (byte) 2, (byte) 10, (byte) 0, (byte) 160), A);
        pass(400 * MS);
        assertThat(events(atB).stream().filter(Got::end)).hasSize(3);
        stepped.transport.arrive(legs[0].port(), rtp(101, 20, 9000, 3, (byte) 3, (byte) 10, (byte) 0, (byte) 160), A);
        pass(10 * MS);
        core.command(CoreCommand.PART, legs[0].leg(), message -> {});
        pass(100 * MS);
        assertThat(keys(atB)).isEqualTo("23");
        assertThat(events(atB).stream().filter(Got::end)).hasSize(6);
    }

    @Test
    void shouldSendBothOneAfterTheOtherWhenThePeerPressesWhileControlSends() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        send(legs[1], "12", 100, 60);
        pass(50 * MS);
        for (int i = 1; i <= 5; i++) {
            stepped.transport.arrive(
                    legs[0].port(), rtp(101, i, 4000, 3, (byte) 9, (byte) (i > 2 ? 0x8A : 10), (byte) 1, (byte) i), A);
            pass(20 * MS);
        }
        pass(600 * MS);
        assertThat(keys(atB)).isEqualTo("129");
        assertOneStream(atB);
        assertThat(core.event(CoreEvent.DIGIT).cause()).isEqualTo('9');
        assertThat(core.event(CoreEvent.DIGITS_SENT).reference()).isEqualTo(4711);
    }

    @Test
    void shouldWaitForThePeersKeyWhenControlSendsWhileItIsDown() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        for (int i = 1; i <= 12; i++) {
            stepped.transport.arrive(
                    legs[0].port(), rtp(101, i, 4000, 3, (byte) 9, (byte) (i > 9 ? 0x8A : 10), (byte) 1, (byte) i), A);
            if (i == 3) {
                send(legs[1], "1", 100, 60);
            }
            pass(20 * MS);
        }
        pass(300 * MS);
        assertThat(keys(atB)).isEqualTo("91");
        assertOneStream(atB);
    }

    @Test
    void shouldSendNothingAndSayItsEndWhenTheFarEndHolds() {
        Message leg = core.answered(A, Codec.PCMU, 0);
        core.sip(SipEvent.MEDIA_CHANGED, leg.leg(), message -> {
            CoreHarness.media(message, A, Codec.PCMU, 0);
            message.media().direction(0);
        });
        assertThat(core.event(CoreEvent.HELD).status()).isOne();
        send(leg, "1", 100, 60);
        pass(300 * MS);
        assertThat(atA).isEmpty();
        assertThat(core.event(CoreEvent.DIGITS_SENT).status()).isZero();
    }

    @Test
    void shouldSayThatNothingWasSentWhenTheFarEndHasNeitherTelephoneEventsNorACodecOfOurs() {
        Message leg = core.answered(A, Codec.PCMU, 0);
        describe(leg, A, Codec.G722, 8000, -1, 0);
        send(leg, "1", 100, 60);
        pass(20 * MS);
        assertThat(core.event(CoreEvent.DIGITS_SENT).status()).isEqualTo(488);
        pass(300 * MS);
        assertThat(atA).isEmpty();
    }

    @Test
    void shouldWaitForTheMediaWhenTheLegWasOnlyJustAnswered() {
        long leg = core.offer(A, Codec.PCMU, 0);
        core.command(CoreCommand.ANSWER, leg, message -> {});
        Message answer = core.sipCommand(SipCommand.ANSWER);
        send(answer, "12", 100, 60);
        pass(500 * MS);
        assertThat(atA).isEmpty();
        core.sip(SipEvent.MEDIA_CHANGED, leg, message -> CoreHarness.media(message, A, Codec.PCMU, 0));
        pass(600 * MS);
        assertThat(keys(atA)).isEqualTo("12");
        assertThat(core.event(CoreEvent.DIGITS_SENT).status()).isZero();
    }

    @Test
    void shouldGiveUpWhenNoMediaIsAgreedOn() {
        long leg = core.offer(A, Codec.PCMU, 0);
        core.command(CoreCommand.ANSWER, leg, message -> {});
        send(core.sipCommand(SipCommand.ANSWER), "12", 100, 60);
        pass(4 * S);
        assertThat(core.anyEvent()).isNull();
        pass(50 * MS);
        assertThat(core.event(CoreEvent.DIGITS_SENT).status()).isEqualTo(488);
    }

    @Test
    void shouldRefuseWhenKeysAreBeingSentOrTheLegIsGoneOrThereAreTooMany() {
        Message leg = core.answered(A, Codec.PCMU, 0);
        send(leg, "1".repeat(65), 100, 60);
        assertThat(core.event(CoreEvent.REFUSED).status()).isEqualTo(CoreCommand.SEND_DIGITS);
        send(leg, "1", 100, 60);
        send(leg, "2", 100, 60);
        assertThat(core.event(CoreEvent.REFUSED).reference()).isEqualTo(4711);
        core.end(leg.leg());
        pass(S);
        assertThat(core.anyEvent()).isNull();
        assertThat(events(atA)).hasSizeLessThan(2);
        send(leg, "2", 100, 60);
        assertThat(core.event(CoreEvent.REFUSED).leg()).isEqualTo(leg.leg());
    }

    private void info(Message leg, char key) {
        core.sip(SipEvent.INFO_DIGIT, leg.leg(), message -> message.cause(key).durationNs(160 * MS));
        listen();
    }

    @Test
    void shouldSendAnInfoDigitToThePeerWhenItsFarEndHasNoTelephoneEvents() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        describe(legs[0], A, Codec.PCMU, 8000, -1, 0);
        info(legs[0], '8');
        pass(400 * MS);
        assertThat(core.event(CoreEvent.DIGIT).cause()).isEqualTo('8');
        assertThat(keys(atB)).isEqualTo("8");
        assertThat(events(atB).getLast().duration).isEqualTo(1280);
    }

    @Test
    void shouldSendInfoDigitsOnWhenNoTelephoneEventComesOfThem() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        info(legs[0], '8');
        pass(100 * MS);
        info(legs[0], '9');
        pass(149 * MS);
        assertThat(atB).isEmpty();
        pass(500 * MS);
        assertThat(keys(atB)).isEqualTo("89");
        info(legs[0], '7');
        pass(5 * MS);
        assertThat(keys(atB)).as("known to be its way").isEqualTo("897");
        pass(300 * MS);
        assertThat(stepped.counter(CoreCounters.DIGITS)).isEqualTo(3);
    }

    @Test
    void shouldSendNoInfoDigitOnWhenTheTelephoneEventComesToo() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        for (int press = 0; press < 3; press++) {
            info(legs[0], '8');
            pass(200 * MS);
            byte[] key = {8, (byte) 0x8A, 3, 32};
            stepped.transport.arrive(legs[0].port(), rtp(101, 9 + press, 4000 + press * 8000, 3, key), A);
            pass(800 * MS);
        }
        assertThat(events(atB)).hasSize(3);
        assertThat(stepped.counter(CoreCounters.EVENTS_SENT)).isZero();
        assertThat(stepped.counter(CoreCounters.DIGITS)).isEqualTo(3);
    }

    @Test
    void shouldForgetInfoDigitsWhenTheLegEnds() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        info(legs[0], '8');
        core.end(legs[0].leg());
        pass(500 * MS);
        assertThat(atB).isEmpty();
    }

    @Test
    void shouldTellOnePressWhenItComesAsEventAndAsInfo() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        for (int press = 0; press < 4; press++) {
            if (press % 2 == 0) {
                core.sip(SipEvent.INFO_DIGIT, legs[0].leg(), message -> message.cause('1')
                        .durationNs(160 * MS));
            }
            stepped.transport.arrive(
                    legs[0].port(),
                    rtp(101, 9 + press, 4000 + press * 2400, 3, (byte) 1, (byte) 0x8A, (byte) 3, (byte) 32),
                    A);
            pass(150 * MS);
            if (press % 2 == 1) {
                core.sip(SipEvent.INFO_DIGIT, legs[0].leg(), message -> message.cause('1')
                        .durationNs(160 * MS));
            }
            assertThat(core.event(CoreEvent.DIGIT).cause()).isEqualTo('1');
            assertThat(core.anyEvent()).isNull();
            pass(150 * MS);
        }
        assertThat(stepped.counter(CoreCounters.DIGITS)).isEqualTo(4);
    }

    @Test
    void shouldLeaveRoomForOtherEventsWhenAFarEndFloodsWithKeys() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        int slots = core.rings.events().slots();
        for (int i = 0; i < 2 * slots; i++) {
            byte[] key = {(byte) (i & 15), (byte) 0x8A, 0, (byte) 160};
            stepped.transport.arrive(legs[0].port(), rtp(101, i, i * 1600, 3, key), A);
            core.core.doWork();
        }
        assertThat(core.rings.events().free()).isEqualTo(slots / 8);
        assertThat(stepped.counter(CoreCounters.DIGITS_LOST)).isEqualTo(2L * slots - slots * 7 / 8);
        pass(20 * MS);
        while (core.anyEvent() != null) {
            assertThat(stepped.counter(CoreCounters.FAILED_STEPS)).isZero();
        }
    }

    @Test
    void shouldKeepItsPaceAndLeaveOutWhatItMissedWhenTheCoreIsHeldUp() {
        Message leg = core.answered(A, Codec.PCMU, 0);
        send(leg, "5", 400, 60);
        pass(100 * MS);
        int before = atA.size();
        stepped.nowNs += 130 * MS;
        pass(MS);
        assertThat(atA.size() - before).isLessThanOrEqualTo(2);
        pass(400 * MS);
        List<Got> got = events(atA);
        assertThat(got.getLast().duration).isEqualTo(3200);
        assertThat((got.getLast().atNs - got.getFirst().atNs) % (20 * MS)).isZero();
        assertThat(stepped.counter(CoreCounters.PACED_SKIPPED)).isPositive();
    }
}
