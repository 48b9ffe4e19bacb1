package io.hookswitch.engine.io;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The JVM's own threads that collect garbage (ZGC). They work in bursts of a second or two; on a processor that they
 * share with calls, each message of a call would wait for the end of their turn, some milliseconds. At a higher nice
 * value (sched(7)) they give way as soon as a thread of a call has work, and still get their share of a processor that
 * is never idle: a tenth of what a usual thread gets. Compilers are left alone: what they make is wanted soonest when
 * there is most to do.
 */
public final class ServiceThreads {
    private static final Path THREADS = Path.of("/proc/self/task");
    /**
     * How their names begin, as the kernel keeps them. A thread that the JVM adds later has the nice value of the one
     * that makes it, ZDriver's.
     */
    private static final List<String> NAMES = List.of("ZWorker", "ZDriver");

    private static final int NICE = 10;

    private ServiceThreads() {}

    /**
     * Makes those that there are, and by that those to come, give way to all other threads of this process. Needs no
     * privilege. Any thread, as early as possible.
     *
     * @return how many do; 0 with another collector
     * @throws IOException when the threads cannot be listed: not Linux, no /proc
     */
    public static int giveWay() throws IOException {
        LibC kernel = new LibC();
        int done = 0;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(THREADS)) {
            for (Path thread : threads) {
                int id = Integer.parseInt(thread.getFileName().toString());
                if (isService(thread) && kernel.nice(id, NICE) == 0) {
                    done++;
                }
            }
        }
        return done;
    }

    private static boolean isService(Path thread) {
        try {
            String name = Files.readString(thread.resolve("comm"));
            return NAMES.stream().anyMatch(name::startsWith);
        } catch (IOException e) {
            // It has ended meanwhile.
            return false;
        }
    }
}
