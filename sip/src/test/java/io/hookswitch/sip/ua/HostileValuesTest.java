package io.hookswitch.sip.ua;

import static org.assertj.core.api.Assertions.assertThat;

import gov.nist.javax.sip.message.SIPRequest;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.sip.transport.Transport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/**
 * dial.md 3.18 at the last place before the wire, without control's checks in front of it: whatever an application's
 * headers
 * and identities hold, an INVITE has the lines that it would have had, or is not sent. {@code
 * -Dhookswitch.hostile.values}
 * sets how many.
 */
class HostileValuesTest {
    private static final int VALUES = Integer.getInteger("hookswitch.hostile.values", 100_000);
    private static final long SEED = Long.getLong("hookswitch.hostile.seed", 4711L);
    private static final String[] PIECES = {
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
        "\\",
        "\"",
        "<",
        ">",
        ";",
        ",",
        ":",
        "@",
        "?",
        " ",
        "\t",
        "a",
        "7",
        "+1508",
        "\u00f6",
        "\uD83D\uDE00",
        "\u010D\u010A",
        "\u560A\u560D",
        "X-Injected: yes",
        "Via: SIP/2.0/UDP 127.0.0.1:9",
        "Content-Length: 0"
    };
    private static final String[] NAMES = {
        "X-Ours",
        "X-Ours",
        "X-Ours",
        "Subject",
        "Via",
        "v",
        "Call-ID",
        "i",
        "CSeq",
        "Max-Forwards",
        "Content-Length",
        "l",
        "Content-Type",
        "Contact",
        "m",
        "Route",
        "Record-Route",
        "From",
        "To",
        "Proxy-Authorization",
        "X-Injected\r\nVia",
        "X Injected",
        "",
        "X\0",
        "vIA",
        "CALL-id",
        " Via",
        "Via "
    };

    private static final Set<String> LINES = Set.of(
            "via",
            "max-forwards",
            "from",
            "to",
            "call-id",
            "cseq",
            "allow",
            "supported",
            "user-agent",
            "content-length");

    private final Random random = new Random(SEED);
    private final MessageFlyweight command = new MessageFlyweight().wrap(new UnsafeBuffer(new byte[16_384]), 0, 16_384);

    private String value() {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(8); i >= 0; i--) {
            text.append(
                    random.nextInt(8) == 0
                            ? String.valueOf((char) random.nextInt(0x250))
                            : PIECES[random.nextInt(PIECES.length)]);
        }
        return text.toString();
    }

    private String sometimes(String usual) {
        return random.nextInt(4) == 0 ? value() : usual;
    }

    /** One INVITE's command: each of its texts is as likely harmless as not. @return what was put in, for a failure. */
    private List<String> fill() {
        List<String> texts = new ArrayList<>();
        command.begin(SipCommand.INVITE);
        AgentFixture.media(command);
        put(texts, Field.REQUEST_URI, "sip:" + sometimes("bob") + "@127.0.0.1:5060");
        put(texts, Field.NEXT_HOP, "udp:127.0.0.1:5060");
        put(texts, Field.FROM_USER, sometimes("+4940"));
        put(texts, Field.FROM_DISPLAY, sometimes("Ann"));
        put(texts, Field.FROM_HOST, sometimes("pbx.test"));
        for (int i = random.nextInt(3); i > 0; i--) {
            put(texts, Field.HEADER, NAMES[random.nextInt(NAMES.length)] + ": " + sometimes("yes"));
        }
        return texts;
    }

    private void put(List<String> texts, int field, String text) {
        command.put(field, text);
        texts.add(text);
    }

    @Test
    void shouldWriteNoLineMoreWhenValuesTryToBreakOut() throws IOException {
        int sent = 0;
        int refused = 0;
        try (AgentFixture agent = new AgentFixture()) {
            Site site = agent.agent.legs.site();
            for (int i = 0; i < VALUES; i++) {
                List<String> texts = fill();
                byte[] wire;
                try {
                    Invitation invitation = Invitation.of(command, "tag");
                    SIPRequest request =
                            (SIPRequest) invitation.request(site, Transport.UDP, "call@x", 1, invitation.requestUri());
                    wire = request.encodeAsBytes("udp");
                } catch (ParseException e) {
                    refused++;
                    continue;
                }
                sent++;
                assertLines(new String(wire, StandardCharsets.ISO_8859_1), texts);
            }
        }
        assertThat(sent).as("of %d refused %d", VALUES, refused).isBetween(VALUES / 20, VALUES - VALUES / 20);
    }

    /** Lines as a reader may count them that ends one at CR, LF, NUL or both, whatever the RFC says. */
    private static void assertLines(String wire, List<String> texts) {
        int end = wire.indexOf("\r\n\r\n");
        assertThat(wire.substring(end)).as("%s in %s", texts, wire).isEqualTo("\r\n\r\n");
        String[] lines = wire.substring(0, end).split("\r\n|\r|\n|\0", -1);
        int ours = 0;
        for (int i = 1; i < lines.length; i++) {
            String name = lines[i].substring(0, Math.max(0, lines[i].indexOf(':')))
                    .strip()
                    .toLowerCase(Locale.ROOT);
            if (name.equals("x-ours") || name.equals("subject")) {
                ours++;
            } else if (!LINES.contains(name)) {
                throw new AssertionError("a line that nobody wrote: " + lines[i] + "\n" + texts + "\n" + wire);
            }
        }
        long asked = texts.stream()
                .filter(text -> text.startsWith("X-Ours: ") || text.startsWith("Subject: "))
                .count();
        if (ours > asked || lines.length - 1 - ours != LINES.size()) {
            throw new AssertionError(lines.length - 1 + " lines, " + ours + " ours\n" + texts + "\n" + wire);
        }
    }
}
