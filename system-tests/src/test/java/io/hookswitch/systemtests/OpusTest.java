package io.hookswitch.systemtests;

import static io.hookswitch.systemtests.Site.sipTarget;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.hookswitch.systemtests.engine.EngineConfig;
import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import io.hookswitch.systemtests.farend.Tone;
import io.hookswitch.systemtests.hook.HookReply;
import io.hookswitch.systemtests.socket.AudioServer;
import io.hookswitch.systemtests.socket.SocketRecord;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

/** What else a leg with Opus hears and lets hear, beside its bridge (BaresipTest); and a node without transcoders. */
class OpusTest {
    private static final double PROMPT_HZ = 700;
    private static final double SOFTPHONE_HZ = 880;

    @Test // dial.md 4.1 and 4.3
    void shouldHearThePromptAndBeHeardByTheListenerWhenTheCalleeHasNothingButOpus() throws IOException {
        HttpServer files = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        files.createContext("/", exchange -> {
            try (exchange) {
                byte[] file = Wav.tone(PROMPT_HZ, 2);
                exchange.sendResponseHeaders(200, file.length);
                exchange.getResponseBody().write(file);
            }
        });
        files.start();
        try (AudioServer server = new AudioServer(AudioServer.Manner.LISTENS);
                Site site = new Site(config -> config.user("alice", "secret", "main"));
                Baresip baresip =
                        Baresip.user(EngineConfig.freePort(), "alice", "demo.test", "secret", site.sip(), "opus");
                FarEnd caller = FarEnd.udp("caller", 440)) {
            baresip.awaitRegistered();
            site.dials(
                    "\"answerOnBridge\":true,\"codecs\":[\"opus\"],\"confirmHook\":\"/confirm\",\"listen\":{\"url\":\""
                            + server.url("/") + "\",\"mixType\":\"stereo\"}",
                    "{\"type\":\"user\",\"name\":\"alice@demo.test\"}");
            site.hooks.reply(
                    "/confirm",
                    HookReply.verbs("[{\"verb\":\"play\",\"url\":\"http://127.0.0.1:"
                            + files.getAddress().getPort() + "/prompt.wav\"}]"));
            FarCall call = caller.call(Invite.to("15083728299", site.sip()));
            assertThat(call.awaitFinal()).isEqualTo(200);
            call.awaitTone(SOFTPHONE_HZ);
            SocketRecord heard = server.await("a second of audio", one -> one.audioBytes() >= 50 * 640);
            assertThat(share(heard, 0, 440)).isGreaterThan(0.9);
            assertThat(share(heard, 1, SOFTPHONE_HZ)).isGreaterThan(0.9);
            call.bye();
            call.awaitEnded();
            // What it heard is at 48 kHz: a tone there is one of a sixth of its frequency at 8.
            Wav.Judgement prompt = Wav.judge(baresip.stopAndHear(6 * Tone.RATE, 2), PROMPT_HZ / 6);
            assertThat(prompt.toneMs()).as("heard of 2 s").isGreaterThan(6 * 1_800);
        } finally {
            files.stop(0);
        }
    }

    private static double share(SocketRecord one, int channel, double hz) {
        short[] samples = one.newest(Tone.RATE / 5, 2, channel);
        return Tone.share(samples, 0, samples.length, hz);
    }

    @Test // dial.md 3.11
    void shouldOfferNothingThatWouldBeTranscodedWhenThereAreNoTranscoders() {
        try (Site site = new Site(config -> config.engine("transcoders: 0"));
                FarEnd caller = FarEnd.udp("caller", 440);
                FarEnd bob = FarEnd.udp("bob", 660).script(Script.answering(0))) {
            site.dials("\"codecs\":[\"G722\",\"OPUS\",\"PCMA\"]", sipTarget(bob.uri("bob")));
            FarCall out = caller.call(Invite.to("100", site.sip()).codecs(0));
            FarCall in = bob.awaitCall().awaitConnected();
            assertThat(in.remote().codecs()).containsExactly(0, 8);
            out.awaitTone(660);
            out.bye();
            in.awaitEnded();
        }
    }
}
