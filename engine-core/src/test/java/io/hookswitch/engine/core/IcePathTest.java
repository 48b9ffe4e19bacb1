package io.hookswitch.engine.core;

import static io.hookswitch.engine.core.CoreHarness.rtp;
import static io.hookswitch.engine.core.SteppedCore.A;
import static io.hookswitch.engine.core.SteppedCore.B;
import static io.hookswitch.engine.core.SteppedCore.C;
import static io.hookswitch.engine.core.SteppedCore.MS;
import static io.hookswitch.engine.core.SteppedCore.at;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.core.CoreHarness.Message;
import io.hookswitch.engine.io.ScriptedTransport.Sent;
import io.hookswitch.engine.message.Cause;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.DtlsCommand;
import io.hookswitch.engine.message.DtlsEvent;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.engine.message.SipEvent;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import java.util.function.Consumer;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A leg whose far end is a browser, played by the test: checks, handshakes, what is sent before and after. */
class IcePathTest {
    private static final byte[] AUDIO = new byte[160];
    /** Where the browser's description says it is, which nobody believes. */
    private static final InetSocketAddress DESCRIBED = at("0.0.0.0", 9);

    private static final byte[] CHECK = IceFarEnd.check(IceFarEnd.PASSWORD, false);
    private static final byte[] NOMINATION = IceFarEnd.check(IceFarEnd.PASSWORD, true);
    private static final byte[] HELLO = IceFarEnd.handshake(200);

    static {
        Arrays.fill(AUDIO, (byte) 0x55);
    }

    /** A message to whoever shakes hands. */
    private record Handshake(int type, long leg, long association, byte[] datagram) {}

    private final SteppedCore stepped = new SteppedCore();
    private final CoreHarness core = stepped.core;
    private final SrtpFarEnd browser = new SrtpFarEnd(40);
    private final Queue<Handshake> handshakes = new ArrayDeque<>();
    private Message caller;
    private Message leg;

