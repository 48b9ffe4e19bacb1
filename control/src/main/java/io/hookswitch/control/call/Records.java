package io.hookswitch.control.call;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent.Origin;
import io.hookswitch.engine.message.Cause;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** Call records: one row for each leg on the wire, written when it is over. */
final class Records {
    static final String CALLER_HUNG_UP = "caller hungup";
    static final String CALLED_PARTY_HUNG_UP = "called party hungup";
    static final String CALLER_ABANDONED = "caller abandoned";
    static final String FAILED = "failed";

    private static final long NS_PER_SECOND = 1_000_000_000L;

    /** Times of one leg, ns of control's clock; {@code answeredAtNs} counts only when answered. */
    record Times(long attemptedAtNs, boolean answered, long answeredAtNs) {}

    private Records() {}

    /** @return in words how an answered leg ended that we did not end. */
    static String end(int cause) {
        return switch (cause) {
            case Cause.FAR_END_BYE -> "hung up";
            case Cause.MEDIA_TIMEOUT -> "media timeout";
            case Cause.DTLS_FAILED -> "DTLS handshake failed";
            default -> "its leg failed";
        };
    }

    /** The row of a caller's leg. */
    static ControlCommand.CallRecord caller(Call call, Times times, String reason) {
        Map<String, Object> row =
                row(call, call.leg(), call.leg().sipCallId(), call.leg().sipStatus());
        time(row, call.desk(), times);
        row.put("termination_reason", reason);
        row.put("host", SipAddress.withoutTransport(call.incoming().local()));
        row.put("remote_host", SipAddress.host(call.incoming().source()));
        row.put(
                "trunk",
                switch (call.incoming().origin()) {
                    case Origin.Carrier carrier -> carrier.name();
                    case Origin.User _ -> "user";
                });
        return end(call, row);
    }

    /** The row of one INVITE of a dial. */
    static ControlCommand.CallRecord branch(Branch branch, int sipStatus, Times times, String reason) {
        Call call = branch.child().fork().call();
        Map<String, Object> row = row(call, branch.child().leg(), branch.sipCallId(), sipStatus);
        row.put("sip_parent_callid", call.leg().sipCallId());
        time(row, call.desk(), times);
        row.put("termination_reason", reason);
        row.put("host", call.settings().sipAddress());
        row.put("remote_host", SipAddress.host(branch.route().nextHop()));
        row.put("trunk", branch.trunk());
        return end(call, row);
    }

    private static Map<String, Object> row(Call call, Leg leg, String sipCallId, int sipStatus) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("account_sid", call.account().sid());
        row.put("call_sid", leg.callSid());
        row.put("application_sid", call.account().applicationSid());
        row.put("from", leg.names().from());
        row.put("to", leg.names().to());
        row.put("direction", leg.names().direction());
        row.put("sip_callid", sipCallId);
        row.put("sip_parent_callid", null);
        row.put("sip_status", (long) sipStatus);
        return row;
    }

    private static void time(Map<String, Object> row, Desk desk, Times times) {
        row.put("answered", times.answered());
        row.put("duration", times.answered() ? (desk.nowNs() - times.answeredAtNs()) / NS_PER_SECOND : 0L);
        row.put("attempted_at", utc(desk, times.attemptedAtNs()));
        row.put("answered_at", times.answered() ? utc(desk, times.answeredAtNs()) : null);
        row.put("terminated_at", utc(desk, desk.nowNs()));
    }

    private static ControlCommand.CallRecord end(Call call, Map<String, Object> row) {
        row.put("trace_id", call.traceId());
        row.put("recording_url", null);
        return new ControlCommand.CallRecord(call.account().name(), row);
    }

    /** ISO 8601 with milliseconds. */
    private static String utc(Desk desk, long atNs) {
        long epochMs = (atNs + desk.settings().utcOffsetNs()) / 1_000_000;
        return Instant.ofEpochMilli(epochMs).toString();
    }
}
