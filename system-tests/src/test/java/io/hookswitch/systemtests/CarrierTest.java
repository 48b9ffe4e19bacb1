package io.hookswitch.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import io.hookswitch.systemtests.farend.SipEntry;
import io.hookswitch.systemtests.farend.SipMessage;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Carriers on the wire (dial.md 3.17): gateways that come and go, and our own registration. */
class CarrierTest {
    private static final String NUMBER = "15083728299";
    private static final AtomicBoolean IS_UP = new AtomicBoolean(true);
    private static FarEnd caller;
    private static FarEnd first;
    private static FarEnd second;
    private static FarEnd registrar;
    private static FarEnd secure;
    private static FarEnd secondHost;
    private static Site site;

    @TempDir
    private static Path directory;

    @BeforeAll
    static void start() throws Exception {
        TlsCertificate ours = new TlsCertificate(directory, "ours", "ip:127.0.0.1");
        TlsCertificate theirs = new TlsCertificate(directory, "theirs", "ip:127.0.0.1,ip:127.0.0.2");
        secure = FarEnd.tls("secure", theirs.context(ours), 880);
        int port = secure.address().getPort();
        secondHost = FarEnd.tls("host 2", theirs.context(ours), new InetSocketAddress("127.0.0.2", port), 990);
        caller = FarEnd.udp("caller", 440);
        first = FarEnd.udp("first", 550)
                .script(Script.rejecting(486))
                .serve("OPTIONS", _ -> IS_UP.get() ? List.of("200 OK") : List.of());
        second = FarEnd.udp("second", 660).script(Script.rejecting(486));
        registrar = FarEnd.udp("registrar", 770).serve("REGISTER", CarrierTest::register);
        site = new Site(config -> config.tls(
                        ours.certificate.toString(), ours.key.toString(), theirs.certificate.toString())
                .teams("{ tenant_fqdn: sbc.customer.test, hosts: [ 127.0.0.1, 127.0.0.2 ], port: " + port + " }")
                .carrier("{ name: tls, gateways: [ " + secured("tls") + " ] }")
                .carrier("{ name: srtp, gateways: [ " + secured("tls/srtp") + ", " + gateway(second) + " ] }")
                .sip("options_interval: 1, options_failures: 2")
                .carrier("{ name: pair, gateways: [ " + gateway(first) + ", " + gateway(second) + " ] }")
                .carrier("{ name: member, requires_register: true, register_username: me, register_password: secret,"
                        + " register_sip_realm: realm.test, gateways: [ { host: 127.0.0.1, port: "
                        + registrar.address().getPort() + ", outbound: true } ] }"));
    }

    private static String secured(String protocol) {
        return "{ host: 127.0.0.1, port: " + secure.address().getPort() + ", outbound: true, protocol: \"" + protocol
                + "\" }";
    }

    private static String gateway(FarEnd farEnd) {
        return "{ host: 127.0.0.1, port: " + farEnd.address().getPort() + ", outbound: true, send_options_ping: true }";
    }

    private static List<String> register(SipMessage request) {
        return request.header("Authorization") == null
                ? List.of(
                        "401 Unauthorized", "WWW-Authenticate: Digest realm=\"realm.test\", nonce=\"n\", qop=\"auth\"")
                : List.of("200 OK", "Contact: " + request.header("Contact") + ";expires=3600");
    }

    @AfterAll
    static void stop() {
        site.close();
        caller.close();
        first.close();
        second.close();
        registrar.close();
        secure.close();
        secondHost.close();
    }

    private static void awaitMetric(String name, Predicate<Double> wanted) {
        caller.await(Duration.ofSeconds(10), name, () -> {
            double value = site.engine.metrics().get("hookswitch_" + name);
            return wanted.test(value) ? value : null;
        });
    }

    private static long invites(FarEnd farEnd) {
        return farEnd.arrivedCalls().size();
    }

    private static int dial(String trunk) {
        site.dials("", "{\"type\":\"phone\",\"number\":\"" + NUMBER + "\",\"trunk\":\"" + trunk + "\"}");
        FarCall call = caller.call(Invite.to(NUMBER, site.sip()));
        int code = site.awaitDone().number("dial_sip_status");
        call.awaitEnded();
        return code;
    }

    @Test
    void shouldLeaveADeadGatewayOutAndComeBackToItWhenItAnswersAgain() {
        assertThat(dial("pair")).isEqualTo(486);
        assertThat(invites(first)).isEqualTo(1);
        assertThat(invites(second)).isZero();
        IS_UP.set(false);
        awaitMetric("gateways_dead", dead -> dead == 1);
        assertThat(dial("pair")).isEqualTo(486);
        assertThat(invites(first)).as("INVITEs at the dead gateway").isEqualTo(1);
        assertThat(invites(second)).isEqualTo(1);
        IS_UP.set(true);
        awaitMetric("gateways_dead", dead -> dead == 0);
        assertThat(dial("pair")).isEqualTo(486);
        assertThat(invites(first)).isEqualTo(2);
    }

