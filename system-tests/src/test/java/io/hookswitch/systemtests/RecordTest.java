package io.hookswitch.systemtests;

import static io.hookswitch.systemtests.Site.sipTarget;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.RecordingServer;
import io.hookswitch.systemtests.farend.RtpEnd;
import io.hookswitch.systemtests.farend.Script;
import io.hookswitch.systemtests.farend.SipMessage;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** dial.md 4.7, rest.md 2.3 and verbs.md {@code config.record} on the wire: calls recorded by SIPREC servers. */
class RecordTest {
    private static final double CALLER_HZ = 440;
    private static final double CALLEE_HZ = 660;
    private static final String SPACE = "urn:ietf:params:xml:ns:recording:1";
    private static Site site;

    private final FarEnd caller = FarEnd.udp("caller", CALLER_HZ);
    private final FarEnd bob = FarEnd.udp("bob", CALLEE_HZ).script(Script.answering(50));
    private final List<RecordingServer> servers = new ArrayList<>();
    private FarCall a;
    private FarCall b;

    @BeforeAll
    static void start() {
        site = new Site(config -> config);
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    @AfterEach
    void close() {
        caller.close();
        bob.close();
        servers.forEach(RecordingServer::close);
    }

    private RecordingServer opened(RecordingServer server) {
        servers.add(server);
        return server;
    }

    private void bridge(String before) {
        site.forget();
        site.answers("[" + before + "{\"verb\":\"dial\",\"answerOnBridge\":true,\"actionHook\":\"" + site.done()
                + "\",\"target\":[" + sipTarget(bob.uri("bob")) + "]}]");
        a = caller.call(Invite.to("100", site.sip()));
        b = bob.awaitCall().awaitConnected();
        a.awaitConnected();
    }

    private void end() {
        a.bye();
        b.awaitEnded();
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
    }

    private static String record(String action, String more) {
        return "{\"record\":{\"action\":\"" + action + "CallRecording\"" + more + "}}";
    }

    private static String at(String... addresses) {
        StringBuilder uris = new StringBuilder();
        for (String address : addresses) {
            uris.append(uris.isEmpty() ? "" : ",")
                    .append("\"sip:")
                    .append(address)
                    .append('"');
        }
        return ",\"type\":\"siprec\",\"siprecServerURL\":[" + uris + "]";
    }

    private static String caller() {
        return site.hooks.await("/call").text("call_sid");
    }

    private static Document metadata(SipMessage invite) {
        try {
            DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
            factory.setNamespaceAware(true);
            String xml = RecordingServer.part(invite, "application/rs-metadata+xml");
            return factory.newDocumentBuilder().parse(new InputSource(new StringReader(xml)));
        } catch (Exception e) {
            throw new AssertionError(invite.body(), e);
        }
    }

    /** @return the values of an attribute, "" = the text, of all elements of a name. */
    private static List<String> all(Document metadata, String name, String attribute) {
        NodeList found = metadata.getElementsByTagNameNS(SPACE, name);
        List<String> values = new ArrayList<>();
        for (int i = 0; i < found.getLength(); i++) {
            Element element = (Element) found.item(i);
            values.add(attribute.isEmpty() ? element.getTextContent() : element.getAttribute(attribute));
        }
        return values;
    }

    private static void awaitTone(RtpEnd stream, double hz) {
        Site.await(hz + " Hz at the recording server", () -> stream.hears(hz));
    }

    @Test // rest.md 2.3, RFC 7866 section 8, RFC 7865
    void shouldRecordEachVoiceInAStreamOfItsOwnAndSayWhoseItIs() {
        RecordingServer server = opened(RecordingServer.taking(0));
        bridge("");
        site.update(
                caller(),
                record("start", at(server.address()) + ",\"recordingID\":\"r-7\",\"headers\":{\"X-Case\":\"7\"}"));
        SipMessage invite = server.await("INVITE", 1);
        server.await("ACK", 1);
        assertThat(invite.uri()).isEqualTo("sip:" + server.address());
        assertThat(invite.header("Require")).isEqualTo("siprec");
        assertThat(invite.header("Contact")).contains(";+sip.src");
        assertThat(invite.header("X-Case")).isEqualTo("7");
        assertThat(invite.header("Content-Type")).startsWith("multipart/mixed;boundary=");
        assertThat(invite.body()).contains("Content-Disposition: recording-session");
        assertThat(RecordingServer.offered(invite)).hasSize(2).allSatisfy(stream -> assertThat(stream)
                .contains("RTP/AVP 0 8", "a=sendonly"));

        Document metadata = metadata(invite);
        assertThat(metadata.getDocumentElement().getNamespaceURI()).isEqualTo(SPACE);
        assertThat(all(metadata, "datamode", "")).containsExactly("complete");
        assertThat(all(metadata, "nameID", "aor").getLast()).isEqualTo(bob.uri("bob"));
        List<String> streams = all(metadata, "stream", "stream_id");
        assertThat(all(metadata, "label", "")).containsExactly("1", "2");
        assertThat(all(metadata, "send", "")).isEqualTo(streams);
        assertThat(all(metadata, "recv", "")).isEqualTo(streams.reversed());
        assertThat(all(metadata, "participantsessionassoc", "participant_id"))
                .isEqualTo(all(metadata, "participant", "participant_id"));
        assertThat(invite.body())
                .contains(">" + caller() + "</call_sid>", ">r-7</recording_id>", ">inbound</direction>");

        awaitTone(server.stream(0), CALLER_HZ);
        awaitTone(server.stream(1), CALLEE_HZ);
        assertThat(server.stream(0).heard().lost()).isZero();
        assertThat(server.stream(0).heard().timestampFaults()).isZero();
        assertThat(server.stream(0).heard().sources()).isEqualTo(1);
        assertThat(server.stream(0).heard().payloadTypes()).containsExactly(0);
        Site.await("reports", () -> server.stream(1).heard().reports() > 0);
        assertThat(a.media().hears(CALLEE_HZ)).as("the call itself").isTrue();
        end();
        server.await("BYE", 1);
    }

    @Test // verbs.md config: before anybody is dialled
    void shouldOfferASecondStreamWhenSomebodyIsConnected() {
        RecordingServer server = opened(RecordingServer.taking(8));
        bridge("{\"verb\":\"answer\"},{\"verb\":\"config\",\"record\":{\"action\":\"startCallRecording\","
                + "\"siprecServerURL\":\"sip:" + server.address() + "\"}},{\"verb\":\"pause\",\"length\":0.5},");
        SipMessage first = server.await("INVITE", 1);
        assertThat(RecordingServer.offered(first)).hasSize(1);
        assertThat(all(metadata(first), "participant", "participant_id")).hasSize(1);
        SipMessage second = server.await("INVITE", 2);
        assertThat(second.callId()).isEqualTo(first.callId());
        assertThat(second.toTag()).isNotEmpty();
        assertThat(RecordingServer.offered(second)).hasSize(2);
        assertThat(all(metadata(second), "nameID", "aor")).hasSize(2).endsWith(bob.uri("bob"));
        assertThat(all(metadata(second), "participant", "participant_id"))
                .startsWith(
                        all(metadata(first), "participant", "participant_id").getFirst());
        awaitTone(server.stream(0), CALLER_HZ);
        awaitTone(server.stream(1), CALLEE_HZ);
        assertThat(server.stream(1).heard().payloadTypes()).containsExactly(8);
        end();
        server.await("BYE", 1);
    }

    @Test // rest.md 2.3
    void shouldSendNothingInAPauseAndGoOnBehindIt() {
        RecordingServer server = opened(RecordingServer.taking(0));
        bridge("");
        site.update(caller(), record("start", at(server.address())));
        server.await("ACK", 1);
        awaitTone(server.stream(0), CALLER_HZ);

        site.update(caller(), record("pause", ""));
        SipMessage pause = server.await("INVITE", 2);
        assertThat(RecordingServer.offered(pause))
                .allSatisfy(stream -> assertThat(stream).contains("a=inactive"));
        server.await("ACK", 2);
        long heard = server.stream(0).heard().packets();
        long said = a.media().sent();
        Site.await("25 packets of the caller", () -> a.media().sent() >= said + 25);
        assertThat(server.stream(0).heard().packets()).isEqualTo(heard);

        site.update(caller(), record("resume", ""));
        assertThat(RecordingServer.offered(server.await("INVITE", 3)))
                .allSatisfy(stream -> assertThat(stream).contains("a=sendonly"));
        Site.await("packets again", () -> server.stream(0).heard().packets() > heard + 10);
        assertThat(server.stream(0).heard().lost()).isZero();

        site.update(caller(), record("stop", ""));
        server.await("BYE", 1);
        assertThat(a.isConnected()).isTrue();
        end();
    }

    @Test // RFC 3261 section 22, and fail-over
    void shouldTryTheNextServerWhenOneRefusesAndProveWhoRecords() {
        RecordingServer refusing = opened(RecordingServer.refusing(503));
        RecordingServer server = opened(RecordingServer.challenging("rec", "secret"));
        bridge("");
        String proving = server.address().replace("rec@", "rec:secret@");
        site.update(caller(), record("start", at(refusing.address(), proving)));
        refusing.await("ACK", 1);
        SipMessage proved = server.await("INVITE", 2);
        assertThat(proved.header("Proxy-Authorization")).contains("username=\"rec\"");
        assertThat(proved.toString()).doesNotContain("secret");
        awaitTone(server.stream(1), CALLEE_HZ);
        end();
        server.await("BYE", 1);
    }

    @Test // RFC 7866 section 7.2
    void shouldHeedAServerThatPausesAndOutliveOneThatHangsUp() {
        RecordingServer server = opened(RecordingServer.taking(0));
        bridge("");
        site.update(caller(), record("start", at(server.address())));
        server.await("ACK", 1);
        awaitTone(server.stream(0), CALLER_HZ);
        SipMessage answer = server.reoffer("inactive");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).contains("a=inactive");
        assertThat(server.reoffer("recvonly").body()).contains("a=sendonly");
        awaitTone(server.stream(0), CALLER_HZ);
        assertThat(server.hangUp().status()).isEqualTo(200);
        assertThat(a.isConnected()).isTrue();

        // Another one may be started then.
        RecordingServer next = opened(RecordingServer.taking(0));
        String startNext = record("start", at(next.address()));
        Site.await(
                "the end of the first",
                () -> site.rest("PUT", "/" + caller(), startNext).status() == 202);
        next.await("ACK", 1);
        awaitTone(next.stream(0), CALLER_HZ);
        end();
        next.await("BYE", 1);
    }

    @Test
    void shouldBridgeUnharmedWhenNoServerAnswers() {
        RecordingServer refusing = opened(RecordingServer.refusing(486));
        bridge("{\"verb\":\"config\",\"record\":{\"action\":\"startCallRecording\",\"siprecServerURL\":\"sip:"
                + refusing.address() + "\"}},");
        refusing.await("ACK", 1);
        a.awaitTone(CALLEE_HZ);
        assertThat(refusing.log().stream().filter(each -> each.method().equals("INVITE")))
                .hasSize(1);
        end();
    }
}
