package io.hookswitch.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.engine.EngineConfig;
import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import org.junit.jupiter.api.Test;

/** SRTP with keys in SDP (RFC 4568), a telephone that we did not write at the other end. */
class SrtpCallTest {
    private static final double CALLER_HZ = 440;
    private static final int ANSWERER_HZ = 880;

    private static String account(int port) {
        return "<sip:alice@127.0.0.1:" + port + ">;regint=0;answermode=auto;audio_codecs=pcmu;mediaenc=srtp-mand";
    }

    private static String target(int port) {
        return Site.sipTarget("sip:alice@127.0.0.1:" + port);
    }

    @Test
    void shouldSpeakSrtpToTheCalleeAndPlainRtpToTheCallerWhenTheDialAsksForIt() {
        int port = EngineConfig.freePort();
        try (Site site = new Site(config -> config);
                Baresip callee = new Baresip(port, account(port), ANSWERER_HZ);
                FarEnd caller = FarEnd.udp("caller", CALLER_HZ)) {
            site.dials("\"answerOnBridge\":true,\"srtpEncryption\":\"sdes\"", target(port));
            FarCall call = caller.call(Invite.to("15083728299", site.sip()));
            assertThat(call.awaitFinal()).isEqualTo(200);
            call.awaitTone(ANSWERER_HZ);
            call.awaitPackets(150);
            long said = call.media().sent();
            call.bye();
            call.awaitEnded();
            Wav.Judgement judgement = Wav.judge(callee.stopAndHear(), CALLER_HZ);
            assertThat(judgement.longestGapMs()).isLessThanOrEqualTo(40);
            assertThat(judgement.toneMs()).isGreaterThan((int) said * 20 - 300);
            assertThat(callee.output()).contains("SRTP");
            assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
        }
    }

    @Test
    void shouldFailTheLegWhenTheCalleeWantsSrtpAndTheDialDoesNotOfferIt() {
        int port = EngineConfig.freePort();
        try (Site site = new Site(config -> config);
                Baresip callee = new Baresip(port, account(port), ANSWERER_HZ);
                FarEnd caller = FarEnd.udp("caller", CALLER_HZ)) {
            site.dials("\"answerOnBridge\":true", target(port));
            caller.call(Invite.to("15083728299", site.sip()));
            assertThat(site.awaitDone().text("dial_status")).as(callee.output()).isEqualTo("failed");
        }
    }

    @Test
    void shouldAnswerWithSrtpWhenTheCallerOffersIt() {
        int port = EngineConfig.freePort();
        int calleePort = EngineConfig.freePort();
        try (Site site = new Site(config -> config);
                Baresip callee = new Baresip(calleePort, account(calleePort), ANSWERER_HZ)) {
            site.dials("\"answerOnBridge\":true,\"srtpEncryption\":\"sdes\",\"timeLimit\":4", target(calleePort));
            String number = "sip:15083728299@127.0.0.1:" + site.sip().getPort();
            try (Baresip caller = new Baresip(port, account(port), (int) CALLER_HZ, "/dial " + number)) {
                assertThat(site.awaitDone().text("dial_status"))
                        .as(caller.output())
                        .isEqualTo("completed");
                Wav.Judgement heardByCaller = Wav.judge(caller.stopAndHear(), ANSWERER_HZ);
                assertThat(heardByCaller.toneMs()).isGreaterThan(3000);
                assertThat(heardByCaller.longestGapMs()).isLessThanOrEqualTo(40);
            }
            Wav.Judgement heardByCallee = Wav.judge(callee.stopAndHear(), CALLER_HZ);
            assertThat(heardByCallee.toneMs()).isGreaterThan(3000);
            assertThat(heardByCallee.longestGapMs()).isLessThanOrEqualTo(40);
        }
    }
}
