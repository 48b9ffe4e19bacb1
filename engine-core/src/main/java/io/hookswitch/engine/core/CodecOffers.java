package io.hookswitch.engine.core;

import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.MediaFlyweight;

/**
 * Our side of a media description: address, ports, and which codecs to name in which order. A leg is offered what its
 * peer-to-be speaks first, so that nothing is transcoded that need not be; then what the caller of the dial asked for,
 * else both laws of G.711. While no transcoder is free nothing is named that would take one. Core thread.
 */
final class CodecOffers {
    private static final int G711_CLOCK = 8000;
    private static final int G722_TYPE = 9;
    private static final int OPUS_CLOCK = 48_000;
    /** Dynamic payload type for Opus when the other leg does not suggest one. */
    private static final int OPUS_TYPE = 111;

    /** Dynamic payload type for telephone events when the other leg does not suggest one. */
    private static final int EVENT_PAYLOAD_TYPE = 101;

    /** Transcoders that a bridge takes. */
    private static final int BOTH_WAYS = 2;

    private final LegTable legs;
    private final Transcoders transcoders;
    private final byte[] address;
    private final MediaFlyweight like = new MediaFlyweight();

    CodecOffers(LegTable legs, Transcoders transcoders, byte[] address) {
        this.legs = legs;
        this.transcoders = transcoders;
        this.address = address;
    }

    /**
     * Describes our side to whoever is dialled, for an offer of ours.
     *
     * @param likeRow leg that it is to be joined to, or NONE
     * @param asked codecs in the order asked for; not present or none = the usual ones
     */
    void describeOffer(MediaFlyweight out, int rtpPort, int likeRow, MediaFlyweight asked) {
        begin(out, rtpPort);
        boolean isAsked = asked.present() && asked.codecCount() > 0;
        int eventType = like(out, likeRow, isAsked);
        for (int i = 0; isAsked && i < asked.codecCount(); i++) {
            addUsual(out, asked.codec(i));
        }
        if (!isAsked || out.codecCount() == 0) {
            addBothLaws(out);
        }
        out.telephoneEvent(eventType, G711_CLOCK);
    }

    /**
     * Describes our side for an answer of ours: the far end's offer is in the order of this list.
     *
     * @param likeRow leg whose codec comes first: its negotiated one, else all that it offered; NONE = none
     */
    void describeAnswer(MediaFlyweight out, int rtpPort, int likeRow) {
        begin(out, rtpPort);
        int eventType = like(out, likeRow, false);
        addBothLaws(out);
        addUsual(out, Codec.G722);
        addUsual(out, Codec.OPUS);
        out.telephoneEvent(eventType, G711_CLOCK);
    }

    private void begin(MediaFlyweight out, int rtpPort) {
        out.begin().address(address).ports(rtpPort, rtpPort + 1).ptimeMs(20);
    }

    /** @return payload type of telephone events there, else the usual one. */
    private int like(MediaFlyweight out, int row, boolean isAsked) {
        if (row == LegTable.NONE || !legs.has(row, LegTable.HAS_MEDIA)) {
            return EVENT_PAYLOAD_TYPE;
        }
        legs.media(like, row);
        boolean isNegotiated = legs.has(row, LegTable.NEGOTIATED);
        int count = isNegotiated ? Math.min(1, like.codecCount()) : like.codecCount();
        for (int i = 0; i < count; i++) {
            // Whoever asked for codecs has them in this order, but for one that is settled.
            if (isNegotiated || !isAsked || transcoders.idle() < BOTH_WAYS) {
                add(out, like.codec(i), like.payloadType(i), like.clockRate(i));
            }
        }
        return like.telephoneEventPayloadType() >= 0 ? like.telephoneEventPayloadType() : EVENT_PAYLOAD_TYPE;
    }

    private void addBothLaws(MediaFlyweight out) {
        addUsual(out, Codec.PCMU);
        addUsual(out, Codec.PCMA);
    }

    /** Adds a codec with its usual payload type, unless it could not be joined to what is there already. */
    private void addUsual(MediaFlyweight out, int codec) {
        boolean isJoinable = out.codecCount() == 0;
        for (int i = 0; i < out.codecCount(); i++) {
            isJoinable |= Codec.bridgeable(codec, out.codec(i))
                    || transcoders.idle() >= BOTH_WAYS && Transcoder.isPossible(codec, out.codec(i));
        }
        if (isJoinable && Transcoder.isPossible(codec, codec)) {
            add(out, codec, usualType(codec), codec == Codec.OPUS ? OPUS_CLOCK : G711_CLOCK);
        }
    }

    private static int usualType(int codec) {
        return switch (codec) {
            case Codec.PCMU -> 0;
            case Codec.PCMA -> 8;
            case Codec.OPUS -> OPUS_TYPE;
            default -> G722_TYPE;
        };
    }

    /** @return whether a far end's media address is of the IP version that ours is not: neither can reach the other. */
    boolean isOtherFamily(MediaFlyweight far) {
        if (!far.present() || far.addressLength() == address.length) {
            return false;
        }
        int used = 0;
        for (int i = 0; i < far.addressLength(); i++) {
            used |= far.addressByte(i);
        }
        // All zeros is no address but the old way to hold (RFC 3264 section 8.4).
        return used != 0;
    }

    private static void add(MediaFlyweight out, int codec, int payloadType, int clockRate) {
        if (codec != Codec.UNKNOWN && !has(out, codec)) {
            out.addCodec(codec, payloadType, -1, clockRate);
        }
    }

    private static boolean has(MediaFlyweight media, int codec) {
        for (int i = 0; i < media.codecCount(); i++) {
            if (media.codec(i) == codec) {
                return true;
            }
        }
        return false;
    }
}
