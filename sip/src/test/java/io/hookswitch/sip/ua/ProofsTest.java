package io.hookswitch.sip.ua;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Which bytes of a message go on to whoever decides about the call. */
class ProofsTest {
    private static final String BODY = "\r\nAuthorization: of a body\r\n";

    private static String without(String message) {
        return new String(Proofs.without(message.getBytes(StandardCharsets.UTF_8)), StandardCharsets.UTF_8);
    }

    @Test // RFC 3261 section 7.3.1: case, blanks before the colon, folded lines
    void shouldLeaveOutProofsHoweverTheyAreWritten() {
        String message =
                "INVITE sip:a SIP/2.0\r\nVia: v\r\nAUTHORIZATION : Digest a=\"b\",\r\n c=\"d\",\r\n\te=\"f\"\r\n"
                        + "Subject: x\r\n y\r\nproxy-authorization:Digest z\r\nAuthorization-Info: kept\r\n" + BODY;
        assertThat(without(message))
                .isEqualTo("INVITE sip:a SIP/2.0\r\nVia: v\r\nSubject: x\r\n y\r\nAuthorization-Info: kept\r\n" + BODY);
    }

    @Test
    void shouldEndWhereverTheMessageEnds() {
        String message = "INVITE sip:a SIP/2.0\r\nAuthorization: Digest a\r\nVia: v\r\n\r\nbody";
        for (int length = 0; length <= message.length(); length++) {
            String cut = message.substring(0, length);
            assertThat(without(cut)).as(cut).doesNotContain("Digest");
            assertThat(cut)
                    .startsWith(
                            without(cut).substring(0, Math.min(22, without(cut).length())));
        }
    }
}
