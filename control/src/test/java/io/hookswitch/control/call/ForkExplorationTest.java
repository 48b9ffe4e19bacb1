package io.hookswitch.control.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Random schedules of everything that can happen to a call, each from a seed. A failure names its seed:
 * {@code -Dhookswitch.explore.seed=N -Dhookswitch.explore.schedules=1} runs that one again;
 * {@code -Dhookswitch.explore.schedules=1000000} is the long run.
 */
class ForkExplorationTest {
    private static final int SCHEDULES = Integer.getInteger("hookswitch.explore.schedules", 100_000);
    private static final long FIRST_SEED = Long.getLong("hookswitch.explore.seed", 1L);
    private static final int WILD_STEPS = 220;
    private static final int MOST_STEPS = 5_000;

    private static final String STALE_END = "an END that met an ended leg";
    private static final String HUNG_UP_WHILE_ASKED = "a callee that hung up while its application was asked";
    private static final List<String> DANGERS = List.of(
            STALE_END,
            HUNG_UP_WHILE_ASKED,
            "answered first and wins",
            "another target won",
            "cancelled, the caller is gone",
            "BYE, the caller is gone",
            "cancelled, no answer in time",
            "BYE, time limit",
            "found, but the dial does not want it any more",
            "trying the next way",
            "one contact failed",
            "early media: passed",
            "every target failed",
            "an actionHook answered behind its time",
            "BYE, declined",
            "its application answered behind its time",
            "its application is through",
            "no answer within its",
            "which ends the whole dial",
            "nobody of this group answered",
            "keys captured",
            "amd_error",
            "amd_stopped",
            "the amd hook answered behind its time",
            "the application is replaced",
            "hung up by a request",
            "a request hangs up",
            "caller gone before the call was answered");

    /** Final statuses end a leg's history; {@code trying} may be missing when nothing was sent yet. */
    private static final Pattern CHILD_HISTORY =
            Pattern.compile("(trying )?(ringing )*(early-media )?((in-progress completed)|busy|no-answer|failed)");

    /** A step that failed may have been the one to tell {@code in-progress}. */
    private static final Pattern ABANDONED_CHILD_HISTORY =
            Pattern.compile("(trying )?(ringing )*(early-media )?(((in-progress )?completed)|busy|no-answer|failed)");

    /** {@code in-progress no-answer}: the caller's CANCEL crossed our 200. */
    private static final Pattern CALLER_HISTORY =
            Pattern.compile("(trying )?(((in-progress )?(no-answer|completed))|((in-progress )?failed))");

