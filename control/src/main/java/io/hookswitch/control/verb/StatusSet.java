package io.hookswitch.control.verb;

import java.util.List;

/**
 * SIP statuses of failure, as an application names them: single ones and whole classes.
 *
 * @param ranges each first and last status, both included
 */
public record StatusSet(List<Range> ranges) {
    /** Statuses from {@code first} to {@code last}. */
    public record Range(int first, int last) {}

    private static final int LOWEST = 300;
    private static final int HIGHEST = 699;
    private static final int CLASS = 100;

    /** @return whether a status is one of them. */
    public boolean contains(int sipStatus) {
        return ranges.stream().anyMatch(range -> sipStatus >= range.first() && sipStatus <= range.last());
    }

    /** @return the range that a member of the array names, 486 or "6xx"; null = it names none. */
    static Range range(Object member) {
        if (member instanceof Long status && status >= LOWEST && status <= HIGHEST) {
            return new Range(status.intValue(), status.intValue());
        }
        if (member instanceof String text && text.matches("[3-6]xx")) {
            int first = (text.charAt(0) - '0') * CLASS;
            return new Range(first, first + CLASS - 1);
        }
        return null;
    }
}
