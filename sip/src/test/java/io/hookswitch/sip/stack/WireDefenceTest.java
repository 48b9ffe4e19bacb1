package io.hookswitch.sip.stack;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.sip.transport.SipCounters;
import io.hookswitch.sip.transport.Transport;
import io.hookswitch.sip.transport.Verdict;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.sip.ClientTransaction;
import javax.sip.message.Request;
import org.junit.jupiter.api.Test;

/** What a hostile or broken far end gets over UDP, and that everybody else's calls go on. */
class WireDefenceTest {
    private static void assertCallWorks(StackFixture fixture, String callId) throws IOException {
        fixture.send(SipText.invite(callId, callId, fixture.via(), fixture.farEnd.getLocalPort()));
        assertThat(fixture.receive()).startsWith("SIP/2.0 200").contains(callId);
        fixture.send(SipText.inDialog("ACK", 1, "a" + callId, callId, fixture.via(), "b1"));
        fixture.send(SipText.inDialog("BYE", 2, "b" + callId, callId, fixture.via(), "b1"));
        assertThat(fixture.receive()).startsWith("SIP/2.0 200").contains("CSeq: 2 BYE");
    }

    @Test
    void shouldDropSilentlyWhenAViaHoldsTheCommentThatExhaustsTheParser() throws IOException {
        try (StackFixture fixture = new StackFixture()) {
            String trap =
                    "OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP a;branch=z9hG4bK1 (\\\r\nFrom: <sip:a@b>;tag=1\r\n"
                            + "To: <sip:a@b>\r\nCall-ID: x\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\n\r\n";
            assertThat(trap.length()).isLessThan(180);
            fixture.send(trap);
            fixture.settle(1);
            assertThat(fixture.counters.get(Verdict.VIA_TRAP)).isOne();
            assertThat(fixture.counters.get(SipCounters.REFUSED_SILENTLY)).isOne();
            assertThat(fixture.receive(50)).isNull();
            assertCallWorks(fixture, "after");
        }
    }

    @Test
    void shouldAnswer400WhenSixtyKilobytesOfUriParametersCome() throws IOException {
        try (StackFixture fixture = new StackFixture()) {
            String invite = SipText.invite("1", "call-1", fixture.via(), 1);
            fixture.send(invite.replace("bob@127.0.0.1 SIP", "bob@127.0.0.1" + ";p=1".repeat(15_000) + " SIP"));
            assertThat(fixture.receive()).startsWith("SIP/2.0 400 Bad Request").contains("Call-ID: call-1");
            assertThat(fixture.counters.get(Verdict.MESSAGE_TOO_LONG)).isOne();

            fixture.send(invite.replace("bob@127.0.0.1 SIP", "bob@127.0.0.1" + ";p=1".repeat(900) + " SIP"));
            assertThat(fixture.receive()).startsWith("SIP/2.0 400 Bad Request");
            assertThat(fixture.counters.get(Verdict.TOO_MANY_PARAMETERS)).isOne();

            String noVia = invite.replace("SIP/2.0/UDP", "nonsense");
            fixture.send(noVia.replace("bob@127.0.0.1 SIP", "bob@127.0.0.1" + ";p=1".repeat(15_000) + " SIP"));
            fixture.settle(3);
            assertThat(fixture.receive(50)).isNull();
            assertThat(fixture.counters.get(SipCounters.REFUSED_SILENTLY)).isOne();
            assertThat(fixture.listener.heard).isEmpty();
            assertCallWorks(fixture, "after");
        }
    }

    @Test
    void shouldAnswer505WhenTheVersionIsAnother() throws IOException {
        try (StackFixture fixture = new StackFixture()) {
            fixture.send(SipText.invite("1", "c", fixture.via(), 1).replace(" SIP/2.0\r", " SIP/7.0\r"));
            assertThat(fixture.receive()).startsWith("SIP/2.0 505 ");
            assertThat(fixture.counters.get(SipCounters.VERSION_ANSWERED)).isOne();
        }
    }

    @Test
    void shouldAnswer400WhenTheParserRefusesWhatTheGuardAccepts() throws IOException {
        try (StackFixture fixture = new StackFixture()) {
            fixture.send(SipText.invite("1", "c", fixture.via(), 1)
                    .replace("From: \"Alice\" <sip:alice@example.com>", "From: <sip:alice@[::>"));
            assertThat(fixture.receive()).startsWith("SIP/2.0 400 ");
            assertThat(fixture.counters.get(SipCounters.PARSER_REFUSED)
                            + fixture.counters.get(SipCounters.PARSER_FAILED))
                    .isOne();
        }
    }

