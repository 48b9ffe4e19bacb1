package io.hookswitch.engine.core;

import io.hookswitch.engine.io.IpAddress;
import io.hookswitch.engine.io.PacketFlyweight;
import io.hookswitch.engine.io.RtpTransport;
import io.hookswitch.engine.message.DtlsCommand;
import io.hookswitch.engine.message.DtlsEvent;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.MediaFlyweight;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.ring.SlotRing;
import io.hookswitch.rtp.stun.StunResponder;
import java.util.function.IntConsumer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Legs whose far end is found by ICE: browsers, and Teams. We are lite (RFC 8445 section 2.5): a check that proves our
 * password is answered, and its source, or that of the one that nominates last, is the far end. A browser's keys come
 * from DTLS: datagrams of it from there go to whoever shakes hands, and keys come back; the leg can be sent to once
 * both are there. Other keys came with the description. RTP and RTCP need no more than that (RFC 7983): they go the way
 * of every leg with keys.
 *
 * <p>The socket is never connected: a browser that changes its network goes on from another address. Packets allocate
 * nothing; a leg's first description makes its state, which is used again for later legs. Core thread.
 */
final class IceStep {
    /** The packet is another step's. */
    static final int NOT_OURS = -1;

    private static final int FIRST_DTLS = 20;
    private static final int LAST_DTLS = 63;

    /** What ICE and DTLS are about on one leg. */
    private static final class Side {
        private final StunResponder.Session session = new StunResponder.Session();
        /** 0 = nobody shakes hands. */
        private long association;

        private boolean isSelected;
        private boolean isKeyed;
    }

    private final LegTable legs;
    private final RtpTransport transport;
    private final UnsafeBuffer memory;
    private final CoreCounters counters;
    private final SlotRing handshakes;
    private final SourceLatch latch;
    private final SrtpStep srtp;
    private final StunResponder responder = new StunResponder();
    private final MediaFlyweight far = new MediaFlyweight();
    private final byte[] ufrag = new byte[MediaFlyweight.UFRAG_LENGTH];
    private final byte[] password = new byte[MediaFlyweight.PASSWORD_LENGTH];
    /** Column, row = leg: null = it has no ICE. */
    private final Side[] sides;

    private final Side[] spare;
    private int spareCount;
    private long associations;
    private IntConsumer onReady = _ -> {};
    private IntConsumer onFailed = _ -> {};

    IceStep(CoreState core, SourceLatch latch, SrtpStep srtp) {
        legs = core.legs();
        transport = core.transport();
        memory = transport.memory();
        counters = core.counters();
        handshakes = core.rings().dtlsEvents();
        this.latch = latch;
        this.srtp = srtp;
        sides = new Side[core.settings().legs()];
        spare = new Side[core.settings().legs()];
    }

    /**
     * Takes a description that is about to replace the leg's. With the same certificate as before the association goes
     * on, whatever becomes of ICE.
     */
    void onMedia(int row, MediaFlyweight media) {
        if (!media.hasIce()) {
            stop(row);
            return;
        }
        legs.media(far, row);
        boolean isSame = sides[row] != null
                && far.isDtls() == media.isDtls()
                && (!media.isDtls() || media.hasFingerprintOf(far));
        if (!isSame) {
            stop(row);
            Side side = spareCount > 0 ? spare[--spareCount] : new Side();
            side.association = media.isDtls() ? ++associations : 0;
            side.isSelected = false;
            side.isKeyed = !media.isDtls();
            sides[row] = side;
            legs.flags(row, LegTable.ICE, 0);
            latch.leaveToIce(row);
        }
        media.copyUfrag(ufrag);
        media.copyPassword(password);
        sides[row].session.set(ufrag, password);
    }

    /** The leg has neither from now on, or is over. */
    void stop(int row) {
        Side side = sides[row];
        if (side == null) {
            return;
        }
        if (side.association != 0) {
            endHandshake(row, side);
        }
        sides[row] = null;
        spare[spareCount++] = side;
        legs.flags(row, 0, LegTable.ICE);
    }

    private void endHandshake(int row, Side side) {
        MessageFlyweight event = handshakes.tryClaim(DtlsEvent.ENDED);
        if (event != null) {
            event.leg(legs.handle(row)).reference(side.association);
            handshakes.publish();
        } else {
            // The association then goes with its time.
            counters.increment(CoreCounters.DTLS_DROPPED);
        }
    }

    /** @return whether it is known where the far end of a leg with ICE is, and how to encrypt for it. */
    boolean isReady(int row) {
        Side side = sides[row];
        return side != null && side.isSelected && side.isKeyed;
    }

