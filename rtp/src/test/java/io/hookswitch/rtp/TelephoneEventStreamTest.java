package io.hookswitch.rtp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Whole streams of presses from senders of every kind through a network that loses, doubles and disorders: what is told
 * is what was pressed, in that order, each press once, whatever is missing. Seeds are fixed; {@code -Dpresses=} makes
 * the runs longer.
 */
class TelephoneEventStreamTest {
    private static final long MS = 1_000_000L;
    private static final long SILENCE_NS = 200 * MS;
    private static final int PRESSES = Integer.getInteger("presses", 20_000);

    /** How a sender says what is pressed. */
    private enum Manner {
        /** As RFC 4733 section 2.5 has it. */
        PLAIN,
        /** Without any marker. */
        UNMARKED,
        /** All three end packets under one sequence number. */
        ENDS_NUMBERED_ALIKE,
        /** Each packet under a timestamp of its own, against the standard: understood where nothing is lost. */
        MOVING_TIMESTAMP,
        /** Long presses: segments of 0xFFFF ticks (section 2.5.1.3). */
        LONG_IN_SEGMENTS,
        /** Long presses: one timestamp, a duration that wraps. */
        LONG_THAT_WRAPS,
        /** Another SSRC and clock in the middle of a press now and then; the duration goes on. */
        SSRC_CHANGES_IN_PRESS,
        /** Another SSRC and clock between presses now and then. */
        SSRC_CHANGES_BETWEEN,
        /** The last packet of a press also in the first one of the next (section 2.5.1.5). */
        PACKED,
        /** End packets of a press between the packets of the next one. */
        OVERLAPPING_ENDS
    }

    /** An event on its way: of which press, and the bytes that say so. */
    private record Event(int press, int number, boolean end, int duration, int startTicks) {}

    private record Packet(long sentNs, int sequence, int timestamp, int ssrc, boolean marker, List<Event> events) {}

    private record Arrival(long atNs, Packet packet) {}

    private final UnsafeBuffer record = new UnsafeBuffer(new byte[TelephoneEventReceiver.RECORD_LENGTH]);
    private final TelephoneEventReceiver receiver = new TelephoneEventReceiver().wrap(record, 0);
    private final UnsafeBuffer bytes = new UnsafeBuffer(new byte[64]);
    private final RtpHeaderFlyweight header = new RtpHeaderFlyweight();
    private final TelephoneEventFlyweight view = new TelephoneEventFlyweight();

    /** A far end that presses keys: the packets that it sends, and which keys they were. */
    private static final class Sender {
        private final Random random;
        private final Manner manner;
        private final int clockRate;
        private final int tick;
        private final List<Packet> sent = new ArrayList<>();
        private final List<Integer> keys = new ArrayList<>();
        private final List<Long> lengthsNs = new ArrayList<>();
        private int sequence;
        private int ssrc;
        private int base;
        private long nowNs = 1000 * MS;
        private List<Event> carried = List.of();

        private Sender(Random random, Manner manner, int clockRate) {
            this.random = random;
            this.manner = manner;
            this.clockRate = clockRate;
            tick = clockRate / 50;
            newSource();
        }

        private void newSource() {
            ssrc = random.nextInt();
            sequence = random.nextInt(65_536);
            base = random.nextInt();
        }

        private int timestamp() {
            return base + (int) (nowNs / MS * clockRate / 1000);
        }

