package io.hookswitch.sip.ua;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.sip.Peers;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What we do with carriers outside of calls, against a far end that writes its SIP by hand; the test owns the time. */
class UpkeepTest {
    private static final int INTERVAL_MS = 10_000;

    /** What is asked for, and what was told. */
    private static final class Wanted implements Peers {
        private volatile List<Probe> probes = List.of();
        private volatile List<Enrolment> enrolments = List.of();
        private final List<String> told = new ArrayList<>();

        @Override
        public List<Probe> probes() {
            return probes;
        }

        @Override
        public List<Enrolment> enrolments() {
            return enrolments;
        }

        @Override
        public void onHealth(Probe probe, boolean alive) {
            told.add(alive ? "alive" : "dead");
        }

        @Override
        public void onEnrolled(String name, boolean registered) {
            told.add(name + (registered ? " registered" : " gone"));
        }
    }

    private final Wanted wanted = new Wanted();
    private AgentFixture fixture;
    private boolean isClosed;

    @BeforeEach
    void open() throws IOException {
        fixture = new AgentFixture(256, settings -> settings, wanted);
    }

    @AfterEach
    void close() {
        assertThat(fixture.errors).isEmpty();
        if (!isClosed) {
            fixture.farEnd.close();
            wanted.enrolments = List.of();
            fixture.agent.onClose();
        }
    }

    private void watch() {
        wanted.probes = List.of(new Peers.Probe(
                "udp:127.0.0.1:" + fixture.farEnd.port(), "sip:gw.test;transport=udp", "us.test", INTERVAL_MS, 2));
        fixture.pass(1_100);
    }

    private String expectOptions() throws IOException {
        String options = fixture.farEnd.expect("OPTIONS sip:gw.test;transport=udp SIP/2.0");
        assertThat(FarEnd.header(options, "From")).startsWith("<sip:us.test>;tag=");
        assertThat(FarEnd.header(options, "Contact")).isEqualTo("<sip:us.test>");
        return options;
    }

    private void answer(String request, String status, String more) throws IOException {
        fixture.farEnd.send(fixture.farEnd.answer(request, status, "x", more, ""));
        for (int i = 0; i < 5; i++) {
            fixture.agent.doWork(5_000_000);
        }
    }

    /** Repetitions of a request that nobody answers. */
    private void swallow() throws IOException {
        while (fixture.farEnd.receive(20) != null) {
            fixture.agent.doWork(0);
        }
    }

    @Test // RFC 3261 section 11
    void shouldAskAtEveryIntervalWhileAGatewayAnswers() throws IOException {
        watch();
        answer(expectOptions(), "200 OK", "");
        fixture.pass(INTERVAL_MS - 1_500);
        fixture.farEnd.expectSilence();
        fixture.pass(1_600);
        answer(expectOptions(), "405 Method Not Allowed", "");
        assertThat(wanted.told).isEmpty();
    }

    @Test
    void shouldCallAGatewayDeadBehindTheLastFailureAllowedAndAliveAgainWithOneAnswer() throws IOException {
        watch();
        expectOptions();
        fixture.pass(INTERVAL_MS);
        assertThat(wanted.told).as("one silence").isEmpty();
        swallow();
        fixture.pass(4_100);
        assertThat(wanted.told).containsExactly("dead");
        swallow();
        fixture.pass(INTERVAL_MS - 4_000);
        String only = expectOptions();
        answer(only, "200 OK", "");
        assertThat(wanted.told).containsExactly("dead", "alive");
        fixture.farEnd.expectSilence();
    }

    @Test
    void shouldTakeUnavailableForNoAnswer() throws IOException {
        watch();
        answer(expectOptions(), "503 Service Unavailable", "");
        fixture.pass(INTERVAL_MS);
        answer(expectOptions(), "503 Service Unavailable", "");
        assertThat(wanted.told).containsExactly("dead");
        fixture.pass(INTERVAL_MS);
        answer(expectOptions(), "408 Request Timeout", "");
        fixture.pass(INTERVAL_MS);
        answer(expectOptions(), "404 Not Found", "");
        assertThat(wanted.told).containsExactly("dead", "alive");
    }

    @Test
    void shouldAskNoMoreAndHoldNothingWhenAGatewayIsNotWantedAnyMore() throws IOException {
        watch();
        answer(expectOptions(), "200 OK", "");
        wanted.probes = List.of();
        fixture.pass(2 * INTERVAL_MS);
        fixture.farEnd.expectSilence();
        fixture.pass(40_000);
        assertThat(fixture.agent.tables().stack().clientTransactions()).isZero();
        assertThat(fixture.agent.tables().legTimers()).as("the look itself").isEqualTo(1);
    }

    private void enrol(String... hops) {
        wanted.enrolments = List.of(new Peers.Enrolment(
                "a/c",
                hops.length == 0 ? List.of("udp:127.0.0.1:" + fixture.farEnd.port()) : List.of(hops),
                "sip:realm.test",
                "sip:me@from.test",
                "me",
                "secret",
                3600));
        fixture.pass(1_100);
    }

