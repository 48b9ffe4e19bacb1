package io.hookswitch.systemtests;

import static io.hookswitch.systemtests.Site.sipTarget;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tracks that people hear beside each other: {@code dub} in a dial, as a verb and as a request (verbs.md, rest.md). */
class DubTest {
    private static final double TRACK_HZ = 900;
    private static HttpServer server;
    private static Site site;

    private final FarEnd caller = FarEnd.udp("caller", 440);
    private final FarEnd bob = FarEnd.udp("bob", 660);

    @BeforeAll
    static void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.createContext("/", exchange -> {
            try (exchange) {
                byte[] file = Wav.tone(TRACK_HZ, 1);
                exchange.getResponseHeaders().set("Cache-Control", "max-age=600");
                exchange.sendResponseHeaders(200, file.length);
                exchange.getResponseBody().write(file);
            }
        });
        server.start();
        site = new Site(config -> config);
    }

    @AfterAll
    static void stop() {
        site.close();
        server.stop(0);
    }

    @AfterEach
    void close() {
        caller.close();
        bob.close();
    }

    private static String track(String name, String more) {
        return "{\"action\":\"addTrack\",\"track\":\"" + name + "\",\"play\":\"http://127.0.0.1:"
                + server.getAddress().getPort() + "/tone.wav\"" + more + "}";
    }

    private FarCall call() {
        return caller.call(Invite.to("100", site.sip()));
    }

    /** Waits until a call hears two tones and nothing else. */
    private static void awaitBoth(FarCall call, double one, double other) {
        Site.await(one + " and " + other + " Hz", () -> {
            double first = call.media().toneShare(one);
            double second = call.media().toneShare(other);
            return first > 0.1 && second > 0.1 && first + second > 0.9;
        });
    }

    @ParameterizedTest // the callee's codec: mixed in its own law
    @ValueSource(ints = {0, 8})
    void shouldLetTheCalleeHearTheTrackBesideTheCaller(int codec) {
        bob.script(Script.answering(50).speaking(codec));
        site.dials("\"dub\":[" + track("music", ",\"loop\":true") + "]", sipTarget(bob.uri("bob")));
        FarCall out = call();
        FarCall in = bob.awaitCall().awaitConnected();
        awaitBoth(in, 440, TRACK_HZ);
        out.awaitTone(660);
        // A second of it is a loop: it goes on.
        in.awaitPackets(in.media().heard().packets() + 75);
        awaitBoth(in, 440, TRACK_HZ);
        assertThat(in.media().heard().lost()).isZero();
        assertThat(in.media().heard().timestampFaults()).isZero();
        assertThat(in.media().heard().sources()).isOne();
        out.bye();
        in.awaitEnded();
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
    }

    @Test
    void shouldHearTheTrackAloneWhileTheOtherHoldsAndBothBehindIt() {
        bob.script(Script.answering(50));
        site.dials("\"dub\":[" + track("music", ",\"loop\":true") + "]", sipTarget(bob.uri("bob")));
        FarCall out = call();
        FarCall in = bob.awaitCall().awaitConnected();
        awaitBoth(in, 440, TRACK_HZ);
        assertThat(out.reinvite("inactive").status()).isEqualTo(200);
        in.awaitTone(TRACK_HZ);
        assertThat(out.reinvite("sendrecv").status()).isEqualTo(200);
        awaitBoth(in, 440, TRACK_HZ);
        assertThat(in.media().heard().lost()).isZero();
        assertThat(in.media().heard().sources()).isOne();
        out.bye();
        in.awaitEnded();
    }

    @Test // rest.md 2.3
    void shouldChangeTheTracksOfALegWhenARequestSaysSo() {
        bob.script(Script.answering(50));
        site.dials("", sipTarget(bob.uri("bob")));
        FarCall out = call();
        FarCall in = bob.awaitCall().awaitConnected();
        in.awaitTone(440);
        String callee = site.awaitStatus(bob.uri("bob"), "in-progress").text("call_sid");
        site.update(callee, "{\"dub\":" + track("a", ",\"loop\":true,\"gain\":\"-3 dB\"") + "}");
        awaitBoth(in, 440, TRACK_HZ);
        site.update(callee, "{\"dub\":{\"action\":\"silenceTrack\",\"track\":\"a\"}}");
        in.awaitTone(440);
        String callerSid = site.hooks.await("/call").text("call_sid");
        site.update(callerSid, "{\"dub\":" + track("b", ",\"loop\":true") + "}");
        awaitBoth(out, 660, TRACK_HZ);
        site.update(callerSid, "{\"dub\":{\"action\":\"removeTrack\",\"track\":\"b\"}}");
        out.awaitTone(660);
        out.bye();
        in.awaitEnded();
    }

    @Test // verbs.md: run at once, the next verb follows
    void shouldLetTheCallerHearTheTrackOfAVerbBesideTheCallee() {
        bob.script(Script.answering(1500));
        site.forget();
        site.answers("[{\"dub\":" + track("music", ",\"loop\":true") + "},{\"verb\":\"dial\",\"actionHook\":\""
                + site.done() + "\",\"target\":[" + sipTarget(bob.uri("bob")) + "]}]");
        FarCall out = call();
        out.awaitTone(TRACK_HZ);
        FarCall in = bob.awaitCall().awaitConnected();
        awaitBoth(out, 660, TRACK_HZ);
        in.awaitTone(440);
        out.bye();
        in.awaitEnded();
    }
}
