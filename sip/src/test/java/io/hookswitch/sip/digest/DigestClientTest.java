package io.hookswitch.sip.digest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers to challenges, with the vectors of RFC 2617 and RFC 7616. */
class DigestClientTest {
    private static final String NONCE_7616 = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";

    private static DigestClient mufasa(String password, String cnonce) {
        return new DigestClient("Mufasa", password, () -> cnonce);
    }

    @Test // RFC 2617 section 3.5
    void shouldMatchTheVectorOfRfc2617() {
        DigestClient client = mufasa("Circle Of Life", "0a4f113b");
        assertThat(client.challenged(List.of("Digest realm=\"testrealm@host.com\", qop=\"auth,auth-int\","
                        + " nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\","
                        + " opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"")))
                .isTrue();
        assertThat(client.authorization("GET", "/dir/index.html"))
                .contains("response=\"6629fae49393a05397450978507c4ef1\"")
                .contains("qop=auth, nc=00000001, cnonce=\"0a4f113b\"")
                .contains("opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"");
    }

    @ParameterizedTest // RFC 7616 section 3.9.1
    @CsvSource({
        "MD5, 8ca523f5e9506fed4657c9700eebdbec",
        "SHA-256, 753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
    })
    void shouldMatchTheVectorsOfRfc7616(String algorithm, String response) {
        DigestClient client = mufasa("Circle of Life", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ");
        assertThat(client.challenged(List.of("Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\","
                        + " algorithm=" + algorithm + ", nonce=\"" + NONCE_7616 + "\","
                        + " opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"")))
                .isTrue();
        assertThat(client.authorization("GET", "/dir/index.html")).contains("response=\"" + response + "\"");
    }

    @Test // RFC 8760 section 2.4: the strongest that we know
    void shouldTakeTheStrongestWhenThereAreSeveral() {
        DigestClient client = mufasa("x", "c");
        assertThat(client.challenged(List.of(
                        "Digest realm=\"r\", nonce=\"1\", algorithm=FUTURE-1",
                        "Digest realm=\"r\", nonce=\"2\", algorithm=MD5",
                        "Digest realm=\"r\", nonce=\"3\", algorithm=SHA-512-256",
                        "Digest realm=\"r\", nonce=\"4\", algorithm=SHA-256")))
                .isTrue();
        assertThat(client.authorization("INVITE", "sip:x")).contains("nonce=\"3\"", "algorithm=SHA-512-256");
    }

    @Test // RFC 2617 section 3.2.2.1: without qop there is no count
    void shouldAnswerTheOldWayWhenThereIsNoQop() {
        DigestClient client = mufasa("x", "c");
        assertThat(client.challenged(List.of("Digest realm=\"r\", nonce=\"1\"")))
                .isTrue();
        assertThat(client.authorization("INVITE", "sip:x")).doesNotContain("qop", "nc=", "cnonce");
    }

    @Test // RFC 7616 section 3.4.2
    void shouldKeepTheFirstClientNonceInTheKeyWhenTheAlgorithmIsOfASession() {
        DigestClient client = mufasa("x", "c");
        assertThat(client.challenged(List.of("Digest realm=\"r\", nonce=\"n\", qop=auth, algorithm=MD5-sess")))
                .isTrue();
        String ha1 = DigestAlgorithm.MD5.hash(DigestAlgorithm.MD5.secret("Mufasa", "r", "x") + ":n:c");
        String ha2 = DigestAlgorithm.MD5.hash("INVITE:sip:x");
        assertThat(client.authorization("INVITE", "sip:x"))
                .contains("response=\"" + DigestAlgorithm.MD5.hash(ha1 + ":n:00000001:c:auth:" + ha2) + "\"")
                .contains("algorithm=MD5-sess");
    }

    @Test // RFC 7616 section 3.3
    void shouldAnswerOnceMoreOnlyWhenTheNonceIsStale() {
        DigestClient client = mufasa("x", "c");
        assertThat(client.challenged(List.of("Digest realm=\"r\", nonce=\"1\", qop=\"auth\"")))
                .isTrue();
        client.authorization("INVITE", "sip:x");
        assertThat(client.challenged(List.of("Digest realm=\"r\", nonce=\"2\", qop=\"auth\"")))
                .isFalse();
        List<String> stale = List.of("Digest realm=\"r\", nonce=\"3\", qop=\"auth\", stale=TRUE");
        assertThat(client.challenged(stale)).isTrue();
        assertThat(client.authorization("INVITE", "sip:x")).contains("nonce=\"3\"", "nc=00000001");
        assertThat(client.challenged(stale)).isFalse();
        client.accepted();
        assertThat(client.challenged(stale)).as("a later request of the dialog").isTrue();
    }

    @Test
    void shouldEscapeWhenTheUserNameHasQuotes() {
        DigestClient client = new DigestClient("a\"b\\c", "x", () -> "c");
        assertThat(client.challenged(List.of("Digest realm=\"r\", nonce=\"1\"")))
                .isTrue();
        assertThat(client.authorization("INVITE", "sip:x")).contains("username=\"a\\\"b\\\\c\"");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "Digest",
                "Basic realm=\"r\"",
                "Digest realm=\"r\"",
                "Digest nonce=\"n\"",
                "Digest realm=\"r, nonce=n",
                "Digest realm=\"r\", realm=\"s\", nonce=\"n\"",
                "Digest realm=\"r\" nonce=\"n\"",
                "Digest =,=",
                "Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"",
                "Digest realm=\"r\", nonce=\"n\", algorithm=X"
            })
    void shouldNotAnswerWhenTheChallengeIsUnfit(String challenge) {
        assertThat(mufasa("x", "c").challenged(List.of(challenge))).isFalse();
    }
}
