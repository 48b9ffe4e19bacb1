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
final class DigitStep implements PacedSource {
    /** A press whose end packets were all lost ends after this silence: longer than any sender's packet interval. */
    private static final long SILENCE_NS = 200_000_000L;

    /** Most events of one packet that are looked at: they are contiguous, and keys need pauses. */
    private static final int MAX_EVENTS = 8;

    /** Part of control's ring that keys never take. */
    private static final int RESERVE_DIVISOR = 8;

    /** How long the first keys told by INFO wait for a telephone event of theirs, and how long they then sound. */
    private static final long PROOF_NS = 250_000_000L;

    private static final long INFO_KEY_NS = 100_000_000L;
    private static final long NS_PER_S = 1_000_000_000L;

    private final LegTable legs;
    private final DigitSender sender;
    private final PacedStep pace;
    private final CoreCounters counters;
    private final SlotRing events;
    private final UnsafeBuffer memory;
    private final TelephoneEventFlyweight event = new TelephoneEventFlyweight();
    private final TelephoneEventReceiver receiver = new TelephoneEventReceiver();
    private final DigitDeduplicator presses = new DigitDeduplicator();
    /** Rows with a key down, in the order of pressing. */
    private final int[] pressed;

    /** Column, row = leg: keys told by INFO that wait for a telephone event, a byte each, the newest lowest. */
    private final long[] infoKeys;

    private int pressedCount;
    /** Row that the last expiry was about. */
    private int concerned = LegTable.NONE;

    DigitStep(CoreState core, DigitSender sender, PacedStep pace) {
        legs = core.legs();
        counters = core.counters();
        events = core.rings().events();
        memory = core.transport().memory();
        this.sender = sender;
        this.pace = pace;
        pace.source(PacedStep.INFO_KEYS, this);
        infoKeys = new long[core.settings().legs()];
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
        boolean isAnew = !isSame && hearsKeys(peer);
        legs.flags(row, isAnew ? LegTable.KEYS_MADE_ANEW : 0, isAnew ? 0 : LegTable.KEYS_MADE_ANEW);
        if (isAnew) {
            sender.press(peer, row, number, volume, nowNs);
        }
    }

    /**
     * Takes a digit out of a SIP INFO. A far end without telephone events has no other way to tell it, so it goes on to
     * the peer at once. One that has agreed on them sends them as well, or means INFO alone all the same: its first
     * keys wait for a moment, and go on when no telephone event has come of it by then.
     */
    void onInfo(int row, char digit, long durationNs, long nowNs) {
        if (!onPress(row, DigitDeduplicator.INFO, digit, durationNs, nowNs)
                || legs.events(receiver, row).hasHeard()) {
            return;
        }
        if (legs.eventPayloadType(row) < 0 || legs.has(row, LegTable.KEYS_BY_INFO)) {
            goOn(row, digit, durationNs, nowNs);
            return;
        }
        if (infoKeys[row] == 0) {
            pace.start(PacedStep.INFO_KEYS, row, nowNs + PROOF_NS);
        }
        infoKeys[row] = infoKeys[row] << Byte.SIZE | digit;
    }

    /** Takes a key heard in the audio, which stays behind where the peer's far end takes telephone events. */
    void onHeard(int row, char digit, long durationNs, long nowNs) {
        int peer = legs.peer(row);
        boolean isNews = onPress(row, DigitDeduplicator.IN_BAND, digit, durationNs, nowNs);
        if (isNews && peer != LegTable.NONE && legs.eventPayloadType(peer) >= 0) {
            goOn(row, digit, durationNs, nowNs);
        }
    }

    /** No telephone event has come of the keys that an INFO told: INFO is this far end's way. */
    @Override
    public long onDue(int row, long dueNs, long nowNs) {
        long waiting = infoKeys[row];
        infoKeys[row] = 0;
        if (!legs.events(receiver, row).hasHeard()) {
            legs.flags(row, LegTable.KEYS_BY_INFO, 0);
            for (int shift = Long.SIZE - Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
                char digit = (char) (waiting >>> shift & 0xFF);
                if (digit != 0) {
                    goOn(row, digit, INFO_KEY_NS, nowNs);
                }
            }
        }
        return NEVER;
    }

    /** @return whether a press can go on to a row: a far end that a recording is played to hears nothing else. */
    private boolean hearsKeys(int peer) {
        return peer != LegTable.NONE && sender.isPossible(peer) && !legs.has(peer, LegTable.PLAYING);
    }

    /** A press that is no telephone event becomes one toward the peer's far end. */
    private void goOn(int row, char digit, long durationNs, long nowNs) {
        int peer = legs.peer(row);
        if (hearsKeys(peer)) {
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
        infoKeys[row] = 0;
        pace.stop(PacedStep.INFO_KEYS, row);
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
