package io.hookswitch.systemtests.farend;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The oracle is tested before it testifies: two far ends call each other without the engine. */
class FarEndTest {
    private FarEnd alice;
    private FarEnd bob;

    private void open(String transport) {
        alice = FarEnd.open("alice", transport, "127.0.0.1", 0, 440);
        bob = FarEnd.open("bob", transport, "127.0.0.1", 0, 660);
    }

    @BeforeEach
    void clear() {
        alice = null;
        bob = null;
    }

    @AfterEach
    void close() {
        alice.close();
        bob.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"udp", "tcp"})
    void shouldHearEachOtherWhenOneCallsTheOther(String transport) {
        open(transport);
        bob.script(Script.answering(50));
        FarCall out = alice.call(Invite.to("bob", bob.address()));
        FarCall in = bob.awaitCall().awaitConnected();
        out.awaitTone(660);
        in.awaitTone(440);
        out.media().press("*2");
        in.awaitKeys("*2");
        out.bye();
        in.awaitEnded();
        out.awaitEnded();
        assertThat(out.received(180)).isOne();
        assertThat(in.received("BYE")).isOne();
        Heard heard = in.media().heard();
        assertThat(heard.sources()).isOne();
        assertThat(heard.lost()).isZero();
        assertThat(heard.timestampFaults()).isZero();
        assertThat(heard.payloadTypes()).isEqualTo(List.of(0, 101));
        assertThat(in.media().hears(660)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"udp", "tcp"})
    void shouldEndTheCallWhenTheCallerGivesUp(String transport) {
        open(transport);
        bob.script(Script.ringing());
        FarCall out = alice.call(Invite.to("bob", bob.address()));
        out.awaitStatus(180);
        out.cancel();
        assertThat(out.awaitFinal()).isEqualTo(487);
        bob.awaitCall().awaitEnded();
    }

    @ParameterizedTest
    @ValueSource(strings = {"udp", "tcp"})
    void shouldConnectWhenTheAnswerCrossesTheCancel(String transport) {
        open(transport);
        bob.script(Script.crossing());
        FarCall out = alice.call(Invite.to("bob", bob.address()));
        out.awaitStatus(180);
        out.cancel();
        assertThat(out.awaitFinal()).isEqualTo(200);
        FarCall in = bob.awaitCall().awaitConnected();
        out.bye();
        in.awaitEnded();
    }

    @ParameterizedTest
    @ValueSource(strings = {"right", "wrong"})
    void shouldDecideByThePasswordWhenTheCallIsChallenged(String password) {
        open("udp");
        bob.script(Script.answering(0).challenging("carol", "right"));
        FarCall out = alice.call(Invite.to("bob", bob.address()).credentials("carol", password));
        assertThat(out.awaitFinal()).isEqualTo(password.equals("right") ? 200 : 407);
        out.bye();
        out.awaitEnded();
    }

    @ParameterizedTest
    @ValueSource(ints = {486, 404, 603})
    void shouldTellTheStatusWhenTheCallIsRefused(int status) {
        open("udp");
        bob.script(Script.rejecting(status));
        FarCall out = alice.call(Invite.to("bob", bob.address()));
        assertThat(out.awaitFinal()).isEqualTo(status);
        bob.awaitCall().awaitEnded();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 8})
    void shouldSpeakTheCodecWhenItWasOffered(int payloadType) {
        open("udp");
        bob.script(Script.answering(0).byeAfter(400));
        FarCall out = alice.call(Invite.to("bob", bob.address()).codecs(payloadType));
        FarCall in = bob.awaitCall();
        in.awaitTone(440);
        out.awaitTone(660);
        assertThat(out.media().heard().payloadTypes()).isEqualTo(List.of(payloadType));
        out.awaitEnded();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sendonly", "inactive"})
    void shouldFallSilentWhenPutOnHold(String direction) {
        open("udp");
        bob.script(Script.answering(0));
        FarCall out = alice.call(Invite.to("bob", bob.address()));
        out.awaitTone(660);
        assertThat(out.reinvite(direction).status()).isEqualTo(200);
        long before = out.media().heard().packets();
        alice.pause(200);
        assertThat(out.media().heard().packets() - before).isLessThan(3);
        assertThat(out.reinvite("sendrecv").status()).isEqualTo(200);
        out.awaitTone(660);
        out.bye();
        bob.awaitCall().awaitEnded();
    }
}