    @Test
    void shouldNotBeAnsweredWhenARefusedMessageIsAnAckOrAResponse() throws IOException {
        try (StackFixture fixture = new StackFixture()) {
            fixture.send(
                    SipText.inDialog("ACK", 1, "1", "c", fixture.via(), "b").replace("1 ACK", "1 INVITE"));
            fixture.send(SipText.answer(SipText.invite("1", "c", fixture.via(), 1), "999 No", "b", ""));
            fixture.settle(2);
            assertThat(fixture.receive(50)).isNull();
            assertThat(fixture.counters.get(SipCounters.REFUSED_SILENTLY)).isEqualTo(2);
        }
    }

    @Test
    void shouldGoOnWhenTheListenerThrows() throws IOException {
        try (StackFixture fixture = new StackFixture()) {
            fixture.listener.throwsOnOptions = true;
            fixture.send(SipText.invite("o", "c", fixture.via(), 1).replace("INVITE", "OPTIONS"));
            fixture.settle(1);
            assertThat(fixture.errors).hasSize(1);
            assertThat(fixture.errors.getFirst()).hasMessage("listener's own failure");
            assertCallWorks(fixture, "after");
        }
    }

    @Test
    void shouldAnswer503WithoutStateWhenOverloadedAndLetRunningCallsGoOn() throws IOException {
        try (StackFixture fixture = new StackFixture()) {
            fixture.send(SipText.invite("1", "call-1", fixture.via(), fixture.farEnd.getLocalPort()));
            assertThat(fixture.receive()).startsWith("SIP/2.0 200");
            fixture.send(SipText.inDialog("ACK", 1, "2", "call-1", fixture.via(), "b1"));
            fixture.settle(2);
            int transactions = fixture.stack.tables().serverTransactions();

            fixture.stack.overloaded(true);
            fixture.send(SipText.invite("9", "call-9", fixture.via(), 1));
            assertThat(fixture.receive()).startsWith("SIP/2.0 503 ").contains("Retry-After: 5\r\n", "call-9");
            fixture.send(SipText.invite("1", "call-1", fixture.via(), fixture.farEnd.getLocalPort()));
            fixture.settle(4);
            assertThat(fixture.receive(50))
                    .as("a repeated INVITE of a running call")
                    .isNull();
            assertThat(fixture.stack.tables().serverTransactions()).isEqualTo(transactions);
            fixture.send(SipText.inDialog("BYE", 2, "3", "call-1", fixture.via(), "b1"));
            assertThat(fixture.receive()).startsWith("SIP/2.0 200");

            fixture.stack.overloaded(false);
            assertCallWorks(fixture, "after");
        }
    }

    @Test
    void shouldDropWhenASourceSpendsItsTokensAndRecoverWithTime() throws IOException {
        try (StackFixture fixture = new StackFixture(
                settings -> new ShardSettings(settings.name(), settings.wire().sourceBudget(10, 3), 1000, 60, 5))) {
            for (int i = 0; i < 5; i++) {
                fixture.send(SipText.invite("r" + i, "r" + i, fixture.via(), 1).replace("CSeq: 1 INVITE", "CSeq: x"));
            }
            fixture.settle(5);
            assertThat(fixture.counters.get(SipCounters.BAD_REQUEST_ANSWERED)).isEqualTo(3);
            assertThat(fixture.counters.get(SipCounters.RATE_LIMITED)).isEqualTo(2);
            fixture.pass(1_000);
            while (fixture.receive(20) != null) {
                // The three answers.
            }
            assertCallWorks(fixture, "after");
        }
    }

    @Test // RFC 3261 section 12.2.2
    void shouldAnswer481WithoutStateWhenATagIsInvented() throws IOException {
        try (StackFixture fixture = new StackFixture(
                settings -> new ShardSettings(settings.name(), settings.wire().sourceBudget(10, 5), 1000, 60, 5))) {
            for (int i = 0; i < 8; i++) {
                fixture.send(SipText.inDialog("BYE", 2, "inv" + i, "inv" + i, fixture.via(), "invented"));
            }
            fixture.settle(8);
            assertThat(fixture.listener.heard).isEmpty();
            assertThat(fixture.stack.tables().isResting()).isTrue();
            assertThat(fixture.counters.get(SipCounters.UNKNOWN_DIALOG_ANSWERED))
                    .isEqualTo(5);
            assertThat(fixture.counters.get(SipCounters.RATE_LIMITED)).isEqualTo(3);
            assertThat(fixture.receive()).startsWith("SIP/2.0 481 ").contains("tag=invented\r\n");
        }
    }

