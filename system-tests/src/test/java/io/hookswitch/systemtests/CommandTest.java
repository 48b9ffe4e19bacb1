package io.hookswitch.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.engine.EngineConfig;
import io.hookswitch.systemtests.engine.EngineProcess;
import io.hookswitch.systemtests.process.Child;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as a person types it. */
class CommandTest {
    @TempDir
    private Path directory;

    private static Child hookswitch(String... words) {
        return EngineProcess.hookswitch("hookswitch", List.of(words));
    }

    private static int exitOf(Child child) {
        return child.awaitEnd(Duration.ofSeconds(20));
    }

    @Test
    void shouldStopInOrderWhenItIsTerminated() {
        EngineConfig config = new EngineConfig().application("main", "http://127.0.0.1:1/call", null);
        try (EngineProcess engine = new EngineProcess(config)) {
            assertThat(engine.metrics()).containsEntry("hookswitch_core_legs", 0.0);
            assertThat(engine.stop()).isZero();
        }
    }

    @Test
    void shouldNameEveryFaultWhenTheSettingsAreWrong() throws Exception {
        Path file = directory.resolve("wrong.yaml");
        Files.writeString(file, "sip: { listen: [\"carrier:1\"] }\nmedia: { ports: 1-2, colour: red }\n");
        try (Child check = hookswitch("config", "check", file.toString())) {
            assertThat(exitOf(check)).isNotZero();
            assertThat(String.join("\n", check.lines())).contains("sip.listen[0]", "media.ports", "media.colour");
        }
        try (Child run = hookswitch("run", "--config", file.toString())) {
            assertThat(exitOf(run)).isNotZero();
            assertThat(String.join("\n", run.lines())).contains("media.colour");
        }
    }

    @Test
    void shouldSayNothingIsWrongWhenTheSettingsAreRight() throws Exception {
        Path file = directory.resolve("right.yaml");
        Files.writeString(
                file,
                new EngineConfig()
                        .application("main", "http://127.0.0.1:1/call", null)
                        .yaml());
        try (Child check = hookswitch("config", "check", file.toString())) {
            assertThat(exitOf(check)).isZero();
        }
    }

    @Test
    void shouldTellItsVersionAndItsUse() {
        try (Child version = hookswitch("--version")) {
            assertThat(exitOf(version)).isZero();
            assertThat(String.join("\n", version.lines())).containsPattern("\\d+\\.\\d+\\.\\d+");
        }
        try (Child help = hookswitch("--help")) {
            assertThat(exitOf(help)).isZero();
            assertThat(String.join("\n", help.lines())).contains("demo", "run", "test");
        }
        try (Child nonsense = hookswitch("dance")) {
            assertThat(exitOf(nonsense)).isNotZero();
        }
    }
}
