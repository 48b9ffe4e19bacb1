package io.hookswitch.systemtests;

import static io.hookswitch.systemtests.Site.sipTarget;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import io.hookswitch.systemtests.farend.Tone;
import io.hookswitch.systemtests.hook.HookReply;
import io.hookswitch.systemtests.hook.HookRequest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** dial.md 4.4 on the wire: a callee that says something, and what the hook is told of who it is. */
class AmdTest {
    private static final int SYLLABLE = Tone.RATE * 150 / 1_000;
    private static final int PAUSE = Tone.RATE * 90 / 1_000;

    private static Site site;

    private final FarEnd caller = FarEnd.udp("caller", 440);
    private final FarEnd bob = FarEnd.udp("bob", 0).script(Script.answering(0));

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
    }

    private FarCall dials(String timers) {
        site.dials(
                "\"answerOnBridge\":true,\"amd\":{\"actionHook\":\"/amd\",\"timers\":{" + timers + "}}",
                sipTarget(bob.uri("bob")));
        FarCall a = caller.call(Invite.to("100", site.sip()));
        bob.awaitCall();
        return a.awaitConnected();
    }

    private void bobSays(short[] words) {
        bob.arrivedCalls().getFirst().media().say(words);
    }

    private static HookRequest told(String type) {
        return site.hooks.await("/amd", request -> request.text("type").equals(type));
    }

    /** Harmonics of a voice that rises and falls, words of one syllable, pauses between them. */
    private static short[] words(int count) {
        short[] samples = new short[count * (SYLLABLE + PAUSE)];
        for (int word = 0; word < count; word++) {
            double pitchHz = 120 + 9 * (word % 4);
            for (int i = 0; i < SYLLABLE; i++) {
                double sum = 0;
                for (int harmonic = 1; harmonic <= 10; harmonic++) {
                    sum += Math.sin(2 * Math.PI * harmonic * pitchHz * i / Tone.RATE) / harmonic;
                }
                samples[word * (SYLLABLE + PAUSE) + i] =
                        (short) (4_000 * Math.sqrt(Math.sin(Math.PI * i / SYLLABLE)) * sum);
            }
        }
        return samples;
    }

    private static short[] beep() {
        short[] samples = new short[Tone.RATE * 400 / 1_000];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (short) (6_000 * Math.sin(2 * Math.PI * 950 * i / Tone.RATE));
        }
        return samples;
    }

    @Test
    void shouldTellOfAPersonWhoSaysHelloAndWaits() {
        FarCall a = dials("");
        bobSays(words(2));
        HookRequest told = told("amd_human_detected");
        assertThat(told.text("reason")).isEqualTo("short greeting");
        assertThat(told.text("call_sid")).isEqualTo(site.hooks.await("/call").text("call_sid"));
        assertThat(told.text("direction")).isEqualTo("inbound");
        assertThat(told.text("call_status")).isEqualTo("in-progress");
        assertThat(a.isConnected()).isTrue();
        a.bye();
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
        assertThat(site.hooks.record("/amd")).hasSize(1);
    }

    @Test
    void shouldTellOfAMachineAndWhenItIsThroughAndOfItsBeep() {
        FarCall a = dials("\"greetingCompletionTimeoutMs\":400");
        bobSays(words(12));
        assertThat(told("amd_machine_detected").text("reason")).isEqualTo("long greeting");
        told("amd_machine_stopped_speaking");
        bobSays(beep());
        told("amd_tone_detected");
        assertThat(a.isConnected()).isTrue();
        a.bye();
        site.awaitDone();
        assertThat(site.hooks.record("/amd").stream().map(one -> one.text("type")))
                .containsExactly("amd_machine_detected", "amd_machine_stopped_speaking", "amd_tone_detected");
    }

    @Test
    void shouldRunTheVerbsOfTheReplyInPlaceOfTheApplication() {
        FarCall a = dials("");
        site.hooks.reply("/amd", HookReply.verbs("[{\"verb\":\"hangup\",\"headers\":{\"X-Why\":\"machine\"}}]"));
        bobSays(words(12));
        bob.arrivedCalls().getFirst().awaitEnded();
        assertThat(a.awaitReceived("BYE").message().header("X-Why")).isEqualTo("machine");
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
        assertThat(site.hooks.record("/amd").stream().map(one -> one.text("type")))
                .containsExactly("amd_machine_detected");
    }

    @Test
    void shouldTellThatNobodySpeaks() {
        FarCall a = dials("\"noSpeechTimeoutMs\":700");
        told("amd_no_speech_detected");
        a.bye();
        site.awaitDone();
        assertThat(site.hooks.record("/amd")).hasSize(1);
    }

    @Test
    void shouldTellThatItWasStoppedWhenTheCalleeHangsUpFirst() {
        FarCall a = dials("");
        bobSays(words(2));
        bob.arrivedCalls().getFirst().awaitPackets(10);
        bob.arrivedCalls().getFirst().bye();
        told("amd_stopped");
        site.awaitDone();
        a.bye();
    }

    @Test // verbs.md, config
    void shouldHearTheBeepOfACallerWhenAConfigSaysSoAndRunTheVerbsOfTheReply() {
        site.forget()
                .answers("[{\"verb\":\"config\",\"amd\":{\"actionHook\":\"/amd\"}},"
                        + "{\"verb\":\"pause\",\"length\":20}]");
        site.hooks.reply("/amd", HookReply.verbs("[{\"verb\":\"hangup\"}]"));
        FarCall a = caller.call(Invite.to("100", site.sip()));
        assertThat(told("amd_machine_detected").text("reason")).isEqualTo("tone");
        told("amd_tone_detected");
        a.awaitEnded();
    }
}
