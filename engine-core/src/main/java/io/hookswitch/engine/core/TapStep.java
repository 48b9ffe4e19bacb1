package io.hookswitch.engine.core;

import io.hookswitch.engine.message.TapFlyweight;
import io.hookswitch.engine.ring.TapRing;
import io.hookswitch.rtp.RtpHeaderFlyweight;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Copies what tapped legs receive into the tap ring, as it came: whoever listens decodes it elsewhere. A leg may be
 * tapped
 * several times over and is copied once. No room means no copy, counted; the packet itself knows nothing of it. Core
 * thread.
 */
final class TapStep {
    /** Most taps of one leg. */
    static final int MAX_TAPS = 100;

    private final LegTable legs;
    private final UnsafeBuffer memory;
    private final TapRing ring;
    private final CoreCounters counters;
    /** How often a row is tapped; means something while the row has the flag. */
    private final byte[] taps;

    TapStep(CoreState core) {
        legs = core.legs();
        memory = core.transport().memory();
        ring = core.rings().taps();
        counters = core.counters();
        taps = new byte[core.settings().legs()];
    }

    /** Taps a row once more. @return false when it is tapped too often already */
    boolean tap(int row) {
        int now = legs.has(row, LegTable.TAPPED) ? taps[row] : 0;
        if (now == MAX_TAPS) {
            return false;
        }
        taps[row] = (byte) (now + 1);
        legs.flags(row, LegTable.TAPPED, 0);
        return true;
    }

    /** Takes one tap of a row away. @return false when there is none */
    boolean untap(int row) {
        if (!legs.has(row, LegTable.TAPPED)) {
            return false;
        }
        if (--taps[row] == 0) {
            legs.flags(row, 0, LegTable.TAPPED);
        }
        return true;
    }

    /** Copies one audio packet of a tapped row, telephone events excluded. */
    void onAudio(int row, RtpHeaderFlyweight header, long arrivalNs) {
        int length = header.payloadLength();
        int at = ring.tryClaim(length);
        if (at < 0) {
            counters.increment(CoreCounters.TAPS_DROPPED);
            return;
        }
        MutableDirectBuffer record = ring.buffer();
        TapFlyweight.source(record, at, legs.handle(row), arrivalNs);
        TapFlyweight.codec(record, at, legs.codec(row), legs.clockRate(row));
        TapFlyweight.place(record, at, header.ssrc(), header.sequence(), header.timestamp());
        record.putBytes(at + TapFlyweight.HEAD_LENGTH, memory, header.payloadOffset(), length);
        ring.publish(at);
        counters.increment(CoreCounters.TAPPED);
    }
}
