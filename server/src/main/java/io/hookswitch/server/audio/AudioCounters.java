package io.hookswitch.server.audio;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counted and read by any thread. */
final class AudioCounters {
    private final LongAdder hits = new LongAdder();
    private final LongAdder fetches = new LongAdder();
    private final LongAdder unchanged = new LongAdder();
    private final LongAdder stale = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private final LongAdder evicted = new LongAdder();

    /** A file was there, and fresh. */
    void hit() {
        hits.increment();
    }

    /** A server was asked. */
    void fetch() {
        fetches.increment();
    }

    /** It said that the file is still the same. */
    void unchanged() {
        unchanged.increment();
    }

    /** It could not be asked, and what there was is played. */
    void stale() {
        stale.increment();
    }

    /** A URL cannot be played. */
    void failure() {
        failures.increment();
    }

    /** A file was forgotten for another one. */
    void evicted() {
        evicted.increment();
    }

    Map<String, Long> snapshot() {
        Map<String, Long> all = new LinkedHashMap<>();
        all.put("audio_hits_total", hits.sum());
        all.put("audio_fetches_total", fetches.sum());
        all.put("audio_unchanged_total", unchanged.sum());
        all.put("audio_stale_total", stale.sum());
        all.put("audio_failures_total", failures.sum());
        all.put("audio_evicted_total", evicted.sum());
        return all;
    }
}