    private String expectRegister(int cseq, int expires) throws IOException {
        String register = fixture.farEnd.expect("REGISTER sip:realm.test SIP/2.0");
        assertThat(FarEnd.header(register, "CSeq")).isEqualTo(cseq + " REGISTER");
        assertThat(FarEnd.header(register, "Expires")).isEqualTo("" + expires);
        return register;
    }

    private void challenge(String register) throws IOException {
        answer(
                register,
                "401 Unauthorized",
                "WWW-Authenticate: Digest realm=\"realm.test\", nonce=\"n1\", qop=\"auth\"\r\n");
    }

    @Test // RFC 3261 section 10.2
    void shouldProveItselfRenewInTimeAndLeaveWhenItRegisters() throws IOException {
        enrol();
        String first = expectRegister(1, 3600);
        assertThat(FarEnd.header(first, "To")).isEqualTo("<sip:me@from.test>");
        assertThat(FarEnd.header(first, "From")).startsWith("<sip:me@from.test>;tag=");
        assertThat(FarEnd.header(first, "Contact")).isEqualTo("<sip:me@127.0.0.1:" + fixture.port() + ">");
        challenge(first);
        String second = expectRegister(2, 3600);
        assertThat(FarEnd.header(second, "Authorization"))
                .contains("username=\"me\"", "realm=\"realm.test\"", "uri=\"sip:realm.test\"", "nonce=\"n1\"");
        assertThat(FarEnd.header(second, "Call-ID")).isEqualTo(FarEnd.header(first, "Call-ID"));
        fixture.farEnd.send(fixture.farEnd
                .answer(second, "200 OK", "x", "Expires: 100\r\n", "")
                .replaceFirst(
                        "Contact: [^\r]*", FarEnd.header(second, "Contact").transform(c -> "Contact: " + c)));
        for (int i = 0; i < 5; i++) {
            fixture.agent.doWork(5_000_000);
        }
        assertThat(wanted.told).containsExactly("a/c registered");
        fixture.pass(79_000);
        fixture.farEnd.expectSilence();
        fixture.pass(1_200);
        answer(expectRegister(3, 3600), "200 OK", "Expires: 100\r\n");
        isClosed = true;
        Thread leaving = Thread.currentThread();
        assertThat(leaving.isInterrupted()).isFalse();
        try (FarEnd farEnd = fixture.farEnd) {
            fixture.agent.onClose();
            String last = read(farEnd);
            assertThat(last).startsWith("REGISTER sip:realm.test").contains("CSeq: 4 REGISTER", "Expires: 0");
        }
    }

    private static String read(FarEnd farEnd) throws IOException {
        byte[] bytes = new byte[4096];
        java.net.DatagramPacket packet = new java.net.DatagramPacket(bytes, bytes.length);
        farEnd.socket.setSoTimeout(2_000);
        farEnd.socket.receive(packet);
        return new String(bytes, 0, packet.getLength(), java.nio.charset.StandardCharsets.UTF_8);
    }

    @Test
    void shouldTryAgainLaterAndLaterWhenItIsRefused() throws IOException {
        enrol();
        challenge(expectRegister(1, 3600));
        challenge(expectRegister(2, 3600));
        fixture.pass(4_800);
        fixture.farEnd.expectSilence();
        fixture.pass(300);
        answer(expectRegister(3, 3600), "403 Forbidden", "");
        fixture.pass(9_800);
        fixture.farEnd.expectSilence();
        fixture.pass(300);
        answer(expectRegister(4, 3600), "503 Service Unavailable", "Retry-After: 60\r\n");
        fixture.pass(59_800);
        fixture.farEnd.expectSilence();
        fixture.pass(300);
        answer(expectRegister(5, 3600), "200 OK", "Expires: 3600\r\n");
        assertThat(wanted.told).containsExactly("a/c registered");
    }

    @Test // RFC 3261 section 10.2.8
    void shouldAskForLongerWhenTheIntervalIsTooBrief() throws IOException {
        enrol();
        answer(expectRegister(1, 3600), "423 Interval Too Brief", "Min-Expires: 7200\r\n");
        answer(expectRegister(2, 7200), "200 OK", "Expires: 7200\r\n");
        assertThat(wanted.told).containsExactly("a/c registered");
    }

    @Test
    void shouldTryTheNextAddressAtOnceWhenOneRefuses() throws IOException {
        try (FarEnd other = new FarEnd(fixture)) {
            enrol("udp:127.0.0.1:" + fixture.farEnd.port(), "udp:127.0.0.1:" + other.port());
            answer(expectRegister(1, 3600), "500 Server Internal Error", "");
            fixture.pass(100);
            String register = other.expect("REGISTER ");
            assertThat(FarEnd.header(register, "CSeq")).isEqualTo("2 REGISTER");
            fixture.farEnd.expectSilence();
            answer(register, "200 OK", "Expires: 60\r\n");
            assertThat(wanted.told).containsExactly("a/c registered");
        }
    }

    @Test
    void shouldSayThatItIsGoneWhenARenewalIsNotAnswered() throws IOException {
        enrol();
        answer(expectRegister(1, 3600), "200 OK", "Expires: 50\r\n");
        fixture.pass(40_100);
        expectRegister(2, 3600);
        fixture.pass(33_000);
        assertThat(wanted.told).containsExactly("a/c registered", "a/c gone");
        swallow();
    }
}
