package io.hookswitch.sip.sdp;

import io.hookswitch.rtp.srtp.SrtpSuite;
import java.net.InetAddress;
import java.util.List;

/**
 * What we understand of a session description; the rest is ignored. What the description says for the whole session is
 * already applied to each stream.
 *
 * @param origin text of the o= line behind its name
 * @param media in the order of the m= lines, refused ones included
 */
public record Sdp(String origin, List<Stream> media) {
    /** Direction bit: the describing side sends. */
    public static final int SENDS = 1;
    /** Direction bit: the describing side receives. */
    public static final int RECEIVES = 2;

    /** RTCP port when no a=rtcp line names it: the one behind RTP's. */
    public static final int NEXT_PORT = 0;
    /** RTCP port when the a=rtcp line is of no use to us: RTCP is not sent. */
    public static final int NO_RTCP = -1;

    /** Keeps its own copy. */
    public Sdp {
        media = List.copyOf(media);
    }

    /** @return the direction as seen from the other side. */
    public static int reversed(int direction) {
        return (direction & SENDS) << 1 | (direction & RECEIVES) >> 1;
    }

    /** What reading gave. */
    public sealed interface Result permits Read, Unreadable {}

    /** A description. */
    public record Read(Sdp sdp) implements Result {}

    /** None, and why not: a short text without anything of the far end in it. */
    public record Unreadable(String reason) implements Result {}

    /**
     * One m= line.
     *
     * @param type audio, video, ...
     * @param port 0 = refused or disabled
     * @param protocol RTP/AVP, ...
     * @param formats as written, in order of preference
     * @param address null = none that is an IP address
     * @param direction {@link #SENDS} and {@link #RECEIVES} bits
     * @param rtcpPort of an a=rtcp line, {@link #NEXT_PORT} or {@link #NO_RTCP}
     * @param ptimeMs 0 = not said
     * @param keys that we can use, in order of preference
     * @param ice what ICE needs of it when its side is no lite one, null = it has not all of that
     * @param dtls what ICE and DTLS need of it, null = it has not all of that
     * @param payloads RTP formats with their names, in order of preference
     */
    public record Stream(
            String type,
            int port,
            String protocol,
            List<String> formats,
            InetAddress address,
            int direction,
            int rtcpPort,
            boolean rtcpMux,
            int ptimeMs,
            List<SdesKey> keys,
            Ice ice,
            Dtls dtls,
            List<Payload> payloads) {
        /** Keeps its own copies. */
        public Stream {
            formats = List.copyOf(formats);
            keys = List.copyOf(keys);
            payloads = List.copyOf(payloads);
        }

        /** @return whether this is audio over RTP, plain, with a key of RFC 4568 or by DTLS, that can be answered. */
        public boolean isUsableAudio() {
            boolean isPlain = protocol.equals("RTP/AVP") || protocol.equals("RTP/AVPF");
            boolean isAddressed = address != null && (isPlain || isSecure());
            return type.equals("audio") && port > 0 && (isAddressed || isDtls());
        }

        /** @return whether its SRTP keys come from a DTLS handshake (RFC 5764) over a path that ICE finds. */
        public boolean isDtls() {
            return dtls != null && rtcpMux && protocol.startsWith("UDP/TLS/RTP/SAVP");
        }

        /** @return whether its RTP is to be SRTP under {@link #keys}. */
        public boolean isSecure() {
            return (protocol.equals("RTP/SAVP") || protocol.equals("RTP/SAVPF")) && !keys.isEmpty();
        }

        /** @return whether ICE may find the way of its SRTP under {@link #keys}, on one port. */
        boolean isIceWithKeys() {
            return ice != null && rtcpMux && isSecure();
        }

        /** @return the suite of the key that is used, the first of {@link #keys}; null = plain RTP. */
        SrtpSuite suite() {
            return isSecure() ? keys.getFirst().suite() : null;
        }

        /** @return the payload type of telephone-event (RFC 4733) with a clock rate, or -1. */
        public int telephoneEvent(int clockRate) {
            for (Payload payload : payloads) {
                if (payload.clockRate() == clockRate && payload.name().equalsIgnoreCase("telephone-event")) {
                    return payload.type();
                }
            }
            return -1;
        }
    }

    /**
     * A far end's side of ICE (RFC 8839).
     *
     * @param ufrag 4 to 256 characters
     * @param password 22 to 256 characters
     */
    record Ice(String ufrag, String password) {
        /** Without the password. */
        @Override
        public String toString() {
            return "Ice[" + ufrag + "]";
        }
    }

    /**
     * What DTLS (RFC 8122, RFC 8842) says of a far end that is, or may be, its client, and ICE beside it.
     *
     * @param fingerprint SHA-256 of its certificate, 32 bytes
     * @param mid of the stream, "" = none
     * @param isBundled whether a=group:BUNDLE names it (RFC 9143)
     */
    record Dtls(Ice ice, byte[] fingerprint, String mid, boolean isBundled) {}

    /**
     * One RTP format.
     *
     * @param type 0..127
     * @param name encoding name as written
     * @param channels 1 when not said
     * @param parameters of its a=fmtp line, "" = none
     */
    public record Payload(int type, String name, int clockRate, int channels, String parameters) {}
}
