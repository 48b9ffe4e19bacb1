package io.hookswitch.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.engine.EngineConfig;
import io.hookswitch.systemtests.engine.EngineProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The scheduling class that the running engine's core has, as the kernel tells it. */
class SchedulingTest {
    /** Members of /proc/PID/task/TID/stat behind the name in brackets, proc(5): policy is number 41, nice 19. */
    private static final int POLICY = 41 - 3;

    private static final int NICE = 19 - 3;

    /** A member of each of the threads whose name begins so. */
    private static List<Integer> members(long pid, String name, int member) throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
            List<Integer> found = new ArrayList<>();
            for (Path task : tasks.toList()) {
                String stat = Files.readString(task.resolve("stat"));
                if (stat.contains("(" + name)) {
                    found.add(Integer.parseInt(
                            stat.substring(stat.lastIndexOf(')') + 2).split(" ")[member]));
                }
            }
            return found;
        }
    }

    @ParameterizedTest
    @CsvSource({"usual, 0", "realtime, 1"})
    void shouldHaveTheClassThatIsAskedForOrSayWhyNot(String scheduling, int policy) throws IOException {
        try (EngineProcess engine = new EngineProcess(new EngineConfig().engine("scheduling: " + scheduling))) {
            List<String> refused = engine.output().stream()
                    .filter(line -> line.contains("engine.scheduling: the real-time class is refused"))
                    .toList();
            assertThat(members(engine.pid(), "core-0", POLICY)).containsExactly(refused.isEmpty() ? policy : 0);
            assertThat(refused).hasSizeLessThanOrEqualTo(policy);
        }
    }

    @Test
    void shouldLetThreadsOfCallsGoBeforeThoseThatCollectGarbage() throws IOException {
        try (EngineProcess engine = new EngineProcess(new EngineConfig())) {
            assertThat(members(engine.pid(), "ZWorker", NICE)).isNotEmpty().containsOnly(10);
            assertThat(members(engine.pid(), "core-0", NICE)).containsExactly(0);
            assertThat(members(engine.pid(), "sip-0", NICE)).containsExactly(0);
            assertThat(members(engine.pid(), "control", NICE)).containsExactly(0);
        }
    }
}