        private void press() {
            int press = keys.size();
            boolean isLong = manner == Manner.LONG_IN_SEGMENTS || manner == Manner.LONG_THAT_WRAPS;
            int packets = isLong && random.nextInt(8) == 0
                    ? 0xFFFF / tick + random.nextInt(2 * 0xFFFF / tick)
                    : 2 + random.nextInt(12);
            keys.add(random.nextInt(4) == 0 && press > 0 ? keys.getLast() : random.nextInt(16));
            lengthsNs.add(packets * 20 * MS);
            if (manner == Manner.SSRC_CHANGES_BETWEEN && random.nextInt(5) == 0) {
                newSource();
            }
            int started = timestamp();
            int segment = started;
            boolean marked = manner != Manner.UNMARKED;
            int changeAt = manner == Manner.SSRC_CHANGES_IN_PRESS && press > 0 && random.nextInt(3) == 0
                    ? 1 + random.nextInt(packets + 1)
                    : -1;
            for (int i = 1; i <= packets; i++) {
                if (i == changeAt) {
                    newSource();
                    segment = timestamp() - (i - 1) * tick;
                    started = segment;
                }
                int duration = i * tick - (segment - started);
                if (manner == Manner.LONG_IN_SEGMENTS && duration > 0xFFFF) {
                    send(press, segment, false, false, 0xFFFF);
                    segment += 0xFFFF;
                    duration -= 0xFFFF;
                }
                int shown = manner == Manner.MOVING_TIMESTAMP ? started + (i - 1) * tick : segment;
                send(press, shown, marked && i == 1, i == packets, duration & 0xFFFF);
                nowNs += 20 * MS;
            }
            int shown = manner == Manner.MOVING_TIMESTAMP ? started + (packets - 1) * tick : segment;
            ends(press, shown, (packets * tick - (segment - started)) & 0xFFFF, changeAt > packets);
        }

        /** The end packet twice more, and a pause. */
        private void ends(int press, int timestamp, int duration, boolean underNewSource) {
            long pauseNs = (40 + random.nextInt(120)) * MS;
            int shown = timestamp;
            if (underNewSource) {
                newSource();
                shown = timestamp() - duration;
            }
            long restNs = pauseNs;
            for (int i = 0; i < 2; i++) {
                if (manner == Manner.ENDS_NUMBERED_ALIKE) {
                    sequence--;
                }
                if (manner == Manner.OVERLAPPING_ENDS) {
                    carried = List.of(new Event(press, keys.get(press), true, duration, shown));
                } else {
                    send(press, shown, false, true, duration);
                    nowNs += Math.min(20 * MS, restNs);
                    restNs -= Math.min(20 * MS, restNs);
                }
            }
            if (manner == Manner.PACKED) {
                carried = List.of(new Event(press, keys.get(press), true, duration, shown));
            }
            nowNs += restNs;
        }

        private void send(int press, int timestamp, boolean marker, boolean end, int duration) {
            Event event = new Event(press, keys.get(press), end, duration, 0);
            if (manner == Manner.OVERLAPPING_ENDS && !carried.isEmpty()) {
                // One more end of the press before, sent behind the first packet of this one.
                Event old = carried.getFirst();
                carried = List.of();
                sent.add(new Packet(nowNs, sequence++, timestamp, ssrc, marker, List.of(event)));
                sent.add(new Packet(
                        nowNs,
                        sequence++,
                        old.startTicks,
                        ssrc,
                        false,
                        List.of(new Event(old.press, old.number, true, old.duration, 0))));
                return;
            }
            if (manner == Manner.PACKED && marker && !carried.isEmpty()) {
                Event old = carried.getFirst();
                int apart = timestamp - old.startTicks;
                // Only where its duration leads to the next one's start can the two share a packet.
                if (apart > 0 && apart <= 0xFFFF) {
                    Event first = new Event(old.press, old.number, true, old.duration, 0);
                    Event second = new Event(press, event.number, end, duration, apart);
                    sent.add(new Packet(nowNs, sequence++, old.startTicks, ssrc, true, List.of(first, second)));
                    return;
                }
            }
            sent.add(new Packet(nowNs, sequence++, timestamp, ssrc, marker, List.of(event)));
        }
    }

