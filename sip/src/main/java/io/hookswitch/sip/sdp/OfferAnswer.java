package io.hookswitch.sip.sdp;

import io.hookswitch.engine.message.MediaFlyweight;
import io.hookswitch.rtp.srtp.SrtpSuite;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Offer and answer (RFC 3264) of one leg: what we said last, what the far end said last, and the description that both
 * amount to. One audio stream is used, every other one is refused with port 0. Sip thread.
 */
public final class OfferAnswer {
    /** Payload type that we give telephone-event with the 8 kHz clock. */
    public static final int EVENT_TYPE = 101;

    private static final int EVENT_TYPE_48K = 110;
    private static final String SECURE = "RTP/SAVP";
    /** The suite that every far end with SRTP has (RFC 4568 section 6.2.1). */
    private static final SrtpSuite OFFERED_SUITE = SrtpSuite.AES_CM_128_HMAC_SHA1_80;

    private static final byte[] NOWHERE = new byte[4];
    private static final int NARROW_CLOCK = 8000;
    private static final int DEFAULT_PTIME_MS = 20;
    private static final String RTCP_MUX = "a=rtcp-mux\r\n";
    private static final String OTHER_FAMILY = "the media address is of the IP version that ours is not";
    private static final String NOT_SECURE = "this call is SRTP, and the far end would not have it so";
    private static final String NOT_DTLS = "DTLS was offered, and the far end would not have it so";
    private static final String NO_CERTIFICATE = "keys of DTLS are for nodes that listen on ws or wss";
    private static final String NO_COMMON = "no audio stream with a codec that both sides know";

    private final long sessionId;
    private final MediaFlyweight ours = new MediaFlyweight();
    private final byte[] address = new byte[16];
    private Sdp remoteOffer;
    /** m= lines of the description in force: a later offer has to have the same ones (RFC 3264 section 8). */
    private List<Sdp.Stream> agreed = List.of();

    private int audioIndex;
    private int selectedCodec;
    private int selectedType = -1;
    private String body = "";
    private String sent = "";
    private long version;
    private String refusal = "";
    private int signallingIpv4;
    private final Supplier<byte[]> keys;
    /**
     * Our key, made with the first description that needs one; null = none yet. It is kept while the suite stays: with
     * another one, or after plain RTP, packets are counted from the beginning, and no two may share a keystream.
     */
    private byte[] ownKey;

    private SrtpSuite ownKeySuite;
    /** What is in force and what our last offer said; null = plain RTP. */
    private SrtpSuite agreedSuite;

    private SrtpSuite offeredSuite;
    private boolean isSecureOnly;

    private final IceSide ice;
    private final DtlsSide dtls;
    /** Whether ICE finds the way of SRTP with keys in SDP: what is in force, or is to be. */
    private boolean isIce;
    /** The same of our last offer. */
    private boolean isIceOffered;
    /** Whether keys come from DTLS: what is in force, or is to be. */
    private boolean isDtls;

    /**
     * @param sessionId of our o= line, positive
     * @param keys makes a master key and salt that nobody can guess, {@link SrtpSuite#MASTER_LENGTH} bytes
     * @param fingerprint SHA-256 of our DTLS certificate, {@code AB:CD:...}; "" = DTLS is neither offered nor accepted
     */
    public OfferAnswer(long sessionId, Supplier<byte[]> keys, String fingerprint) {
        this.sessionId = sessionId;
        this.keys = keys;
        ice = new IceSide(keys);
        dtls = new DtlsSide(ice, fingerprint);
        version = 1;
        ours.wrap(new UnsafeBuffer(new byte[MediaFlyweight.LENGTH]), 0);
    }

    /** @return why the last step was refused; nothing of the far end is in it. */
    public String refusal() {
        return refusal;
    }

    /** @return what we said last, "" = nothing yet. */
    public String sent() {
        return sent;
    }

    /** @return our side as the core gave it last; not present before. */
    public MediaFlyweight ours() {
        return ours;
    }

    /** @return whether an offer of the far end waits for our answer. */
    public boolean owesAnswer() {
        return remoteOffer != null;
    }

    /**
     * Takes the address that the far end's message came from, for what is read of it next: behind a NAT its media may
     * come from there, whatever its description says.
     *
     * @param source null = of no message, nothing changes
     */
    public void heardFrom(InetAddress source) {
        if (source != null) {
            signallingIpv4 = source instanceof Inet4Address
                    ? ByteBuffer.wrap(source.getAddress()).getInt()
                    : 0;
        }
    }