    @BeforeEach
    void join() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        caller = legs[0];
        leg = legs[1];
        describe(1);
    }

    @AfterEach
    void close() {
        stepped.close();
    }

    private void describe(int certificate) {
        core.sip(SipEvent.MEDIA_CHANGED, leg.leg(), message -> {
            CoreHarness.media(message, DESCRIBED, Codec.PCMU, 0);
            message.media().dtls(IceFarEnd.UFRAG, IceFarEnd.PASSWORD, IceFarEnd.fingerprint(certificate));
        });
    }

    private Sent fromBrowser(byte[] datagram) {
        return stepped.send(B, leg.port(), datagram);
    }

    private Handshake handshake() {
        core.rings.dtlsEvents().poll(message -> handshakes.add(copy(message)), 100);
        return handshakes.poll();
    }

    private static Handshake copy(MessageFlyweight message) {
        int field = message.firstField();
        byte[] datagram =
                new byte[field > 0 && message.fieldTag(field) == Field.DATAGRAM ? message.fieldLength(field) : 0];
        if (datagram.length > 0) {
            message.buffer().getBytes(message.fieldBytes(field), datagram);
        }
        return new Handshake(message.type(), message.leg(), message.reference(), datagram);
    }

    private void answer(int type, long association, Consumer<MessageFlyweight> more) {
        MessageFlyweight message = core.rings.dtlsCommands().tryClaim(type);
        message.leg(leg.leg()).reference(association);
        more.accept(message);
        core.rings.dtlsCommands().publish();
        core.settle();
    }

    private void key(long association, SrtpFarEnd keys) {
        answer(DtlsCommand.KEYED, association, message -> message.media()
                .srtp(1 + SrtpFarEnd.SUITE.ordinal(), keys.ours, keys.theirs));
    }

    /** @return the association that has keys now */
    private long connect() {
        fromBrowser(NOMINATION);
        fromBrowser(HELLO);
        long association = handshake().association();
        key(association, browser);
        stepped.transport.forgetSent();
        return association;
    }

    private void expectAudioBothWays(int sequence) {
        byte[] heard = browser.unprotect(stepped.send(A, caller.port(), rtp(0, sequence, sequence * 160, 7, AUDIO)));
        assertThat(heard).hasSize(172).endsWith(AUDIO);
        Sent sent = fromBrowser(browser.protect(rtp(0, sequence, sequence * 160, 8, AUDIO)));
        assertThat(sent.bytes()).hasSize(172).endsWith(AUDIO);
        assertThat(sent.to()).isEqualTo(A);
    }

    @Test // RFC 8445 section 7.3
    void shouldAnswerAProvenCheckWhereItCameFrom() {
        Sent response = fromBrowser(CHECK);
        assertThat(response.to()).isEqualTo(B);
        assertThat(response.fromPort()).isEqualTo(leg.port());
        assertThat(response.packet().getShort()).isEqualTo((short) 0x0101);
        assertThat(stepped.counter(CoreCounters.STUN_ANSWERED)).isEqualTo(1);
    }

    @Test
    void shouldAnswerNobodyWhoDoesNotKnowThePassword() {
        assertThat(fromBrowser(IceFarEnd.check(IceFarEnd.ascii("abcdefghijklmnopqrstuvwy"), true)))
                .isNull();
        assertThat(fromBrowser(new byte[] {0})).isNull();
        assertThat(fromBrowser(new byte[0])).isNull();
        byte[] indication = CHECK.clone();
        indication[1] = 0x11;
        assertThat(fromBrowser(indication)).isNull();
        assertThat(stepped.counter(CoreCounters.STUN_REFUSED)).isEqualTo(3);
        assertThat(stepped.counter(CoreCounters.STUN_ANSWERED)).isZero();
        // Nobody was chosen by that.
        assertThat(fromBrowser(HELLO)).isNull();
        assertThat(handshake()).isNull();
        assertThat(stepped.counter(CoreCounters.DROPPED_SOURCE)).isEqualTo(1);
    }

    @Test // RFC 7983
    void shouldPassHandshakesOnAndSendBackTheirAnswers() {
        fromBrowser(CHECK);
        assertThat(fromBrowser(HELLO)).isNull();
        Handshake event = handshake();
        assertThat(event.type()).isEqualTo(DtlsEvent.DATAGRAM);
        assertThat(event.leg()).isEqualTo(leg.leg());
        assertThat(event.datagram()).isEqualTo(HELLO);
        byte[] flight = IceFarEnd.handshake(1100);
        answer(
                DtlsCommand.SEND,
                event.association(),
                message -> message.put(Field.DATAGRAM, new UnsafeBuffer(flight), 0, flight.length));
        Sent sent = stepped.transport.takeSent();
        assertThat(sent.to()).isEqualTo(B);
        assertThat(sent.fromPort()).isEqualTo(leg.port());
        assertThat(sent.bytes()).isEqualTo(flight);
    }

    @Test
    void shouldCarryAudioOnceAddressAndKeysAreThere() {
        assertThat(stepped.send(A, caller.port(), rtp(0, 1, 160, 7, AUDIO))).isNull();
        connect();
        for (int sequence = 2; sequence < 40; sequence++) {
            stepped.nowNs += 20 * MS;
            expectAudioBothWays(sequence);
        }
        assertThat(stepped.counter(CoreCounters.DTLS_KEYED)).isEqualTo(1);
        assertThat(stepped.transport.connectedTo(leg.port()))
                .as("a browser may go on from elsewhere")
                .isNull();
    }

    @Test
    void shouldSayTheFirstWordsWhenKeysComeAfterTheCallerHasBegunToSpeak() {
        fromBrowser(NOMINATION);
        fromBrowser(HELLO);
        for (int sequence = 1; sequence <= 5; sequence++) {
            stepped.nowNs += 20 * MS;
            assertThat(stepped.send(A, caller.port(), rtp(0, sequence, sequence * 160, 7, AUDIO)))
                    .isNull();
        }
        key(handshake().association(), browser);
        int said = 0;
        for (Sent sent = stepped.transport.takeSent(); sent != null; sent = stepped.transport.takeSent()) {
            assertThat(browser.unprotect(sent)).endsWith(AUDIO);
            said++;
        }
        assertThat(said).isEqualTo(5);
    }

    @Test // RFC 8445 section 8.1.1
    void shouldFollowANominationAndNoOtherCheck() {
        connect();
        assertThat(stepped.send(C, leg.port(), CHECK).to()).isEqualTo(C);
        expectAudioBothWays(1);
        stepped.send(C, leg.port(), NOMINATION);
        Sent sent = stepped.send(A, caller.port(), rtp(0, 2, 320, 7, AUDIO));
        assertThat(sent.to()).isEqualTo(C);
        browser.unprotect(sent);
        assertThat(fromBrowser(browser.protect(rtp(0, 2, 320, 8, AUDIO)))).isNull();
        assertThat(stepped.send(C, leg.port(), browser.protect(rtp(0, 3, 480, 8, AUDIO))))
                .isNotNull();
    }

    @Test
    void shouldDropWhatComesFromElsewhereThoughItHasTheKeys() {
        connect();
        for (int sequence = 1; sequence < 10; sequence++) {
            assertThat(stepped.send(
                            at("192.0.2.2", 5001),
                            leg.port(),
                            browser.protect(rtp(0, sequence, sequence * 160, 8, AUDIO))))
                    .isNull();
        }
        assertThat(stepped.send(C, leg.port(), HELLO)).isNull();
        assertThat(handshake()).isNull();
        assertThat(stepped.counter(CoreCounters.DROPPED_SOURCE)).isEqualTo(10);
    }

    @Test
    void shouldDropAudioWithoutKeys() {
        fromBrowser(NOMINATION);
        assertThat(fromBrowser(rtp(0, 1, 160, 8, AUDIO))).isNull();
        assertThat(fromBrowser(browser.protect(rtp(0, 2, 320, 8, AUDIO)))).isNull();
        long association = connect();
        assertThat(fromBrowser(rtp(0, 3, 480, 8, AUDIO))).isNull();
        assertThat(association).isPositive();
        expectAudioBothWays(4);
    }

    @Test // RFC 5763 section 6.6
    void shouldGoOnWhenADescriptionNamesTheSameCertificate() {
        long association = connect();
        describe(1);
        expectAudioBothWays(1);
        fromBrowser(HELLO);
        assertThat(handshake().association()).isEqualTo(association);
    }

    @Test // RFC 8842 section 5.5
    void shouldShakeHandsAnewWhenADescriptionNamesAnotherCertificate() {
        long before = connect();
        describe(2);
        assertThat(handshake()).extracting(Handshake::type).isEqualTo(DtlsEvent.ENDED);
        assertThat(stepped.send(A, caller.port(), rtp(0, 1, 160, 7, AUDIO))).isNull();
        key(before, browser);
        assertThat(stepped.send(A, caller.port(), rtp(0, 2, 320, 7, AUDIO)))
                .as("keys of an association that is over")
                .isNull();
        assertThat(connect()).isGreaterThan(before);
        browser.sendKey(41);
        expectAudioBothWays(3);
    }

    @Test
    void shouldStopToShakeHandsWhenTheLegTurnsPlain() {
        connect();
        core.sip(SipEvent.MEDIA_CHANGED, leg.leg(), message -> CoreHarness.media(message, B, Codec.PCMU, 0));
        assertThat(handshake()).extracting(Handshake::type).isEqualTo(DtlsEvent.ENDED);
        assertThat(stepped.send(A, caller.port(), rtp(0, 1, 160, 7, AUDIO)).bytes())
                .hasSize(172);
        assertThat(fromBrowser(CHECK)).isNull();
        assertThat(stepped.counter(CoreCounters.STUN_ANSWERED)).isEqualTo(1);
    }

    @Test
    void shouldEndTheLegWhenItsHandshakeFails() {
        fromBrowser(NOMINATION);
        fromBrowser(HELLO);
        answer(DtlsCommand.FAILED, handshake().association(), message -> {});
        Message end = core.sipCommand(SipCommand.END);
        assertThat(end.leg()).isEqualTo(leg.leg());
        Message ended = core.event(CoreEvent.ENDED);
        assertThat(ended.leg()).isEqualTo(leg.leg());
        assertThat(ended.cause()).isEqualTo(Cause.DTLS_FAILED);
        assertThat(handshake()).extracting(Handshake::type).isEqualTo(DtlsEvent.ENDED);
        assertThat(stepped.counter(CoreCounters.DTLS_FAILED)).isEqualTo(1);
    }

    @Test
    void shouldPassOverAnswersForLegsThatAreOver() {
        fromBrowser(NOMINATION);
        fromBrowser(HELLO);
        long association = handshake().association();
        core.command(CoreCommand.END, leg.leg(), message -> message.status(603));
        core.anySipCommand();
        core.sip(SipEvent.TERMINATED, leg.leg(), message -> {});
        assertThat(handshake()).extracting(Handshake::type).isEqualTo(DtlsEvent.ENDED);
        stepped.transport.forgetSent();
        answer(DtlsCommand.SEND, association, message -> message.put(Field.DATAGRAM, new UnsafeBuffer(HELLO), 0, 9));
        key(association, browser);
        answer(DtlsCommand.FAILED, association, message -> {});
        assertThat(stepped.transport.takeSent()).isNull();
        assertThat(stepped.counter(CoreCounters.DTLS_KEYED)).isZero();
        assertThat(stepped.counter(CoreCounters.DTLS_FAILED)).isZero();
    }

    @Test
    void shouldDropAndCountWhenNobodyTakesHandshakes() {
        fromBrowser(NOMINATION);
        int room = core.rings.dtlsEvents().free();
        for (int sent = 0; sent < room + 7; sent++) {
            fromBrowser(HELLO);
        }
        assertThat(stepped.counter(CoreCounters.DTLS_DROPPED)).isEqualTo(7);
    }

    @Test // RFC 5761 section 5.1.1
    void shouldSendReportsWhereAudioGoes() {
        connect();
        fromBrowser(browser.protect(rtp(0, 1, 160, 8, AUDIO)));
        int reports = 0;
        for (int i = 0; i < 20_000 && reports == 0; i++) {
            stepped.pass(MS);
            for (Sent sent = stepped.transport.takeSent(); sent != null; sent = stepped.transport.takeSent()) {
                if (sent.to().equals(B)) {
                    assertThat(sent.fromPort()).isEqualTo(leg.port());
                    assertThat(browser.unprotectReport(sent)[1] & 0xFF).isBetween(200, 201);
                    reports++;
                }
            }
        }
        assertThat(reports).isPositive();
    }

    private void describeWithKeys(SrtpFarEnd keys) {
        core.sip(SipEvent.MEDIA_CHANGED, leg.leg(), message -> {
            CoreHarness.media(message, B, Codec.PCMU, 0);
            message.media()
                    .srtp(1 + SrtpFarEnd.SUITE.ordinal(), keys.ours, keys.theirs)
                    .ice(IceFarEnd.UFRAG, IceFarEnd.PASSWORD);
        });
        stepped.transport.forgetSent();
    }

    @Test // RFC 8445 with keys of RFC 4568, as Teams wants it
    void shouldCarryAudioOnceTheAddressIsThereWhenKeysCameWithTheDescription() {
        SrtpFarEnd teams = new SrtpFarEnd(50);
        describeWithKeys(teams);
        handshakes.clear();
        assertThat(stepped.send(A, caller.port(), rtp(0, 1, 160, 7, AUDIO)))
                .as("a lite side sends nothing before a check")
                .isNull();
        assertThat(fromBrowser(teams.protect(rtp(0, 1, 160, 8, AUDIO))))
                .as("nor hears anybody")
                .isNull();
        assertThat(fromBrowser(CHECK).to()).isEqualTo(B);
        Sent first = stepped.transport.takeSent();
        assertThat(teams.unprotect(first)).as("what was said meanwhile").endsWith(AUDIO);
        for (int sequence = 2; sequence < 20; sequence++) {
            stepped.nowNs += 20 * MS;
            byte[] heard = teams.unprotect(stepped.send(A, caller.port(), rtp(0, sequence, sequence * 160, 7, AUDIO)));
            assertThat(heard).hasSize(172).endsWith(AUDIO);
            Sent sent = fromBrowser(teams.protect(rtp(0, sequence, sequence * 160, 8, AUDIO)));
            assertThat(sent.to()).isEqualTo(A);
        }
        // Its media moves to another place of its own choice.
        assertThat(stepped.send(C, leg.port(), NOMINATION).to()).isEqualTo(C);
        assertThat(stepped.send(A, caller.port(), rtp(0, 20, 3_200, 7, AUDIO)).to())
                .isEqualTo(C);
    }

    @Test
    void shouldTellNobodyWhoShakesHandsOfALegWithKeysOfItsOwn() {
        handshake();
        describeWithKeys(new SrtpFarEnd(50));
        // The browser's association is over, and no other one begins.
        assertThat(handshake().type()).isEqualTo(DtlsEvent.ENDED);
        fromBrowser(CHECK);
        assertThat(fromBrowser(HELLO)).isNull();
        assertThat(handshake()).isNull();
        core.sip(SipEvent.MEDIA_CHANGED, leg.leg(), message -> CoreHarness.media(message, B, Codec.PCMU, 0));
        assertThat(handshake()).isNull();
        assertThat(stepped.send(A, caller.port(), rtp(0, 3, 480, 7, AUDIO)).bytes())
                .as("plain, where the description says")
                .hasSize(172);
    }
}
