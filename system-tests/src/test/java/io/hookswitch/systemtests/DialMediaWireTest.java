package io.hookswitch.systemtests;

import static io.hookswitch.systemtests.Site.sipTarget;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import io.hookswitch.systemtests.farend.SipEntry;
import io.hookswitch.systemtests.farend.SipMessage;
import io.hookswitch.systemtests.farend.Tone;
import io.hookswitch.systemtests.hook.HookRequest;
import io.hookswitch.systemtests.process.Child;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** dial.md 3.3, 3.4, 3.11, 4.1 and 4.5 over real sockets: what is heard, from which packet on, and what keys mean. */
class DialMediaWireTest {
    private static Site site;

    private final FarEnd caller = FarEnd.udp("caller", 440);
    private final FarEnd bob = FarEnd.udp("bob", 660);
    private final FarEnd carol = FarEnd.udp("carol", 880);

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
        carol.close();
    }

    private FarCall call() {
        return caller.call(Invite.to("100", site.sip()));
    }

    private static void dials(String options, FarEnd... targets) {
        site.dials(
                options,
                Stream.of(targets)
                        .map(target -> sipTarget(target.uri(target.name())))
                        .toArray(String[]::new));
    }

    @ParameterizedTest // the callee speaks with its 200: the caller's recording begins with the callee's first packet
    @ValueSource(booleans = {true, false})
    void shouldHearTheCalleesFirstPacketWhenItSpeaksWithItsAnswer(boolean answerOnBridge) {
        bob.script(Script.ringing());
        dials("\"answerOnBridge\":" + answerOnBridge, bob);
        for (int round = 0; round < 5; round++) {
            FarCall a = call();
            FarCall b = bob.awaitCall();
            b.answer();
            b.media().hurry(1);
            a.awaitConnected();
            a.awaitPackets(25);
            short[] heard = a.media().oldestSamples(10 * Tone.PACKET);
            for (int i = 0; i < heard.length; i++) {
                short said = Tone.fromUlaw(Tone.toUlaw(Tone.sample(bob.toneHz(), i)));
                assertThat(heard[i]).as("sample %d of round %d", i, round).isEqualTo(said);
            }
            assertThat(a.media().heard().lost()).isZero();
            a.bye();
            b.awaitEnded();
        }
    }

    @Test // 3.4: with several targets nobody's early media is passed
    void shouldRingAndHearNothingWhenOneOfSeveralSendsEarlyMedia() {
        bob.script(Script.ringing().earlyMedia(183));
        carol.script(Script.ringing());
        dials("\"answerOnBridge\":true", bob, carol);
        FarCall a = call();
        a.awaitStatus(180);
        Child.pause(150);
        assertThat(a.received(183)).isZero();
        assertThat(a.media().heard().packets()).isZero();
        bob.awaitCall().answer();
        a.awaitConnected();
        a.awaitTone(bob.toneHz());
        a.bye();
    }

    @Test // 3.3 and RFC 3262: a caller that requires 100rel gets media in a reliable provisional
    void shouldSendEarlyMediaReliablyWhenTheCallerRequiresIt() {
        bob.script(Script.ringing().earlyMedia(183));
        dials("\"answerOnBridge\":true", bob);
        FarCall a =
                caller.call(Invite.to("100", site.sip()).supportingReliable().header("Require", "100rel"));
        SipEntry progress = a.awaitStatus(183);
        assertThat(progress.message().header("Require")).contains("100rel");
        assertThat(progress.message().header("RSeq")).isNotEmpty();
        a.awaitTone(bob.toneHz());
        bob.awaitCall().answer();
        a.awaitConnected();
        a.awaitTone(bob.toneHz());
        bob.arrivedCalls().getFirst().awaitTone(caller.toneHz());
        a.bye();
    }

    @ParameterizedTest // 3.11: the caller's codec first, telephone events always
    @ValueSource(ints = {0, 8})
    void shouldOfferTheCallersCodecFirstAndTelephoneEvents(int codec) {
        bob.script(Script.answering(0));
        dials("", bob);
        FarCall a = caller.call(Invite.to("100", site.sip()).codecs(codec).withoutEvents());
        FarCall b = bob.awaitCall().awaitConnected();
        assertThat(b.remote().codecs().getFirst()).isEqualTo(codec);
        assertThat(b.remote().eventPayloadType()).isPositive();
        a.awaitConnected().bye();
        b.awaitEnded();
    }

    @Test // 4.1: each leg has its own keys, the first pattern that fits is told, INFO counts, several times
    void shouldTellWhoPressedWhatWhenBothPressKeys() {
        bob.script(Script.answering(0));
        dials(
                "\"dtmfCapture\":{\"childCall\":[\"*2\",\"2\",\"5\"],\"parentCall\":[\"9#\"]},\"dtmfHook\":\"/keys\"",
                bob);
        FarCall a = call();
        FarCall b = bob.awaitCall().awaitConnected();
        a.awaitTone(bob.toneHz());
        b.awaitTone(caller.toneHz());
        b.media().press("*2");
        HookRequest callees = site.hooks.await("/keys");
        assertThat(callees.text("dtmf")).isEqualTo("*2");
        assertThat(callees.text("direction")).isEqualTo("outbound");
        a.media().press("*2");
        a.media().press("9#");
        HookRequest callers =
                site.hooks.await("/keys", request -> request.text("dtmf").equals("9#"));
        assertThat(callers.text("call_sid")).isEqualTo(site.hooks.await("/call").text("call_sid"));
        b.info('5', 160);
        site.hooks.await("/keys", request -> request.text("dtmf").equals("5"));
        assertThat(site.hooks.record("/keys")).hasSize(3);
        a.bye();
    }

    @Test // 4.1: without a dtmfHook there is nothing to tell; keys are heard all the same
    void shouldPassKeysAndTellNobodyWhenThereIsNoDtmfHook() {
        bob.script(Script.answering(0));
        dials("\"dtmfCapture\":[\"1\"]", bob);
        FarCall a = call();
        FarCall b = bob.awaitCall().awaitConnected();
        a.awaitTone(bob.toneHz());
        b.media().press("1");
        a.awaitKeys("1");
        // The actionHook of an older call may still be on its way.
        assertThat(site.hooks.record().stream()
                        .map(HookRequest::path)
                        .filter(path -> path.equals(site.done()) || !path.startsWith("/done/"))
                        .distinct())
                .containsOnly("/call", "/status");
        a.bye();
    }

    @ParameterizedTest // 4.5: answered where they arrive, never forwarded
    @ValueSource(strings = {"OPTIONS", "INFO"})
    void shouldAnswerWhenARequestComesInsideTheDialog(String method) {
        bob.script(Script.answering(0));
        dials("", bob);
        FarCall a = call();
        FarCall b = bob.awaitCall().awaitConnected();
        a.awaitConnected();
        assertThat(a.ask(method).status()).isEqualTo(200);
        assertThat(b.ask(method).status()).isEqualTo(200);
        assertThat(b.received(method)).isZero();
        assertThat(a.received(method)).isZero();
        a.bye();
    }

    @Test // 4.6 without referHook
    void shouldRefuseToTransferWhenNobodyHandlesIt() {
        bob.script(Script.answering(0));
        dials("", bob);
        FarCall a = call();
        FarCall b = bob.awaitCall().awaitConnected();
        a.awaitConnected();
        SipMessage.Field to = new SipMessage.Field("Refer-To", "<" + carol.uri("carol") + ">");
        assertThat(b.ask("REFER", to).status()).isEqualTo(501);
        assertThat(a.ask("REFER", to).status()).isEqualTo(501);
        a.awaitTone(bob.toneHz());
        assertThat(carol.arrivedCalls()).isEmpty();
        a.bye();
    }

    @ParameterizedTest // 3.4: announcements come from elsewhere than the person, and in another codec
    @ValueSource(ints = {0, 8})
    void shouldHearThePersonWhoseAnswerNamesAnotherPlaceThanTheAnnouncement(int codec) {
        bob.script(Script.ringing().earlyMedia(183));
        dials("\"answerOnBridge\":true", bob);
        FarCall out = call();
        out.awaitStatus(183);
        FarCall in = bob.awaitCall();
        out.awaitTone(660);
        in.awaitTone(440);
        int announced = in.media().port();
        in.moveMedia(codec);
        assertThat(in.media().port()).isNotEqualTo(announced);
        long silentFrom = out.media().heard().packets();
        in.answer();
        assertThat(out.awaitFinal()).isEqualTo(200);
        in.awaitConnected();
        in.awaitTone(440);
        out.awaitPackets(silentFrom + 50);
        out.awaitTone(660);
        assertThat(in.media().heard().payloadTypes()).containsExactly(codec);
        assertThat(out.media().heard().sources()).isOne();
        out.bye();
        in.awaitEnded();
    }
}
