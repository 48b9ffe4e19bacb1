package io.hookswitch.server.audio;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.RecordingFlyweight;
import io.hookswitch.server.audio.AudioOutcome.Failed;
import io.hookswitch.server.audio.AudioOutcome.Ready;
import io.hookswitch.server.audio.WavFormat.Coding;
import io.hookswitch.server.hooks.AddressGuard;
import io.hookswitch.server.hooks.AddressGuard.AddressRange;
import io.hookswitch.server.hooks.FileClient;
import io.hookswitch.server.hooks.HookSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real HTTP server on loopback, a clock of our own: what is asked of the server, what is kept, what is let go of. */
class AudioLibraryTest {
    private static final byte[] SECOND = WavFile.of(Coding.SIGNED_16, 1, 8000, 8000, WavFile.sine(440, 8000));
    private static final long S = 1_000_000_000L;

    /** What the server does with a request. */
    private interface Script {
        void answer(HttpExchange exchange) throws IOException, InterruptedException;
    }

    private final AtomicLong nowNs = new AtomicLong();
    private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
    private final AtomicInteger atOnce = new AtomicInteger();
    private final AtomicInteger mostAtOnce = new AtomicInteger();
    private volatile Script script = exchange -> reply(exchange, 200, SECOND);
    private HttpServer server;
    private String base;
    private AudioLibrary library;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", exchange -> {
            mostAtOnce.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
            requests.add(exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("If-None-Match") + " "
                    + exchange.getRequestHeaders().getFirst("If-Modified-Since"));
            try (exchange) {
                script.answer(exchange);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                atOnce.decrementAndGet();
            }
        });
        server.start();
        base = "http://127.0.0.1:" + server.getAddress().getPort() + "/app/call";
        library = library(1 << 20, "127.0.0.0/8");
    }

    private AudioLibrary library(long cacheBytes, String allowed) {
        FileClient files = new FileClient(HookSettings.FILES, new AddressGuard(List.of(AddressRange.parse(allowed))));
        return new AudioLibrary(
                new AudioLimits(cacheBytes, 100_000, 5, 20_000, 2), files, Optional.empty(), nowNs::get);
    }

    @AfterEach
    void stop() {
        library.close();
        server.stop(0);
    }

    private static void reply(HttpExchange exchange, int status, byte[] body, String... headers) throws IOException {
        for (int i = 0; i < headers.length; i += 2) {
            exchange.getResponseHeaders().set(headers[i], headers[i + 1]);
        }
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    private BlockingQueue<AudioOutcome> ask(String url) {
        BlockingQueue<AudioOutcome> outcomes = new LinkedBlockingQueue<>();
        library.open("demo", base, url, outcomes::add);
        return outcomes;
    }

    private static AudioOutcome await(BlockingQueue<AudioOutcome> outcomes) throws InterruptedException {
        AudioOutcome outcome = outcomes.poll(20, TimeUnit.SECONDS);
        assertThat(outcome).isNotNull();
        return outcome;
    }

    private Audio ready(String url) throws InterruptedException {
        AudioOutcome outcome = await(ask(url));
        assertThat(outcome).isInstanceOf(Ready.class);
        return ((Ready) outcome).audio();
    }

    private String failed(String url) throws InterruptedException {
        AudioOutcome outcome = await(ask(url));
        assertThat(outcome).isInstanceOf(Failed.class);
        return ((Failed) outcome).detail();
    }

    private long counter(String name) {
        return library.snapshot().get(name);
    }

    @Test
    void shouldMakeARecordingThatTheCoreCanReadWhenAFileIsFetched() throws Exception {
        Audio audio = ready("/music/a.wav");

        assertThat(requests).containsExactly("/music/a.wav null null");
        RecordingFlyweight recording = new RecordingFlyweight();
        assertThat(recording.wrap(audio.address(), audio.lengthBytes())).isTrue();
        assertThat(recording.samples()).isEqualTo(8000);
        assertThat(audio.samples()).isEqualTo(8000);
        assertThat(recording.has(Codec.PCMU)).isTrue();
        assertThat(recording.has(Codec.PCMA)).isTrue();
        audio.release();
    }

    @Test
    void shouldAskNobodyAgainWhileAFileIsFresh() throws Exception {
        script = exchange -> reply(exchange, 200, SECOND, "Cache-Control", "public, max-age=60", "ETag", "\"1\"");
        Audio first = ready("/a.wav");
        nowNs.set(59 * S);
        Audio second = ready("/a.wav");
        assertThat(second).isSameAs(first);
        assertThat(requests).hasSize(1);

        nowNs.set(61 * S);
        script = exchange -> reply(exchange, 304, new byte[0], "Cache-Control", "max-age=10");
        assertThat(ready("/a.wav")).isSameAs(first);
        assertThat(requests).hasSize(2).last().isEqualTo("/a.wav \"1\" null");
        nowNs.set(70 * S);
        assertThat(ready("/a.wav")).isSameAs(first);
        assertThat(requests).hasSize(2);
        assertThat(counter("audio_hits_total")).isEqualTo(2);
        assertThat(counter("audio_unchanged_total")).isEqualTo(1);
    }

    @Test
    void shouldTakeTheNewFileAndFreeTheOldWhenItHasChanged() throws Exception {
        String date = "Mon, 23 Nov 2026 08:00:00 GMT";
        script = exchange -> reply(exchange, 200, SECOND, "Last-Modified", date);
        Audio old = ready("/a.wav");
        byte[] half = WavFile.of(Coding.SIGNED_16, 1, 8000, 4000, WavFile.sine(440, 8000));
        script = exchange -> reply(exchange, 200, half);
        Audio now = ready("/a.wav");

        assertThat(requests).last().isEqualTo("/a.wav null " + date);
        assertThat(now.samples()).isEqualTo(4000);
        assertThat(counter("audio_bytes")).isEqualTo(old.lengthBytes() + now.lengthBytes());
        old.release();
        assertThat(counter("audio_bytes")).isEqualTo(now.lengthBytes());
        now.release();
        assertThat(counter("audio_bytes")).isEqualTo(now.lengthBytes());
    }

    @Test
    void shouldForgetAFileWhenItMustNotBeKept() throws Exception {
        script = exchange -> reply(exchange, 200, SECOND, "Cache-Control", "no-store");
        Audio audio = ready("/a.wav");

        assertThat(counter("audio_files")).isZero();
        assertThat(counter("audio_bytes")).isEqualTo(audio.lengthBytes());
        audio.release();
        assertThat(counter("audio_bytes")).isZero();
    }

    @Test
    void shouldFetchOnceForAllWhoWaitWhenManyAskAtTheSameTime() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        script = exchange -> {
            gate.await();
            reply(exchange, 200, SECOND);
        };
        List<BlockingQueue<AudioOutcome>> waiting = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            waiting.add(ask("/a.wav"));
        }
        gate.countDown();
        Audio first = ((Ready) await(waiting.getFirst())).audio();
        for (BlockingQueue<AudioOutcome> each : waiting.subList(1, 50)) {
            assertThat(((Ready) await(each)).audio()).isSameAs(first);
        }

        assertThat(requests).hasSize(1);
        assertThat(first.uses()).isEqualTo(51);
    }

    @Test
    void shouldFetchNoMoreThanAnAccountsShareAtOnce() throws Exception {
        List<BlockingQueue<AudioOutcome>> waiting = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            waiting.add(ask("/" + i + ".wav"));
        }
        for (BlockingQueue<AudioOutcome> each : waiting) {
            assertThat(await(each)).isInstanceOf(Ready.class);
        }
        assertThat(mostAtOnce.get()).isLessThanOrEqualTo(2);
    }

    @Test
    void shouldPlayWhatThereIsWhenTheServerCannotBeAskedAgain() throws Exception {
        Audio audio = ready("/a.wav");
        script = exchange -> reply(exchange, 503, new byte[0]);
        assertThat(ready("/a.wav")).isSameAs(audio);
        assertThat(ready("/a.wav")).isSameAs(audio);
        assertThat(requests).hasSize(2);
        nowNs.set(6 * S);
        script = exchange -> reply(exchange, 404, new byte[0]);

        assertThat(failed("/a.wav")).isEqualTo("HTTP status 404");
        assertThat(counter("audio_stale_total")).isEqualTo(1);
        assertThat(counter("audio_files")).isZero();
    }

    private static long bytesOfASecond() throws AudioException {
        DecodeLimits limits = WavSourceTest.limits(5);
        return RecordingEncoder.encode(Pcm.decode(SECOND, limits), limits).lengthBytes();
    }

    @Test
    void shouldForgetTheOneNotUsedForLongestWhenThereIsNoRoom() throws Exception {
        library.close();
        library = library(3 * bytesOfASecond(), "127.0.0.0/8");
        script = exchange -> reply(exchange, 200, SECOND, "Cache-Control", "max-age=60");
        Audio a = ready("/a.wav");
        ready("/b.wav").release();
        ready("/c.wav").release();
        ready("/b.wav").release();
        ready("/d.wav").release();

        assertThat(counter("audio_evicted_total")).isEqualTo(1);
        ready("/b.wav").release();
        assertThat(requests).hasSize(4);
        ready("/c.wav").release();
        assertThat(requests).hasSize(5);
        // What is being played stays, whatever comes.
        assertThat(ready("/a.wav")).isSameAs(a);
    }

    @Test
    void shouldRefuseAFileWhenAllMemoryIsBeingPlayed() throws Exception {
        library.close();
        library = library(bytesOfASecond(), "127.0.0.0/8");
        Audio audio = ready("/a.wav");

        assertThat(failed("/b.wav")).contains("audio.cache_mb");
        audio.release();
        assertThat(ready("/b.wav").samples()).isEqualTo(8000);
    }

    @Test
    void shouldSayWhyWhenAUrlCannotBePlayed() throws Exception {
        assertThat(failed("a.wav")).contains("not an absolute http or https URL");
        assertThat(failed("file:///etc/passwd")).contains("not an absolute http or https URL");
        assertThat(failed("http://u:p@127.0.0.1/a.wav")).contains("credentials");
        assertThat(failed("http://10.0.0.1/a.wav")).contains("denied");
        assertThat(failed("http://nowhere.invalid/a.wav")).contains("no address for host nowhere.invalid");
        script = exchange -> reply(exchange, 302, new byte[0], "Location", base);
        assertThat(failed("/moved.wav")).isEqualTo("HTTP status 302; redirects are not followed");
        script = exchange -> reply(exchange, 200, new byte[100_001]);
        assertThat(failed("/large.wav")).isEqualTo("larger than 100000 bytes");
        script = exchange -> reply(exchange, 200, "<html>".getBytes(StandardCharsets.US_ASCII));
        assertThat(failed("/page.wav")).isEqualTo("neither a WAV nor an MP3 file");
        script = HttpExchange::close;
        assertThat(failed("/broken.wav")).isNotBlank();
        script = exchange -> {
            exchange.sendResponseHeaders(200, SECOND.length);
            exchange.getResponseBody().write(SECOND, 0, 5000);
            exchange.getResponseBody().flush();
            exchange.close();
        };
        assertThat(failed("/cut.wav")).isNotBlank();
        assertThat(counter("audio_failures_total")).isEqualTo(10);
        assertThat(counter("audio_files")).isZero();
        assertThat(counter("audio_bytes")).isZero();
    }

    @Test
    void shouldSpeakToNobodyWhenLoopbackIsNotAllowed() throws Exception {
        library.close();
        library = library(1 << 20, "192.0.2.0/24");

        assertThat(failed("/a.wav")).contains("denied");
        assertThat(requests).isEmpty();
    }

    @Test
    void shouldMakeSilenceWithoutAFileWhenItIsAskedFor() throws Exception {
        Ready second = (Ready) await(ask("silence_stream://1000"));
        assertThat(second.times()).isEqualTo(50);
        assertThat(second.audio().samples()).isEqualTo(160);
        assertThat(((Ready) await(ask("silence_stream://50,1400"))).times()).isEqualTo(3);
        assertThat(failed("silence_stream://-1")).contains("how many ms");
        assertThat(failed("tone_stream://%(200,100,400)")).contains("not a URL");
    }

    @Test
    void shouldTellAllWhoWaitWhenItIsClosed() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        script = exchange -> gate.await();
        BlockingQueue<AudioOutcome> waiting = ask("/a.wav");
        library.close();

        assertThat(await(waiting)).isInstanceOf(Failed.class);
        assertThat(failed("/b.wav")).isEqualTo("shutting down");
        gate.countDown();
    }
}
