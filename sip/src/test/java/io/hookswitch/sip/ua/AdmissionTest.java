package io.hookswitch.sip.ua;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.message.Field;
import io.hookswitch.sip.CallerAdmission;
import io.hookswitch.sip.digest.DigestClient;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may call and register, and what is answered without a leg. */
class AdmissionTest {
    private static final long LEG = 77;
    private static final String SDP = FarEnd.sdp("0 101", "");
    private static final String REALM = "sip:example.com";

    private AgentFixture fixture;
    private FarEnd farEnd;

    @BeforeEach
    void open() throws IOException {
        fixture = new AgentFixture();
        farEnd = fixture.farEnd;
    }

    @AfterEach
    void close() {
        assertThat(fixture.errors).isEmpty();
        fixture.close();
    }

    private static List<String> challenges(String response) {
        List<String> values = new ArrayList<>();
        for (String line : response.split("\r\n")) {
            if (line.startsWith("WWW-Authenticate:")) {
                values.add(line.substring(17).strip());
            }
        }
        return values;
    }

    private static String proof(String response, String method, String uri, String password) {
        DigestClient client = new DigestClient("alice", password, () -> "c0ffee");
        assertThat(client.challenged(challenges(response))).isTrue();
        return "Authorization: " + client.authorization(method, uri) + "\r\n";
    }

    @Test
    void shouldRefuseWithTheStatusThatAdmissionSays() throws IOException {
        fixture.world.verdict = new CallerAdmission.Refuse(403, "Not You");
        farEnd.send(farEnd.invite("call-1", "", SDP));
        farEnd.expect("SIP/2.0 403 Not You");
        fixture.expectNothing();
        assertThat(fixture.world.caller.source().getPort()).isEqualTo(farEnd.port());
        assertThat(fixture.world.caller.fromUser()).isEqualTo("alice");
        assertThat(fixture.world.caller.fromHost()).isEqualTo("example.com");
        assertThat(fixture.world.caller.requestUser()).isEqualTo("+4930");
        assertThat(fixture.world.caller.requestHost()).isEqualTo("127.0.0.1");
        fixture.assertRests();
    }

    @Test // RFC 3261 section 22.2
    void shouldOfferTheCallAsTheUsersWhenItProvesItself() throws IOException {
        fixture.world.verdict = new CallerAdmission.Challenge("acc", "example.com");
        farEnd.send(farEnd.invite("call-1", "", SDP));
        String challenge = farEnd.expect("SIP/2.0 401");
        assertThat(challenges(challenge)).singleElement().asString().contains("algorithm=MD5", "qop=\"auth\"");
        fixture.expectNothing();
        String uri = "sip:+4930@127.0.0.1:" + fixture.port();
        String proof = proof(challenge, "INVITE", uri, "secret");
        farEnd.send(farEnd.invite("call-1", proof, SDP).replace("CSeq: 1 ", "CSeq: 2 "));
        farEnd.expect("SIP/2.0 100");
        Heard offered = fixture.expect("OFFERED");
        assertThat(offered.text(Field.ORIGIN)).isEqualTo("user:acc:alice@example.com");
        assertThat(offered.headers()).noneMatch(header -> header.startsWith("Authorization"));
    }

    @Test
    void shouldChallengeAgainWhenTheProofIsWrong() throws IOException {
        fixture.world.verdict = new CallerAdmission.Challenge("acc", "example.com");
        farEnd.send(farEnd.invite("call-1", "", SDP));
        String challenge = farEnd.expect("SIP/2.0 401");
        String uri = "sip:+4930@127.0.0.1:" + fixture.port();
        String proof = proof(challenge, "INVITE", uri, "wrong");
        farEnd.send(farEnd.invite("call-1", proof, SDP).replace("CSeq: 1 ", "CSeq: 2 "));
        assertThat(challenges(farEnd.expect("SIP/2.0 401")).getFirst()).doesNotContain("stale");
        fixture.expectNothing();
    }

    /** @return what is answered to an INVITE of alice's that she has proved. */
    private String called(String from, String more) throws IOException {
        fixture.world.verdict = new CallerAdmission.Challenge("acc", "example.com");
        farEnd.send(farEnd.invite("call-1", "", SDP));
        String challenge = farEnd.expect("SIP/2.0 401");
        String proof = proof(challenge, "INVITE", "sip:+4930@127.0.0.1:" + fixture.port(), "secret");
        farEnd.send(farEnd.invite("call-1", more + proof, SDP)
                .replace("CSeq: 1 ", "CSeq: 2 ")
                .replace("\"Alice A\" <sip:alice@example.com>", from));
        return farEnd.expect("SIP/2.0 ");
    }

