package io.hookswitch.systemtests;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Looks at one thread of this JVM from outside: how many bytes it has allocated since it was born. */
final class CoreThread {
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final String name;
    private long id = -1;

    CoreThread(String name) {
        this.name = name;
    }

    /** @return bytes on the heap, ever. */
    long allocatedBytes() {
        if (id < 0) {
            id = find();
        }
        return threads.getThreadAllocatedBytes(id);
    }

    private long find() {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals(name)) {
                return thread.threadId();
            }
        }
        throw new AssertionError("there is no thread " + name);
    }
}
