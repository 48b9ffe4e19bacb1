package io.hookswitch.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.SipEntry;
import io.hookswitch.systemtests.hook.HookRequest;
import io.hookswitch.systemtests.process.Child;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * What is true of every call whatever crossed what: one winner at most, one final status a leg, an ACK to each 200, a
 * BYE for
 * each answered loser, one actionHook. Read from both ends of the wire and from what the application was told.
 */
final class RaceCheck {
    private static final Set<String> FINAL = Set.of("completed", "no-answer", "busy", "failed");
    private final Map<String, HookRequest> asked = new HashMap<>();
    private final Map<String, List<HookRequest>> done = new HashMap<>();
    private final Map<String, List<String>> statuses = new HashMap<>();
    private final Map<FarCall, List<SipEntry>> logs = new HashMap<>();
    private final Map<String, Integer> outcomes = new TreeMap<>();

    /** One call: the caller's end and those of all that were dialled. */
    record Raced(FarCall caller, List<FarCall> callees) {
        Raced {
            callees = List.copyOf(callees);
        }
    }

    private final boolean screened;

    private RaceCheck(boolean screened) {
        this.screened = screened;
    }

    /**
     * Checks all calls, whose ends must be reached.
     *
     * @param screened callees are asked before they are connected: more than one may have answered
     * @return how often each outcome came
     */
    static Map<String, Integer> check(Site site, List<Raced> calls, boolean screened) {
        RaceCheck check = new RaceCheck(screened);
        awaitQuiet(site, calls.size());
        check.read(site);
        for (Raced call : calls) {
            check.one(call);
        }
        assertThat(check.done.values().stream().mapToInt(List::size).sum())
                .as("actionHooks")
                .isEqualTo(calls.size());
        return check.outcomes;
    }

    /** Hooks of an ended call still come; a doubled one would come in the same moment. */
    private static void awaitQuiet(Site site, int calls) {
        long endNs = System.nanoTime() + 20_000_000_000L;
        int before = -1;
        while (site.hooks.record(site.done()).size() < calls
                || before != site.hooks.record().size()) {
            before = site.hooks.record().size();
            assertThat(System.nanoTime()).as("all actionHooks came").isLessThan(endNs);
            Child.pause(150);
        }
    }

    private void read(Site site) {
        for (HookRequest request : site.hooks.record()) {
            String sid = request.text("call_sid");
            switch (request.path()) {
                case "/call" -> asked.put(request.text("call_id"), request);
                case "/status" ->
                    statuses.computeIfAbsent(sid, _ -> new ArrayList<>())
                            .add(request.text("call_status") + " " + request.number("sip_status"));
                default -> {
                    if (request.path().equals(site.done())) {
                        done.computeIfAbsent(sid, _ -> new ArrayList<>()).add(request);
                    }
                }
            }
        }
    }

    private void one(Raced call) {
        FarCall caller = call.caller();
        String what = describe(call);
        String sid = asked.get(caller.callId()).text("call_sid");
        assertThat(done.get(sid)).as(what).hasSize(1);
        HookRequest result = done.get(sid).getFirst();
        String status = result.text("dial_status");
        assertOneFinal(sid, what);
        int wire = caller.awaitFinal();
        assertThat(statuses.get(sid).getLast()).as(what).isEqualTo(finalOf(wire));
        List<String> answered = new ArrayList<>();
        for (FarCall callee : call.callees()) {
            String child = callee.invite().header("X-Call-Sid");
            assertCalleesEnd(callee, what);
            assertOneFinal(child, what);
            List<String> told = statuses.get(child);
            boolean inProgress = told.contains("in-progress 200");
            if (inProgress) {
                answered.add(child);
            }
            assertThat(told.getLast()).as(what).isEqualTo(inProgress ? "completed 200" : "no-answer 487");
        }
        if (!screened) {
            assertThat(answered).as(what).hasSizeLessThanOrEqualTo(1);
        }
        if (status.equals("completed")) {
            assertThat(answered).as(what).contains(result.text("dial_call_sid"));
        } else {
            assertThat(wire).as(what).isNotEqualTo(200);
        }
        outcomes.merge("caller " + wire + ", dial " + status + " " + result.number("dial_sip_status"), 1, Integer::sum);
    }

    private static String finalOf(int wire) {
        return switch (wire) {
            case 200 -> "completed 200";
            case 487 -> "no-answer 487";
            default -> "failed " + wire;
        };
    }

    private void assertOneFinal(String sid, String what) {
        List<String> told = statuses.get(sid);
        assertThat(told).as(what).isNotNull();
        assertThat(told.stream().filter(each -> FINAL.contains(each.split(" ")[0])))
                .as(told + "\n" + what)
                .hasSize(1);
        assertThat(new LinkedHashSet<>(told)).as(what).hasSameSizeAs(told);
        assertThat(FINAL).as(told + "\n" + what).contains(told.getLast().split(" ")[0]);
    }

    /** Answered: ACK, then one BYE whoever sent it. Not answered: one CANCEL, one 487, one ACK. */
    private void assertCalleesEnd(FarCall callee, String what) {
        List<SipEntry> log = logs.computeIfAbsent(callee, FarCall::log);
        long answers = log.stream().filter(entry -> entry.isSent(200, "INVITE")).count();
        long acks = log.stream().filter(entry -> entry.isReceived("ACK")).count();
        long byes = log.stream()
                .filter(entry -> entry.isReceived("BYE") || entry.isSent("BYE"))
                .count();
        assertThat(acks).as("ACK\n" + what).isOne();
        if (answers > 0) {
            assertThat(byes).as("BYE\n" + what).isPositive();
            assertThat(log.stream().filter(entry -> entry.isReceived("BYE")).count())
                    .as("BYE of ours\n" + what)
                    .isLessThanOrEqualTo(1);
        } else {
            assertThat(log.stream().filter(entry -> entry.isReceived("CANCEL")).count())
                    .as("CANCEL\n" + what)
                    .isOne();
            assertThat(byes).as("BYE\n" + what).isZero();
        }
    }

    private String describe(Raced call) {
        StringBuilder text = new StringBuilder("caller\n");
        call.caller().log().forEach(entry -> text.append(line(entry)));
        for (FarCall callee : call.callees()) {
            text.append("callee\n");
            logs.computeIfAbsent(callee, FarCall::log).forEach(entry -> text.append(line(entry)));
            text.append(statuses.get(callee.invite().header("X-Call-Sid"))).append('\n');
        }
        HookRequest request = asked.get(call.caller().callId());
        if (request != null) {
            String sid = request.text("call_sid");
            text.append(statuses.get(sid)).append('\n');
            done.getOrDefault(sid, List.of())
                    .forEach(each -> text.append(each.body()).append('\n'));
        }
        return text.toString();
    }

    private static String line(SipEntry entry) {
        return "%d.%06d %s%n"
                .formatted(entry.timeNs() / 1_000_000_000L % 1000, entry.timeNs() / 1000 % 1_000_000, entry.summary());
    }
}
