package io.hookswitch.systemtests;

import static io.hookswitch.systemtests.Site.sipTarget;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Heard;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import io.hookswitch.systemtests.farend.Tone;
import io.hookswitch.systemtests.hook.HookReply;
import io.hookswitch.systemtests.hook.HookRequest;
import io.hookswitch.systemtests.process.Child;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Files from an HTTP server on the wire: dialMusic (dial.md 4.2) and play (verbs.md 2). */
class PlayTest {
    /** MP3, 3 s of 500 Hz at 0.4 of full scale, made with LAME 3.100. */
    private static final String MUSIC = "music-500-3s.mp3";

    private static final double MUSIC_HZ = 500;
    private static final Map<String, byte[]> FILES = new ConcurrentHashMap<>();
    private static final AtomicInteger FETCHED = new AtomicInteger();
    private static HttpServer server;
    private static Site site;

    private final FarEnd caller = FarEnd.udp("caller", 440);
    private final FarEnd bob = FarEnd.udp("bob", 660);

    @BeforeAll
    static void start() throws IOException {
        try (InputStream in = PlayTest.class.getResourceAsStream(MUSIC)) {
            FILES.put("/music.mp3", in.readAllBytes());
        }
        FILES.put("/long.wav", Wav.tone(700, 2));
        FILES.put("/private.wav", Wav.tone(800, 1));
        FILES.put("/short.wav", Wav.tone(900, 1));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            try (exchange) {
                FETCHED.incrementAndGet();
                String path = exchange.getRequestURI().getPath();
                byte[] file = FILES.get(path);
                exchange.getResponseHeaders()
                        .set("Cache-Control", path.equals("/private.wav") ? "no-store" : "max-age=600");
                exchange.sendResponseHeaders(file == null ? 404 : 200, file == null ? -1 : file.length);
                if (file != null) {
                    exchange.getResponseBody().write(file);
                }
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

    private static String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    private FarCall call() {
        return caller.call(Invite.to("100", site.sip()));
    }

    /** @return what a call hears from a moment on, for as long as that. */
    private static short[] listen(FarCall call, long from, int seconds) {
        short[] heard = new short[seconds * Tone.RATE];
        int length = 0;
        while (length < heard.length) {
            long wanted = from + Math.min(length + Tone.RATE, heard.length);
            call.awaitPackets((wanted + Tone.PACKET - 1) / Tone.PACKET);
            short[] more = call.media().samples(from + length);
            int count = Math.min(more.length, heard.length - length);
            System.arraycopy(more, 0, heard, length, count);
            length += count;
        }
        return heard;
    }

    /**
     * How far audio is from one steady tone, of the tone's amplitude: a sine is what 2 cos w times its last sample,
     * less the one before, says it is. A click, a hole or a jump in phase is as large as the tone itself; mu-law alone
     * makes about an eighth.
     */
    private static double worstClick(short[] audio, double hz) {
        double factor = 2 * Math.cos(2 * Math.PI * hz / Tone.RATE);
        double worst = 0;
        double loudest = 0;
        for (int i = 2; i < audio.length; i++) {
            worst = Math.max(worst, Math.abs(audio[i] - factor * audio[i - 1] + audio[i - 2]));
            loudest = Math.max(loudest, Math.abs(audio[i]));
        }
        return worst / loudest;
    }

    @Test // dial.md 4.2: a 3 s file must not fall silent
    void shouldHearMusicWithoutAGapOrAClickUntilTheCalleeAnswersWhenADialHasMusic() {
        bob.script(Script.answering(10_600));
        site.dials("\"timeout\":30,\"dialMusic\":\"" + url("/music.mp3") + "\"", sipTarget(bob.uri("bob")));
        FarCall a = call();
        a.awaitConnected();
        a.awaitTone(MUSIC_HZ);
        short[] music = listen(a, a.media().samplesHeard() - Tone.RATE / 5, 9);

        assertThat(Wav.judge(music, MUSIC_HZ)).isEqualTo(new Wav.Judgement(9000, 0));
        assertThat(worstClick(music, MUSIC_HZ)).isLessThan(0.3);
        FarCall b = bob.awaitCall();
        b.awaitConnected();
        a.awaitTone(bob.toneHz());
        b.awaitTone(caller.toneHz());
        assertStreamIsWhole(a.media().heard());
        a.bye();
        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
    }

    /** One stream whatever made its packets: no hole in its numbers, nor in its time but where the engine was late. */
    private static void assertStreamIsWhole(Heard heard) {
        assertThat(heard.sources()).as(heard.toString()).isEqualTo(1);
        assertThat(heard.lost()).as(heard.toString()).isZero();
        assertThat(heard.disordered()).as(heard.toString()).isZero();
        // A machine that did not run the engine for more than 20 ms costs packets; the engine counts them.
        double skipped = site.engine.metrics().get("hookswitch_core_paced_skipped_total");
        assertThat((double) heard.timestampFaults()).as(heard.toString()).isLessThanOrEqualTo(skipped);
    }

    @Test
    void shouldGoOnWithTheDialWhenItsMusicCannotBeFetched() {
        bob.script(Script.answering(300));
        site.dials("\"dialMusic\":\"" + url("/nothing.mp3") + "\"", sipTarget(bob.uri("bob")));
        FarCall a = call();
        a.awaitTone(bob.toneHz());
        a.bye();

        assertThat(site.awaitDone().text("dial_status")).isEqualTo("completed");
    }

    private static String play(String more) {
        return "{\"verb\":\"play\",\"actionHook\":\"/played\"," + more + "}";
    }

    @Test
    void shouldPlayFilesInTurnAndTellHowLongWhenAListIsPlayedTwice() {
        site.forget()
                .answers("[" + play("\"loop\":2,\"url\":[\"" + url("/short.wav") + "\",\"silence_stream://200\"]")
                        + ",{\"verb\":\"hangup\"}]");
        FarCall a = call();
        a.awaitConnected();
        a.awaitTone(900);
        HookRequest played = site.hooks.await("/played");
        a.awaitEnded();

        assertThat(played.text("reason")).isEqualTo("playCompleted");
        assertThat(played.number("playback_milliseconds")).isEqualTo(2400);
        assertThat(played.text("playback_last_offset_pos")).isEqualTo("9600");
        assertThat(a.media().heard().sources()).isEqualTo(1);
        assertThat(a.media().heard().lost()).isZero();
    }

    @Test // verbs.md 2, play: seekOffset counts for the first repetition only
    void shouldStartWhereItIsToldAndStopInTimeWhenOffsetAndTimeoutAreGiven() {
        site.forget()
                .answers("["
                        + play("\"seekOffset\":8000,\"timeoutSecs\":2,\"loop\":\"forever\",\"url\":\""
                                + url("/long.wav") + "\"")
                        + "]");
        FarCall a = call();
        a.awaitConnected();
        HookRequest played = site.hooks.await("/played");

        assertThat(played.text("reason")).isEqualTo("playCompleted");
        assertThat(played.number("playback_milliseconds")).isBetween(1700, 2100);
        // 1 s of the first pass, then what is left of the time.
        assertThat(Integer.parseInt(played.text("playback_last_offset_pos"))).isBetween(5600, 8800);
        assertThat(a.awaitEnded().isEnded()).isTrue();
    }

    @Test // verbs.md 2, play
    void shouldTellThatPlayingFailedAndGoOnWhenThereIsNoSuchFile() {
        site.forget()
                .answers("[" + play("\"url\":\"" + url("/nothing.wav") + "\"") + ",{\"verb\":\"play\",\"url\":\""
                        + url("/short.wav") + "\"}]");
        FarCall a = call();
        a.awaitConnected();
        HookRequest played = site.hooks.await("/played");
        a.awaitTone(900);

        assertThat(played.text("reason")).isEqualTo("playFailed");
        assertThat(played.text("status")).isEqualTo("fail");
        assertThat(a.awaitEnded().isEnded()).isTrue();
    }

    @Test // verbs.md 6, fact 2
    void shouldBeHeardBeforeTheAnswerWhenPlayIsEarlyMedia() {
        site.forget()
                .answers("[" + play("\"earlyMedia\":true,\"url\":\"" + url("/short.wav") + "\"")
                        + ",{\"verb\":\"sip:decline\",\"status\":486}]");
        FarCall a = call();
        a.awaitStatus(183);
        a.awaitTone(900);

        assertThat(a.awaitFinal()).isEqualTo(486);
        assertThat(site.hooks.await("/played").text("reason")).isEqualTo("playCompleted");
        assertThat(a.received(200)).isZero();
    }

    @Test
    void shouldBeQuietAtOnceWhenTheCallerHangsUpInTheMiddle() {
        site.forget().answers("[" + play("\"loop\":\"forever\",\"url\":\"" + url("/long.wav") + "\"") + "]");
        FarCall a = call();
        a.awaitConnected();
        a.awaitTone(700);
        a.bye();
        a.awaitEnded();
        long heard = a.media().heard().packets();

        site.awaitStatus("100", "completed");
        assertThat(a.media().heard().packets() - heard).isLessThan(5);
        int before = FETCHED.get();
        FarCall again = call();
        again.awaitTone(700);
        again.bye();
        // It is fresh for ten minutes: nobody is asked again.
        assertThat(FETCHED.get()).isEqualTo(before);
    }

    @Test
    void shouldFreeAFileThatMustNotBeKeptWhenTheLastCallIsOverThatPlaysIt() {
        site.forget().answers("[" + play("\"loop\":\"forever\",\"url\":\"" + url("/private.wav") + "\"") + "]");
        double before = memory();
        FarCall a = call();
        a.awaitTone(800);
        FarCall b = call();
        b.awaitTone(800);
        assertThat(memory()).isGreaterThan(before);
        a.bye();
        a.awaitEnded();
        assertThat(b.media().hears(800)).isTrue();
        b.bye();

        long endNs = System.nanoTime() + FarEnd.PATIENCE.toNanos();
        while (memory() != before && System.nanoTime() < endNs) {
            LockSupport.parkNanos(20_000_000);
        }
        assertThat(memory()).isEqualTo(before);
    }

    private static double memory() {
        return site.engine.metrics().get("hookswitch_audio_bytes");
    }

    @Test // dial.md 4.5
    void shouldHearWhatTheOnHoldHookGivesUntilTheOtherHoldsNoLonger() {
        bob.script(Script.answering(50));
        site.dials("\"answerOnBridge\":true,\"onHoldHook\":\"/hold\"", sipTarget(bob.uri("bob")));
        site.hooks.reply("/hold", HookReply.verbs("[{\"verb\":\"play\",\"url\":\"" + url("/long.wav") + "\"}]"));
        FarCall out = call();
        FarCall in = bob.awaitCall().awaitConnected();
        out.awaitTone(660);
        assertThat(in.reinvite("sendonly").status()).isEqualTo(200);
        out.awaitTone(700);
        HookRequest asked = site.hooks.await("/hold");
        assertThat(asked.text("direction")).isEqualTo("inbound");
        assertThat(asked.json().get("hold_detail").toString()).contains("from", "to", "bob");
        // The file lasts 2 s: it was asked for again when it was over.
        Child.pause(2_500);
        out.awaitTone(700);
        assertThat(site.hooks.record("/hold")).hasSizeGreaterThan(1);
        assertThat(in.reinvite("sendrecv").status()).isEqualTo(200);
        out.awaitTone(660);
        out.bye();
        in.awaitEnded();
    }

    @Test // verbs.md config
    void shouldHearTheHoldMusicWhenTheOtherHolds() {
        bob.script(Script.answering(50));
        site.forget()
                .answers("[{\"verb\":\"config\",\"onHoldMusic\":\"" + url("/short.wav")
                        + "\"},{\"verb\":\"dial\",\"target\":[" + sipTarget(bob.uri("bob")) + "]}]");
        FarCall out = call();
        FarCall in = bob.awaitCall().awaitConnected();
        out.awaitTone(660);
        assertThat(in.reinvite("inactive").status()).isEqualTo(200);
        out.awaitTone(900);
        Child.pause(1_200);
        out.awaitTone(900);
        assertThat(in.reinvite("sendrecv").status()).isEqualTo(200);
        out.awaitTone(660);
        out.bye();
        in.awaitEnded();
    }
}
