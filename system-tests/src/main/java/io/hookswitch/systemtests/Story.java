package io.hookswitch.systemtests;

import java.io.PrintStream;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * The demo's timeline: takes what several threads saw, prints it in the order in which it happened. A line waits a
 * moment
 * for older ones of other threads; the threads that see things never wait for the terminal.
 */
final class Story implements AutoCloseable {
    private static final long SETTLE_NS = 60_000_000;
    private static final String RESET = "\033[0m";

    /** Who a line is about, and its colour. */
    enum Kind {
        SIP("36"),
        HOOK("33"),
        DECISION("35"),
        MEDIA("32"),
        ALERT("31");

        private final String colour;

        Kind(String colour) {
            this.colour = colour;
        }
    }

    private record Line(long timeNs, long order, Kind kind, String text) {}

    private final PrintStream out;
    private final boolean coloured;
    private final PriorityQueue<Line> lines =
            new PriorityQueue<>(Comparator.comparingLong(Line::timeNs).thenComparingLong(Line::order));
    private final Thread printer;
    private long order;
    private long originNs;
    private boolean begun;
    private boolean ended;

    Story(PrintStream out, boolean coloured) {
        this.out = out;
        this.coloured = coloured;
        printer = Thread.ofPlatform().daemon().name("demo-story").start(this::print);
    }

    /** Adds a line; any thread. */
    synchronized void add(long timeNs, Kind kind, String text) {
        lines.add(new Line(timeNs, order++, kind, text));
    }

    /** Adds a line that happened now. */
    void add(Kind kind, String text) {
        add(System.nanoTime(), kind, text);
    }

    private void print() {
        try {
            while (true) {
                synchronized (this) {
                    while (!lines.isEmpty()
                            && (ended || System.nanoTime() - lines.element().timeNs() > SETTLE_NS)) {
                        print(lines.remove());
                    }
                    if (ended) {
                        return;
                    }
                }
                Thread.sleep(10);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void print(Line line) {
        if (!begun) {
            begun = true;
            originNs = line.timeNs();
        }
        String head = "%9.1f  %-8s".formatted((line.timeNs() - originNs) / 1e6, line.kind());
        out.println(paint(line.kind().colour, head) + "  " + line.text());
    }

    /** @return a text in a colour, when there are colours. */
    String paint(String colour, String text) {
        return coloured ? "\033[" + colour + "m" + text + RESET : text;
    }

    /** Prints what is left. */
    @Override
    public void close() {
        synchronized (this) {
            ended = true;
        }
        try {
            printer.join(2000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        out.flush();
    }
}
