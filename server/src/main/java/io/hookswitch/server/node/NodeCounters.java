package io.hookswitch.server.node;

import io.hookswitch.engine.core.CoreAgent;
import io.hookswitch.engine.core.CoreCounters;
import io.hookswitch.engine.io.RtpTransport;
import io.hookswitch.engine.io.TransportCounters;
import io.hookswitch.server.agent.ControlAgent;
import io.hookswitch.server.hooks.StatusNotifier;
import io.hookswitch.server.registrar.BindingTable;
import io.hookswitch.server.timeline.Timeline;
import io.hookswitch.sip.transport.SipCounters;
import io.hookswitch.sip.ua.SipAgent;
import io.hookswitch.sip.ua.SipTables;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/** Every counter of a node under one roof. Any thread; a value may be a moment old. */
final class NodeCounters {
    private static final long LATENCY_MOST_NS = 10_000_000_000L;

    private final CoreAgent core;
    private final SipAgent sip;
    private final ControlAgent control;
    private final StatusNotifier statuses;
    private final BindingTable bindings;
    private final Timeline timeline;
    private final DistinctErrors errors;
    /** Counters of parts that not every node has. */
    private final List<Supplier<Map<String, Long>>> parts = new CopyOnWriteArrayList<>();
    /** All intervals since the start; guarded by this. */
    private final Histogram latency = new Histogram(1, LATENCY_MOST_NS, 2);

    NodeCounters(
            CoreAgent core,
            SipAgent sip,
            ControlAgent control,
            StatusNotifier statuses,
            BindingTable bindings,
            Timeline timeline,
            DistinctErrors errors) {
        this.core = core;
        this.sip = sip;
        this.control = control;
        this.statuses = statuses;
        this.bindings = bindings;
        this.timeline = timeline;
        this.errors = errors;
    }

    /** @return value by name; names that end in {@code _total} only grow. */
    Map<String, Long> snapshot() {
        Map<String, Long> all = new LinkedHashMap<>();
        core(all);
        sip(all);
        all.putAll(control.counters().snapshot());
        all.put("status_callback_queues", (long) statuses.activeQueues());
        all.put("status_callbacks_dropped_total", statuses.dropped());
        all.put("status_callbacks_failed_total", statuses.failed());
        all.put("registered_contacts", (long) bindings.sweep());
        all.put("timeline_entries_lost_total", timeline.lost());
        all.put("unexpected_errors_total", errors.total());
        parts.forEach(part -> all.putAll(part.get()));
        latency(all);
        return all;
    }

    /** Counts a part of the node too, which has names of its own. */
    void add(Supplier<Map<String, Long>> part) {
        parts.add(part);
    }

    private void core(Map<String, Long> all) {
        for (int i = 0; i < CoreCounters.COUNT; i++) {
            String end = CoreCounters.isGauge(i) ? "" : "_total";
            all.put("core_" + CoreCounters.name(i) + end, core.counters().value(i));
        }
        RtpTransport transport = core.transport();
        if (transport != null) {
            for (int i = 0; i < TransportCounters.COUNT; i++) {
                String end = i == TransportCounters.SOCKETS ? "" : "_total";
                all.put(
                        "rtp_" + TransportCounters.name(i) + end,
                        transport.counters().value(i));
            }
        }
    }

    private void sip(Map<String, Long> all) {
        for (int i = 0; i < SipCounters.COUNT; i++) {
            all.put("sip_" + SipCounters.name(i) + "_total", sip.counters().get(i));
        }
        SipTables tables = sip.tables();
        if (tables != null) {
            all.put("sip_legs", (long) tables.legs());
            all.put("sip_held_events", (long) tables.heldEvents());
            all.put("sip_leg_timers", (long) tables.legTimers());
            all.put("sip_client_transactions", (long) tables.stack().clientTransactions());
            all.put("sip_server_transactions", (long) tables.stack().serverTransactions());
            all.put("sip_dialogs", (long) tables.stack().dialogs());
            all.put("sip_flows", (long) tables.stack().flows());
        }
    }

    /** @return a copy of the histogram of added latency since the start, ns. */
    synchronized Histogram addedLatency() {
        latency.add(core.latency().takeInterval());
        return latency.copy();
    }

    private synchronized void latency(Map<String, Long> all) {
        latency.add(core.latency().takeInterval());
        all.put("added_latency_packets_total", latency.getTotalCount());
        all.put("added_latency_p50_ns", latency.getValueAtPercentile(50));
        all.put("added_latency_p99_ns", latency.getValueAtPercentile(99));
        all.put("added_latency_max_ns", latency.getMaxValue());
    }
}