    @Test // design: never two winners, never a ringing orphan, exactly one final status per leg, always an actionHook
    void shouldKeepEveryPromiseWhenAnythingHappensInAnyOrder() {
        Map<String, Integer> seen = new TreeMap<>();
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES; seed++) {
            World world = new World(seed);
            explore(world);
            tally(world, seen);
        }
        System.out.println("explored " + SCHEDULES + " schedules: " + seen);
        if (SCHEDULES > 1_000) {
            // The walk must go where the danger is, or it proves nothing.
            for (String danger : DANGERS) {
                assertThat(seen.getOrDefault(danger, 0))
                        .as("times seen: " + danger)
                        .isGreaterThan(SCHEDULES / 100);
            }
        }
    }

    private static void tally(World world, Map<String, Integer> seen) {
        for (ControlCommand.Explain explain : all(world, ControlCommand.Explain.class)) {
            for (String danger : DANGERS) {
                if (explain.text().contains(danger)) {
                    seen.merge(danger, 1, Integer::sum);
                }
            }
        }
        int stale = world.legs.values().stream().mapToInt(leg -> leg.staleEnds).sum();
        seen.merge(STALE_END, stale, Integer::sum);
        seen.merge(HUNG_UP_WHILE_ASKED, world.hungUpWhileAsked, Integer::sum);
    }

    @Test // design section 6: same inputs, same commands
    void shouldGiveEqualCommandsWhenTheSameScheduleRunsTwice() {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + Math.max(1, SCHEDULES / 100); seed++) {
            assertThat(run(seed).commands).as("seed " + seed).isEqualTo(run(seed).commands);
        }
    }

    @Test // a bug of ours costs one call, and that call ends like any other
    void shouldEndTheCallAndKeepEveryPromiseWhenAStepOfControlFails() {
        int failed = 0;
        for (long seed = FIRST_SEED; seed < FIRST_SEED + Math.max(1, SCHEDULES / 8); seed++) {
            World world = new World(seed, 4);
            explore(world);
            failed += Math.min(1, world.faults);
        }
        System.out.println("explored with a step that fails: " + failed + " calls abandoned");
        assertThat(failed).isGreaterThan(SCHEDULES > 1_000 ? SCHEDULES / 25 : -1);
    }

    private static void explore(World world) {
        try {
            run(world);
            check(world);
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(
                    "again: mvn -pl control -am test -Dsurefire.failIfNoSpecifiedTests=false -Dtest=ForkExplorationTest"
                            + " -Dhookswitch.explore.schedules=1 -Dhookswitch.explore.seed=" + world.seed + ": "
                            + e.getMessage(),
                    e);
        }
    }

    static World run(long seed) {
        World world = new World(seed);
        run(world);
        return world;
    }

    private static void run(World world) {
        world.offer();
        int wild = world.random.nextInt(WILD_STEPS);
        for (int i = 0; i < wild; i++) {
            world.step(false);
        }
        for (int steps = 0; !(world.quiet() && world.everythingEnded()); steps++) {
            must(steps < MOST_STEPS, "comes to no end", steps);
            world.step(true);
        }
    }

    /** A hundred thousand schedules of a hundred checks each: nothing is put into words that holds. */
    private static void must(boolean holds, String what, Object found) {
        if (!holds) {
            throw new AssertionError(what + ": " + found);
        }
    }

    private static void check(World world) {
        must(world.control.pending() == 0, "state left in control", world.control.pending());
        must(world.control.legs() == 0, "legs left in control", world.control.legs());
        must(world.armedTimers() == 0, "timers still armed", world.armedTimers());
        must(world.answersOfCaller <= 1, "caller answered", world.answersOfCaller);
        int answers = all(world, ControlCommand.Answer.class).size();
        must(answers <= 1, "ANSWER commands", answers);
        for (World.WireLeg leg : world.legs.values()) {
            must(leg.endCommands + leg.endedEvents == 1, "ends of leg " + leg.handle, leg.endCommands);
        }
        must(
                world.updates - world.updatesAnswered <= world.faults && world.updatesAnswered <= world.updates,
                "answers to " + world.updates + " updates",
                world.updatesAnswered);
        checkStatuses(world);
        checkDials(world);
        checkRecords(world);
    }

    private static void checkStatuses(World world) {
        Map<Object, StringBuilder> histories = new LinkedHashMap<>();
        Map<Object, Boolean> inbound = new HashMap<>();
        for (ControlCommand.NotifyStatus status : all(world, ControlCommand.NotifyStatus.class)) {
            Object sid = status.payload().get("call_sid");
            Object word = status.payload().get("call_status");
            must(status.queue().equals(sid), "queue of a status", status);
            must(status.payload().containsKey("duration") == word.equals("completed"), "duration", status);
            inbound.put(sid, status.payload().get("direction").equals("inbound"));
            histories
                    .computeIfAbsent(sid, _ -> new StringBuilder())
                    .append(word)
                    .append(' ');
        }
        histories.forEach((sid, history) -> {
            Pattern childs = world.faults == 0 ? CHILD_HISTORY : ABANDONED_CHILD_HISTORY;
            Pattern expected = inbound.get(sid) ? CALLER_HISTORY : childs;
            must(expected.matcher(history.toString().strip()).matches(), "history of a leg", history);
        });
    }

    private static void checkDials(World world) {
        long begun = all(world, ControlCommand.Explain.class).stream()
                .filter(explain ->
                        explain.text().startsWith("dial ") && explain.text().contains(" target"))
                .count();
        List<ControlCommand.CallHook> ended = all(world, ControlCommand.CallHook.class).stream()
                .filter(hook -> hook.payload().containsKey("dial_status"))
                .toList();
        // The step that failed may have been the one to explain that a dial begins.
        long more = ended.size() - begun;
        must(more >= 0 && more <= world.faults, "action hooks too many", more);
        Map<Object, String> finals = new HashMap<>();
        for (ControlCommand.NotifyStatus status : all(world, ControlCommand.NotifyStatus.class)) {
            if (status.payload().get("direction").equals("outbound")) {
                finals.put(
                        status.payload().get("call_sid"),
                        status.payload().get("call_status") + " "
                                + status.payload().get("sip_status"));
            }
        }
        int completed = 0;
        long winners = all(world, ControlCommand.Explain.class).stream()
                .filter(explain -> explain.text().endsWith(" answered first and wins"))
                .count();
        for (ControlCommand.CallHook hook : ended) {
            Object decisive = hook.payload().get("dial_call_sid");
            String result =
                    hook.payload().get("dial_status") + " " + hook.payload().get("dial_sip_status");
            completed += hook.payload().get("dial_status").equals("completed") ? 1 : 0;
            boolean isAbandoned = world.faults > 0 && result.equals("failed 500");
            // The caller may be gone before the first target's time has come.
            boolean isNobodys = decisive == null && (isAbandoned || result.equals("no-answer 487"));
            must(finals.containsKey(decisive) || isNobodys, "deciding leg", decisive);
            if (!result.equals("no-answer 487") && !isAbandoned) {
                // A callee that answered and was declined is a completed leg of a failed dial.
                String ofLeg = result.equals("failed 200") ? "completed 200" : result;
                must(ofLeg.equals(finals.get(decisive)), "result of a dial " + result, finals.get(decisive));
            }
        }
        // The step that failed may have been the one that a winner was chosen in.
        must(Math.abs(winners - completed) <= world.faults, "winners of " + completed + " completed dials", winners);
    }

    private static void checkRecords(World world) {
        int ofCaller = 0;
        int onTheWire = 0;
        for (ControlCommand.CallRecord record : all(world, ControlCommand.CallRecord.class)) {
            if (record.row().get("direction").equals("inbound")) {
                ofCaller++;
            } else if (record.row().get("sip_callid") != null) {
                onTheWire++;
            }
        }
        must(ofCaller == 1, "records of the caller", ofCaller);
        must(onTheWire == world.legs.size() - 1, "records of legs that were on the wire", onTheWire);
    }

    private static <T extends ControlCommand> List<T> all(World world, Class<T> type) {
        List<T> found = new ArrayList<>();
        for (ControlCommand command : world.commands) {
            if (type.isInstance(command)) {
                found.add(type.cast(command));
            }
        }
        return found;
    }
}
