package io.hookswitch.sip.digest;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.sip.UserSecrets;
import io.hookswitch.sip.UserSecrets.Secret;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Challenges and what is taken as an answer; the client is our own, checked against the RFCs' vectors elsewhere. */
class DigestServerTest {
    private static final String REALM = "example.com";
    private static final UserSecrets SECRETS = (realm, user) -> switch (user) {
        case "alice" -> new Secret.Password("acc", "secret");
        case "hashed" -> new Secret.Hashes("acc", DigestAlgorithm.MD5.secret("hashed", REALM, "secret"), null);
        default -> null;
    };

    private final DigestServer server = new DigestServer(SECRETS, new byte[] {1, 2, 3}, 4);

    /** A challenge as it is sent, or as a client that knows SHA-256 would like it: the answer says which it took. */
    private List<String> challenge(boolean sha256, long nowNs) {
        String asked = server.challenge(REALM, false, nowNs).values().getFirst();
        return List.of(sha256 ? asked.replace("algorithm=MD5", "algorithm=SHA-256") : asked);
    }

    private static DigestClient client(String user, String password, List<String> challenge) {
        DigestClient client = new DigestClient(user, password, () -> "c0ffee");
        assertThat(client.challenged(challenge)).isTrue();
        return client;
    }

    private DigestServer.Result check(String authorization, long nowNs) {
        return server.check(List.of(authorization), "REGISTER", REALM, nowNs);
    }

