package io.hookswitch.engine.core;

import io.hookswitch.engine.io.PacketFlyweight;
import io.hookswitch.engine.io.RtpTransport;
import io.hookswitch.engine.message.LegHandle;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What a far end says between its answer and the moment its leg is joined: it travels faster than the answer, which
 * control
 * has yet to decide on. The first packets of a leg are copied and go on when the leg is joined soon; else they are
 * dropped as they would have been at once. Bounded for a leg and altogether: the oldest gives way. Core thread.
 */
final class FirstWords {
    /** Packets kept of one leg, counted from its beginning and again from its answer. */
    static final int PER_LEG = 8;
    /** Older words are not said any more: they would only come late. */
    static final long MAX_AGE_NS = 200_000_000L;

    private static final int SLOTS = 256;

    private final LegTable legs;
    private final RtpTransport transport;
    private final CoreCounters counters;
    private final UnsafeBuffer memory;
    private final int slotBytes;
    private final PacketFlyweight[] packets = new PacketFlyweight[SLOTS];
    /** Leg of each slot, 0 = unused. */
    private final long[] leg = new long[SLOTS];
    /** Whether all but the sending has been done with it. */
    private final boolean[] isSeen = new boolean[SLOTS];

    private final byte[] kept;
    private int next;
    private int used;
    private boolean ready;

    FirstWords(CoreState core) {
        legs = core.legs();
        transport = core.transport();
        counters = core.counters();
        slotBytes = transport.payloadBytes();
        memory = new UnsafeBuffer(BufferUtil.allocateDirectAligned(SLOTS * slotBytes, BitUtil.CACHE_LINE_LENGTH));
        for (int i = 0; i < SLOTS; i++) {
            packets[i] = new PacketFlyweight();
        }
        kept = new byte[core.settings().legs()];
    }

    /** A leg begins, or is answered: its next packets are its first words. */
    void begin(int row) {
        kept[row] = 0;
    }

    /** A leg ends. */
    void end(int row) {
        long handle = legs.handle(row);
        for (int i = 0; used > 0 && i < SLOTS; i++) {
            if (leg[i] == handle) {
                drop(i);
            }
        }
    }

    /** Legs were joined or their codecs settled: what was kept may go on now. */
    void joined() {
        ready = used > 0;
    }

    /** @return whether something may go on. */
    boolean isReady() {
        return ready;
    }

    /**
     * Copies a packet.
     *
     * @param hasBeenSeen whether all but the sending has been done with it: it is counted as dropped already
     * @return whether it was copied
     */
    boolean keep(int row, PacketFlyweight packet, boolean hasBeenSeen) {
        if (kept[row] >= PER_LEG || packet.length() > slotBytes) {
            return false;
        }
        kept[row]++;
        int slot = next;
        next = (next + 1) % SLOTS;
        if (leg[slot] != LegHandle.NONE) {
            drop(slot);
        }
        used++;
        leg[slot] = legs.handle(row);
        isSeen[slot] = hasBeenSeen;
        memory.putBytes(slot * slotBytes, transport.memory(), packet.offset(), packet.length());
        packets[slot].like(packet, -1, slot * slotBytes, packet.arrivalNs());
        return true;
    }

    /** @return the next slot from {@code from} on, oldest first, whose leg is joined; -1 = no more. */
    int next(int from, long nowNs) {
        for (int i = from; i < SLOTS && used > 0; i++) {
            int slot = (next + i) % SLOTS;
            if (leg[slot] == LegHandle.NONE) {
                continue;
            }
            int row = legs.row(leg[slot]);
            if (row == LegTable.NONE || nowNs - packets[slot].arrivalNs() > MAX_AGE_NS) {
                drop(slot);
            } else if (isJoined(row)) {
                return i;
            }
        }
        ready = false;
        return -1;
    }

    private boolean isJoined(int row) {
        int peer = legs.peer(row);
        return peer != LegTable.NONE
                && legs.has(row, LegTable.NEGOTIATED)
                && legs.has(peer, LegTable.NEGOTIATED)
                && (!legs.has(peer, LegTable.ICE) || legs.has(peer, LegTable.REACHABLE));
    }

    /** @return row of the leg that {@link #next} found. */
    int row(int place) {
        return legs.row(leg[(next + place) % SLOTS]);
    }

    /** @return whether only the sending is left to do. */
    boolean hasBeenSeen(int place) {
        return isSeen[(next + place) % SLOTS];
    }

    /** Takes a packet out, into a buffer of the transport's. @return whether there was one. */
    boolean take(int place, PacketFlyweight into, long nowNs) {
        int slot = (next + place) % SLOTS;
        int buffer = transport.tryClaim();
        if (buffer < 0) {
            drop(slot);
            return false;
        }
        PacketFlyweight packet = packets[slot];
        int offset = transport.offset(buffer);
        transport.memory().putBytes(offset, memory, packet.offset(), packet.length());
        into.like(packet, buffer, offset, nowNs);
        leg[slot] = LegHandle.NONE;
        used--;
        return true;
    }

    private void drop(int slot) {
        leg[slot] = LegHandle.NONE;
        used--;
        if (!isSeen[slot]) {
            counters.increment(CoreCounters.DROPPED_SOURCE);
        }
    }
}