    /**
     * Takes what is neither RTP nor RTCP from a leg with ICE.
     *
     * @return bytes of an answer, in the packet's own buffer, to be sent to where it came from; 0 = there is none;
     *     {@link #NOT_OURS}
     */
    int onPacket(int row, PacketFlyweight packet) {
        int first = packet.length() == 0 ? NOT_OURS : memory.getByte(packet.offset()) & 0xFF;
        if (StunResponder.isStun(first)) {
            return onCheck(row, packet);
        }
        if (first >= FIRST_DTLS && first <= LAST_DTLS && sides[row].association != 0) {
            onHandshake(row, packet);
            return 0;
        }
        return NOT_OURS;
    }

    private int onCheck(int row, PacketFlyweight packet) {
        Side side = sides[row];
        boolean isIpv4 = IpAddress.isIpv4(packet.sourceHigh(), packet.sourceLow());
        responder.from(packet.sourceHigh(), packet.sourceLow(), isIpv4, packet.sourcePort());
        int room = transport.offset(packet.buffer()) + transport.payloadBytes() - packet.offset();
        int length = room >= StunResponder.RESPONSE_MAX
                ? responder.answer(memory, packet.offset(), packet.length(), side.session)
                : StunResponder.NOT_STUN;
        if (length < 0) {
            counters.increment(CoreCounters.STUN_REFUSED);
            return 0;
        }
        counters.increment(CoreCounters.STUN_ANSWERED);
        if (!side.isSelected || responder.nominates()) {
            boolean isFirst = !side.isSelected;
            side.isSelected = true;
            latch.select(row, packet);
            if (isFirst && side.isKeyed) {
                onReady.accept(row);
            }
        }
        return length;
    }

    private void onHandshake(int row, PacketFlyweight packet) {
        Side side = sides[row];
        boolean isThere =
                side.isSelected && legs.isSource(row, packet.sourceHigh(), packet.sourceLow(), packet.sourcePort());
        if (!isThere) {
            counters.increment(CoreCounters.DROPPED_SOURCE);
            return;
        }
        MessageFlyweight event = handshakes.tryClaim(DtlsEvent.DATAGRAM);
        if (event == null) {
            counters.increment(CoreCounters.DTLS_DROPPED);
            return;
        }
        event.leg(legs.handle(row)).reference(side.association).timeNs(packet.arrivalNs());
        event.media().copyFrom(legs.media(far, row));
        if (event.put(Field.DATAGRAM, memory, packet.offset(), packet.length())) {
            handshakes.publish();
        } else {
            counters.increment(CoreCounters.DTLS_DROPPED);
        }
    }

    /** Names who hears that a leg can be sent to. */
    void ready(IntConsumer listener) {
        onReady = listener;
    }

    /** Names who hears that a far end does not shake hands. */
    void failed(IntConsumer listener) {
        onFailed = listener;
    }

    /** Takes a message of the thread that shakes hands. */
    void onCommand(MessageFlyweight command) {
        int row = row(command);
        if (row == LegTable.NONE) {
            return;
        }
        switch (command.type()) {
            case DtlsCommand.SEND -> send(row, command);
            case DtlsCommand.KEYED -> key(row, command);
            case DtlsCommand.FAILED -> onFailed.accept(row);
            default -> counters.increment(CoreCounters.BAD_STEPS);
        }
    }

    /** @return the row of a leg that a message of the handshake is about, or NONE: it is about none that there is. */
    private int row(MessageFlyweight command) {
        int row = legs.row(command.leg());
        boolean isCurrent = row != LegTable.NONE && sides[row] != null && sides[row].association == command.reference();
        return isCurrent ? row : LegTable.NONE;
    }

    private void send(int row, MessageFlyweight command) {
        int field = command.firstField();
        int buffer = field > 0 && command.fieldTag(field) == Field.DATAGRAM ? transport.tryClaim() : -1;
        if (buffer < 0 || command.fieldLength(field) > transport.payloadBytes() || !sides[row].isSelected) {
            counters.increment(CoreCounters.DTLS_DROPPED);
            if (buffer >= 0) {
                transport.release(buffer);
            }
            return;
        }
        int length = command.fieldLength(field);
        memory.putBytes(transport.offset(buffer), command.buffer(), command.fieldBytes(field), length);
        transport.sendTo(
                legs.rtpSocket(row),
                buffer,
                transport.offset(buffer),
                length,
                legs.sourceHigh(row),
                legs.sourceLow(row),
                legs.sourcePort(row));
    }

    private void key(int row, MessageFlyweight command) {
        srtp.key(row, command.media());
        command.media().clearKeys();
        counters.increment(CoreCounters.DTLS_KEYED);
        Side side = sides[row];
        boolean isFirst = !side.isKeyed;
        side.isKeyed = true;
        if (isFirst && side.isSelected) {
            onReady.accept(row);
        }
    }
}
