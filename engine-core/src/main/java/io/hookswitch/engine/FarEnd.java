package io.hookswitch.engine;

import io.hookswitch.engine.message.Codec;
import java.net.InetSocketAddress;
import java.util.Objects;

/**
 * Who a leg talks to, as its signalling agreed on it.
 *
 * @param rtp where it receives RTP; a port above 0 and an address that is resolved
 * @param rtcpPort where it receives RTCP; the RTP port when multiplexed (RFC 5761), 0 = nowhere
 * @param codec one of {@link Codec}, not UNKNOWN
 * @param payloadType of the codec, 0..127, the same both ways
 * @param clockRate of the codec's RTP timestamps, Hz
 * @param eventPayloadType of telephone events (RFC 4733) with a clock of 8000 Hz, -1 = none
 */
public record FarEnd(
        InetSocketAddress rtp, int rtcpPort, int codec, int payloadType, int clockRate, int eventPayloadType) {
    private static final int NO_EVENTS = -1;
    private static final int USUAL_EVENTS = 101;
    private static final int PCMA_TYPE = 8;
    private static final int G711_CLOCK = 8000;

    /** Checks the ranges. @throws IllegalArgumentException naming the first fault */
    public FarEnd {
        Objects.requireNonNull(rtp, "rtp");
        expect(!rtp.isUnresolved() && rtp.getPort() > 0, "rtp: " + rtp + " is no address with a port");
        expect(rtcpPort >= 0 && rtcpPort <= 65_535, "rtcpPort: " + rtcpPort + " is not in 0..65535");
        expect(codec >= Codec.PCMU && codec <= Codec.OPUS, "codec: " + codec + " is none of Codec");
        expect(payloadType >= 0 && payloadType <= 127, "payloadType: " + payloadType + " is not in 0..127");
        expect(clockRate >= 8000 && clockRate <= 48_000, "clockRate: " + clockRate + " is not in 8000..48000");
        expect(
                eventPayloadType >= NO_EVENTS && eventPayloadType <= 127 && eventPayloadType != payloadType,
                "eventPayloadType: " + eventPayloadType + " is not -1 or another one in 0..127");
    }

    private static void expect(boolean holds, String fault) {
        if (!holds) {
            throw new IllegalArgumentException(fault);
        }
    }

    /** @return a far end with G.711 mu-law, telephone events as 101, RTCP on the port behind. */
    public static FarEnd pcmu(InetSocketAddress rtp) {
        return new FarEnd(rtp, rtp.getPort() + 1, Codec.PCMU, 0, G711_CLOCK, USUAL_EVENTS);
    }

    /** @return a far end with G.711 A-law, telephone events as 101, RTCP on the port behind. */
    public static FarEnd pcma(InetSocketAddress rtp) {
        return new FarEnd(rtp, rtp.getPort() + 1, Codec.PCMA, PCMA_TYPE, G711_CLOCK, USUAL_EVENTS);
    }
}
