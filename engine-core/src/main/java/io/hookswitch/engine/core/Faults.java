package io.hookswitch.engine.core;

import java.util.ArrayList;
import java.util.List;

/** What is wrong with some settings, all of it at once. Start-up only, any thread. */
final class Faults {
    private final List<String> found = new ArrayList<>();

    /** Notes a value that is outside of its range. */
    Faults range(String name, long value, long least, long most) {
        return expect(value >= least && value <= most, name + ": " + value + " is not in " + least + ".." + most);
    }

    /** Notes a fault unless all is well. */
    Faults expect(boolean isWell, String fault) {
        if (!isWell) {
            found.add(fault);
        }
        return this;
    }

    /** @throws IllegalArgumentException naming every fault, when there is one */
    void refuse() {
        if (!found.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", found));
        }
    }
}
