package io.hookswitch.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.engine.EngineConfig;
import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Tone;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** A telephone that we did not write: baresip as the registered user alice. */
class BaresipTest {
    private static final double CALLER_HZ = 440;
    private final int port = EngineConfig.freePort();

    @Test // the instruments first: without the engine between them
    void shouldHearTheWholeToneWhenAFarEndCallsTheSoftphoneDirectly() {
        try (Baresip baresip = new Baresip(
                        port, "<sip:alice@127.0.0.1:" + port + ">;regint=0;answermode=auto;audio_codecs=pcmu", 880);
                FarEnd caller = FarEnd.udp("caller", CALLER_HZ)) {
            FarCall call = caller.call(Invite.to("alice", new InetSocketAddress("127.0.0.1", port)));
            hear(call, baresip);
        }
    }

    @Test
    void shouldHearTheCallerWithoutAGapWhenAliceIsRegisteredAndDialled() {
        try (Site site = new Site(config -> config.user("alice", "secret", "main"));
                Baresip baresip = Baresip.user(port, "alice", "demo.test", "secret", site.sip());
                FarEnd caller = FarEnd.udp("caller", CALLER_HZ)) {
            baresip.awaitRegistered();
            site.dials("\"answerOnBridge\":true", "{\"type\":\"user\",\"name\":\"alice@demo.test\"}");
            FarCall call = caller.call(Invite.to("15083728299", site.sip()));
            hear(call, baresip);
            assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
        }
    }

    @Test // dial.md 3.11
    void shouldHearEachOtherWhenTheSoftphoneTakesNothingButG722() {
        try (Site site = new Site(config -> config.user("alice", "secret", "main"));
                Baresip baresip = Baresip.user(port, "alice", "demo.test", "secret", site.sip(), "g722");
                FarEnd caller = FarEnd.udp("caller", CALLER_HZ)) {
            baresip.awaitRegistered();
            site.dials(
                    "\"answerOnBridge\":true,\"codecs\":[\"G722\",\"PCMU\"]",
                    "{\"type\":\"user\",\"name\":\"alice@demo.test\"}");
            FarCall call = caller.call(Invite.to("15083728299", site.sip()));
            assertThat(call.awaitFinal()).isEqualTo(200);
            call.awaitTone(880);
            call.awaitPackets(150);
            assertThat(call.media().heard().payloadTypes()).containsExactly(0);
            assertThat(call.media().heard().lost()).isZero();
            call.bye();
            call.awaitEnded();
            // What it heard is at 16 kHz: a tone there is one of half its frequency at 8.
            Wav.Judgement judgement = Wav.judge(baresip.stopAndHear(2 * Tone.RATE, 1), CALLER_HZ / 2);
            assertThat(judgement.toneMs()).isGreaterThan(2 * 2_000);
        }
    }

    @Test // dial.md 3.11, RFC 7587
    void shouldHearEachOtherWhenTheSoftphoneTakesNothingButOpus() {
        try (Site site = new Site(config -> config.user("alice", "secret", "main"));
                Baresip baresip = Baresip.user(port, "alice", "demo.test", "secret", site.sip(), "opus");
                FarEnd caller = FarEnd.udp("caller", CALLER_HZ)) {
            baresip.awaitRegistered();
            site.dials(
                    "\"answerOnBridge\":true,\"codecs\":[\"OPUS\",\"PCMU\"]",
                    "{\"type\":\"user\",\"name\":\"alice@demo.test\"}");
            FarCall call = caller.call(Invite.to("15083728299", site.sip()));
            assertThat(call.awaitFinal()).isEqualTo(200);
            call.awaitTone(880);
            call.awaitPackets(150);
            assertThat(call.media().heard().payloadTypes()).containsExactly(0);
            assertThat(call.media().heard().lost()).isZero();
            call.bye();
            call.awaitEnded();
            // What it heard is at 48 kHz: a tone there is one of a sixth of its frequency at 8.
            Wav.Judgement judgement = Wav.judge(baresip.stopAndHear(6 * Tone.RATE, 2), CALLER_HZ / 6);
            assertThat(judgement.toneMs()).isGreaterThan(6 * 2_000);
        }
    }

    private static void hear(FarCall call, Baresip baresip) {
        assertThat(call.awaitFinal()).isEqualTo(200);
        call.awaitTone(880);
        call.awaitPackets(150);
        long said = call.media().sent();
        call.bye();
        call.awaitEnded();
        short[] heard = baresip.stopAndHear();
        Wav.Judgement judgement = Wav.judge(heard, CALLER_HZ);
        assertThat(judgement.longestGapMs()).isLessThanOrEqualTo(40);
        // What the far end said while the softphone was still setting up its end is the only thing that may be missing.
        assertThat(judgement.toneMs()).isGreaterThan((int) said * 20 - 300);
        assertThat(heard.length).isLessThanOrEqualTo((int) said * Tone.PACKET);
    }
}
