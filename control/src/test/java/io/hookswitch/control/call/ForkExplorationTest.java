package io.hookswitch.control.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Random schedules of everything that can happen to a call, each from a seed. A failure names its seed:
 * {@code -Dhookswitch.explore.seed=N -Dhookswitch.explore.schedules=1} runs that one again.
 */
class ForkExplorationTest {
    private static final int SCHEDULES = Integer.getInteger("hookswitch.explore.schedules", 25_000);
    private static final long FIRST_SEED = Long.getLong("hookswitch.explore.seed", 1L);
    private static final int WILD_STEPS = 160;
    private static final int MOST_STEPS = 5_000;

    private static final String STALE_END = "an END that met an ended leg";
    private static final List<String> DANGERS = List.of(
            STALE_END,
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
            "actionHook answered, but the caller is gone",
            "caller gone before the call was answered");

    /** Final statuses end a leg's history; {@code trying} may be missing when nothing was sent yet. */
    private static final String CHILD_HISTORY =
            "(trying )?(ringing )*(early-media )?((in-progress completed)|busy|no-answer|failed)";

    /** {@code in-progress no-answer}: the caller's CANCEL crossed our 200. */
    private static final String CALLER_HISTORY =
            "(trying )?(((in-progress )?(no-answer|completed))|((in-progress )?failed))";

    @Test // design: never two winners, never a ringing orphan, exactly one final status per leg, always an actionHook
    void shouldKeepEveryPromiseWhenAnythingHappensInAnyOrder() {
        Map<String, Integer> seen = new TreeMap<>();
        for (long seed = FIRST_SEED; seed < FIRST_SEED + SCHEDULES; seed++) {
            World world = run(seed);
            check(world, "-Dhookswitch.explore.schedules=1 -Dhookswitch.explore.seed=" + seed + ": ");
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
    }

    @Test // design section 6: same inputs, same commands
    void shouldGiveEqualCommandsWhenTheSameScheduleRunsTwice() {
        for (long seed = FIRST_SEED; seed < FIRST_SEED + Math.max(1, SCHEDULES / 20); seed++) {
            assertThat(run(seed).commands).as("seed " + seed).isEqualTo(run(seed).commands);
        }
    }

    private static World run(long seed) {
        World world = new World(seed);
        world.offer();
        int wild = world.random.nextInt(WILD_STEPS);
        for (int i = 0; i < wild; i++) {
            world.step(false);
        }
        int steps = 0;
        while (!(world.quiet() && world.everythingEnded())) {
            world.step(true);
            assertThat(++steps).as("seed " + seed + " comes to no end").isLessThan(MOST_STEPS);
        }
        return world;
    }

    private static void check(World world, String failing) {
        assertThat(world.control.pending())
                .as(failing + "state left in control")
                .isZero();
        assertThat(world.control.legs()).as(failing + "legs left in control").isZero();
        assertThat(world.armedTimers()).as(failing + "timers still armed").isZero();
        assertThat(world.answersOfCaller).as(failing + "caller answered").isLessThanOrEqualTo(1);
        assertThat(count(world, ControlCommand.Answer.class))
                .as(failing + "ANSWER commands")
                .isLessThanOrEqualTo(1);
        for (World.WireLeg leg : world.legs.values()) {
            assertThat(leg.endCommands + leg.endedEvents)
                    .as(failing + "ends of leg " + leg.handle)
                    .isEqualTo(1);
        }
        checkStatuses(world, failing);
        checkDials(world, failing);
        checkRecords(world, failing);
    }

    private static void checkStatuses(World world, String failing) {
        Map<String, StringBuilder> histories = new LinkedHashMap<>();
        Map<String, Boolean> inbound = new HashMap<>();
        for (ControlCommand.NotifyStatus status : all(world, ControlCommand.NotifyStatus.class)) {
            String sid = (String) status.payload().get("call_sid");
            assertThat(status.queue()).as(failing + "queue of a status").isEqualTo(sid);
            assertThat(status.payload().containsKey("duration"))
                    .as(failing + "duration on completed only")
                    .isEqualTo(status.payload().get("call_status").equals("completed"));
            inbound.put(sid, status.payload().get("direction").equals("inbound"));
            histories
                    .computeIfAbsent(sid, _ -> new StringBuilder())
                    .append(status.payload().get("call_status"))
                    .append(' ');
        }
        histories.forEach((sid, history) -> assertThat(history.toString().strip())
                .as(failing + "history of a leg")
                .matches(inbound.get(sid) ? CALLER_HISTORY : CHILD_HISTORY));
    }

    private static void checkDials(World world, String failing) {
        long begun = all(world, ControlCommand.Explain.class).stream()
                .filter(explain ->
                        explain.text().startsWith("dial ") && explain.text().contains(" target"))
                .count();
        List<ControlCommand.CallHook> ended = all(world, ControlCommand.CallHook.class).stream()
                .filter(hook -> hook.payload().containsKey("dial_status"))
                .toList();
        assertThat(ended).as(failing + "action hooks").hasSize((int) begun);
        Map<Object, String> finals = all(world, ControlCommand.NotifyStatus.class).stream()
                .filter(status -> status.payload().get("direction").equals("outbound"))
                .collect(Collectors.toMap(
                        status -> status.payload().get("call_sid"),
                        status -> status.payload().get("call_status") + " "
                                + status.payload().get("sip_status"),
                        (_, later) -> later));
        for (ControlCommand.CallHook hook : ended) {
            Object decisive = hook.payload().get("dial_call_sid");
            String result =
                    hook.payload().get("dial_status") + " " + hook.payload().get("dial_sip_status");
            assertThat(finals).as(failing + "the deciding leg is a leg").containsKey(decisive);
            if (!result.equals("no-answer 487")) {
                assertThat(finals.get(decisive))
                        .as(failing + "result of a dial")
                        .isEqualTo(result);
            }
        }
        long connected = finals.values().stream()
                .filter(status -> status.startsWith("completed"))
                .count();
        long completed = ended.stream()
                .filter(hook -> hook.payload().get("dial_status").equals("completed"))
                .count();
        assertThat(connected).as(failing + "one winner for each completed dial").isEqualTo(completed);
    }

    private static void checkRecords(World world, String failing) {
        List<ControlCommand.CallRecord> records = all(world, ControlCommand.CallRecord.class);
        assertThat(records.stream()
                        .filter(record -> record.row().get("direction").equals("inbound"))
                        .count())
                .as(failing + "records of the caller")
                .isEqualTo(1);
        assertThat(records.stream()
                        .filter(record -> record.row().get("direction").equals("outbound")
                                && record.row().get("sip_callid") != null)
                        .count())
                .as(failing + "records of legs that were on the wire")
                .isEqualTo(world.legs.size() - 1);
    }

    private static long count(World world, Class<? extends ControlCommand> type) {
        return all(world, type).size();
    }

    private static <T extends ControlCommand> List<T> all(World world, Class<T> type) {
        return world.commands.stream().filter(type::isInstance).map(type::cast).toList();
    }
}
