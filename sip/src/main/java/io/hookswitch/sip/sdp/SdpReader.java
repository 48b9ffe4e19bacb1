package io.hookswitch.sip.sdp;

import io.hookswitch.engine.message.MediaFlyweight;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Reads a session description. Network input never throws: what cannot be used gives a reason, what is not known is
 * passed over, and everything is bounded. Lines may end with a bare LF, as some far ends write them.
 */
public final class SdpReader {
    private static final int BODY_MAX = 64 * 1024;
    private static final int LINES_MAX = 1_000;
    private static final int STREAMS_MAX = 32;
    private static final int FORMATS_MAX = 64;
    private static final int KEYS_MAX = 16;
    private static final int PORT_MAX = 65_535;
    private static final int CLOCK_MAX = 1_000_000;
    private static final int PTIME_MAX = 1_000;
    private static final int ICE_MAX = 256;
    private static final int MID_MAX = 32;
    private static final int NOT_SAID = -1;

    /** A stream while its lines are read. */
    private static final class Draft {
        private String type;
        private int port;
        private String protocol;
        private final List<String> formats = new ArrayList<>();
        private final String[] rtpmap = new String[AudioCodec.LAST_TYPE + 1];
        private final String[] fmtp = new String[AudioCodec.LAST_TYPE + 1];
        private InetAddress address;
        private boolean hasAddress;
        private int direction = NOT_SAID;
        private int rtcpPort;
        private InetAddress rtcpAddress;
        private boolean rtcpMux;
        private int ptimeMs;
        private final List<SdesKey> keys = new ArrayList<>();
        private String ufrag;
        private String password;
        private byte[] fingerprint;
        private String setup;
        private String mid = "";
    }

    private final Draft session = new Draft();
    private final List<Draft> drafts = new ArrayList<>();
    /** Of the first a=group:BUNDLE line, {@code 0 1}. */
    private String bundle = "";

    private boolean isIceLite;

    private String origin;
    private String fault;

    private SdpReader() {}

    /** @return what a body says. */
    public static Sdp.Result read(byte[] body) {
        if (body.length > BODY_MAX) {
            return new Sdp.Unreadable("longer than " + BODY_MAX + " bytes");
        }
        return read(new String(body, StandardCharsets.UTF_8));
    }

    /** @return what a body says. */
    public static Sdp.Result read(String body) {
        SdpReader reader = new SdpReader();
        reader.readLines(body);
        if (reader.fault != null) {
            return new Sdp.Unreadable(reader.fault);
        }
        List<Sdp.Stream> streams = new ArrayList<>();
        for (Draft draft : reader.drafts) {
            streams.add(reader.finish(draft));
        }
        return new Sdp.Read(new Sdp(reader.origin, streams));
    }

    private void readLines(String body) {
        int lines = 0;
        int at = 0;
        while (at < body.length() && fault == null) {
            int lineEnd = body.indexOf('\n', at);
            int next = lineEnd < 0 ? body.length() : lineEnd + 1;
            int end = lineEnd < 0 ? body.length() : lineEnd;
            if (end > at && body.charAt(end - 1) == '\r') {
                end--;
            }
            if (end > at) {
                lines++;
                readLine(body.substring(at, end), lines);
            }
            at = next;
        }
        if (fault == null && lines == 0) {
            fault = "empty";
        } else if (fault == null && origin == null) {
            fault = "no o= line";
        }
    }

    private void readLine(String line, int number) {
        if (number > LINES_MAX) {
            fault = "more than " + LINES_MAX + " lines";
            return;
        }
        if (line.indexOf('\r') >= 0 || line.indexOf('\0') >= 0) {
            fault = "line " + number + " has a CR or NUL in it";
            return;
        }
        if (line.length() < 2 || line.charAt(1) != '=') {
            fault = "line " + number + " is not name=value";
            return;
        }
        if (number == 1) {
            fault = line.strip().equals("v=0") ? null : "does not begin with v=0";
            return;
        }
        String value = line.substring(2).strip();
        switch (line.charAt(0)) {
            case 'o' -> readOrigin(value);
            case 'c' -> readConnection(value);
            case 'm' -> readMedia(value, number);
            case 'a' -> readAttribute(value);
            default -> {
                // s=, t=, b=, and lines that are not invented yet.
            }
        }
    }

    private void readOrigin(String value) {
        if (origin != null || !drafts.isEmpty()) {
            return;
        }
        if (value.split(" +", 7).length < 6) {
            fault = "o= line without its six parts";
        }
        origin = value;
    }

    private Draft current() {
        return drafts.isEmpty() ? session : drafts.getLast();
    }

