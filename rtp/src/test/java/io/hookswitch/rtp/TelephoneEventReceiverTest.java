package io.hookswitch.rtp;

import static io.hookswitch.rtp.TelephoneEventReceiver.BEGUN;
import static io.hookswitch.rtp.TelephoneEventReceiver.ENDED;
import static io.hookswitch.rtp.TelephoneEventReceiver.NOTHING;
import static io.hookswitch.rtp.TelephoneEventReceiver.PREVIOUS_ENDED;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class TelephoneEventReceiverTest {
    private static final long MS = 1_000_000L;

    /** One packet on its way. */
    private record Sent(int sequence, int timestamp, boolean marker, int event, boolean end, int duration) {}

    private final UnsafeBuffer record = new UnsafeBuffer(new byte[TelephoneEventReceiver.RECORD_LENGTH]);
    private final TelephoneEventReceiver receiver = new TelephoneEventReceiver().wrap(record, 0);
    private final UnsafeBuffer bytes = new UnsafeBuffer(new byte[16]);
    private final RtpHeaderFlyweight packet = new RtpHeaderFlyweight();
    private final TelephoneEventFlyweight event = new TelephoneEventFlyweight();
    private int ssrc = 77;
    private long nowNs = 1;

    private int on(Sent sent) {
        packet.begin(bytes, 0, 16)
                .payloadType(101)
                .marker(sent.marker)
                .sequence(sent.sequence)
                .timestamp(sent.timestamp)
                .ssrc(ssrc);
        assertThat(event.wrap(bytes, 12, 4)).isTrue();
        event.encode(sent.event, sent.end, 10, sent.duration);
        nowNs += 20 * MS;
        return receiver.onPacket(packet, event, 0, 8000, nowNs);
    }

    /** As RFC 4733 section 2.5.1 says: a packet every 20 ms, the last one three times. */
    private static List<Sent> press(int firstSequence, int timestamp, int number, int packets) {
        List<Sent> sent = new ArrayList<>();
        for (int i = 0; i < packets; i++) {
            sent.add(new Sent(
                    (firstSequence + i) & 0xFFFF,
                    timestamp,
                    i == 0,
                    number,
                    i >= packets - 3,
                    Math.min(i + 1, packets - 2) * 160));
        }
        return sent;
    }

    @Test // RFC 4733 section 2.3
    void shouldReadThePayloadWhenWrapped() {
        UnsafeBuffer payload = new UnsafeBuffer(HexFormat.of().parseHex("0b8a0320"));
        assertThat(event.wrap(payload, 0, 4)).isTrue();
        assertThat(event.event()).isEqualTo(11);
        assertThat(event.end()).isTrue();
        assertThat(event.volume()).isEqualTo(10);
        assertThat(event.durationTicks()).isEqualTo(800);
        assertThat(TelephoneEventFlyweight.digitOf(11)).isEqualTo('#');
        for (int length = 0; length < 4; length++) {
            assertThat(event.wrap(payload, 0, length)).isFalse();
        }
        for (int i = 0; i < 16; i++) {
            assertThat(TelephoneEventFlyweight.eventOf(TelephoneEventFlyweight.digitOf(i)))
                    .isEqualTo(i);
        }
        assertThat(TelephoneEventFlyweight.digitOf(16)).isEqualTo(TelephoneEventFlyweight.NO_DIGIT);
        assertThat(TelephoneEventFlyweight.eventOf('x')).isEqualTo(-1);
    }

    @Test // RFC 4733 section 2.5.1
    void shouldTellBegunAndEndedOnceWhenAllPacketsArrive() {
        List<Integer> results = new ArrayList<>();
        for (Sent sent : press(65_534, -320, 5, 8)) {
            results.add(on(sent));
        }
        assertThat(results).containsExactly(BEGUN, 0, 0, 0, 0, ENDED, 0, 0);
        assertThat(receiver.digit()).isEqualTo('5');
        assertThat(receiver.durationTicks()).isEqualTo(960);
        assertThat(receiver.isPressed()).isFalse();
    }

    @Test
    void shouldTellBothAtOnceWhenOnlyAnEndPacketArrives() {
        List<Sent> sent = press(1, 1000, 9, 6);
        assertThat(on(sent.get(4))).isEqualTo(BEGUN | ENDED);
        assertThat(on(sent.get(5))).isEqualTo(NOTHING);
        assertThat(on(sent.get(0))).isEqualTo(NOTHING);
        assertThat(receiver.durationTicks()).isEqualTo(640);
    }

    @Test
    void shouldEndThePreviousPressWhenItsEndWasLost() {
        List<Sent> first = press(1, 1000, 1, 6);
        on(first.get(0));
        on(first.get(1));
        assertThat(on(press(20, 5000, 2, 6).get(1))).isEqualTo(PREVIOUS_ENDED | BEGUN);
        assertThat(receiver.previousDigit()).isEqualTo('1');
        assertThat(receiver.previousDurationTicks()).isEqualTo(320);
        assertThat(receiver.digit()).isEqualTo('2');
        assertThat(on(first.get(5))).isEqualTo(NOTHING);
        assertThat(receiver.isPressed()).isTrue();
    }

    @Test
    void shouldTellTwoPressesWhenTheSameKeyIsPressedTwice() {
        int begun = 0;
        for (Sent sent : press(1, 1000, 7, 6)) {
            begun += on(sent) & BEGUN;
        }
        for (Sent sent : press(7, 2600, 7, 6)) {
            begun += on(sent) & BEGUN;
        }
        assertThat(begun).isEqualTo(2 * BEGUN);
    }

    @Test
    void shouldEndWhenNothingMoreIsHeard() {
        on(press(1, 1000, 3, 6).get(0));
        assertThat(receiver.expire(nowNs + 99 * MS, 100 * MS)).isEqualTo(NOTHING);
        assertThat(receiver.expire(nowNs + 100 * MS, 100 * MS)).isEqualTo(ENDED);
        assertThat(receiver.expire(nowNs + 200 * MS, 100 * MS)).isEqualTo(NOTHING);
        assertThat(on(press(1, 1000, 3, 6).get(5))).isEqualTo(NOTHING);
    }

    @Test // RFC 4733 section 2.5.1.3
    void shouldAddSegmentsWhenAPressIsLongerThanTheDurationField() {
        assertThat(on(new Sent(1, 1000, true, 4, false, 160))).isEqualTo(BEGUN);
        assertThat(on(new Sent(2, 1000, false, 4, false, 0xFFFF))).isEqualTo(NOTHING);
        assertThat(on(new Sent(3, 1000 + 0xFFFF, false, 4, false, 160))).isEqualTo(NOTHING);
        assertThat(on(new Sent(4, 1000 + 0xFFFF, false, 4, true, 320))).isEqualTo(ENDED);
        assertThat(receiver.durationTicks()).isEqualTo(0xFFFF + 320);
    }

    @Test
    void shouldBeginAnewWhenTheSourceOrItsClockRestarts() {
        on(new Sent(1, 1_000_000, true, 4, true, 800));
        assertThat(on(new Sent(900, 3, true, 4, true, 800))).isEqualTo(BEGUN | ENDED);
        ssrc = 78;
        nowNs += 500 * MS;
        assertThat(on(new Sent(900, 3, true, 4, true, 800))).isEqualTo(BEGUN | ENDED);
    }

    @Test
    void shouldTrustTheSequenceWhenTwoKeysShareATimestamp() {
        on(new Sent(10, 1000, true, 4, true, 800));
        assertThat(on(new Sent(9, 1000, true, 5, false, 160))).isEqualTo(NOTHING);
        assertThat(on(new Sent(11, 1000, true, 5, false, 160))).isEqualTo(BEGUN);
        assertThat(on(new Sent(12, 1000, false, 6, false, 160))).isEqualTo(PREVIOUS_ENDED | BEGUN);
    }

    @Test
    void shouldTellOnePressWhenTheSourceChangesInTheMiddleOfIt() {
        assertThat(on(new Sent(1, 1000, true, 4, false, 160))).isEqualTo(BEGUN);
        assertThat(on(new Sent(2, 1000, false, 4, false, 320))).isEqualTo(NOTHING);
        ssrc = 78;
        assertThat(on(new Sent(900, 77_000, false, 4, false, 480))).isEqualTo(NOTHING);
        ssrc = 77;
        assertThat(on(new Sent(3, 1000, false, 4, false, 400)))
                .as("a straggler")
                .isEqualTo(NOTHING);
        ssrc = 78;
        assertThat(on(new Sent(901, 77_000, false, 4, true, 640))).isEqualTo(ENDED);
        assertThat(on(new Sent(902, 77_000, false, 4, true, 640))).isEqualTo(NOTHING);
        assertThat(receiver.durationTicks()).isEqualTo(640);
    }

    @Test
    void shouldCountOnWhenTheNewSourceOfAPressCountsAnew() {
        on(new Sent(1, 1000, true, 4, false, 160));
        on(new Sent(2, 1000, false, 4, false, 800));
        ssrc = 78;
        assertThat(on(new Sent(900, 77_000, false, 4, false, 160))).isEqualTo(NOTHING);
        assertThat(on(new Sent(901, 77_000, false, 4, true, 320))).isEqualTo(ENDED);
        assertThat(receiver.durationTicks()).isEqualTo(1120);
    }

    @Test // RFC 4733 section 2.5.1.5
    void shouldTellEveryEventWhenAPacketCarriesSeveral() {
        on(new Sent(1, 1000, true, 4, false, 160));
        packet.begin(bytes, 0, 16).marker(true).sequence(2).timestamp(1000).ssrc(ssrc);
        event.wrap(bytes, 12, 4);
        event.encode(4, true, 10, 320);
        assertThat(receiver.onPacket(packet, event, 0, 8000, nowNs)).isEqualTo(ENDED);
        event.encode(4, true, 10, 480);
        assertThat(receiver.onPacket(packet, event, 320, 8000, nowNs)).isEqualTo(BEGUN | ENDED);
        event.encode(9, false, 10, 160);
        assertThat(receiver.onPacket(packet, event, 800, 8000, nowNs)).isEqualTo(BEGUN);
        assertThat(on(new Sent(3, 1800, false, 9, true, 320))).isEqualTo(ENDED);
        assertThat(on(new Sent(4, 1320, false, 4, true, 480))).isEqualTo(NOTHING);
    }

    @Test
    void shouldTellOneEndWhenAllEndPacketsHaveTheNumberOfThePacketBefore() {
        on(new Sent(1, 1000, true, 4, false, 160));
        assertThat(on(new Sent(1, 1000, false, 4, true, 320))).isEqualTo(ENDED);
        assertThat(on(new Sent(1, 1000, false, 4, true, 320))).isEqualTo(NOTHING);
        assertThat(on(new Sent(1, 1000, false, 4, true, 320))).isEqualTo(NOTHING);
    }

    @Test
    void shouldTellBothKeysOnceWhenTheyAreDownTogether() {
        assertThat(on(new Sent(1, 1000, true, 1, false, 160))).isEqualTo(BEGUN);
        assertThat(on(new Sent(2, 1080, true, 2, false, 80))).isEqualTo(PREVIOUS_ENDED | BEGUN);
        assertThat(on(new Sent(3, 1000, false, 1, false, 320))).isEqualTo(NOTHING);
        assertThat(on(new Sent(4, 1080, false, 2, false, 240))).isEqualTo(NOTHING);
        assertThat(on(new Sent(5, 1000, false, 1, true, 480))).isEqualTo(NOTHING);
        assertThat(on(new Sent(6, 1080, false, 2, true, 400))).isEqualTo(ENDED);
    }

    @Test
    void shouldGoOnCountingWhenTheDurationWraps() {
        on(new Sent(1, 1000, true, 4, false, 160));
        for (int duration = 320; duration < 70_000; duration += 160) {
            assertThat(on(new Sent(duration / 160, 1000, false, 4, false, duration & 0xFFFF)))
                    .isEqualTo(NOTHING);
        }
        assertThat(on(new Sent(437, 1000, false, 4, false, 65_440))).as("late").isEqualTo(NOTHING);
        assertThat(on(new Sent(438, 1000, false, 4, true, 70_080 & 0xFFFF))).isEqualTo(ENDED);
        assertThat(receiver.durationTicks()).isEqualTo(70_080);
    }

    @Test
    void shouldTellNothingMoreWhenAPressGoesOnInTheNextSegmentAfterItWasGivenUp() {
        on(new Sent(1, 1000, true, 4, false, 160));
        nowNs += 300 * MS;
        assertThat(receiver.expire(nowNs, 200 * MS)).isEqualTo(ENDED);
        assertThat(on(new Sent(500, 1000 + 0xFFFF, false, 4, false, 160))).isEqualTo(NOTHING);
        assertThat(on(new Sent(501, 1000 + 0xFFFF, false, 4, true, 320))).isEqualTo(NOTHING);
    }

    @Test
    void shouldTellNothingWhenTheEventIsNoKey() {
        assertThat(on(new Sent(1, 1000, true, 16, true, 800))).isEqualTo(NOTHING);
        assertThat(on(new Sent(2, 2000, true, 255, true, 800))).isEqualTo(NOTHING);
    }

    @Test
    void shouldTellEachPressOnceWhenPacketsAreLostDoubledShuffledAndUnmarked() {
        for (int seed = 0; seed < 500; seed++) {
            record.setMemory(0, record.capacity(), (byte) 0);
            playAtRandom(new Random(seed), seed);
        }
    }

    private void playAtRandom(Random random, int seed) {
        boolean markers = random.nextBoolean();
        int sequence = random.nextInt(65_536);
        int timestamp = random.nextInt();
        List<Sent> wire = new ArrayList<>();
        StringBuilder expected = new StringBuilder();
        for (int i = 0; i < 40; i++) {
            int number = random.nextInt(16);
            List<Sent> all = press(sequence, timestamp, number, 5 + random.nextInt(10));
            List<Sent> heard = new ArrayList<>();
            for (Sent sent : all) {
                if (random.nextInt(100) >= 40) {
                    Sent marked = markers
                            ? sent
                            : new Sent(sent.sequence, sent.timestamp, false, sent.event, sent.end, sent.duration);
                    heard.add(marked);
                    if (random.nextInt(100) < 30) {
                        heard.add(marked);
                    }
                }
            }
            for (int j = 0; j + 1 < heard.size(); j++) {
                if (random.nextInt(100) < 30) {
                    Collections.swap(heard, j, j + 1);
                }
            }
            wire.addAll(heard);
            // A press of which no packet arrives cannot be told; everything else must be.
            expected.append(heard.isEmpty() ? "" : TelephoneEventFlyweight.digitOf(number));
            sequence += all.size() + random.nextInt(5);
            timestamp += all.size() * 160 + 400 + random.nextInt(8000);
        }
        assertThat(digitsTold(wire)).as("seed %d", seed).isEqualTo(expected + "|" + expected);
    }

    /** Begun keys, a bar, ended keys. */
    private String digitsTold(List<Sent> wire) {
        StringBuilder begun = new StringBuilder();
        StringBuilder ended = new StringBuilder();
        for (Sent sent : wire) {
            int result = on(sent);
            if ((result & PREVIOUS_ENDED) != 0) {
                ended.append(receiver.previousDigit());
            }
            if ((result & BEGUN) != 0) {
                begun.append(receiver.digit());
            }
            if ((result & ENDED) != 0) {
                ended.append(receiver.digit());
            }
        }
        if (receiver.expire(nowNs + 1000 * MS, 100 * MS) == ENDED) {
            ended.append(receiver.digit());
        }
        return begun + "|" + ended;
    }
}
