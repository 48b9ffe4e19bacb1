package io.hookswitch.sip.transport;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The guard: what it accepts, what it refuses and why, its limits on both sides. */
class WireGuardTest {
    static final String INVITE = "INVITE sip:bob@example.com SIP/2.0\r\n"
            + "Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bKabc;rport\r\n"
            + "Max-Forwards: 70\r\n"
            + "From: \"A; tag=not \\\" this\" <sip:alice@example.com;tag=nor>;x=y;tag=a1\r\n"
            + "To: <sip:bob@example.com>\r\n"
            + "Call-ID: c1@example.com\r\n"
            + "CSeq: 314159 INVITE\r\n"
            + "Contact: <sip:alice@192.0.2.1>\r\n"
            + "Content-Length: 4\r\n\r\nbody";
    private static final int MAX = 65_507;

    private final WireGuard guard = new WireGuard();
    private final UnsafeBuffer buffer = new UnsafeBuffer(ByteBuffer.allocateDirect(1 << 17));

    private int check(String message) {
        byte[] bytes = message.getBytes(StandardCharsets.ISO_8859_1);
        buffer.putBytes(7, bytes);
        return guard.checkDatagram(buffer, 7, bytes.length, MAX);
    }

    private String text(int at, int length) {
        return buffer.getStringWithoutLengthAscii(at, length);
    }

    private static String with(String header) {
        return INVITE.replace("Contact:", header + "\r\nContact:");
    }

    @Test
    void shouldFindWhatTheStackIsAskedForWhenAccepted() {
        assertThat(check(INVITE)).isEqualTo(Verdict.ACCEPT);
        assertThat(guard.method()).isEqualTo(Method.INVITE);
        assertThat(guard.isResponse()).isFalse();
        assertThat(text(guard.callIdAt(), guard.callIdLength())).isEqualTo("c1@example.com");
        assertThat(guard.callIdHash()).isEqualTo(CallIdHash.of("c1@example.com"));
        assertThat(text(guard.fromTagAt(), guard.fromTagLength())).isEqualTo("a1");
        assertThat(guard.toTagLength()).isZero();
        assertThat(guard.topVia().port()).isEqualTo(5070);
        assertThat(guard.topVia().rport()).isTrue();
        assertThat(text(guard.topVia().branchAt(), guard.topVia().branchLength()))
                .isEqualTo("z9hG4bKabc");
        assertThat(text(guard.bodyAt(), guard.bodyLength())).isEqualTo("body");
        assertThat(guard.messageLength()).isEqualTo(INVITE.length());
    }

    @Test
    void shouldTellStatusAndMethodOfCseqWhenAResponse() {
        assertThat(check(INVITE.replace("INVITE sip:bob@example.com SIP/2.0", "SIP/2.0 183 ")))
                .isEqualTo(Verdict.ACCEPT);
        assertThat(guard.isResponse()).isTrue();
        assertThat(guard.status()).isEqualTo(183);
        assertThat(guard.method()).isEqualTo(Method.INVITE);
    }