    private void readConnection(String value) {
        Draft draft = current();
        String[] parts = value.split(" +", 4);
        if (draft.hasAddress || parts.length < 3 || !parts[0].equals("IN")) {
            return;
        }
        // A name would have to be looked up on the sip thread, and a multicast /ttl is no call: no address then.
        draft.hasAddress = true;
        draft.address = NetUtil.createInetAddressFromIpAddressString(parts[2]);
    }

    private void readMedia(String value, int number) {
        String[] parts = value.split(" +", FORMATS_MAX + 5);
        if (drafts.size() == STREAMS_MAX) {
            fault = "more than " + STREAMS_MAX + " streams";
            return;
        }
        Draft draft = new Draft();
        draft.port = parts.length < 4 ? NOT_SAID : number(portOf(parts[1]), PORT_MAX);
        if (draft.port < 0) {
            fault = "line " + number + ": m= line without type, port, protocol and format";
            return;
        }
        draft.type = parts[0];
        draft.protocol = parts[2];
        for (int i = 3; i < parts.length && i < FORMATS_MAX + 3; i++) {
            draft.formats.add(parts[i]);
        }
        drafts.add(draft);
    }

    /** {@code 4000/2} is a port and the number of ports. */
    private static String portOf(String text) {
        int slash = text.indexOf('/');
        return slash < 0 ? text : text.substring(0, slash);
    }

    private void readAttribute(String attribute) {
        Draft draft = current();
        int colon = attribute.indexOf(':');
        String name = colon < 0 ? attribute : attribute.substring(0, colon);
        String value = colon < 0 ? "" : attribute.substring(colon + 1).strip();
        switch (name) {
            case "sendrecv" -> draft.direction = Sdp.SENDS | Sdp.RECEIVES;
            case "sendonly" -> draft.direction = Sdp.SENDS;
            case "recvonly" -> draft.direction = Sdp.RECEIVES;
            case "inactive" -> draft.direction = 0;
            case "rtcp-mux" -> draft.rtcpMux = true;
            case "rtcp" -> readRtcp(draft, value);
            case "ptime" -> draft.ptimeMs = Math.max(0, number(portOf(firstWord(value)), PTIME_MAX));
            case "rtpmap" -> keepByType(draft.rtpmap, value);
            case "crypto" -> readKey(draft, value);
            case "fmtp" -> keepByType(draft.fmtp, value);
            default -> readDtls(draft, name, value);
        }
    }

    private void readDtls(Draft draft, String name, String value) {
        switch (name) {
            case "ice-ufrag" -> draft.ufrag = isIceText(value, 4) ? value : null;
            case "ice-pwd" -> draft.password = isIceText(value, 22) ? value : null;
            case "ice-lite" -> isIceLite = true;
            case "setup" -> draft.setup = value;
            case "mid" -> draft.mid = isToken(value) ? value : "";
            case "fingerprint" -> draft.fingerprint = draft.fingerprint == null ? sha256(value) : draft.fingerprint;
            case "group" -> {
                if (bundle.isEmpty() && value.startsWith("BUNDLE ")) {
                    bundle = value.substring("BUNDLE ".length());
                }
            }
            default -> {
                // Not ours.
            }
        }
    }

    /** RFC 8839 section 5.4: letters, digits, + and /. */
    private static boolean isIceText(String text, int fewest) {
        return text.length() >= fewest
                && text.length() <= ICE_MAX
                && text.chars().allMatch(c -> c == '+' || c == '/' || isAlphanumeric(c));
    }

    private static boolean isToken(String text) {
        return text.length() <= MID_MAX
                && text.chars().allMatch(c -> isAlphanumeric(c) || "!#$%&'*+-.^_`{|}~".indexOf(c) >= 0);
    }

    private static boolean isAlphanumeric(int c) {
        return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z';
    }

