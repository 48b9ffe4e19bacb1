package io.hookswitch.server.routing;

import io.hookswitch.server.settings.Addresses;
import io.hookswitch.server.settings.SipSettings.Transport;
import java.net.InetAddress;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A SIP URI read as far as finding its server needs (RFC 3261 section 19.1, RFC 3263 section 4).
 *
 * @param user user part as written, without password; "" = none
 * @param host as written, lower case, IPv6 without brackets
 * @param port -1 = not written
 * @param transport null = not written
 */
record SipTarget(String user, String host, int port, Transport transport) {
    /** Most characters of a URI. */
    static final int LENGTH_MAX = 1024;

    private static final String USER = "[A-Za-z0-9\\-_.!~*'()%&=+$,;?/]+";
    private static final String PASSWORD = "[A-Za-z0-9\\-_.!~*'()%&=+$,]*";
    private static final String HOST = "\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?\\.?";
    private static final String WORD = "[A-Za-z0-9\\-_.!~*'()%\\[\\]/:&+$]+";
    private static final Pattern URI = Pattern.compile("(?i:sips?):(?:(" + USER + ")(?::" + PASSWORD + ")?@)?(" + HOST
            + ")(?::([0-9]{1,5}))?((?:;" + WORD + "(?:=" + WORD + ")?)*)");

    /** What a URI was, or what is wrong with it. */
    sealed interface Parsed {
        /** It can be used. */
        record Good(SipTarget target) implements Parsed {}

        /** It cannot. */
        record Bad(String reason) implements Parsed {}
    }

    /** @return what the text of a proxy is, whose scheme may be missing; never throws. */
    static Parsed proxy(String text) {
        return parse(
                text.regionMatches(true, 0, "sip:", 0, 4) || text.regionMatches(true, 0, "sips:", 0, 5)
                        ? text
                        : "sip:" + text);
    }

    /** @return what a text is; never throws. */
    static Parsed parse(String uri) {
        if (uri.length() > LENGTH_MAX) {
            return new Parsed.Bad("URI longer than " + LENGTH_MAX);
        }
        Matcher matcher = URI.matcher(uri);
        if (!matcher.matches()) {
            return new Parsed.Bad("not a SIP URI");
        }
        String host = matcher.group(2).toLowerCase(Locale.ROOT);
        boolean isLiteral = host.startsWith("[") || host.matches("[0-9.]+");
        if (isLiteral && Addresses.literal(host).isEmpty()) {
            return new Parsed.Bad("host is not an IP address");
        }
        int port = matcher.group(3) == null ? -1 : Integer.parseInt(matcher.group(3));
        if (port == 0 || port > 65_535) {
            return new Parsed.Bad("port is not in 1..65535");
        }
        return parameters(matcher, host.replaceAll("[\\[\\]]|\\.$", ""), port);
    }

    private static Parsed parameters(Matcher matcher, String host, int port) {
        boolean secure = matcher.group().regionMatches(true, 0, "sips:", 0, 5);
        Transport transport = null;
        for (String parameter : matcher.group(4).split(";")) {
            String lower = parameter.toLowerCase(Locale.ROOT);
            if (lower.startsWith("transport=")) {
                transport = transport(lower.substring("transport=".length()));
                if (transport == null) {
                    return new Parsed.Bad("transport is not udp, tcp or tls");
                }
            } else if (lower.startsWith("maddr=")) {
                return new Parsed.Bad("maddr is not followed");
            }
        }
        if (secure) {
            // RFC 3261 section 26.2.2: TLS, whatever transport parameter of old stands there.
            transport = Transport.TLS;
        }
        String user = matcher.group(1) == null ? "" : matcher.group(1);
        return new Parsed.Good(new SipTarget(user, host, port, transport));
    }

    private static Transport transport(String name) {
        for (Transport transport : Transport.values()) {
            if (transport.wireName().equals(name)) {
                return transport;
            }
        }
        return null;
    }

    /** @return the host when it is an IP address. */
    Optional<InetAddress> literal() {
        return Addresses.literal(host);
    }

    /** @return the transport to use when no other rule says so (RFC 3263 section 4.1). */
    Transport transportOrUdp() {
        return transport == null ? Transport.UDP : transport;
    }

    /** @return the port; 5060, with TLS 5061, when none is written. */
    int portOrDefault() {
        return port >= 0 ? port : transport == Transport.TLS ? 5061 : 5060;
    }
}