    /** Takes our address, ports and codecs, in order of preference, for what follows. */
    public void ours(MediaFlyweight media) {
        ours.copyFrom(media);
    }

    /**
     * Whatever is offered and accepted from now on is SRTP (RFC 4568), or the media is refused.
     *
     * @param withIce our side of ICE is offered, too; a far end that does not take it up is sent to where it says
     */
    public void offerSecurely(boolean withIce) {
        isSecureOnly = true;
        agreedSuite = OFFERED_SUITE;
        isIce = withIce;
    }

    /** Whatever is offered from now on has keys of DTLS, as browsers want it; not without a certificate. */
    public void offerDtls() {
        isDtls = dtls.isAvailable();
    }

    /** @return a description whose keys cannot be read any more: for eyes beyond this call's two ends. */
    public static String withoutKeys(String description) {
        return SdesKey.masked(description);
    }

    /** @return an offer of ours (section 5): what was agreed keeps its place, its codec first. */
    public String offer() {
        remoteOffer = null;
        offeredSuite = agreedSuite;
        isIceOffered = isIce;
        StringBuilder text = new StringBuilder();
        if (agreed.isEmpty()) {
            audioIndex = 0;
            audio(text, isDtls ? DtlsSide.PROTOCOL : offeredSuite != null ? SECURE : "RTP/AVP", offeredFormats());
        }
        for (int i = 0; i < agreed.size(); i++) {
            if (i == audioIndex) {
                audio(text, agreed.get(i).protocol(), offeredFormats());
            } else {
                refused(text, agreed.get(i));
            }
        }
        return finish(text, isDtls ? DtlsSide.sessionLines(agreedDtls()) : isIce ? IceSide.LITE : "");
    }

    /** @return what the far end said of its DTLS in the description in force, null = there is none yet. */
    private Sdp.Dtls agreedDtls() {
        return agreed.isEmpty() ? null : agreed.get(audioIndex).dtls();
    }

    /**
     * Reads an offer; it then waits for {@link #answer}.
     *
     * @param into what the far end named: address and every codec that we know, in its order
     * @return false when it cannot be used: {@link #refusal} says why
     */
    public boolean readOffer(byte[] offer, MediaFlyweight into) {
        remoteOffer = null;
        if (!(SdpReader.read(offer) instanceof Sdp.Read(Sdp sdp))) {
            refusal = "unreadable description";
            return false;
        }
        refusal = NO_COMMON;
        Sdp.Stream audio = firstUsable(sdp);
        if (audio == null) {
            return false;
        }
        remoteOffer = sdp;
        describe(audio, null, true, into);
        return true;
    }

    /** @return the first usable audio stream with a codec we know, or null. */
    private Sdp.Stream firstUsable(Sdp sdp) {
        for (Sdp.Stream stream : sdp.media()) {
            if (isUsable(stream) && stream.payloads().stream().anyMatch(payload -> AudioCodec.of(payload) != null)) {
                return stream;
            }
        }
        return null;
    }

    private boolean isUsable(Sdp.Stream stream) {
        if (isSecureOnly && stream.isUsableAudio() && !stream.isSecure() && !stream.isDtls()) {
            refusal = NOT_SECURE;
            return false;
        }
        if (stream.isDtls() && !dtls.isAvailable()) {
            refusal = NO_CERTIFICATE;
            return false;
        }
        return stream.isUsableAudio();
    }