    @Test
    void shouldTalkToAGatewayOverTls() {
        secure.forget();
        secure.script(Script.answering(100));
        site.dials("\"answerOnBridge\":true", "{\"type\":\"phone\",\"number\":\"+" + NUMBER + "\",\"trunk\":\"tls\"}");
        FarCall out = caller.call(Invite.to(NUMBER, site.sip()));
        FarCall in = secure.awaitCall().awaitConnected();
        out.awaitTone(880);
        in.awaitTone(440);
        assertThat(in.invite().startLine())
                .isEqualTo("INVITE sip:" + NUMBER + "@127.0.0.1:"
                        + secure.address().getPort() + ";transport=tls SIP/2.0");
        assertThat(in.invite().header("Via")).startsWith("SIP/2.0/TLS ");
        out.bye();
        in.awaitEnded();
    }

    @Test // dial.md 3.16
    void shouldCallTeamsInTheNameOfTheTenant() {
        secure.forget();
        secure.script(Script.rejecting(486));
        site.dials("", "{\"type\":\"teams\",\"number\":\"+" + NUMBER + "\",\"voicemail\":true}");
        FarCall call = caller.call(Invite.to(NUMBER, site.sip()));
        assertThat(site.awaitDone().number("dial_sip_status")).isEqualTo(486);
        call.awaitEnded();
        SipMessage invite = secure.awaitCall().invite();
        assertThat(invite.startLine()).isEqualTo("INVITE sip:+" + NUMBER + "@127.0.0.1;opaque=app:voicemail SIP/2.0");
        assertThat(invite.header("From")).contains("@sbc.customer.test>");
        assertThat(invite.header("Contact"))
                .matches("<sip:\\+" + NUMBER + "@sbc\\.customer\\.test:[0-9]+;transport=tls>");
        assertThat(invite.body()).contains("RTP/SAVP", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:");
        assertThat(invite.body()).contains("a=ice-lite", "a=ice-ufrag:", "a=candidate:1 1 udp ", "a=rtcp-mux");
        assertThat(invite.body()).contains("a=rtpmap:0 PCMU/8000", "a=rtpmap:8 PCMA/8000", "telephone-event/8000");
    }

    @Test // dial.md 3.16
    void shouldTryTheNextHostOfTeamsWhenTheFirstOneFails() {
        secure.forget();
        secondHost.forget();
        secure.script(Script.rejecting(503));
        secondHost.script(Script.rejecting(486));
        site.dials("", "{\"type\":\"teams\",\"number\":\"+" + NUMBER + "\"}");
        FarCall call = caller.call(Invite.to(NUMBER, site.sip()));
        assertThat(site.awaitDone().number("dial_sip_status")).isEqualTo(486);
        call.awaitEnded();
        assertThat(secure.awaitCall().invite().uri()).isEqualTo("sip:+" + NUMBER + "@127.0.0.1");
        assertThat(secondHost.awaitCall().invite().uri()).isEqualTo("sip:+" + NUMBER + "@127.0.0.2");
    }

    @Test
    void shouldOfferKeysAndTryNoOtherGatewayWhenTheProtocolIsTlsWithSrtp() {
        secure.forget();
        secure.script(Script.rejecting(500));
        long others = invites(second);
        assertThat(dial("srtp")).isEqualTo(500);
        SipMessage invite = secure.awaitCall().invite();
        assertThat(invite.body()).contains("RTP/SAVP", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:");
        assertThat(invites(second)).isEqualTo(others);
    }

    @Test
    void shouldRegisterWithProofAndCallAsThatUserWhenTheCarrierRequiresIt() {
        awaitMetric("carriers_registered", registered -> registered == 1);
        SipMessage proved =
                registrar.await(Duration.ofSeconds(5), "a REGISTER with proof", () -> registrar.log().stream()
                        .map(SipEntry::message)
                        .filter(message -> message.isRequest()
                                && message.method().equals("REGISTER")
                                && message.header("Authorization") != null)
                        .findFirst()
                        .orElse(null));
        assertThat(proved.startLine()).isEqualTo("REGISTER sip:realm.test SIP/2.0");
        assertThat(proved.header("To")).isEqualTo("<sip:me@realm.test>");
        assertThat(proved.header("Contact"))
                .isEqualTo("<sip:me@127.0.0.1:" + site.sip().getPort() + ">");
        registrar.script(Script.rejecting(404));
        assertThat(dial("member")).isEqualTo(404);
        SipMessage invite = registrar.awaitCall().invite();
        assertThat(invite.startLine()).isEqualTo("INVITE sip:" + NUMBER + "@realm.test;transport=udp SIP/2.0");
        assertThat(invite.header("Contact")).startsWith("<sip:me@");
    }
}
