package io.hookswitch.systemtests;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/** Promises of the demo, each held or not, with what was seen. Main thread. */
final class Checks {
    private record Check(boolean held, String promise, String seen) {}

    private final List<Check> checks = new ArrayList<>();

    /** Notes a promise; one that cannot even be looked at is not held. */
    void that(String promise, String seen, BooleanSupplier holds) {
        boolean held;
        String what = seen;
        try {
            held = holds.getAsBoolean();
        } catch (RuntimeException e) {
            held = false;
            what = e.toString();
        }
        checks.add(new Check(held, promise, what));
    }

    /** Prints them all. @return whether all held. */
    boolean print(PrintStream out, Story story) {
        for (Check check : checks) {
            String mark = check.held() ? story.paint("32;1", "  ok  ") : story.paint("31;1", " FAIL ");
            out.printf("%s %-58s %s%n", mark, check.promise(), story.paint("2", check.seen()));
        }
        return checks.stream().allMatch(Check::held);
    }

    /** @return how many held, of how many. */
    String count() {
        return checks.stream().filter(Check::held).count() + " of " + checks.size();
    }
}
