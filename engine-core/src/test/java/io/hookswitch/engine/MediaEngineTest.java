package io.hookswitch.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hookswitch.engine.core.CoreSettings;
import io.hookswitch.engine.core.MediaSettings;
import io.hookswitch.engine.io.IdleMode;
import io.hookswitch.engine.io.TransportKind;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.PlayFlyweight;
import io.hookswitch.engine.message.PlayResult;
import io.hookswitch.engine.message.RecordingBuilder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(30)
class MediaEngineTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final InetAddress HERE = InetAddress.getLoopbackAddress();
    private static final Pattern PUBLIC_TYPE = Pattern.compile(
            "^public (?:(?:final|abstract|sealed|non-sealed) )*(?:class|interface|record|enum) (\\w+)",
            Pattern.MULTILINE);

    private final List<Throwable> errors = new ArrayList<>();

    @Test
    void shouldBridgeHearAndCountWhenTheDocumentedExampleRuns() throws Exception {
        List<Integer> ours = new ArrayList<>();
        try (DatagramSocket a = new DatagramSocket(0, HERE);
                DatagramSocket b = new DatagramSocket(0, HERE);
                var runner = Executors.newSingleThreadExecutor()) {
            b.setSoTimeout(10_000);
            CompletableFuture<Integer> port = new CompletableFuture<>();
            EmbeddingExample.Signalling signalling = ourPort -> {
                ours.add(ourPort);
                DatagramSocket far = ours.size() == 1 ? a : b;
                if (ours.size() == 2) {
                    port.complete(ours.getFirst());
                }
                return new InetSocketAddress(HERE, far.getLocalPort());
            };
            var report = runner.submit(() -> new EmbeddingExample().run(signalling, HERE, 34_200, 34_399));
            int to = port.get(10, TimeUnit.SECONDS);
            int sequence = 0;
            DatagramPacket in = new DatagramPacket(new byte[2048], 2048);
            // Until the first packet is through nobody knows that the legs are connected.
            b.setSoTimeout(50);
            boolean isThrough = false;
            while (!isThrough) {
                send(a, to, 0, sequence, 160 * sequence, new byte[160]);
                sequence++;
                isThrough = tryReceive(b, in);
            }
            assertThat(in.getLength()).isEqualTo(172);
            assertThat(in.getData()[1] & 0x7F).as("A-law").isEqualTo(8);
            for (char key : new char[] {5, 11}) {
                int start = 160 * sequence;
                for (int i = 0; i < 3; i++) {
                    byte[] event = {(byte) key, (byte) (i < 2 ? 10 : 0x8A), (byte) (i + 2), 0};
                    send(a, to, 101, sequence++, start, event);
                }
            }
            assertThat(report.get(10, TimeUnit.SECONDS))
                    .startsWith("caller 5\ncaller #\nreceived ")
                    .contains("missing 0,")
                    .contains("MOS 4.4");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TransportKind.class,
            names = {"EPOLL", "IO_URING"})
    void shouldBeHeardAsItIsAndToldWhenARecordingIsPlayed(TransportKind kind) throws Exception {
        CoreSettings core = new CoreSettings(0, 2, 16, IdleMode.BALANCED, kind, 64, 4096, 0);
        byte[] music = new byte[1000];
        for (int i = 0; i < music.length; i++) {
            music[i] = (byte) (i % 251);
        }
        List<String> played = new ArrayList<>();
        try (MediaEngine engine = MediaEngine.start(core, MediaSettings.of(HERE, 34_500, 34_599), errors::add);
                DatagramSocket far = new DatagramSocket(0, HERE);
                Arena arena = Arena.ofShared()) {
            far.setSoTimeout(5_000);
            engine.onPlayed((leg, play, result, playedNs, sample) ->
                    played.add(play + " " + result + " " + playedNs / 1_000_000 + " ms " + sample));
            long leg = engine.openLeg();
            engine.farEnd(leg, FarEnd.pcmu(new InetSocketAddress(HERE, far.getLocalPort())));
            MemorySegment recording =
                    new RecordingBuilder(music.length).fixed(Codec.PCMU, music).build(arena);
            assertThatThrownBy(() -> engine.play(leg, arena.allocate(200), 1, 0))
                    .hasMessage("not a recording");
            assertThatThrownBy(() -> engine.play(leg, recording, -1, 0)).hasMessageStartingWith("passes: -1");
            long startNs = System.nanoTime();
            long play = engine.play(leg, recording, 2, 500);
            ByteArrayOutputStream heard = new ByteArrayOutputStream();
            DatagramPacket in = new DatagramPacket(new byte[2048], 2048);
            int first = 0;
            for (int i = 0; i < 10; i++) {
                far.receive(in);
                int sequence = ByteBuffer.wrap(in.getData()).getShort(2) & 0xFFFF;
                first = i == 0 ? sequence : first;
                assertThat(sequence).isEqualTo(first + i & 0xFFFF);
                heard.write(in.getData(), 12, in.getLength() - 12);
            }
            assertThat(System.nanoTime() - startNs).isGreaterThan(9 * 20_000_000L);
            assertThat(Arrays.copyOf(heard.toByteArray(), 500)).isEqualTo(Arrays.copyOfRange(music, 500, 1000));
            assertThat(Arrays.copyOfRange(heard.toByteArray(), 500, 1500)).isEqualTo(music);
            while (played.isEmpty()) {
                engine.poll();
            }
            assertThat(played).containsExactly(play + " " + PlayResult.COMPLETED + " 187 ms 1000");
            long endless = engine.play(leg, recording, PlayFlyweight.FOR_EVER, 0);
            far.receive(in);
            engine.stopPlay(leg, endless);
            while (played.size() < 2) {
                engine.poll();
            }
            assertThat(played.getLast()).startsWith(endless + " " + PlayResult.STOPPED + " ");
            engine.play(leg, recording, PlayFlyweight.FOR_EVER, 0);
            engine.closeLeg(leg);
            assertThat(played).as("told before the leg is closed").hasSize(3);
        }
        assertThat(errors).isEmpty();
    }

    private static boolean tryReceive(DatagramSocket at, DatagramPacket into) throws IOException {
        try {
            at.receive(into);
            return true;
        } catch (java.net.SocketTimeoutException _) {
            return false;
        }
    }

    private static void send(DatagramSocket from, int to, int type, int sequence, int timestamp, byte[] payload)
            throws IOException {
        byte[] packet = ByteBuffer.allocate(12 + payload.length)
                .put((byte) 0x80)
                .put((byte) type)
                .putShort((short) sequence)
                .putInt(timestamp)
                .putInt(0xA)
                .put(payload)
                .array();
        from.send(new DatagramPacket(packet, packet.length, HERE, to));
    }

    @Test
    void shouldSayWhatIsWrongWhenLegsAreUsedUpOverOrUsedByAnotherThread() throws Exception {
        CoreSettings core = new CoreSettings(0, 2, 16, IdleMode.BALANCED, TransportKind.AUTO, 64, 4096, 0);
        try (MediaEngine engine = MediaEngine.start(core, MediaSettings.of(HERE, 34_400, 34_499), errors::add)) {
            long leg = engine.openLeg();
            long other = engine.openLeg();
            assertThatThrownBy(engine::openLeg).hasMessage("no leg or no pair of ports is free");
            assertThatThrownBy(() -> engine.connect(leg, leg)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> engine.sendDigits(leg, "x", 1)).hasMessageStartingWith("keys: x is not");
            CompletableFuture<Throwable> elsewhere = new CompletableFuture<>();
            Thread.ofPlatform().start(() -> {
                try {
                    engine.poll();
                    elsewhere.complete(null);
                } catch (IllegalStateException e) {
                    elsewhere.complete(e);
                }
            });
            assertThat(elsewhere.get(5, TimeUnit.SECONDS)).hasMessageStartingWith("the engine belongs to thread");
            engine.closeLeg(leg);
            assertThatThrownBy(() -> engine.rtpPort(leg)).hasMessage("leg " + leg + " is not open");
            assertThatThrownBy(() -> engine.connect(leg, other)).hasMessage("leg " + leg + " is not open");
            assertThat(engine.openLeg()).isNotEqualTo(leg);
            assertThat(errors).isEmpty();
        }
    }

    @Test
    void shouldBeTheDocumentedTextWhenTheExampleIsCompiled() throws IOException {
        String source =
                Files.readString(ROOT.resolve("engine-core/src/test/java/io/hookswitch/engine/EmbeddingExample.java"));
        assertThat(Files.readString(ROOT.resolve("docs/embedding.md"))).contains("```java\n" + source + "```\n");
    }

    @Test
    void shouldBeListedWhenATypeIsPublic() throws IOException {
        String text = Files.readString(ROOT.resolve("docs/embedding.md"));
        TreeSet<String> listed = new TreeSet<>();
        Matcher names = Pattern.compile("`([A-Z]\\w+)`")
                .matcher(text.substring(text.indexOf("## Public types"), text.indexOf("## What is not promised")));
        while (names.find()) {
            listed.add(names.group(1));
        }
        TreeSet<String> found = new TreeSet<>();
        for (String module : List.of("rtp", "engine-core")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .forEach(file -> found.addAll(publicTypes(file)));
            }
        }
        assertThat(listed).isEqualTo(found);
    }

    private static List<String> publicTypes(Path file) {
        try {
            return PUBLIC_TYPE
                    .matcher(Files.readString(file))
                    .results()
                    .map(match -> match.group(1))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