    @ParameterizedTest // the application is told From: it must be the one who has proved itself
    @ValueSource(
            strings = {"<sip:bob@example.com>", "<sip:Alice@example.com>", "<sip:+49110@10.0.0.1>", "<tel:+49110>"})
    void shouldRefuseWhenAUserCallsAsSomebodyElse(String from) throws IOException {
        assertThat(called(from, "")).startsWith("SIP/2.0 403 ");
        fixture.expectNothing();
        fixture.assertRests();
    }

    @ParameterizedTest // RFC 3323 section 4.1.1.3
    @ValueSource(strings = {"<sip:alice@10.0.0.1>", "\"Anonymous\" <sip:anonymous@anonymous.invalid>"})
    void shouldOfferWhenAUserCallsAsItselfOrNamesNobody(String from) throws IOException {
        assertThat(called(from, "")).startsWith("SIP/2.0 100 ");
        assertThat(fixture.expect("OFFERED").text(Field.ORIGIN)).isEqualTo("user:acc:alice@example.com");
    }

    @Test // RFC 3325 section 5: dial would hand it on to a carrier
    void shouldNotBelieveTheAssertionsOfAUser() throws IOException {
        String asserted = "P-Asserted-Identity: <tel:+49110>\r\nRemote-Party-ID: <sip:+49110@x>\r\nPrivacy: id\r\n";
        called("<sip:alice@example.com>", asserted);
        assertThat(fixture.expect("OFFERED").headers())
                .contains("Privacy: id")
                .noneMatch(line -> line.startsWith("P-Asserted") || line.startsWith("Remote-Party"));
        fixture.world.verdict = new CallerAdmission.Carrier("acc", "trunk");
        farEnd.send(farEnd.invite("call-2", asserted, SDP));
        farEnd.expect("SIP/2.0 100");
        assertThat(fixture.expect("OFFERED").headers()).contains("P-Asserted-Identity: <tel:+49110>");
    }

    @Test // who reads the hook's log must not be able to call as the user
    void shouldTellEverythingButTheProof() throws IOException {
        String more = "X-Own: a\r\nProxy-Authorization: Digest realm=\"p\",\r\n response=\"0badc0de\"\r\n";
        called("<sip:alice@example.com>", more);
        Heard offered = fixture.expect("OFFERED");
        assertThat(offered.text(Field.RAW))
                .startsWith("INVITE sip:+4930@")
                .contains("X-Own: a\r\n", "\r\n\r\n" + SDP)
                .doesNotContainIgnoringCase("authorization", "response=", "nonce");
        assertThat(offered.headers()).noneMatch(line -> line.toLowerCase().contains("authorization"));
    }

    @ParameterizedTest // RFC 3261 sections 8.1.1.8 and 12.1.1: no BYE could be sent
    @ValueSource(strings = {"", "Contact: <tel:+4930>\r\n", "Contact: *\r\n"})
    void shouldRefuseWhenThereIsNoWayBack(String contact) throws IOException {
        farEnd.send(farEnd.invite("call-1", "", SDP).replaceFirst("Contact: [^\r]*\r\n", contact));
        farEnd.expect("SIP/2.0 400");
        fixture.expectNothing();
        fixture.assertRests();
    }

    @Test
    void shouldRefuseWhenARecordedRouteIsNoSipUri() throws IOException {
        farEnd.send(farEnd.invite("call-1", "Record-Route: <tel:1>\r\n", SDP));
        farEnd.expect("SIP/2.0 400");
        fixture.assertRests();
    }

    @ParameterizedTest
    @CsvSource({
        "Max-Forwards: 0, 483, Server: Test/1",
        "Require: replaces, 420, Unsupported: replaces",
        "Content-Type: text/plain, 415, Accept: application/sdp"
    })
    void shouldRefuseWhatNoCallerMayDo(String line, int status, String says) throws IOException {
        String invite = farEnd.invite("call-1", "", SDP);
        String name = line.substring(0, line.indexOf(':'));
        invite = invite.contains(name + ":")
                ? invite.replaceFirst(name + ": [^\r]*", line)
                : invite.replaceFirst("Contact:", line + "\r\nContact:");
        farEnd.send(invite);
        assertThat(farEnd.expect("SIP/2.0 " + status)).contains(says + "\r\n");
        fixture.expectNothing();
    }

    @ParameterizedTest // RFC 3261 section 12.2.2
    @ValueSource(strings = {"BYE", "INFO", "UPDATE", "PRACK", "INVITE"})
    void shouldAnswer481WhenTheDialogIsUnknown(String method) throws IOException {
        String more = method.equals("PRACK") ? "RAck: 1 1 INVITE\r\n" : "";
        String request = farEnd.request(method, "sip:x@127.0.0.1:" + fixture.port(), "none", more);
        farEnd.send(request.replaceFirst("(To: [^\r]*)\r\n", "$1;tag=gone\r\n"));
        farEnd.expect("SIP/2.0 481");
        fixture.expectNothing();
        fixture.assertRests();
    }