    @Test // RFC 4475 section 3.1.1.1: compact names, folds and spaces wherever they may be
    void shouldAcceptWhenWrittenInTheOddestValidWay() {
        String odd = "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0\r\n"
                + "TO :\r\n sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n\r\n"
                + "from   : \"J Rosenberg \\\\\\\"\"       <sip:jdrosen@example.com>\r\n  ;\r\n  tag = 98asjd8\r\n"
                + "MaX-fOrWaRdS: 0068\r\n"
                + "Call-ID: wsinv.ndaksdj@192.0.2.1\r\n"
                + "Content-Length   : 0\r\n"
                + "cseq: 0009\r\n  INVITE\r\n"
                + "v:  SIP  / 2.0  / TCP     spindle.example.com   ;\r\n  branch  =   z9hG4bK9ikj8  ,\r\n"
                + " SIP  /    2.0   / UDP  192.168.255.111   ; branch=\r\n z9hG4bK30239\r\n"
                + "s :\r\n"
                + "NewFangledHeader:   newfangled value\r\n continued newfangled value\r\n"
                + "UnknownHeaderWithUnusualValue: ;;,,;;,;\r\n"
                + "m:\"Quoted string \\\"\\\"\" <sip:jdrosen@example.com> ; newparam =\r\n"
                + "      newvalue ;\r\n  secondparam ; q = 0.33\r\n\r\n";
        assertThat(check(odd)).isEqualTo(Verdict.ACCEPT);
        assertThat(text(guard.toTagAt(), guard.toTagLength())).isEqualTo("1918181833n");
        assertThat(text(guard.fromTagAt(), guard.fromTagLength())).isEqualTo("98asjd8");
        assertThat(text(guard.topVia().branchAt(), guard.topVia().branchLength()))
                .isEqualTo("z9hG4bK9ikj8");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "!interesting-Method0123456789_*+`.%indeed'~",
                "REGISTER",
                "invite",
            })
    void shouldAcceptWhenTheMethodIsAnyToken(String method) {
        assertThat(check(INVITE.replace("INVITE", method))).isEqualTo(Verdict.ACCEPT);
        assertThat(guard.method()).isEqualTo(Method.OTHER);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.@example.com",
                "sip:user;par=u%40example.net@example.com",
                "sips:bob@[2001:db8::1]:5061",
                "tel:+15551234",
                "nobodyKnowsThisScheme:totallyopaquecontent",
                "soap.beep://192.0.2.103:3002?x=y",
            })
    void shouldAcceptWhenTheRequestUriIsUnusualButValid(String uri) {
        assertThat(check(INVITE.replace("sip:bob@example.com SIP", uri + " SIP")))
                .isEqualTo(Verdict.ACCEPT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "INVITE  sip:bob@example.com SIP/2.0",
                "INVITE sip:bob@example.com  SIP/2.0",
                "INVITE sip:bob@example.com SIP/2.0 ",
                "INVITE <sip:bob@example.com> SIP/2.0",
                "INVITE sip:bob@example.com; lr SIP/2.0",
                "INVITE sip:bob@example.com?Route=%3Csip:x%3E SIP/2.0",
                "INVITE sip:example.com?Subject=x SIP/2.0",
                "INVITE sip:b%4@example.com SIP/2.0",
                "INVITE sip:b%zz@example.com SIP/2.0",
                "INVITE bob SIP/2.0",
                "INVITE sip: SIP/2.0",
                "INVITE sip:bob@example.com",
            })
    void shouldRefuseWhenTheRequestLineIsNotExact(String line) {
        // The source cuts blanks at the end of a value: the third one is put back here.
        String exact = line.equals("INVITE sip:bob@example.com SIP/2.0") ? line + " " : line;
        assertThat(check(INVITE.replace("INVITE sip:bob@example.com SIP/2.0", exact)))
                .isEqualTo(Verdict.BAD_REQUEST_LINE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"SIP/7.0", "SIP/2.00", "SIP/2"})
    void shouldRefuseAsAnotherVersionWhenItIsNot2(String version) {
        assertThat(check(INVITE.replace(" SIP/2.0\r", " " + version + "\r"))).isEqualTo(Verdict.BAD_VERSION);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SIP/2.0 4294967301 better not break",
                "SIP/2.0 99 Low",
                "SIP/2.0 700 High",
                "SIP/2.0 2000 Long",
                "SIP/2.0  200 OK",
                "SIP/3.0 200 OK",
                "SIP/2.0 2x0 OK",
            })
    void shouldRefuseWhenTheStatusLineIsBad(String line) {
        assertThat(check(INVITE.replace("INVITE sip:bob@example.com SIP/2.0", line)))
                .isEqualTo(Verdict.BAD_STATUS_LINE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\u0000\u0001\u0000\b!\u0012¤B", "hello", "\u0080\u0000x"})
    void shouldNotBeFooledWhenItIsNotSip(String datagram) {
        assertThat(check(datagram)).isNotIn(Verdict.ACCEPT, Verdict.KEEP_ALIVE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\r\n\r\n", "\r\n"})
    void shouldKnowAKeepAliveWhenThereAreOnlyLineEnds(String datagram) {
        assertThat(check(datagram)).isEqualTo(Verdict.KEEP_ALIVE);
    }

    @Test // RFC 3261 section 7.5
    void shouldStartBehindThemWhenLineEndsPrecede() {
        assertThat(check("\r\n\r\n" + INVITE)).isEqualTo(Verdict.ACCEPT);
        assertThat(guard.messageLength()).isEqualTo(INVITE.length());
        assertThat(guard.messageAt()).isEqualTo(11);
    }

    @ParameterizedTest
    @ValueSource(strings = {"(x", "\"x", "\\", "(comment)", "\\\r\n "})
    void shouldRefuseWhenAViaHoldsWhatTheParserLoopsOn(String trap) {
        assertThat(check(INVITE.replace(";rport", trap))).isEqualTo(Verdict.VIA_TRAP);
        assertThat(check(with("v: SIP/2.0/UDP x;branch=z9hG4bK1 " + trap))).isEqualTo(Verdict.VIA_TRAP);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Call-ID: x",
                "i: x",
                "CSeq: 1 INVITE",
                "From: <sip:x@y>",
                "f: <sip:x@y>",
                "T: <sip:x@y>",
                "Max-Forwards: 70",
                "Content-Length: 4",
                "l: 4"
            })
    void shouldRefuseWhenASingletonIsThereTwice(String header) {
        assertThat(check(with(header))).isEqualTo(Verdict.REPEATED_HEADER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Via", "From", "To", "Call-ID", "CSeq"})
    void shouldRefuseWhenAMandatoryHeaderIsMissing(String name) {
        assertThat(check(INVITE.replace("\r\n" + name + ":", "\r\nX-" + name + ":")))
                .isEqualTo(Verdict.MISSING_HEADER);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "z9hG4bKabc|abc|22",
                "z9hG4bKabc|z9hG4bK|22",
                ";branch=z9hG4bKabc|''|22",
                "192.0.2.1:5070|192.0.2.1:0|20",
                "192.0.2.1:5070|192.0.2.1:70000|20",
                "192.0.2.1:5070|:5070|20",
                "SIP/2.0/UDP|SIP/2.0|20",
                "SIP/2.0/UDP|HTTP/2.0/UDP|20",
                "SIP/2.0/UDP|SIP/3.0/UDP|20",
                "rport|rport x|20",
                "c1@example.com|''|23",
                "c1@example.com|c1 c2|23",
                "314159 INVITE|314159|24",
                "314159 INVITE|-1 INVITE|24",
                "314159 INVITE|36893488147419103232 INVITE|24",
                "314159 INVITE|2147483648 INVITE|24",
                "314159 INVITE|314159 BYE|25",
                "314159 INVITE|314159 invite|25",
                "Max-Forwards: 70|Max-Forwards: 300|26",
                "Max-Forwards: 70|Max-Forwards: x|26",
                "Content-Length: 4|Content-Length: -999|27",
                "Content-Length: 4|Content-Length: 4x|27",
                "Content-Length: 4|Content-Length: 9999|28",
                "Content-Length: 4|Content-Length: 99999|5",
                "To: <sip:bob@example.com>|To: \"Mr. J. User <sip:j.user@example.com>|29",
                "To: <sip:bob@example.com>|To: <sip:bob@example.com|29",
                "Max-Forwards: 70|no header|14",
                "Max-Forwards: 70|: empty|14",
            })
    void shouldSayWhyWhenAHeaderIsBad(String from, String to, int verdict) {
        assertThat(check(INVITE.replace(from, to)))
                .as(SipCounters.name(verdict))
                .isEqualTo(verdict);
    }

    @Test
    void shouldRefuseWhenLineEndsOrBytesAreNotThoseOfSip() {
        assertThat(check(INVITE.replace("70\r\n", "70\n"))).isEqualTo(Verdict.BAD_LINE_END);
        assertThat(check(INVITE.replace("70\r\n", "70\rX: y\r\n"))).isEqualTo(Verdict.BAD_LINE_END);
        assertThat(check(with("X: a\u0000b"))).isEqualTo(Verdict.NUL);
    }

    @Test
    void shouldAcceptTheLimitAndRefuseOneMoreWhenCounting() {
        limit(WireGuard.HEADERS_MAX - 8, Verdict.TOO_MANY_HEADERS, n -> with(lines("X: y", n)));
        limit(WireGuard.FOLDS_MAX, Verdict.TOO_MANY_FOLDS, n -> with("X: y" + "\r\n z".repeat(n)));
        limit(WireGuard.ITEMS_MAX - 2, Verdict.TOO_MANY_ITEMS, n -> with("m: *" + ",*".repeat(n - 1)));
        limit(WireGuard.ITEMS_MAX - 2, Verdict.TOO_MANY_ITEMS, n -> with(lines("Route: <sip:x>", n)));
        limit(WireGuard.COMMAS_MAX, Verdict.TOO_MANY_ITEMS, n -> with("Allow: A" + ",B".repeat(n)));
        // Three and two semicolons are in Via and From already, one in the display name and one in its URI.
        limit(WireGuard.PARAMETERS_MAX - 6, Verdict.TOO_MANY_PARAMETERS, n -> with("X: y" + ";z".repeat(n)));
        limit(
                WireGuard.PARAMETERS_MAX - 6,
                Verdict.TOO_MANY_PARAMETERS,
                n -> INVITE.replace("com SIP", "com" + ";z".repeat(n) + " SIP"));
        limit(WireGuard.LINE_MAX - 3, Verdict.LINE_TOO_LONG, n -> with("X: " + "y".repeat(n)));
        limit(WireGuard.CALL_ID_MAX, Verdict.BAD_CALL_ID, n -> INVITE.replace("c1@example.com", "c".repeat(n)));
        limit(
                WireGuard.HEAD_MAX - INVITE.length() + 4 - 4 * 5,
                Verdict.HEAD_TOO_LONG,
                n -> with("X: " + "y".repeat(4000) + "\r\nX: " + "y".repeat(4000) + "\r\nX: " + "y".repeat(4000)
                        + "\r\nX: " + "y".repeat(n - 12_000)));
        assertThat(check(INVITE.replace("Content-Length: 4\r\n\r\n", "\r\n") + "x".repeat(40_000)))
                .isEqualTo(Verdict.ACCEPT);
        assertThat(guard.checkDatagram(buffer, 7, 9000, 8999)).isEqualTo(Verdict.MESSAGE_TOO_LONG);
    }

    private interface Message {
        String of(int count);
    }

    private void limit(int count, int verdict, Message message) {
        assertThat(check(message.of(count)))
                .as("%s at its limit", SipCounters.name(verdict))
                .isEqualTo(Verdict.ACCEPT);
        assertThat(check(message.of(count + 1)))
                .as("%s behind its limit", SipCounters.name(verdict))
                .isEqualTo(verdict);
    }

    private static String lines(String header, int count) {
        return String.join("\r\n", Collections.nCopies(count, header));
    }

    @Test
    void shouldKnowWhetherTheNextMessageCanBeFoundWhenOnAStream() {
        assertThat(stream(INVITE)).isEqualTo(Verdict.ACCEPT);
        assertThat(guard.framed()).isTrue();
        assertThat(stream(INVITE.replace("314159 INVITE", "1 BYE"))).isEqualTo(Verdict.METHOD_MISMATCH);
        assertThat(guard.framed()).isTrue();
        assertThat(stream(INVITE.replace("Content-Length: 4", "X: y"))).isEqualTo(Verdict.BAD_CONTENT_LENGTH);
        assertThat(guard.framed()).isFalse();
        assertThat(stream(with("l: 4"))).isEqualTo(Verdict.REPEATED_HEADER);
        assertThat(guard.framed()).as("two lengths are a smuggler's").isFalse();
    }

    private int stream(String message) {
        byte[] bytes = message.getBytes(StandardCharsets.ISO_8859_1);
        buffer.putBytes(0, bytes);
        return guard.checkStream(buffer, 0, message.indexOf("\r\n\r\n") + 4);
    }

    @Test
    void shouldRefuseEveryPrefixWhenAMessageIsCut() {
        byte[] bytes = INVITE.getBytes(StandardCharsets.ISO_8859_1);
        for (int length = 1; length < bytes.length; length++) {
            // A buffer of exactly this length: a read behind the end would throw.
            UnsafeBuffer exact = new UnsafeBuffer(ByteBuffer.allocateDirect(length));
            exact.putBytes(0, bytes, 0, length);
            assertThat(guard.checkDatagram(exact, 0, length, MAX))
                    .as("cut at %d", length)
                    .isNotEqualTo(Verdict.ACCEPT);
            guard.checkStream(exact, 0, length);
        }
    }

    @Test
    void shouldNeverThrowWhenBytesAreRandom() {
        Random random = new Random(42);
        byte[] seed = INVITE.getBytes(StandardCharsets.ISO_8859_1);
        byte[] marks = "\r\n\r\n ;,:=<>\"\\()@%/\u0000\tz9hG4bK".getBytes(StandardCharsets.ISO_8859_1);
        for (int i = 0; i < 300_000; i++) {
            byte[] bytes = seed.clone();
            for (int n = random.nextInt(6); n >= 0; n--) {
                int at = random.nextInt(bytes.length);
                bytes[at] = random.nextBoolean() ? marks[random.nextInt(marks.length)] : (byte) random.nextInt(256);
            }
            UnsafeBuffer heap = new UnsafeBuffer(bytes, 0, 1 + random.nextInt(bytes.length));
            int verdict = guard.checkDatagram(heap, 0, heap.capacity(), MAX);
            assertThat(verdict).isBetween(0, Verdict.COUNT - 1);
            if (verdict == Verdict.ACCEPT) {
                assertThat(guard.messageAt() + guard.messageLength()).isLessThanOrEqualTo(heap.capacity());
            }
        }
    }

    @Test
    void shouldAllocateNothingWhenAMillionMessagesPass() {
        String[] kinds = {INVITE, with("l: 4"), with("X: y" + ";z".repeat(200)), "\r\n\r\n", "hello"};
        UnsafeBuffer[] messages = new UnsafeBuffer[kinds.length];
        for (int i = 0; i < kinds.length; i++) {
            byte[] bytes = kinds[i].getBytes(StandardCharsets.ISO_8859_1);
            messages[i] = new UnsafeBuffer(ByteBuffer.allocateDirect(bytes.length));
            messages[i].putBytes(0, bytes);
        }
        SipCounters counters = new SipCounters();
        run(messages, counters, 200_000);
        // What the compiler does beside may be booked on this thread once; what a message costs comes every round.
        long least = Long.MAX_VALUE;
        for (int round = 0; round < 4 && least > 0; round++) {
            least = Math.min(least, allocatedBy(messages));
        }
        assertThat(least).isZero();
        assertThat(counters.get(Verdict.ACCEPT)).isEqualTo(40_000);
        assertThat(counters.get(Verdict.TOO_MANY_PARAMETERS)).isEqualTo(40_000);
    }

    private long allocatedBy(UnsafeBuffer[] messages) {
        SipCounters counters = new SipCounters();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadAllocatedBytes();
        run(messages, counters, 1_000_000);
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    private void run(UnsafeBuffer[] messages, SipCounters counters, int count) {
        for (int i = 0; i < count; i++) {
            UnsafeBuffer message = messages[i % messages.length];
            counters.increment(guard.checkDatagram(message, 0, message.capacity(), MAX));
        }
    }

    @Test
    void shouldHashTheSameWhenBytesOrText() {
        int[] perShard = new int[4];
        for (int i = 0; i < 4_000; i++) {
            perShard[CallIdHash.shard(CallIdHash.of("call-" + i + "@host"), 4)]++;
        }
        assertThat(Arrays.stream(perShard)).allMatch(calls -> calls > 800 && calls < 1_200);
    }
}