    private static List<Arrival> network(List<Packet> sent, Random random, double loss, boolean reorder) {
        List<Arrival> arrivals = new ArrayList<>();
        for (Packet packet : sent) {
            if (random.nextDouble() < loss) {
                continue;
            }
            int copies = random.nextDouble() < loss ? 2 : 1;
            for (int i = 0; i < copies; i++) {
                long lateNs = reorder && random.nextInt(10) == 0 ? random.nextInt(60) * MS : 0;
                arrivals.add(new Arrival(packet.sentNs + random.nextInt(2) * MS + i * 15 * MS + lateNs, packet));
            }
        }
        arrivals.sort(Comparator.comparingLong(Arrival::atNs));
        return arrivals;
    }

    /** What a receiver told, press by press. */
    private final class Ledger {
        private final Sender sender;
        private final String seed;
        private int begun;
        private int ended;
        private int newest = -1;
        private boolean isDown;
        private int exact;

        private Ledger(Sender sender, String seed) {
            this.sender = sender;
            this.seed = seed;
        }

        private void take(int happened, int press) {
            if ((happened & TelephoneEventReceiver.PREVIOUS_ENDED) != 0) {
                released(receiver.previousDigit());
            }
            if ((happened & TelephoneEventReceiver.BEGUN) != 0) {
                assertThat(press).as("%s: told once, in order", seed).isGreaterThan(newest);
                newest = press;
                begun++;
                isDown = true;
                assertThat(receiver.digit())
                        .as("%s: press %d", seed, press)
                        .isEqualTo(TelephoneEventFlyweight.digitOf(sender.keys.get(press)));
            }
            if ((happened & TelephoneEventReceiver.ENDED) != 0) {
                released(receiver.digit());
                long heardNs = receiver.durationTicks() * 1000L / sender.clockRate * MS;
                exact += heardNs == sender.lengthsNs.get(newest) ? 1 : 0;
            }
        }

        private void released(char digit) {
            assertThat(isDown).as("%s: released once", seed).isTrue();
            assertThat(digit).as(seed).isEqualTo(TelephoneEventFlyweight.digitOf(sender.keys.get(newest)));
            isDown = false;
            ended++;
        }
    }

    private Ledger play(Manner manner, int clockRate, double loss, boolean reorder, int seed, int presses) {
        record.setMemory(0, record.capacity(), (byte) 0);
        Random random = new Random(seed);
        Sender sender = new Sender(random, manner, clockRate);
        for (int i = 0; i < presses; i++) {
            sender.press();
        }
        Ledger ledger = new Ledger(sender, manner + "/" + clockRate + " loss " + loss + " seed " + seed);
        long nowNs = 0;
        for (Arrival arrival : network(sender.sent, random, loss, reorder)) {
            for (;
                    nowNs < arrival.atNs - 5 * MS;
                    nowNs = Math.max(nowNs + 5 * MS, arrival.atNs - SILENCE_NS - 5 * MS)) {
                ledger.take(receiver.expire(nowNs, SILENCE_NS), -1);
            }
            nowNs = arrival.atNs;
            Packet packet = arrival.packet;
            header.begin(bytes, 0, 12 + 4 * packet.events.size())
                    .payloadType(101)
                    .marker(packet.marker)
                    .sequence(packet.sequence)
                    .timestamp(packet.timestamp)
                    .ssrc(packet.ssrc);
            for (Event event : packet.events) {
                view.wrap(bytes, 12, 4);
                view.encode(event.number, event.end, 10, event.duration);
                ledger.take(receiver.onPacket(header, view, event.startTicks, clockRate, nowNs), event.press);
            }
        }
        ledger.take(receiver.expire(nowNs + SILENCE_NS, SILENCE_NS), -1);
        assertThat(ledger.ended).as("%s: each press released", ledger.seed).isEqualTo(ledger.begun);
        return ledger;
    }

    @ParameterizedTest
    @EnumSource(Manner.class)
    void shouldTellEachPressOnceWhenThePathIsClean(Manner manner) {
        for (int clockRate : new int[] {8000, 16_000, 48_000}) {
            Ledger ledger = play(manner, clockRate, 0, false, clockRate, 500);
            assertThat(ledger.begun).as(ledger.seed).isEqualTo(500);
            assertThat(ledger.exact).as("%s: durations", ledger.seed).isEqualTo(500);
        }
    }

