package io.hookswitch.systemtests;

import static io.hookswitch.systemtests.Site.sipTarget;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Heard;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import io.hookswitch.systemtests.farend.Tone;
import io.hookswitch.systemtests.hook.HookRequest;
import io.hookswitch.systemtests.socket.AudioServer;
import io.hookswitch.systemtests.socket.AudioServer.Manner;
import io.hookswitch.systemtests.socket.SocketRecord;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** media-sockets.md 1 and 2 on the wire: servers that hear a call, and what a call feels of the bad ones: nothing. */
class ListenTest {
    private static final double CALLER_HZ = 440;
    private static final double CALLEE_HZ = 660;
    private static final int FRAMES = 100;
    /** Packets that a call with a hostile server lasts; 3,000 are a minute. */
    private static final int HOSTILE_PACKETS = Integer.getInteger("hookswitch.hostile.packets", 60);
    /** Packets that are waited for at a time: 5 s of them. */
    private static final long STEP = 250;

    private static Site site;

    private final FarEnd caller = FarEnd.udp("caller", CALLER_HZ);
    private final FarEnd bob = FarEnd.udp("bob", CALLEE_HZ).script(Script.answering(0));
    private AudioServer server;

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
        if (server != null) {
            server.close();
        }
    }

    private FarCall call(Manner manner, String options) {
        server = new AudioServer(manner);
        return dials("\"listen\":{\"url\":\"" + server.url("/hear?x=1") + "\"" + options + "}");
    }

    private FarCall dials(String members) {
        site.dials("\"answerOnBridge\":true," + members, sipTarget(bob.uri("bob")));
        FarCall a = caller.call(Invite.to("100", site.sip()));
        bob.awaitCall();
        return a.awaitConnected();
    }

    private SocketRecord heardFrames(int bytes) {
        return server.await(bytes + " bytes of audio", one -> one.audioBytes() >= bytes);
    }

    private static double share(SocketRecord one, int rate, int channels, int channel, double hz) {
        short[] samples = one.newest(rate / 5, channels, channel);
        return Tone.share(samples, 0, samples.length, hz, rate);
    }

    @Test // acceptance facts 1 and 2
    void shouldTellTheCallThenSendWhatTheCallerSays() {
        FarCall a = call(
                Manner.LISTENS, ",\"metadata\":{\"foo\":\"bar\"},\"wsAuth\":{\"username\":\"u\",\"password\":\"p\"}");
        SocketRecord one = heardFrames(FRAMES * 320);
        a.bye();

        assertThat(one.request()).isEqualTo("GET /hear?x=1 HTTP/1.1");
        assertThat(one.header("Sec-WebSocket-Protocol")).isEqualTo("audio.jambonz.org, audio.drachtio.org");
        assertThat(one.header("Authorization"))
                .isEqualTo("Basic " + Base64.getEncoder().encodeToString("u:p".getBytes(StandardCharsets.UTF_8)));
        HookRequest first = site.hooks.await("/call");
        assertThat(one.texts())
                .singleElement()
                .asString()
                .contains("\"sampleRate\":8000", "\"mixType\":\"mono\"", "\"foo\":\"bar\"")
                .contains("\"callStatus\":\"in-progress\"")
                .contains("\"parentCallSid\":\"" + first.text("call_sid") + "\"")
                .contains("\"direction\":\"outbound\"", "\"traceId\":", "\"callSid\":", "\"sbcCallid\":");
        assertThat(one.untilAudioNs()).isBetween(0L, 100_000_000L);
        double seconds = one.audioNs() / 1e9;
        assertThat((one.audioBytes() - 320) / seconds).isBetween(15_500.0, 16_500.0);
        assertThat(share(one, 8000, 1, 0, CALLER_HZ)).isGreaterThan(0.9);
        server.await("a normal close", each -> each.closeCode() == 1000 && each.isGone());
        assertThat(one.faults()).isEmpty();
        site.awaitDone();
    }

    @Test // acceptance fact 3
    void shouldSendTheCallerLeftAndTheCalleeRightAtTheRateAskedFor() {
        FarCall a = call(Manner.LISTENS, ",\"mixType\":\"stereo\",\"sampleRate\":16000");
        SocketRecord one = heardFrames(50 * 1280);
        a.bye();
        assertThat(share(one, 16_000, 2, 0, CALLER_HZ)).isGreaterThan(0.9);
        assertThat(share(one, 16_000, 2, 1, CALLEE_HZ)).isGreaterThan(0.9);
        assertThat(share(one, 16_000, 2, 1, CALLER_HZ)).isLessThan(0.05);
    }

    @Test
    void shouldSendBothInOneWhenTheyAreMixed() {
        FarCall a = call(Manner.LISTENS, ",\"mixType\":\"mixed\"");
        SocketRecord one = heardFrames(50 * 320);
        a.bye();
        assertThat(share(one, 8000, 1, 0, CALLER_HZ)).isBetween(0.4, 0.6);
        assertThat(share(one, 8000, 1, 0, CALLEE_HZ)).isBetween(0.4, 0.6);
    }

    @ParameterizedTest // acceptance fact 4
    @CsvSource({"audio.jambonz.org", "audio.drachtio.org"})
    void shouldTakeEitherSubprotocolFromTheServer(String picked) {
        server = new AudioServer(Manner.LISTENS, offered -> picked);
        FarCall a = dials("\"stream\":{\"url\":\"" + server.url("/") + "\"}");
        heardFrames(10 * 320);
        a.bye();
        site.awaitDone();
    }

    @Test // acceptance facts 5 and 11
    void shouldTellKeysAndKeepTheBridgeWhenTheServerCloses() {
        FarCall a = call(Manner.LISTENS, ",\"passDtmf\":true,\"actionHook\":\"/listened\"");
        SocketRecord one = heardFrames(320);
        a.media().press("5");
        server.await("a key", each -> each.texts().size() == 2);
        assertThat(one.texts().get(1)).startsWith("{\"event\":\"dtmf\",\"dtmf\":\"5\",\"duration\":\"");

        one.close(1000);
        assertThat(site.hooks.await("/listened").number("dial_call_duration")).isBetween(0, 5);
        long heard = a.media().heard().packets();
        a.awaitPackets(heard + 25);
        assertThat(a.isConnected()).isTrue();
        a.bye();
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
    }

    @Test
    void shouldEndWhenTheServerAsksToBeLetGo() {
        FarCall a = call(Manner.LISTENS, ",\"actionHook\":\"/listened\"");
        SocketRecord one = heardFrames(320);
        one.text("no json");
        one.text("{\"type\":\"mark\",\"data\":{\"name\":\"m\"}}");
        server.await("the mark", each -> each.texts().size() == 2);
        assertThat(one.texts().get(1)).contains("\"type\":\"mark\"", "\"name\":\"m\"", "\"event\":\"playout\"");
        one.text("{\"type\":\"disconnect\"}");
        server.await("a normal close", each -> each.closeCode() == 1000);
        site.hooks.await("/listened");
        a.bye();
    }

    @ParameterizedTest // acceptance fact 12; no far end hears anything of what its server does
    @EnumSource(
            value = Manner.class,
            names = {"LISTENS", "CLOSES"},
            mode = EnumSource.Mode.EXCLUDE)
    void shouldLoseNoPacketOfTheCallWhenTheServerIsHostile(Manner manner) {
        FarCall a = call(
                manner,
                ",\"mixType\":\"stereo\",\"sampleRate\":48000,\"metadata\":{\"m\":\"" + "x".repeat(30_000) + "\"}");
        loseNothing(a);
    }

    @Test
    void shouldLoseNoPacketOfTheCallWhenTheServerClosesEveryTime() {
        server = new AudioServer(Manner.CLOSES);
        String listen = "{\"verb\":\"listen\",\"url\":\"" + server.url("/") + "\"},";
        site.forget()
                .answers("[" + listen.repeat(20) + "{\"verb\":\"dial\",\"listen\":{\"url\":\"" + server.url("/")
                        + "\"},\"actionHook\":\"" + site.done() + "\",\"target\":[" + sipTarget(bob.uri("bob"))
                        + "]}]");
        FarCall a = caller.call(Invite.to("100", site.sip()));
        bob.awaitCall();
        loseNothing(a.awaitConnected());
        assertThat(server.connections()).hasSize(21);
    }

    private void loseNothing(FarCall a) {
        FarCall b = bob.arrivedCalls().getFirst();
        a.awaitPackets(10);
        b.awaitPackets(10);
        long wanted = b.media().heard().packets() + HOSTILE_PACKETS;
        for (long heard = b.media().heard().packets(); heard < wanted; heard += STEP) {
            b.awaitPackets(Math.min(wanted, heard + STEP));
        }
        Heard atB = b.media().heard();
        Heard atA = a.media().heard();
        a.bye();
        assertThat(atA.packets()).isGreaterThan(HOSTILE_PACKETS / 2);
        assertThat(atA.lost()).isZero();
        assertThat(atB.lost()).isZero();
        assertThat(atB.disordered() + atA.disordered()).isZero();
        assertThat(atB.timestampFaults()).isZero();
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
    }

    @Test
    void shouldListenToACallerAloneAsAVerbAndGoOnBehindIt() {
        server = new AudioServer(Manner.LISTENS);
        site.forget()
                .answers("[{\"verb\":\"listen\",\"url\":\"" + server.url("/") + "\",\"finishOnKey\":\"#\","
                        + "\"actionHook\":\"/listened\"},{\"verb\":\"hangup\"}]");
        FarCall a = caller.call(Invite.to("100", site.sip())).awaitConnected();
        SocketRecord one = heardFrames(20 * 320);
        assertThat(one.texts().getFirst()).contains("\"direction\":\"inbound\"");
        a.media().press("#");
        assertThat(site.hooks.await("/listened").text("digits")).isEqualTo("#");
        a.awaitEnded();
    }

    @Test // media-sockets.md 2, acceptance fact 13
    void shouldHaveBothVoicesTranscribedAndTellWhatIsRecognisedBehindTheEnd() {
        server = new AudioServer(Manner.LISTENS);
        FarCall a = dials("\"transcribe\":{\"transcriptionHook\":\"/said\",\"recognizer\":{\"vendor\":\"custom:x\","
                + "\"customOptions\":{\"uri\":\"" + server.url("/stt") + "\",\"authToken\":\"t-1\"}}}");
        SocketRecord one = server.await(
                "the caller's voice", each -> each.audioBytes() > 20 * 320 && share(each, 8000, 1, 0, CALLER_HZ) > 0.9);
        SocketRecord other = server.await(
                "the callee's voice", each -> each.audioBytes() > 20 * 320 && share(each, 8000, 1, 0, CALLEE_HZ) > 0.9);
        assertThat(one.header("Authorization")).isEqualTo("Bearer t-1");
        assertThat(one.header("Sec-WebSocket-Protocol")).isNull();
        assertThat(one.texts().getFirst())
                .startsWith("{\"type\":\"start\",\"language\":\"en-US\",\"format\":\"raw\","
                        + "\"encoding\":\"LINEAR16\",\"interimResults\":false,\"sampleRateHz\":8000,"
                        + "\"options\":{\"callSid\":");

        other.text(result("hello", true));
        assertThat(said("hello").json().toString())
                .contains("\"channel_tag\":2", "\"is_final\":true", "\"name\":\"custom:x\"");
        one.text(result("never told", false));

        a.bye();
        server.await("a stop", each -> each == one && each.texts().getLast().equals("{\"type\":\"stop\"}"));
        one.text(result("goodbye", true));
        assertThat(said("goodbye").json().toString()).contains("\"channel_tag\":1");
        one.close(1000);
        other.close(1000);
        assertThat(site.hooks.record("/said")).hasSize(2);
    }

    private static String result(String text, boolean isFinal) {
        return "{\"type\":\"transcription\",\"is_final\":" + isFinal + ",\"alternatives\":[{\"transcript\":\"" + text
                + "\",\"confidence\":0.9}],\"language\":\"en-US\",\"channel\":1}";
    }

    private static HookRequest said(String text) {
        return site.hooks.await("/said", request -> request.json().toString().contains(text));
    }

    @Test
    void shouldLeaveTheCallAloneWhenNobodyCanTranscribe() {
        FarCall a = dials("\"transcribe\":{\"transcriptionHook\":\"/said\",\"recognizer\":{\"vendor\":\"google\"}}");
        a.awaitPackets(30);
        assertThat(a.isConnected()).isTrue();
        a.bye();
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
    }
}
