package io.hookswitch.systemtests;

import java.util.List;
import java.util.Random;

/** Values and names that try to become lines of their own in a SIP message. */
final class HostileText {
    private static final List<String> PIECES = List.of(
            "\r\n",
            "\n",
            "\r",
            "\0",
            "\r\n\r\n",
            "\r\n ",
            "\n\t",
            "\u0085",
            "\u2028",
            "\u000b",
            "\f",
            "%0d%0a",
            "\\r\\n",
            "\"",
            "<",
            ">",
            ";",
            ",",
            ":",
            "@",
            " ",
            "\t",
            "a",
            "7",
            "+1508",
            "ö",
            "\uD83D\uDE00",
            "\u010D",
            "\u010A",
            "\u560A\u560D",
            "X-Injected: yes",
            "Via: SIP/2.0/UDP 127.0.0.1:9",
            "Content-Length: 0");
    private static final List<String> NAMES = List.of(
            "Via",
            "v",
            "Call-ID",
            "i",
            "CSeq",
            "Max-Forwards",
            "Content-Length",
            "l",
            "Content-Type",
            "c",
            "Contact",
            "m",
            "Route",
            "Record-Route",
            "From",
            "f",
            "To",
            "t",
            "Proxy-Authorization",
            "X-Injected:",
            "X-Injected\r\nVia",
            "X-Injected ",
            " X-Injected",
            "X Injected",
            "",
            "X-J\0",
            "vIA",
            "CALL-id",
            "X-Jambonz-Routing",
            "X-MS-Teams-FQDN");

    private HostileText() {}

    /** @return one to eight pieces, of which any may break a line. */
    static String value(Random random) {
        StringBuilder text = new StringBuilder();
        int pieces = 1 + random.nextInt(8);
        for (int i = 0; i < pieces; i++) {
            text.append(
                    random.nextInt(8) == 0
                            ? String.valueOf((char) random.nextInt(0x250))
                            : PIECES.get(random.nextInt(PIECES.size())));
        }
        return text.toString();
    }

    /** @return a name that an application may not use, or one that is none. */
    static String name(Random random) {
        return NAMES.get(random.nextInt(NAMES.size()));
    }
}