    @ParameterizedTest
    @EnumSource(value = Manner.class, mode = EnumSource.Mode.EXCLUDE, names = "MOVING_TIMESTAMP")
    void shouldNeverTellAWrongOrASecondDigitWhenPacketsAreLostDoubledAndDisordered(Manner manner) {
        int played = 0;
        for (int seed = 0; played < PRESSES; seed++) {
            int clockRate = new int[] {8000, 16_000, 48_000}[seed % 3];
            play(manner, clockRate, (seed % 11) / 100.0, true, seed, 200);
            played += 200;
        }
    }

    /** Detection: presses of 40 ms and more, all manners of senders. */
    @ParameterizedTest
    @CsvSource({"0.00, 1", "0.05, 0.999", "0.10, 0.999"})
    void shouldTellNextToAllPressesWhenSomePacketsAreLost(double loss, double atLeast) {
        int pressed = 0;
        int told = 0;
        for (Manner manner : Manner.values()) {
            for (int seed = 0; manner != Manner.MOVING_TIMESTAMP && seed < PRESSES / 200; seed++) {
                int clockRate = new int[] {8000, 16_000, 48_000}[seed % 3];
                told += play(manner, clockRate, loss, false, seed, 200).begun;
                pressed += 200;
            }
        }
        double share = (double) told / pressed;
        System.out.printf(
                "telephone events at %.0f %% loss: %d of %d presses told, %.4f %%%n",
                100 * loss, told, pressed, 100 * share);
        assertThat(share).isGreaterThanOrEqualTo(atLeast);
    }

    @Test
    void shouldTellBeginningsAndEndsInTurnWhenPacketsAreNoise() {
        Random random = new Random(5);
        boolean isDown = false;
        int told = 0;
        for (int i = 0; i < 300_000; i++) {
            boolean isWild = random.nextInt(4) == 0;
            header.begin(bytes, 0, 16)
                    .marker(random.nextInt(8) == 0)
                    .sequence(isWild ? random.nextInt() : i / 4 + random.nextInt(5))
                    .timestamp(isWild ? random.nextInt() : i / 8 * 160 + random.nextInt(3) * 0xFFFF)
                    .ssrc(random.nextInt(3));
            view.wrap(bytes, 12, 4);
            view.encode(random.nextInt(18), random.nextBoolean(), 0, isWild ? random.nextInt() : i % 50 * 160);
            int happened = receiver.onPacket(header, view, random.nextInt(3) * 800, 8000, i * 5 * MS);
            assertThat((happened & TelephoneEventReceiver.PREVIOUS_ENDED) != 0)
                    .isEqualTo(isDown && (happened & TelephoneEventReceiver.BEGUN) != 0);
            isDown |= (happened & TelephoneEventReceiver.BEGUN) != 0;
            assertThat(isDown || (happened & TelephoneEventReceiver.ENDED) == 0).isTrue();
            isDown &= (happened & TelephoneEventReceiver.ENDED) == 0;
            assertThat(receiver.isPressed()).isEqualTo(isDown);
            told += happened & TelephoneEventReceiver.BEGUN;
        }
        assertThat(told).isPositive();
    }

    @Test
    void shouldKnowWhichManyWhenTheSameKeyIsPressedAgainAndAgain() {
        StringBuilder told = new StringBuilder();
        int timestamp = -4000;
        for (int i = 0; i < 100; i++) {
            header.begin(bytes, 0, 16)
                    .marker(true)
                    .sequence(65_500 + i)
                    .timestamp(timestamp)
                    .ssrc(9);
            view.wrap(bytes, 12, 4);
            view.encode(7, true, 10, 640);
            if ((receiver.onPacket(header, view, 0, 8000, i * 120 * MS) & TelephoneEventReceiver.BEGUN) != 0) {
                told.append(receiver.digit());
            }
            timestamp += 960;
        }
        assertThat(told).hasToString("7".repeat(100));
    }
}
