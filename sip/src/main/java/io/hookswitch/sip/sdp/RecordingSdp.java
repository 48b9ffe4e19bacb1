package io.hookswitch.sip.sdp;

import io.hookswitch.sip.RecordingSession.Stream;
import io.hookswitch.sip.RecordingSession.Target;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/** Offer and answer (RFC 3264) of one recording session (RFC 7866 section 8): streams of G.711 that we send. */
public final class RecordingSdp {
    private static final int PCMU = 0;
    private static final int PCMA = 8;
    private static final List<Integer> BOTH = List.of(PCMU, PCMA);

    /**
     * What the server says of our streams.
     *
     * @param targets one for each stream, null = it is not sent
     * @param accepted how many the server would take at all, if not now
     */
    public record Answer(List<Target> targets, int accepted) {}

    private final long sessionId;
    private String body = "";
    private int version;

    /** @param sessionId positive, below 2^62 */
    public RecordingSdp(long sessionId) {
        this.sessionId = sessionId;
    }

    /** @return the offer of these streams. */
    public String offer(InetAddress address, List<Stream> streams) {
        StringBuilder media = new StringBuilder();
        for (Stream stream : streams) {
            stream(media, stream, BOTH, stream.sends());
        }
        return text(address, media);
    }

    /** @return what an answer to our offer says; null = nothing that can be read. */
    public static Answer readAnswer(byte[] answer, List<Stream> offered) {
        if (!(SdpReader.read(answer) instanceof Sdp.Read(Sdp sdp))) {
            return null;
        }
        List<Target> targets = new ArrayList<>();
        int accepted = 0;
        for (int i = 0; i < offered.size(); i++) {
            Sdp.Stream theirs = i < sdp.media().size() ? sdp.media().get(i) : null;
            int codec = theirs == null ? -1 : codec(theirs);
            accepted += codec >= 0 ? 1 : 0;
            targets.add(codec >= 0 && offered.get(i).sends() ? target(theirs, codec) : null);
        }
        return new Answer(targets, accepted);
    }

    /** @return what the server offers; null = not what we have to send. */
    public static Answer readOffer(byte[] offer, List<Stream> ours) {
        return SdpReader.read(offer) instanceof Sdp.Read(Sdp sdp) && sdp.media().size() == ours.size()
                ? readAnswer(offer, ours)
                : null;
    }

    /** @return our answer to an offer of the server's that was read as this. */
    public String answer(InetAddress address, List<Stream> ours, Answer offered) {
        StringBuilder media = new StringBuilder();
        for (int i = 0; i < ours.size(); i++) {
            Target target = offered.targets().get(i);
            stream(
                    media,
                    ours.get(i),
                    target == null ? BOTH : List.of(target.payloadType()),
                    target != null && ours.get(i).sends());
        }
        return text(address, media);
    }

    private static int codec(Sdp.Stream theirs) {
        if (!theirs.isUsableAudio() || theirs.isSecure()) {
            return -1;
        }
        for (Sdp.Payload payload : theirs.payloads()) {
            if (payload.type() == PCMU || payload.type() == PCMA) {
                return payload.type();
            }
        }
        return -1;
    }

    private static Target target(Sdp.Stream theirs, int codec) {
        boolean listens = (theirs.direction() & Sdp.RECEIVES) != 0;
        return listens ? new Target(new InetSocketAddress(theirs.address(), theirs.port()), codec) : null;
    }

    private static void stream(StringBuilder media, Stream stream, List<Integer> codecs, boolean sends) {
        media.append("m=audio ").append(stream.port()).append(" RTP/AVP");
        codecs.forEach(codec -> media.append(' ').append(codec));
        media.append("\r\n");
        for (int codec : codecs) {
            media.append("a=rtpmap:").append(codec).append(codec == PCMU ? " PCMU" : " PCMA");
            media.append("/8000\r\n");
        }
        media.append("a=ptime:20\r\na=label:").append(stream.label());
        media.append(sends ? "\r\na=sendonly\r\n" : "\r\na=inactive\r\n");
    }

    /** The version rises when the description is another one (RFC 3264 section 8). */
    private String text(InetAddress address, StringBuilder media) {
        String at = (address instanceof Inet6Address ? "IN IP6 " : "IN IP4 ") + address.getHostAddress();
        String now = "s=-\r\nc=" + at + "\r\nt=0 0\r\n" + media;
        if (!now.equals(body)) {
            version++;
            body = now;
        }
        return "v=0\r\no=- " + sessionId + " " + version + " " + at + "\r\n" + body;
    }
}
