package io.hookswitch.server.dtls;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** What handshakes there are and have been; counted by the thread {@code dtls} and the virtual ones, read by any. */
public final class DtlsCounters {
    final LongAdder associations = new LongAdder();
    final LongAdder underWay = new LongAdder();
    final LongAdder begun = new LongAdder();
    final LongAdder keyed = new LongAdder();
    final LongAdder closed = new LongAdder();
    final LongAdder refused = new LongAdder();
    final LongAdder datagramsDropped = new LongAdder();
    final LongAdder sendsDropped = new LongAdder();
    private final Map<DtlsFailure, LongAdder> failed = new EnumMap<>(DtlsFailure.class);

    DtlsCounters() {
        for (DtlsFailure kind : DtlsFailure.values()) {
            failed.put(kind, new LongAdder());
        }
    }

    LongAdder failed(DtlsFailure kind) {
        return failed.get(kind);
    }

    /** @return every counter by its name; names that end in {@code _total} only grow. */
    public Map<String, Long> snapshot() {
        Map<String, Long> values = new LinkedHashMap<>();
        values.put("dtls_associations", associations.sum());
        values.put("dtls_handshakes", underWay.sum());
        values.put("dtls_handshakes_total", begun.sum());
        values.put("dtls_keyed_total", keyed.sum());
        values.put("dtls_closed_total", closed.sum());
        values.put("dtls_refused_total", refused.sum());
        values.put("dtls_datagrams_dropped_total", datagramsDropped.sum());
        values.put("dtls_sends_dropped_total", sendsDropped.sum());
        failed.forEach((kind, count) ->
                values.put("dtls_failed_" + kind.name().toLowerCase(Locale.ROOT) + "_total", count.sum()));
        return values;
    }
}
