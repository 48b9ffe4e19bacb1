package io.hookswitch.engine.core;

import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.LegHandle;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.ring.SlotRing;
import io.hookswitch.rtp.RtpHeaderFlyweight;
import io.hookswitch.rtp.TelephoneEventFlyweight;
import io.hookswitch.rtp.TelephoneEventReceiver;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Keys that far ends press, whichever way they tell: each press goes to control once, and to the peer's far end as
 * telephone event. Where both far ends have agreed on telephone events of one clock the packets themselves pass, under
 * the other payload type; otherwise, and while keys of our own are being sent there, {@link DigitSender} makes the
 * press
 * anew. Core thread.
 */
final class DigitStep {
    /** A press whose end packets were all lost ends after this silence: longer than any sender's packet interval. */
    private static final long SILENCE_NS = 200_000_000L;

    /** Most events of one packet that are looked at: they are contiguous, and keys need pauses. */
    private static final int MAX_EVENTS = 8;

    /** Part of control's ring that keys never take. */
    private static final int RESERVE_DIVISOR = 8;

    private static final long NS_PER_S = 1_000_000_000L;

    private final LegTable legs;
    private final DigitSender sender;
    private final CoreCounters counters;
    private final SlotRing events;
    private final UnsafeBuffer memory;
    private final TelephoneEventFlyweight event = new TelephoneEventFlyweight();
    private final TelephoneEventReceiver receiver = new TelephoneEventReceiver();
    private final DigitDeduplicator presses = new DigitDeduplicator();
    /** Rows with a key down, in the order of pressing. */
    private final int[] pressed;

    private int pressedCount;
    /** Row that the last expiry was about. */
    private int concerned = LegTable.NONE;

    DigitStep(CoreState core, DigitSender sender) {
        legs = core.legs();
        counters = core.counters();
        events = core.rings().events();
        memory = core.transport().memory();
        this.sender = sender;
        pressed = new int[core.settings().legs()];
    }

    /** Takes a telephone-event packet of a leg's far end. */
    void onPacket(int row, RtpHeaderFlyweight header, long nowNs) {
        int clockRate = Math.max(1, legs.eventClockRate(row));
        int length = Math.min(header.payloadLength(), MAX_EVENTS * TelephoneEventFlyweight.LENGTH);
        int startTicks = 0;
        for (int at = 0;
                event.wrap(memory, header.payloadOffset() + at, length - at);
                at += TelephoneEventFlyweight.LENGTH) {
            happened(row, legs.events(receiver, row).onPacket(header, event, startTicks, clockRate, nowNs), nowNs);
            startTicks += event.durationTicks();
        }
    }

    private void happened(int row, int happened, long nowNs) {
        if ((happened & TelephoneEventReceiver.PREVIOUS_ENDED) != 0) {
            released(row, receiver.previousDigit(), receiver.previousDurationTicks(), nowNs);
        }
        if ((happened & TelephoneEventReceiver.BEGUN) != 0) {
            pressed[pressedCount++] = row;
            pass(row, receiver.event(), event.volume(), nowNs);
        }
        if ((happened & TelephoneEventReceiver.ENDED) != 0) {
            released(row, receiver.digit(), receiver.durationTicks(), nowNs);
        }
    }

    /** Ends presses whose end was lost; at most one a call, so that a cycle stays short. */
    int expirePresses(long nowNs) {
        for (int i = 0; i < pressedCount; i++) {
            int row = pressed[i];
            concerned = row;
            if (legs.events(receiver, row).expire(nowNs, SILENCE_NS) == TelephoneEventReceiver.ENDED) {
                released(row, receiver.digit(), receiver.durationTicks(), nowNs);
                return 1;
            }
        }
        return 0;
    }

    /** @return the leg that the last expiry was about, 0 = none. */
    long concerned() {
        return concerned == LegTable.NONE ? LegHandle.NONE : legs.handle(concerned);
    }

    /** @return whether a key is down somewhere, so that the core must look again soon. */
    boolean hasPresses() {
        return pressedCount > 0;
    }

    private void released(int row, char digit, int durationTicks, long nowNs) {
        forget(row);
        long durationNs = Integer.toUnsignedLong(durationTicks) * NS_PER_S / Math.max(1, legs.eventClockRate(row));
        int peer = legs.peer(row);
        if (peer != LegTable.NONE && legs.has(row, LegTable.KEYS_MADE_ANEW)) {
            sender.release(peer, row, durationNs, nowNs);
        }
        onPress(row, DigitDeduplicator.TELEPHONE_EVENT, digit, durationNs, nowNs);
    }

    /** Decides how the press that has begun reaches the peer's far end. */
    private void pass(int row, int number, int volume, long nowNs) {
        int peer = legs.peer(row);
        boolean isSame =
                peer != LegTable.NONE && legs.eventClockRate(peer) == legs.eventClockRate(row) && !sender.isBusy(peer);
        boolean isAnew = !isSame && peer != LegTable.NONE && sender.isPossible(peer);
        legs.flags(row, isAnew ? LegTable.KEYS_MADE_ANEW : 0, isAnew ? 0 : LegTable.KEYS_MADE_ANEW);
        if (isAnew) {
            sender.press(peer, row, number, volume, nowNs);
        }
    }

    /**
     * Takes a digit out of a SIP INFO. It goes on to the peer only when this far end has no telephone events: one that
     * has sends them too, or will.
     */
    void onInfo(int row, char digit, long durationNs, long nowNs) {
        boolean isNew = onPress(row, DigitDeduplicator.INFO, digit, durationNs, nowNs);
        int peer = legs.peer(row);
        if (isNew && peer != LegTable.NONE && legs.eventPayloadType(row) < 0 && sender.isPossible(peer)) {
            sender.press(peer, row, TelephoneEventFlyweight.eventOf(digit), sender.usualVolume(), nowNs);
            sender.release(peer, row, durationNs, nowNs);
        }
    }

    /**
     * Takes a press that is over, told by one of the {@link DigitDeduplicator} ways; control hears of it unless it was
     * told already.
     *
     * @return whether it is news
     */
    boolean onPress(int row, int way, char digit, long durationNs, long nowNs) {
        if (!legs.presses(presses, row).isNew(way, digit, nowNs - durationNs, durationNs)) {
            return false;
        }
        counters.increment(CoreCounters.DIGITS);
        if (events.free() <= events.slots() / RESERVE_DIVISOR) {
            // Whoever floods us with keys must not keep answers and ends of other calls from control.
            counters.increment(CoreCounters.DIGITS_LOST);
            return true;
        }
        MessageFlyweight out = events.tryClaim(CoreEvent.DIGIT);
        out.leg(legs.handle(row))
                .call(legs.call(row))
                .reference(legs.reference(row))
                .cause(digit)
                .timeNs(nowNs)
                .durationNs(durationNs);
        events.publish();
        return true;
    }

    /** Sends keys of control's to a leg's far end. @return false when the command cannot be taken now. */
    boolean send(int row, MessageFlyweight command, long nowNs) {
        return sender.command(row, command, nowNs);
    }

    /** The leg is over: a key that is down is not reported, keys still to be sent are not sent. */
    void stop(int row) {
        forget(row);
        sender.stop(row);
    }

    private void forget(int row) {
        for (int i = 0; i < pressedCount; i++) {
            if (pressed[i] == row) {
                pressedCount--;
                System.arraycopy(pressed, i + 1, pressed, i, pressedCount - i);
                return;
            }
        }
    }
}