    @Test // RFC 3261 section 9.2
    void shouldAnswer481WhenACancelMatchesNothing() throws IOException {
        farEnd.send(FarEnd.cancel(farEnd.invite("none", "", "")));
        farEnd.expect("SIP/2.0 481");
    }

    @ParameterizedTest
    @CsvSource({"OPTIONS, 200", "MESSAGE, 405", "SUBSCRIBE, 405", "PUBLISH, 405", "NONSENSE, 501", "REFER, 501"})
    void shouldAnswerOtherRequestsOutsideOfDialogs(String method, int status) throws IOException {
        String more = "Event: x\r\nRefer-To: <sip:x@127.0.0.1>\r\n";
        farEnd.send(farEnd.request(method, "sip:127.0.0.1:" + fixture.port(), "opt", more));
        String answer = farEnd.expect("SIP/2.0 " + status);
        assertThat(FarEnd.header(answer, "Allow")).contains("INVITE, ACK, CANCEL");
        assertThat(FarEnd.header(answer, "To")).contains(";tag=");
        fixture.assertRests();
    }

    @Test // full rings are answers
    void shouldAnswer503WhenTheCoreIsFullAndKeepWhatRunningLegsSay() throws IOException {
        fixture.close();
        fixture = new AgentFixture(2, settings -> settings);
        farEnd = fixture.farEnd;
        farEnd.send(farEnd.invite("call-1", "", SDP));
        String first = farEnd.expect("SIP/2.0 100");
        farEnd.send(farEnd.invite("call-2", "", SDP));
        farEnd.expect("SIP/2.0 100");
        farEnd.send(farEnd.invite("call-3", "", SDP));
        assertThat(FarEnd.header(farEnd.expect("SIP/2.0 503"), "Retry-After")).isEqualTo("5");
        // The core does not read, but a leg goes on: its events wait in order.
        assertThat(first).contains("call-1");
        fixture.command(io.hookswitch.engine.message.SipCommand.BIND, LEG, command -> command.otherLeg(1));
        fixture.end(LEG, 480);
        farEnd.expect("SIP/2.0 480");
        assertThat(fixture.agent.tables().heldEvents()).isEqualTo(1);
        fixture.expect("OFFERED");
        fixture.agent.doWork(0);
        fixture.expect("OFFERED");
        assertThat(fixture.expect("TERMINATED").leg()).isEqualTo(LEG);
    }

    @Test
    void shouldAnswer503WhenThereAreTooManyLegs() throws IOException {
        fixture.close();
        fixture = new AgentFixture(64, settings -> settings.limits(1, 1000));
        farEnd = fixture.farEnd;
        farEnd.send(farEnd.invite("call-1", "", SDP));
        farEnd.expect("SIP/2.0 100");
        farEnd.send(farEnd.invite("call-2", "", SDP));
        farEnd.expect("SIP/2.0 503");
        fixture.expect("OFFERED");
        fixture.expectNothing();
    }

    // Registrations.

    private String register(String more) throws IOException {
        return register(more, 1);
    }

    private String register(String more, int cseq) {
        return farEnd.request("REGISTER", REALM, "reg", more)
                .replace("CSeq: 1 ", "CSeq: " + cseq + " ")
                .replaceFirst("Contact: [^\r]*\r\n", "");
    }

    private String proved(String more) throws IOException {
        fixture.world.registration = new CallerAdmission.Challenge("acc", "example.com");
        farEnd.send(register(more));
        String challenge = farEnd.expect("SIP/2.0 401");
        farEnd.send(register(more + proof(challenge, "REGISTER", REALM, "secret"), 2));
        return farEnd.expect("SIP/2.0 ");
    }

    @Test
    void shouldRefuseWhenTheRealmIsNotOurs() throws IOException {
        farEnd.send(register(""));
        farEnd.expect("SIP/2.0 403 Forbidden");
        assertThat(fixture.world.caller.requestHost()).isEqualTo("example.com");
    }

    @Test // RFC 3261 section 10.3
    void shouldRegisterWithTheSourceAsNextHopWhenProved() throws IOException {
        String ok =
                proved("Contact: <sip:alice@10.1.1.1:5062;ob>;q=0.5, <sip:alice@h>;expires=99\r\nExpires: 7200\r\n");
        assertThat(ok).startsWith("SIP/2.0 200");
        assertThat(ok)
                .contains("Contact: <sip:alice@10.1.1.1:5062;ob>;expires=3600;q=0.500\r\n")
                .contains("Contact: <sip:alice@h>;expires=99\r\n")
                .contains("Expires: 3600\r\n");
        var registered = fixture.world.registered;
        assertThat(registered.address()).isEqualTo("alice@example.com");
        assertThat(registered.nextHop()).isEqualTo("udp:127.0.0.1:" + farEnd.port());
        assertThat(registered.callId()).isEqualTo("reg");
        assertThat(registered.cseq()).isEqualTo(2);
        assertThat(registered.contacts()).hasSize(2);
        assertThat(registered.contacts().getFirst().q()).isEqualTo(500);
        fixture.assertRests();
    }