    /** @return the 32 bytes of {@code sha-256 AB:CD:...}, or null: another digest, or none at all. */
    private static byte[] sha256(String value) {
        int space = value.indexOf(' ');
        String digits = space < 0 ? "" : value.substring(space + 1).strip();
        if (!value.regionMatches(true, 0, "sha-256 ", 0, space + 1)
                || digits.length() != 3 * MediaFlyweight.FINGERPRINT_LENGTH - 1) {
            return null;
        }
        try {
            return HexFormat.ofDelimiter(":").parseHex(digits);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** RFC 3605: a port, and maybe an address. */
    private static void readRtcp(Draft draft, String value) {
        String[] parts = value.split(" +", 5);
        draft.rtcpPort = Math.max(Sdp.NEXT_PORT, number(parts[0], PORT_MAX));
        draft.rtcpAddress = parts.length < 4 ? null : NetUtil.createInetAddressFromIpAddressString(parts[3]);
    }

    private static void readKey(Draft draft, String value) {
        SdesKey key = SdesKey.read(value);
        if (key != null && draft.keys.size() < KEYS_MAX) {
            draft.keys.add(key);
        }
    }

    private static void keepByType(String[] byType, String value) {
        int space = value.indexOf(' ');
        int type = space < 0 ? NOT_SAID : number(value.substring(0, space), AudioCodec.LAST_TYPE);
        if (type >= 0 && byType[type] == null) {
            byType[type] = value.substring(space + 1).strip();
        }
    }

    private static String firstWord(String value) {
        int space = value.indexOf(' ');
        return space < 0 ? value : value.substring(0, space);
    }

    /** @return 0..max, or {@link #NOT_SAID} when the text is not such a number. */
    private static int number(String text, int max) {
        if (text.isEmpty() || text.length() > 9) {
            return NOT_SAID;
        }
        int value = 0;
        for (int i = 0; i < text.length(); i++) {
            char digit = text.charAt(i);
            if (digit < '0' || digit > '9') {
                return NOT_SAID;
            }
            value = value * 10 + digit - '0';
        }
        return value <= max ? value : NOT_SAID;
    }

    private Sdp.Stream finish(Draft draft) {
        InetAddress address = draft.hasAddress ? draft.address : session.address;
        int direction = draft.direction != NOT_SAID ? draft.direction : session.direction;
        if (direction == NOT_SAID) {
            direction = Sdp.SENDS | Sdp.RECEIVES;
        }
        Sdp.Ice ice = ice(draft);
        Sdp.Dtls dtls = ice == null ? null : dtls(draft, ice);
        if (address != null && address.isAnyLocalAddress() && dtls == null) {
            // RFC 3264 section 8.4: hold as RFC 2543 wrote it. Nothing can be sent there.
            direction &= ~Sdp.RECEIVES;
        }
        // Media is taken from and sent to one host: reports that live elsewhere are not ours to follow.
        boolean isElsewhere = draft.rtcpAddress != null && !draft.rtcpAddress.equals(address);
        return new Sdp.Stream(
                draft.type,
                draft.port,
                draft.protocol,
                draft.formats,
                address,
                direction,
                isElsewhere ? Sdp.NO_RTCP : draft.rtcpPort,
                draft.rtcpMux,
                draft.ptimeMs != 0 ? draft.ptimeMs : session.ptimeMs,
                draft.keys,
                isIceLite ? null : ice,
                dtls,
                draft.protocol.startsWith("RTP/") || draft.protocol.contains("/RTP/") ? payloads(draft) : List.of());
    }

    /** Said for the session as a whole or for a stream. */
    private Sdp.Ice ice(Draft draft) {
        String ufrag = draft.ufrag != null ? draft.ufrag : session.ufrag;
        String password = draft.password != null ? draft.password : session.password;
        return ufrag == null || password == null ? null : new Sdp.Ice(ufrag, password);
    }

    /** Said for the session as a whole or for a stream. We are the DTLS server, so the far end has to be the client. */
    private Sdp.Dtls dtls(Draft draft, Sdp.Ice ice) {
        byte[] fingerprint = draft.fingerprint != null ? draft.fingerprint : session.fingerprint;
        String setup = draft.setup != null ? draft.setup : session.setup;
        boolean mayBeClient = setup == null || setup.equals("active") || setup.equals("actpass");
        if (fingerprint == null || !mayBeClient) {
            return null;
        }
        boolean isBundled = !draft.mid.isEmpty() && List.of(bundle.split(" +")).contains(draft.mid);
        return new Sdp.Dtls(ice, fingerprint, draft.mid, isBundled);
    }

    private static List<Sdp.Payload> payloads(Draft draft) {
        List<Sdp.Payload> payloads = new ArrayList<>();
        for (String format : draft.formats) {
            int type = number(format, AudioCodec.LAST_TYPE);
            Sdp.Payload payload = type < 0 ? null : payload(draft, type);
            if (payload != null) {
                payloads.add(payload);
            }
        }
        return payloads;
    }

    private static Sdp.Payload payload(Draft draft, int type) {
        String parameters = draft.fmtp[type] == null ? "" : draft.fmtp[type];
        String map = draft.rtpmap[type];
        if (map == null) {
            AudioCodec known = AudioCodec.ofStatic(type);
            return known == null
                    ? null
                    : new Sdp.Payload(type, known.encoding, known.clockRate, known.channels, parameters);
        }
        String[] parts = map.split("/", 4);
        int clockRate = parts.length < 2 ? NOT_SAID : number(parts[1].strip(), CLOCK_MAX);
        int channels = parts.length < 3 ? 1 : number(parts[2].strip(), 255);
        return clockRate <= 0 || channels <= 0
                ? null
                : new Sdp.Payload(type, parts[0].strip(), clockRate, channels, parameters);
    }
}