    @Test
    void shouldDropAnAckWhenItIsOfNoDialogAndNoTransaction() throws IOException {
        try (StackFixture fixture = new StackFixture()) {
            fixture.send(SipText.inDialog("ACK", 1, "1", "stray", fixture.via(), "b1"));
            fixture.settle(1);
            assertThat(fixture.counters.get(SipCounters.STRAY_ACK)).isOne();
            assertThat(fixture.listener.heard).isEmpty();
            assertCallWorks(fixture, "Mixed-CASE-after");
            assertThat(fixture.listener.heard).containsExactly("INVITE", "ACK", "BYE");
        }
    }

    @Test
    void shouldStayBoundedAndForgetAllWhenInvitesAreNeverFinished() throws IOException {
        try (StackFixture fixture =
                new StackFixture(settings -> new ShardSettings(settings.name(), settings.wire(), 200, 60, 5))) {
            fixture.listener.answersInvite = true;
            for (int i = 0; i < 1_000; i++) {
                fixture.send(SipText.invite("f" + i, "f" + i, fixture.via(), fixture.farEnd.getLocalPort()));
                if (i % 50 == 49) {
                    fixture.settle(i + 1);
                }
            }
            assertThat(fixture.counters.get(SipCounters.RECEIVED)).isEqualTo(1_000);
            assertThat(fixture.stack.tables().serverTransactions()).isEqualTo(200);
            assertThat(fixture.counters.get(SipCounters.OVERLOAD_ANSWERED)).isEqualTo(800);
            while (fixture.receive(20) != null) {
                // Answers nobody acknowledges.
            }
            // 32 s later the listener hears that nobody acknowledged.
            fixture.pass(120_000);
            assertThat(fixture.stack.tables().isResting())
                    .as("%s %s", fixture.stack.tables(), Set.copyOf(fixture.listener.heard))
                    .isTrue();
            assertThat(fixture.listener.heard)
                    .filteredOn("dialog timeout"::equals)
                    .hasSize(200);
        }
    }

    @Test
    void shouldHarmNobodyWhenAnInviteIsCutAtEachByte() throws IOException {
        try (StackFixture fixture = new StackFixture()) {
            fixture.listener.answersInvite = false;
            byte[] invite = SipText.bytes(SipText.invite("cut", "cut", fixture.via(), 1));
            for (int length = 0; length < invite.length; length++) {
                byte[] cut = new byte[length];
                System.arraycopy(invite, 0, cut, 0, length);
                fixture.send(cut);
                if (length % 32 == 31) {
                    fixture.settle(length + 1);
                }
            }
            fixture.settle(invite.length);
            assertThat(fixture.counters.get(SipCounters.RECEIVED)).isEqualTo(invite.length);
            assertThat(fixture.counters.get(Verdict.ACCEPT)).isZero();
            assertThat(fixture.listener.heard).isEmpty();
            while (fixture.receive(5) != null) {
                // 400 for those whose headers were whole.
            }
            fixture.listener.answersInvite = true;
            assertCallWorks(fixture, "after");
        }
    }

    @Test
    void shouldEndTheTransactionWith503WhenTheKernelRefusesToSend() throws Exception {
        try (StackFixture fixture = new StackFixture()) {
            // Sending to the broadcast address without being allowed to is refused by the kernel.
            String text = SipText.invite("e", "e", "UDP 127.0.0.1:" + fixture.udp.getPort(), fixture.udp.getPort())
                    .replace("sip:bob@127.0.0.1", "sip:bob@255.255.255.255:5060");
            Request invite = fixture.listener.messages.createRequest(text);
            ClientTransaction transaction =
                    fixture.stack.provider(Transport.UDP).getNewClientTransaction(invite);
            transaction.sendRequest();
            fixture.stack.poll(0);
            fixture.stack.poll(0);
            assertThat(fixture.listener.heard)
                    .as("%s %d", fixture.errors, fixture.counters.get(SipCounters.SEND_FAILED))
                    .contains("503");
            assertThat(fixture.counters.get(SipCounters.SEND_FAILED)).isPositive();
        }
    }

