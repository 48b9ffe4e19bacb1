package io.hookswitch.engine.core;

import io.hookswitch.engine.message.Cause;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.LegHandle;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.engine.ring.SlotRing;
import java.nio.charset.StandardCharsets;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Legs that the core itself ends: a step of ours failed, their far end has fallen silent, or does not shake hands. The
 * sip side and control are both told, as soon as their rings have room. Core thread.
 */
final class EndStep {
    /** Most events of one end: the leg's, and that of what is played to it and mixed in. */
    static final int MOST_EVENTS = 2 + TrackMixer.TRACKS;

    private static final int OK = 200;
    private static final int INTERNAL_ERROR = 500;

    private final LegTable legs;
    private final LegTeardown teardown;
    private final SilenceWatch silence;
    private final CoreCounters counters;
    private final SlotRing sipCommands;
    private final SlotRing events;
    private final SilenceWatch.Listener onSilent = this::onSilent;
    private final UnsafeBuffer mediaTimeout = ascii("X-Reason: Media Timeout");
    private final UnsafeBuffer dtlsFailed = ascii("X-Reason: DTLS Failed");
    /** Legs to be abandoned when the rings have room. */
    private final long[] abandoned;

    private int abandonedCount;
    private long concerned;
    private long nowNs;

    EndStep(CoreState core, LegTeardown teardown, SilenceWatch silence) {
        legs = core.legs();
        counters = core.counters();
        sipCommands = core.rings().sipCommands();
        events = core.rings().events();
        abandoned = new long[core.settings().legs()];
        this.teardown = teardown;
        this.silence = silence;
    }

    private static UnsafeBuffer ascii(String header) {
        return new UnsafeBuffer(header.getBytes(StandardCharsets.US_ASCII));
    }

    LegTeardown teardown() {
        return teardown;
    }

    /** Time of the cycle that begins. */
    void begin(long cycleNs) {
        nowNs = cycleNs;
    }

    /** @return the leg that the last step here was about, 0 = none. */
    long concerned() {
        return concerned;
    }

    /** A leg that never got as far as its INVITE does not exist for control: its dial was refused. */
    int type(int row) {
        boolean isUnknown = legs.state(row) == LegTable.INVITING && !legs.has(row, LegTable.INVITED);
        return isUnknown ? CoreEvent.DIAL_REFUSED : CoreEvent.ENDED;
    }

    private boolean isOver(int row) {
        return row == LegTable.NONE || legs.state(row) == LegTable.ENDING;
    }

    /** Ends the leg that a failed step was about, as soon as there is room: a bug of ours costs one call only. */
    void abandon(long leg) {
        int row = leg == LegHandle.NONE ? LegTable.NONE : legs.row(leg);
        if (!isOver(row) && !tryAbandon(row) && abandonedCount < abandoned.length) {
            abandoned[abandonedCount++] = leg;
        }
    }

    /** Ends legs that could not be abandoned for want of room. @return number ended */
    int pollAbandoned() {
        int done = 0;
        while (abandonedCount > 0) {
            int row = legs.row(abandoned[abandonedCount - 1]);
            if (!isOver(row) && !tryAbandon(row)) {
                break;
            }
            abandonedCount--;
            done++;
        }
        return done;
    }

    private boolean tryAbandon(int row) {
        if (room() == 0) {
            return false;
        }
        end(row, INTERNAL_ERROR, Cause.NONE, null);
        return true;
    }

    /** @return legs that may be ended here now. */
    int room() {
        return Math.min(sipCommands.free(), events.free() / MOST_EVENTS);
    }

    private void end(int row, int status, int cause, UnsafeBuffer header) {
        long leg = legs.handle(row);
        int type = type(row);
        teardown.stop(row, nowNs);
        events.tryClaim(type)
                .leg(leg)
                .call(legs.call(row))
                .reference(legs.reference(row))
                .timeNs(nowNs)
                .status(status)
                .cause(cause);
        events.publish();
        var told = sipCommands.tryClaim(SipCommand.END).leg(leg).status(status);
        if (header != null) {
            told.put(Field.HEADER, header, 0, header.capacity());
        }
        sipCommands.publish();
    }

    /** Looks for far ends that have fallen silent, as long as the rings have room. @return legs looked at. */
    int pollSilence(int limit) {
        return silence.poll(nowNs, onSilent, Math.min(limit, room()));
    }

    private void onSilent(int row) {
        concerned = legs.handle(row);
        counters.increment(CoreCounters.MEDIA_TIMEOUTS);
        end(row, OK, Cause.MEDIA_TIMEOUT, mediaTimeout);
    }

    /** A far end has not shaken hands as it should; the rings have {@link #room}. */
    void onDtlsFailed(int row) {
        concerned = legs.handle(row);
        counters.increment(CoreCounters.DTLS_FAILED);
        if (!isOver(row)) {
            end(row, OK, Cause.DTLS_FAILED, dtlsFailed);
        }
    }
}
