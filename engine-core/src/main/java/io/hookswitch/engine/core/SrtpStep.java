package io.hookswitch.engine.core;

import io.hookswitch.engine.io.RtpTransport;
import io.hookswitch.engine.message.MediaFlyweight;
import io.hookswitch.rtp.srtp.SrtpContext;
import io.hookswitch.rtp.srtp.SrtpSuite;
import io.hookswitch.rtp.srtp.SrtpTransform;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Protects what goes to the far ends that have keys, and unprotects what comes from them, in place (RFC 3711). A leg
 * with keys has the flag {@link LegTable#SECURE}; nothing goes out of it unprotected, and nothing unprotected gets in.
 * Packets allocate nothing; a leg's first keys make its two contexts, which are used again for later legs. Core thread.
 */
final class SrtpStep {
    private static final SrtpSuite[] SUITES = SrtpSuite.values();

    private final LegTable legs;
    private final CoreCounters counters;
    private final UnsafeBuffer memory;
    private final SrtpTransform transform;
    /** Columns, row = leg: what it sends and receives with, null = plain, or still to come from DTLS. */
    private final SrtpContext[] sending;

    private final SrtpContext[] receiving;
    private final SrtpContext[] spare;
    private int spareCount;
    private final byte[] master = new byte[SrtpSuite.MASTER_LENGTH];
    private final MediaFlyweight before = new MediaFlyweight();

    SrtpStep(LegTable legs, RtpTransport transport, CoreCounters counters, int rows) {
        this.legs = legs;
        this.counters = counters;
        memory = transport.memory();
        transform = new SrtpTransform(transport.payloadBytes() - SrtpTransform.MAX_GROWTH);
        sending = new SrtpContext[rows];
        receiving = new SrtpContext[rows];
        spare = new SrtpContext[2 * rows];
    }

    /** Takes the keys of a description that is about to replace the leg's; the same keys again change nothing. */
    void onMedia(int row, MediaFlyweight media) {
        int suite = media.srtpSuite();
        if (suite == MediaFlyweight.NO_SRTP) {
            stop(row);
            return;
        }
        legs.media(before, row);
        if (media.isDtls()) {
            expectKeys(row, legs.has(row, LegTable.SECURE) && before.isDtls() && media.hasFingerprintOf(before));
            return;
        }
        boolean isNew = !legs.has(row, LegTable.SECURE) || before.srtpSuite() != suite;
        if (isNew) {
            stop(row);
            sending[row] = context();
            receiving[row] = context();
        }
        if (isNew || !media.hasLocalKeyOf(before)) {
            media.copyLocalKey(master);
            sending[row].key(SUITES[suite - 1], master, 0);
        }
        if (isNew || !media.hasRemoteKeyOf(before)) {
            media.copyRemoteKey(master);
            receiving[row].key(SUITES[suite - 1], master, 0);
        }
        Arrays.fill(master, (byte) 0);
        legs.flags(row, LegTable.SECURE, 0);
    }

    /** Keys are to come from DTLS, or are there already when its association goes on. */
    private void expectKeys(int row, boolean isSame) {
        if (!isSame) {
            stop(row);
            legs.flags(row, LegTable.SECURE, 0);
        }
    }

    /** Takes the keys that a leg has waited for. */
    void key(int row, MediaFlyweight keys) {
        if (sending[row] == null) {
            sending[row] = context();
            receiving[row] = context();
        }
        SrtpSuite suite = SUITES[keys.srtpSuite() - 1];
        keys.copyLocalKey(master);
        sending[row].key(suite, master, 0);
        keys.copyRemoteKey(master);
        receiving[row].key(suite, master, 0);
        Arrays.fill(master, (byte) 0);
    }

    /** The leg is plain from now on, or over. */
    void stop(int row) {
        if (legs.has(row, LegTable.SECURE)) {
            if (sending[row] != null) {
                spare[spareCount++] = sending[row];
                spare[spareCount++] = receiving[row];
                sending[row] = null;
                receiving[row] = null;
            }
            legs.flags(row, 0, LegTable.SECURE);
            legs.media(before, row).clearKeys();
        }
    }

    private SrtpContext context() {
        return spareCount > 0 ? spare[--spareCount] : new SrtpContext();
    }

    /** @return the packet's new length, or negative: it must not be sent, which is counted. */
    int protectRtp(int row, int offset, int length) {
        return sending[row] == null ? notKeyed() : counted(transform.protectRtp(sending[row], memory, offset, length));
    }

    /** @return the packet's new length, or negative: it is worth nothing, which is counted. */
    int unprotectRtp(int row, int offset, int length) {
        return receiving[row] == null
                ? notKeyed()
                : counted(transform.unprotectRtp(receiving[row], memory, offset, length));
    }

    /** As {@link #protectRtp}, of RTCP. */
    int protectRtcp(int row, int offset, int length) {
        return sending[row] == null ? notKeyed() : counted(transform.protectRtcp(sending[row], memory, offset, length));
    }

    /** As {@link #unprotectRtp}, of RTCP. */
    int unprotectRtcp(int row, int offset, int length) {
        return receiving[row] == null
                ? notKeyed()
                : counted(transform.unprotectRtcp(receiving[row], memory, offset, length));
    }

    private int notKeyed() {
        counters.increment(CoreCounters.SRTP_NOT_KEYED);
        return SrtpTransform.BAD_LENGTH;
    }

    private int counted(int answer) {
        if (answer < 0) {
            counters.increment(
                    switch (answer) {
                        case SrtpTransform.NOT_AUTHENTIC -> CoreCounters.SRTP_NOT_AUTHENTIC;
                        case SrtpTransform.REPLAYED -> CoreCounters.SRTP_REPLAYED;
                        default -> CoreCounters.SRTP_BAD_LENGTH;
                    });
        }
        return answer;
    }
}