    @Test // RFC 3261 section 10.3 step 7
    void shouldSay423WhenTheTimeIsTooShort() throws IOException {
        String brief = proved("Contact: <sip:a@h>;expires=10\r\n");
        assertThat(brief).startsWith("SIP/2.0 423").contains("Min-Expires: 30\r\n");
        assertThat(fixture.world.registered).isNull();
    }

    @Test
    void shouldRemoveWhenTheTimeIsZero() throws IOException {
        assertThat(proved("Contact: <sip:a@h>\r\nExpires: 0\r\n")).startsWith("SIP/2.0 200");
        assertThat(fixture.world.registered.contacts().getFirst().expiresS()).isZero();
    }

    @Test // RFC 3261 section 10.2.2
    void shouldRemoveAllWhenTheContactIsAStar() throws IOException {
        assertThat(proved("Contact: *\r\nExpires: 0\r\n")).startsWith("SIP/2.0 200");
        assertThat(fixture.world.removed).isTrue();
    }

    @ParameterizedTest // nobody could be called there
    @ValueSource(strings = {"<tel:+4930>", "<sips:a@h>", "<http://h/>"})
    void shouldSay400WhenAContactIsNoSipUri(String contact) throws IOException {
        assertThat(proved("Contact: <sip:a@h>\r\nContact: " + contact + "\r\n")).startsWith("SIP/2.0 400");
        assertThat(fixture.world.registered).isNull();
    }

    @Test
    void shouldSay400WhenAContactIsUnreadable() throws IOException {
        assertThat(proved("Contact: <sip:\r\n")).startsWith("SIP/2.0 400");
        assertThat(fixture.world.registered).isNull();
    }

    @Test // RFC 3261 section 10.3 step 6
    void shouldSay400WhenAStarHasATime() throws IOException {
        assertThat(proved("Contact: *\r\nExpires: 60\r\n")).startsWith("SIP/2.0 400");
        assertThat(fixture.world.removed).isFalse();
    }

    @Test // RFC 3261 section 10.3 step 4
    void shouldSay403WhenSomebodyRegistersForSomebodyElse() throws IOException {
        fixture.world.registration = new CallerAdmission.Challenge("acc", "example.com");
        farEnd.send(register(""));
        String challenge = farEnd.expect("SIP/2.0 401");
        String proof = proof(challenge, "REGISTER", REALM, "secret");
        farEnd.send(register(proof, 2).replace("To: <sip:alice@", "To: <sip:bob@"));
        farEnd.expect("SIP/2.0 403");
        assertThat(fixture.world.registered).isNull();
    }

    @Test // the connection of the REGISTER is the way back
    void shouldNameTheConnectionWhenRegisteredOverTcp() throws IOException {
        fixture.world.registration = new CallerAdmission.Challenge("acc", "example.com");
        try (Socket socket = new Socket("127.0.0.1", fixture.tcpPort())) {
            String via = "TCP 127.0.0.1:" + socket.getLocalPort();
            send(socket, register("").replaceFirst("UDP [^;]*", via));
            String challenge = read(socket);
            String proof = proof(challenge, "REGISTER", REALM, "secret");
            send(socket, register("Contact: <sip:a@h>\r\n" + proof, 2).replaceFirst("UDP [^;]*", via));
            assertThat(read(socket)).startsWith("SIP/2.0 200");
            assertThat(fixture.world.registered.nextHop()).isEqualTo("tcp:127.0.0.1:" + socket.getLocalPort());
            String nextHop = fixture.world.registered.nextHop();
            fixture.command(
                    io.hookswitch.engine.message.SipCommand.INVITE,
                    LEG,
                    command -> AgentFixture.dial(command, "sip:alice@10.9.9.9:5071;transport=tcp", nextHop));
            assertThat(read(socket)).startsWith("INVITE sip:alice@10.9.9.9:5071;transport=tcp SIP/2.0");
        }
    }

    private static void send(Socket socket, String message) throws IOException {
        socket.getOutputStream().write(message.getBytes(StandardCharsets.UTF_8));
    }

    private String read(Socket socket) throws IOException {
        StringBuilder text = new StringBuilder();
        InputStream in = socket.getInputStream();
        long began = System.nanoTime();
        while (System.nanoTime() - began < 2_000_000_000L && !text.toString().contains("\r\n\r\n")) {
            fixture.agent.doWork(2_000_000);
            text.append(new String(in.readNBytes(in.available()), StandardCharsets.UTF_8));
        }
        return text.toString();
    }
}
