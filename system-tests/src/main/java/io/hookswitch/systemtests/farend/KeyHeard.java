package io.hookswitch.systemtests.farend;

/**
 * One press as a far end heard it in telephone events (RFC 4733).
 *
 * @param marked whether its first packet had the marker
 * @param atNs when that came, {@link System#nanoTime()}
 * @param durationTicks the last duration told
 * @param packets how many there were
 * @param ends how many of them said its end
 */
public record KeyHeard(char key, boolean marked, long atNs, int durationTicks, int packets, int ends) {
    KeyHeard more(int duration, boolean end) {
        return new KeyHeard(key, marked, atNs, duration, packets + 1, ends + (end ? 1 : 0));
    }
}
