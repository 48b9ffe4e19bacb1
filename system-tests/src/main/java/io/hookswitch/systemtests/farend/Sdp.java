package io.hookswitch.systemtests.farend;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * The part of a session description that a far end needs (RFC 8866): where media goes, which codecs, which way.
 *
 * @param codecs audio payload types in order of preference (0 PCMU, 8 PCMA; others as written)
 * @param eventPayloadType of telephone-event/8000, -1 = none
 * @param direction sendrecv, sendonly, recvonly or inactive
 * @param crypto value of the a=crypto line, with which the media is SRTP; "" = plain RTP
 */
public record Sdp(
        InetSocketAddress media, List<Integer> codecs, int eventPayloadType, String direction, String crypto) {
    /** Keeps its own copy of the codecs. */
    public Sdp {
        codecs = List.copyOf(codecs);
    }

    /** @return the payload type that is sent: the first G.711 one, else the first. */
    int codec() {
        return codecs.stream()
                .filter(type -> type == 0 || type == 8)
                .findFirst()
                .orElse(codecs.isEmpty() ? 0 : codecs.getFirst());
    }

    /** @return what a body says. */
    public static Sdp parse(String body) {
        String address = "";
        int port = 0;
        int event = -1;
        String direction = "sendrecv";
        String crypto = "";
        List<Integer> codecs = new ArrayList<>();
        for (String line : body.split("\r?\n")) {
            if (line.startsWith("c=IN IP4 ") || line.startsWith("c=IN IP6 ")) {
                address = line.substring(9).strip();
            } else if (line.startsWith("m=audio ")) {
                String[] words = line.split(" ");
                port = Integer.parseInt(words[1]);
                for (int i = 3; i < words.length; i++) {
                    codecs.add(Integer.parseInt(words[i].strip()));
                }
            } else if (line.matches("a=rtpmap:\\d+ telephone-event/8000.*")) {
                event = Integer.parseInt(line.substring(9, line.indexOf(' ')));
            } else if (line.matches("a=(sendrecv|sendonly|recvonly|inactive)\\s*")) {
                direction = line.substring(2).strip();
            } else if (line.startsWith("a=crypto:")) {
                crypto = line.substring(9).strip();
            }
        }
        codecs.remove((Integer) event);
        return new Sdp(new InetSocketAddress(address, port), codecs, event, direction, crypto);
    }

    /** @return the body that offers or answers it; {@code version} grows with each change (RFC 3264 section 8). */
    String text(int version) {
        String family = media.getAddress() instanceof Inet6Address ? "IN IP6 " : "IN IP4 ";
        String at = family + media.getAddress().getHostAddress();
        StringBuilder text = new StringBuilder("v=0\r\no=- 4711 " + version + " " + at + "\r\ns=-\r\nc=" + at
                + "\r\nt=0 0\r\nm=audio " + media.getPort() + (crypto.isEmpty() ? " RTP/AVP" : " RTP/SAVP"));
        codecs.forEach(type -> text.append(' ').append(type));
        if (eventPayloadType >= 0) {
            text.append(' ').append(eventPayloadType);
        }
        text.append("\r\n");
        for (int type : codecs) {
            text.append("a=rtpmap:")
                    .append(type)
                    .append(type == 8 ? " PCMA/8000" : " PCMU/8000")
                    .append("\r\n");
        }
        if (eventPayloadType >= 0) {
            text.append("a=rtpmap:").append(eventPayloadType).append(" telephone-event/8000\r\n");
            text.append("a=fmtp:").append(eventPayloadType).append(" 0-15\r\n");
        }
        if (!crypto.isEmpty()) {
            text.append("a=crypto:").append(crypto).append("\r\n");
        }
        return text.append("a=ptime:20\r\na=").append(direction).append("\r\n").toString();
    }

    /** @return the direction that answers one (RFC 3264 section 6.1). */
    static String answerTo(String direction) {
        return switch (direction) {
            case "sendonly" -> "recvonly";
            case "recvonly" -> "sendonly";
            default -> direction;
        };
    }
}
