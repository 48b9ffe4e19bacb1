package io.hookswitch.engine.core;

import io.hookswitch.engine.message.Codec;
import io.hookswitch.rtp.InbandDtmfDetector;
import io.hookswitch.rtp.RtpHeaderFlyweight;
import java.util.Arrays;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Listens for keys in the audio of far ends that have G.711 and no telephone events ({@link LegTable#KEYS_IN_BAND}).
 * What it hears goes the way of all presses once the key is up; to a peer with telephone events it goes on as one, and
 * the tone itself stays behind from the moment it is known for a key. Core thread.
 */
final class InbandStep {
    private static final int NONE = -1;
    private static final int SEQUENCE_MASK = 0xFFFF;
    /** A step this wide is another stream rather than a loss. */
    private static final int MOST_LOST = 50;

    private static final long NS_PER_SAMPLE = 125_000L;

    private final LegTable legs;
    private final DigitStep digits;
    private final UnsafeBuffer records;
    private final UnsafeBuffer memory;
    private final InbandDtmfDetector detector = new InbandDtmfDetector();
    /** Column, row = leg: sequence number of its last packet, -1 = none. */
    private final int[] last;

    InbandStep(CoreState core, DigitStep digits) {
        legs = core.legs();
        memory = core.transport().memory();
        this.digits = digits;
        int rows = core.settings().legs();
        records = new UnsafeBuffer(BufferUtil.allocateDirectAligned(
                Math.multiplyExact(rows, InbandDtmfDetector.RECORD_LENGTH), BitUtil.CACHE_LINE_LENGTH));
        last = new int[rows];
        Arrays.fill(last, NONE);
    }

    /** What was negotiated with a leg's far end says whether its audio is listened to. */
    void onNegotiated(int row) {
        boolean isG711 = legs.codec(row) == Codec.PCMU || legs.codec(row) == Codec.PCMA;
        if (isG711 && legs.eventPayloadType(row) < 0) {
            legs.flags(row, LegTable.KEYS_IN_BAND, 0);
        } else {
            stop(row);
        }
    }

    /** The leg is over, or tells its keys in another way. */
    void stop(int row) {
        if (legs.has(row, LegTable.KEYS_IN_BAND)) {
            records.setMemory(row * InbandDtmfDetector.RECORD_LENGTH, InbandDtmfDetector.RECORD_LENGTH, (byte) 0);
            last[row] = NONE;
            legs.flags(row, 0, LegTable.KEYS_IN_BAND | LegTable.KEY_HEARD);
        }
    }

    /** Hears a packet of audio before it goes on. */
    void onAudio(int row, RtpHeaderFlyweight header, long nowNs) {
        detector.wrap(records, row * InbandDtmfDetector.RECORD_LENGTH);
        int step = last[row] == NONE ? 1 : header.sequence() - last[row] & SEQUENCE_MASK;
        if (step > SEQUENCE_MASK / 2 || step == 0) {
            // Late: what it says has been missed already.
            return;
        }
        last[row] = header.sequence();
        if (step > 1 && step <= MOST_LOST) {
            happened(row, detector.onLost((step - 1) * header.payloadLength()), nowNs);
        }
        boolean isALaw = legs.codec(row) == Codec.PCMA;
        happened(row, detector.onAudio(memory, header.payloadOffset(), header.payloadLength(), isALaw), nowNs);
    }

    private void happened(int row, int happened, long nowNs) {
        if ((happened & InbandDtmfDetector.ENDED) != 0) {
            legs.flags(row, 0, LegTable.KEY_HEARD);
            digits.onHeard(row, detector.releasedKey(), detector.releasedSamples() * NS_PER_SAMPLE, nowNs);
        }
        int peer = legs.peer(row);
        boolean isToldAnew = peer != LegTable.NONE && legs.eventPayloadType(peer) >= 0;
        if ((happened & InbandDtmfDetector.BEGUN) != 0 && isToldAnew) {
            legs.flags(row, LegTable.KEY_HEARD, 0);
        }
    }
}