    private static boolean isStale(DigestServer.Result result) {
        return result instanceof DigestServer.Challenged(List<String> values)
                && values.getFirst().contains("stale=true");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldAcceptWhenTheProofIsRight(boolean sha256) {
        DigestClient client = client("alice", "secret", challenge(sha256, 0));
        assertThat(check(client.authorization("REGISTER", "sip:example.com"), 1))
                .isEqualTo(new DigestServer.Accepted("acc", "alice"));
    }

    @Test
    void shouldAcceptWhenOnlyHashesAreKnown() {
        String right = client("hashed", "secret", challenge(false, 0)).authorization("REGISTER", "sip:x");
        assertThat(check(right, 1)).isEqualTo(new DigestServer.Accepted("acc", "hashed"));
        String other = client("hashed", "secret", challenge(true, 0)).authorization("REGISTER", "sip:x");
        assertThat(check(other, 1)).as("no SHA-256 hash is known").isInstanceOf(DigestServer.Challenged.class);
    }

    @Test // a widespread softphone library gives up when a second challenge names what it does not know
    void shouldAskForMd5Alone() {
        assertThat(server.challenge(REALM, false, 0).values())
                .singleElement()
                .asString()
                .contains("algorithm=MD5", "qop=\"auth\"");
    }

    @Test
    void shouldAskWhenThereAreNoCredentials() {
        assertThat(server.check(List.of(), "REGISTER", REALM, 0)).isInstanceOf(DigestServer.Challenged.class);
        assertThat(check("Digest realm=\"other\", nonce=\"x\"", 0)).isInstanceOf(DigestServer.Challenged.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"alice:wrong:REGISTER", "alice:secret:INVITE", "nobody::REGISTER", "hashed:secret2:REGISTER"})
    void shouldAskAgainWhenTheProofIsWrong(String how) {
        String[] parts = how.split(":");
        DigestClient client = client(parts[0], parts[1], challenge(false, 0));
        DigestServer.Result result = check(client.authorization(parts[2], "sip:x"), 1);
        assertThat(result).isInstanceOf(DigestServer.Challenged.class);
        assertThat(isStale(result)).isFalse();
    }

    @Test // RFC 7616 section 3.4: the count only rises
    void shouldSayStaleWhenAnAnswerIsRepeated() {
        DigestClient client = client("alice", "secret", challenge(false, 0));
        String first = client.authorization("REGISTER", "sip:x");
        assertThat(check(first, 1)).isInstanceOf(DigestServer.Accepted.class);
        assertThat(isStale(check(first, 2))).isTrue();
        assertThat(check(client.authorization("REGISTER", "sip:x"), 3)).isInstanceOf(DigestServer.Accepted.class);
        assertThat(isStale(check(first, 4))).isTrue();
    }

    @Test
    void shouldTakeAnAnswerWithoutCountOnce() {
        List<String> plain = List.of(challenge(false, 0).getFirst().replace(", qop=\"auth\"", ""));
        String answer = client("alice", "secret", plain).authorization("REGISTER", "sip:x");
        assertThat(answer).doesNotContain("nc=");
        assertThat(check(answer, 1)).isInstanceOf(DigestServer.Accepted.class);
        assertThat(isStale(check(answer, 2))).isTrue();
    }

    @Test
    void shouldSayStaleAtTheEndOfTheNoncesTimeAndNotBefore() {
        DigestClient client = client("alice", "secret", challenge(false, 0));
        assertThat(check(client.authorization("REGISTER", "sip:x"), DigestServer.NONCE_NS))
                .isInstanceOf(DigestServer.Accepted.class);
        assertThat(isStale(check(client.authorization("REGISTER", "sip:x"), DigestServer.NONCE_NS + 1)))
                .isTrue();
    }

    @Test
    void shouldSayStaleWhenTheTableHasForgottenANonce() {
        DigestClient first = client("alice", "secret", challenge(false, 0));
        String answer = first.authorization("REGISTER", "sip:x");
        assertThat(check(answer, 1)).isInstanceOf(DigestServer.Accepted.class);
        for (int i = 0; i < 4; i++) {
            String other = client("alice", "secret", challenge(false, 0)).authorization("REGISTER", "sip:x");
            assertThat(check(other, 1)).isInstanceOf(DigestServer.Accepted.class);
        }
        assertThat(isStale(check(answer, 2)))
                .as("a forgotten nonce is no way in")
                .isTrue();
        assertThat(isStale(check(first.authorization("REGISTER", "sip:x"), 2))).isTrue();
    }

    @Test
    void shouldAskAgainWhenTheNonceIsSomebodyElses() {
        DigestServer other = new DigestServer(SECRETS, new byte[] {9}, 4);
        String foreign = client(
                        "alice", "secret", other.challenge(REALM, false, 0).values())
                .authorization("REGISTER", "sip:x");
        assertThat(check(foreign, 1)).isInstanceOf(DigestServer.Challenged.class);
        assertThat(isStale(check(foreign, 1)))
                .as("of before a restart: no user is asked for a password again")
                .isTrue();
        assertThat(isStale(check(foreign.replaceFirst("nonce=\"..", "nonce=\"zz"), 1)))
                .as("nobody has proved anything")
                .isFalse();
        String otherRealm = client(
                        "alice", "secret", server.challenge("b.com", false, 0).values())
                .authorization("REGISTER", "sip:x");
        assertThat(check(otherRealm.replace("b.com", REALM), 1)).isInstanceOf(DigestServer.Challenged.class);
    }

    @Test
    void shouldRejectWhenCredentialsAreMalformed() {
        assertThat(check("Digest realm=\"example.com", 0)).isInstanceOf(DigestServer.Rejected.class);
        assertThat(check("Digest realm=\"example.com\"", 0)).isInstanceOf(DigestServer.Rejected.class);
        assertThat(check("Basic abc", 0)).isInstanceOf(DigestServer.Rejected.class);
    }

    @Test
    void shouldNeverThrowAndNeverAcceptWhenTheAnswerIsBroken() {
        DigestClient client = client("alice", "secret", challenge(true, 0));
        String right = client.authorization("REGISTER", "sip:x");
        for (int cut = 0; cut < right.length(); cut++) {
            assertThat(check(right.substring(0, cut), 1)).isNotInstanceOf(DigestServer.Accepted.class);
        }
        Random random = new Random(5);
        for (int round = 0; round < 20_000; round++) {
            char[] broken = right.toCharArray();
            for (int i = random.nextInt(4); i >= 0; i--) {
                broken[random.nextInt(broken.length)] = (char) random.nextInt(256);
            }
            check(new String(broken), 1);
        }
    }
}