    /**
     * Answers the offer read last (section 6): our first codec that the far end offers, with its payload types.
     *
     * @param into what was agreed: the far end's address, the one codec, direction as seen from us
     * @return null when there is nothing in common: {@link #refusal} says why, and the offer is gone
     */
    public String answer(MediaFlyweight into) {
        Sdp offer = remoteOffer;
        remoteOffer = null;
        Sdp.Payload chosen = null;
        int index = -1;
        refusal = NO_COMMON;
        for (int i = 0; i < offer.media().size() && chosen == null; i++) {
            Sdp.Stream stream = offer.media().get(i);
            if (isUsable(stream) && isReachable(stream)) {
                chosen = choose(stream);
                index = i;
            }
        }
        if (chosen == null) {
            return null;
        }
        Sdp.Stream audio = offer.media().get(index);
        describe(audio, chosen, true, into);
        agreed = offer.media();
        audioIndex = index;
        remember(audio, chosen, true);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < agreed.size(); i++) {
            if (i == index) {
                answerAudio(text, audio, chosen, into);
            } else {
                refused(text, agreed.get(i));
            }
        }
        return finish(text, audio.isDtls() ? DtlsSide.sessionLines(audio.dtls()) : isIce ? IceSide.LITE : "");
    }

    /** Whether our media address can send there: IPv4 and IPv6 do not meet. Zeros are no address but a hold. */
    private boolean isReachable(Sdp.Stream stream) {
        boolean reachable = stream.isDtls()
                || stream.address().isAnyLocalAddress()
                || !ours.present()
                || stream.address().getAddress().length == ours.addressLength();
        if (!reachable) {
            refusal = OTHER_FAMILY;
        }
        return reachable;
    }

    /** The codec in use stays in use when the far end still offers it: nobody gains by a change in the call. */
    private Sdp.Payload choose(Sdp.Stream stream) {
        for (Sdp.Payload payload : stream.payloads()) {
            AudioCodec codec = AudioCodec.of(payload);
            if (selectedType >= 0 && codec != null && codec.codec == selectedCodec && isOurs(codec)) {
                return payload;
            }
        }
        for (int i = 0; i < ours.codecCount(); i++) {
            for (Sdp.Payload payload : stream.payloads()) {
                AudioCodec codec = AudioCodec.of(payload);
                if (codec != null && codec.codec == ours.codec(i)) {
                    return payload;
                }
            }
        }
        return null;
    }

    private void remember(Sdp.Stream audio, Sdp.Payload chosen, boolean mayHaveIce) {
        isDtls = audio.isDtls();
        isIce = mayHaveIce && audio.isIceWithKeys();
        agreedSuite = audio.suite();
        if (agreedSuite == null) {
            ownKey = null;
        }
        selectedCodec = AudioCodec.of(chosen).codec;
        selectedType = chosen.type();
    }

    /**
     * Reads the answer to our last offer (section 7). May be called again for the same offer: a far end repeats its
     * early answer in the 200, or changes it.
     *
     * @param into what was agreed, the selected codec first
     * @return false when it cannot be used: {@link #refusal} says why
     */
    public boolean readAnswer(byte[] answer, MediaFlyweight into) {
        if (!(SdpReader.read(answer) instanceof Sdp.Read(Sdp sdp))) {
            refusal = "unreadable description";
            return false;
        }
        Sdp.Stream audio = audioIndex < sdp.media().size() ? sdp.media().get(audioIndex) : null;
        refusal = NO_COMMON;
        boolean usable = audio != null && audio.isUsableAudio() && isReachable(audio);
        Sdp.Payload chosen = usable ? firstOfOurs(audio) : null;
        if (chosen == null) {
            return false;
        }
        if (audio.isDtls() != isDtls) {
            refusal = isDtls ? NOT_DTLS : "DTLS was answered, and not offered";
            return false;
        }
        if (audio.suite() != offeredSuite) {
            // Nobody on the way may turn it into plain RTP, or into another suite (RFC 4568 section 5.1.2).
            refusal = offeredSuite == null ? "SRTP was answered, and not offered" : NOT_SECURE;
            return false;
        }
        agreed = sdp.media();
        describe(audio, chosen, isIceOffered, into);
        remember(audio, chosen, isIceOffered);
        return true;
    }

    private byte[] ownKey(SrtpSuite suite) {
        if (ownKey == null || ownKeySuite != suite) {
            ownKey = keys.get();
            ownKeySuite = suite;
        }
        return ownKey;
    }

    private Sdp.Payload firstOfOurs(Sdp.Stream audio) {
        for (Sdp.Payload payload : audio.payloads()) {
            AudioCodec codec = AudioCodec.of(payload);
            for (int i = 0; codec != null && i < ours.codecCount(); i++) {
                if (ours.codec(i) == codec.codec) {
                    return payload;
                }
            }
        }
        return null;
    }

    /** Writes what the far end said; {@code first} leads its codecs, null = all in its own order. */
    private void describe(Sdp.Stream audio, Sdp.Payload first, boolean mayHaveIce, MediaFlyweight into) {
        into.begin();
        into.signallingIpv4(signallingIpv4);
        // Where a far end with ICE is will show on the media path.
        into.address(audio.isDtls() ? NOWHERE : audio.address().getAddress());
        int rtcpPort =
                audio.rtcpPort() == Sdp.NEXT_PORT ? Math.min(audio.port() + 1, 65_535) : Math.max(0, audio.rtcpPort());
        // Our ports tell RTP from RTCP whichever arrives there, so whoever wants one port may have it (RFC 5761).
        into.ports(audio.port(), audio.rtcpMux() ? audio.port() : rtcpPort);
        into.ptimeMs(audio.ptimeMs());
        if (audio.isDtls()) {
            dtls.meets(audio.dtls());
            dtls.describe(into);
        } else if (audio.isSecure()) {
            SdesKey key = audio.keys().getFirst();
            into.srtp(1 + key.suite().ordinal(), ownKey(key.suite()), key.master());
            if (mayHaveIce && audio.isIceWithKeys()) {
                ice.meets(audio.ice());
                into.ice(ice.ufrag(), ice.password());
            }
        }
        int direction = Sdp.reversed(audio.direction());
        into.direction(ours.present() ? direction & ours.direction() : direction);
        if (first != null) {
            add(audio, first, into);
        }
        for (Sdp.Payload payload : audio.payloads()) {
            AudioCodec codec = AudioCodec.of(payload);
            if (codec != null && !has(into, codec.codec) && (first == null || isOurs(codec))) {
                add(audio, payload, into);
            }
        }
        int clock = into.clockRate(0);
        int event = audio.telephoneEvent(clock);
        if (event < 0) {
            clock = NARROW_CLOCK;
            event = audio.telephoneEvent(clock);
        }
        into.telephoneEvent(event, event < 0 ? 0 : clock);
    }

    private boolean isOurs(AudioCodec codec) {
        return has(ours, codec.codec);
    }

    private static boolean has(MediaFlyweight media, int codec) {
        for (int i = 0; i < media.codecCount(); i++) {
            if (media.codec(i) == codec) {
                return true;
            }
        }
        return false;
    }

    private static void add(Sdp.Stream audio, Sdp.Payload payload, MediaFlyweight into) {
        AudioCodec codec = AudioCodec.of(payload);
        into.addCodec(codec.codec, payload.type(), audio.telephoneEvent(codec.clockRate), codec.clockRate);
    }

    /** Formats of an offer: type and codec, the agreed codec first with the number it has (section 8.3.2). */
    private List<Sdp.Payload> offeredFormats() {
        List<Sdp.Payload> formats = new ArrayList<>();
        if (selectedType >= 0) {
            AudioCodec codec = AudioCodec.of(selectedCodec);
            formats.add(new Sdp.Payload(selectedType, codec.encoding, codec.clockRate, codec.channels, ""));
        }
        for (int i = 0; i < ours.codecCount(); i++) {
            AudioCodec codec = AudioCodec.of(ours.codec(i));
            if (codec == null || codec.codec == selectedCodec && selectedType >= 0) {
                continue;
            }
            int type = codec.isStatic() ? codec.usualType : dynamicType(formats, ours.payloadType(i), codec.usualType);
            formats.add(new Sdp.Payload(type, codec.encoding, codec.clockRate, codec.channels, ""));
        }
        boolean wide = formats.stream().anyMatch(format -> format.clockRate() != NARROW_CLOCK);
        int asked = ours.telephoneEventPayloadType();
        formats.add(event(dynamicType(formats, asked, EVENT_TYPE), NARROW_CLOCK));
        if (wide) {
            formats.add(event(dynamicType(formats, -1, EVENT_TYPE_48K), AudioCodec.OPUS.clockRate));
        }
        return formats;
    }

    private static Sdp.Payload event(int type, int clockRate) {
        return new Sdp.Payload(type, "telephone-event", clockRate, 1, "0-15");
    }

    /** @return the type asked for, else the usual one, else the first free one. */
    private static int dynamicType(List<Sdp.Payload> taken, int asked, int usual) {
        if (asked >= AudioCodec.FIRST_DYNAMIC && isFree(taken, asked)) {
            return asked;
        }
        int type = usual;
        while (!isFree(taken, type)) {
            type = type == AudioCodec.LAST_TYPE ? AudioCodec.FIRST_DYNAMIC : type + 1;
        }
        return type;
    }

    private static boolean isFree(List<Sdp.Payload> taken, int type) {
        return taken.stream().noneMatch(payload -> payload.type() == type);
    }

    private void audio(StringBuilder text, String protocol, List<Sdp.Payload> formats) {
        text.append("m=audio ").append(ours.rtpPort()).append(' ').append(protocol);
        formats.forEach(format -> text.append(' ').append(format.type()));
        text.append("\r\n");
        formats.forEach(format -> format(text, format));
        if (isDtls) {
            dtls.streamLines(text, DtlsSide.OFFERED, agreedDtls(), hostText(), ours.rtpPort());
        } else if (offeredSuite != null) {
            key(text, new SdesKey("1", offeredSuite, ownKey(offeredSuite)));
            if (isIce) {
                ice.lines(text, hostText(), ours.rtpPort());
            }
        }
        if (!isDtls) {
            rtcp(text);
        }
        // Who does not know it passes over it and gets two ports (RFC 5761 section 5.1.1).
        text.append(RTCP_MUX);
        end(text, ours.direction());
    }

    private void answerAudio(StringBuilder text, Sdp.Stream offered, Sdp.Payload chosen, MediaFlyweight agreedOn) {
        int event = agreedOn.telephoneEventPayloadType();
        text.append("m=audio ").append(ours.rtpPort()).append(' ').append(offered.protocol());
        text.append(' ').append(chosen.type());
        if (event >= 0) {
            text.append(' ').append(event);
        }
        text.append("\r\n");
        format(text, chosen);
        if (event >= 0) {
            format(text, event(event, agreedOn.telephoneEventClockRate()));
        }
        if (offered.isDtls()) {
            dtls.streamLines(text, DtlsSide.ANSWERED, offered.dtls(), hostText(), ours.rtpPort());
        } else if (offered.isSecure()) {
            SdesKey chosenKey = offered.keys().getFirst();
            key(text, new SdesKey(chosenKey.tag(), chosenKey.suite(), ownKey(chosenKey.suite())));
            if (isIce) {
                ice.lines(text, hostText(), ours.rtpPort());
            }
        }
        if (offered.rtcpMux()) {
            text.append(RTCP_MUX);
        } else {
            rtcp(text);
        }
        end(text, agreedOn.direction());
    }

    private static void key(StringBuilder text, SdesKey key) {
        text.append("a=crypto:").append(key.text()).append("\r\n");
    }

    private static void format(StringBuilder text, Sdp.Payload format) {
        AudioCodec codec = AudioCodec.of(format);
        text.append("a=rtpmap:").append(format.type()).append(' ');
        if (codec == null) {
            text.append(format.name()).append('/').append(format.clockRate()).append("\r\n");
            text.append("a=fmtp:").append(format.type()).append(" 0-15\r\n");
        } else {
            text.append(codec.rtpmap()).append("\r\n");
        }
    }

    /** RFC 3605: only when RTCP is not on the next port. */
    private void rtcp(StringBuilder text) {
        if (ours.rtcpPort() != ours.rtpPort() + 1 && ours.rtcpPort() > 0) {
            text.append("a=rtcp:").append(ours.rtcpPort()).append("\r\n");
        }
    }

    private void end(StringBuilder text, int direction) {
        text.append("a=ptime:")
                .append(ours.ptimeMs() > 0 ? ours.ptimeMs() : DEFAULT_PTIME_MS)
                .append("\r\na=")
                .append(
                        switch (direction) {
                            case MediaFlyweight.SEND -> "sendonly";
                            case MediaFlyweight.RECEIVE -> "recvonly";
                            case 0 -> "inactive";
                            default -> "sendrecv";
                        })
                .append("\r\n");
    }

    /** Section 6: a refused stream keeps its line, with port 0 and at least one format. */
    private static void refused(StringBuilder text, Sdp.Stream stream) {
        text.append("m=").append(stream.type()).append(" 0 ").append(stream.protocol());
        stream.formats().forEach(format -> text.append(' ').append(format));
        text.append("\r\n");
    }

    /** The version grows when and only when the rest has changed (section 8). */
    private String finish(StringBuilder media, String sessionLines) {
        String host = hostText();
        String family = ours.addressLength() == 16 ? "IP6" : "IP4";
        String rest = "s=-\r\nc=IN " + family + ' ' + host + "\r\nt=0 0\r\n" + sessionLines + media;
        if (!body.isEmpty() && !body.equals(rest)) {
            version++;
        }
        body = rest;
        sent = "v=0\r\no=- " + sessionId + ' ' + version + " IN " + family + ' ' + host + "\r\n" + rest;
        return sent;
    }

    private String hostText() {
        byte[] bytes = new byte[ours.copyAddress(address)];
        System.arraycopy(address, 0, bytes, 0, bytes.length);
        try {
            return InetAddress.getByAddress(bytes).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException("our media address has " + bytes.length + " bytes", e);
        }
    }
}
