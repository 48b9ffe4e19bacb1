package io.hookswitch.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.engine.EngineConfig;
import io.hookswitch.systemtests.engine.EngineProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The scheduling class that the running engine's core has, as the kernel tells it. */
class SchedulingTest {
    /** Member of /proc/PID/task/TID/stat behind the name in brackets, proc(5): policy is number 41. */
    private static final int POLICY = 41 - 3;

    private static int policy(long pid) throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
            for (Path task : tasks.toList()) {
                String stat = Files.readString(task.resolve("stat"));
                if (stat.contains("(core-0)")) {
                    return Integer.parseInt(
                            stat.substring(stat.lastIndexOf(')') + 2).split(" ")[POLICY]);
                }
            }
        }
        throw new AssertionError("there is no thread core-0");
    }

    @ParameterizedTest
    @CsvSource({"usual, 0", "realtime, 1"})
    void shouldHaveTheClassThatIsAskedForOrSayWhyNot(String scheduling, int policy) throws IOException {
        try (EngineProcess engine = new EngineProcess(new EngineConfig().engine("scheduling: " + scheduling))) {
            List<String> refused = engine.output().stream()
                    .filter(line -> line.contains("engine.scheduling: the real-time class is refused"))
                    .toList();
            assertThat(policy(engine.pid())).isEqualTo(refused.isEmpty() ? policy : 0);
            assertThat(refused).hasSizeLessThanOrEqualTo(policy);
        }
    }
}