    @Test
    void shouldNeverThrowWhenMessagesAreMutated() throws IOException {
        try (StackFixture fixture = new StackFixture()) {
            fixture.listener.answersInvite = false;
            Mutator mutator = new Mutator(7, fixture.via());
            long began = System.nanoTime();
            int sent = 0;
            for (; sent < 200_000 && System.nanoTime() - began < 20_000_000_000L; sent++) {
                fixture.stack.inject(mutator.next(), fixture.udp);
                if (sent % 1_000 == 999) {
                    // Transactions that the mutants opened end; otherwise the heap is the limit.
                    fixture.clock.stepMs(40_000);
                    fixture.stack.poll(0);
                }
            }
            assertThat(sent).as("in 20 s").isGreaterThan(50_000);
            assertThat(fixture.counters.get(Verdict.ACCEPT)).isGreaterThan(sent / 20);
            assertThat(kinds(fixture)).isEmpty();
            assertThat(fixture.counters.get(SipCounters.PROCESSING_FAILED)).isZero();
            assertThat(fixture.counters.get(SipCounters.TIMER_FAILED)).isZero();
            fixture.listener.answersInvite = true;
            while (fixture.receive(1) != null) {
                // Answers to mutants.
            }
            assertCallWorks(fixture, "after");
        }
    }

    private static Map<String, Long> kinds(StackFixture fixture) {
        return fixture.errors.stream()
                .map(error -> {
                    Throwable cause = error.getCause() == null ? error : error.getCause();
                    return cause + " at "
                            + Arrays.stream(cause.getStackTrace()).limit(4).toList();
                })
                .collect(Collectors.groupingBy(kind -> kind, TreeMap::new, Collectors.counting()));
    }

    /** Changes bytes, words and lines of a few valid messages. */
    private static final class Mutator {
        private static final String[] WORDS = {
            "\r\n",
            "\r\n ",
            ";",
            ",",
            "<",
            ">",
            "\"",
            "\\",
            "(",
            ")",
            "%00",
            "%",
            "@",
            ":",
            "=",
            "//",
            "?",
            "sip:",
            "tel:",
            "z9hG4bK",
            "4294967296",
            "-1",
            "Via: SIP/2.0/UDP ",
            "Contact: *",
            "RSeq: x",
            "RAck: 1",
            "Min-Expires: -",
            "MIME-Version: .",
            "Expires: 99999999999",
            "Route: <sip:x;lr>",
            "Require: 100rel",
            "Timestamp: 1.",
            "Date: x",
            "Replaces: a;from-tag=;to-tag",
            "Authorization: Digest x",
            "Reason: ;",
            "Session-Expires: 1;refresher=",
            "Refer-To: <",
            "Event: ;id",
            "Content-Type: a",
            "P-Asserted-Identity: \"",
        };
        private final Random random;
        private final byte[][] seeds;

        Mutator(long seed, String via) {
            random = new Random(seed);
            String invite = SipText.invite("m", "m", via, 5070);
            seeds = new byte[][] {
                SipText.bytes(invite),
                SipText.bytes(SipText.inDialog("BYE", 2, "m2", "m", via, "b1")),
                SipText.bytes(invite.replace("INVITE", "REGISTER")
                        .replace(
                                "Content-Type",
                                "Authorization: Digest username=\"a\", realm=\"b\", nonce=\"c\", "
                                        + "uri=\"sip:x\", response=\"d\"\r\nContent-Type")),
                SipText.bytes(SipText.answer(invite, "200 OK", "b1", "Contact: <sip:a@b;transport=tcp>;q=0.5\r\n")),
            };
        }

        byte[] next() {
            String text = new String(seeds[random.nextInt(seeds.length)], StandardCharsets.ISO_8859_1);
            StringBuilder message = new StringBuilder(text);
            int branch = message.indexOf("z9hG4bK");
            message.insert(branch + 7, random.nextInt(1_000_000));
            for (int n = random.nextInt(4); n >= 0; n--) {
                int at = random.nextInt(message.length());
                switch (random.nextInt(5)) {
                    case 0 -> message.setCharAt(at, (char) random.nextInt(256));
                    case 1 -> message.insert(at, WORDS[random.nextInt(WORDS.length)]);
                    case 2 -> message.delete(at, Math.min(message.length() - 1, at + random.nextInt(12)));
                    case 3 -> insertLine(message);
                    default -> message.insert(at, message.substring(at, Math.min(at + 30, message.length())));
                }
            }
            return message.toString().getBytes(StandardCharsets.ISO_8859_1);
        }

        private void insertLine(StringBuilder message) {
            int line = message.indexOf("\r\n", random.nextInt(message.length()));
            if (line > 0) {
                message.insert(line, "\r\n" + WORDS[22 + random.nextInt(WORDS.length - 22)]);
            }
        }
    }
}
