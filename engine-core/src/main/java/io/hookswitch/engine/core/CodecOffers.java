package io.hookswitch.engine.core;

import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.MediaFlyweight;

/**
 * Our side of a media description: address, ports, and which codecs to name in which order, so that the two legs of a
 * bridge have
 * one in common. A leg is offered what its peer-to-be speaks first; the other G.711 law is always added where one is
 * there, since
 * it costs a table look-up a byte. Core thread.
 */
final class CodecOffers {
    private static final int G711_CLOCK = 8000;
    /** Dynamic payload type for telephone events when the other leg does not suggest one. */
    private static final int EVENT_PAYLOAD_TYPE = 101;

    private final LegTable legs;
    private final byte[] address;
    private final MediaFlyweight like = new MediaFlyweight();

    CodecOffers(LegTable legs, byte[] address) {
        this.legs = legs;
        this.address = address;
    }

    /**
     * Describes a leg's own side, codecs like those of another row: its negotiated one, else all it offered; NONE = the
     * default list.
     */
    void describe(MediaFlyweight out, int rtpPort, int rtcpPort, int likeRow) {
        out.begin().address(address).ports(rtpPort, rtcpPort).ptimeMs(20);
        int eventType = EVENT_PAYLOAD_TYPE;
        if (likeRow != LegTable.NONE && legs.has(likeRow, LegTable.HAS_MEDIA)) {
            legs.media(like, likeRow);
            int count = legs.has(likeRow, LegTable.NEGOTIATED) ? Math.min(1, like.codecCount()) : like.codecCount();
            for (int i = 0; i < count; i++) {
                add(out, like.codec(i), like.payloadType(i), like.clockRate(i));
            }
            eventType = like.telephoneEventPayloadType() >= 0 ? like.telephoneEventPayloadType() : eventType;
        }
        if (out.codecCount() == 0 || has(out, Codec.PCMU) || has(out, Codec.PCMA)) {
            add(out, Codec.PCMU, 0, G711_CLOCK);
            add(out, Codec.PCMA, 8, G711_CLOCK);
        }
        out.telephoneEvent(eventType, G711_CLOCK);
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
