package io.hookswitch.server.simulate;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.ControlEvent.IncomingCall;
import io.hookswitch.control.ControlEvent.Origin;
import io.hookswitch.control.ControlEvent.PlayResult;
import io.hookswitch.control.ControlEvent.Resolution;
import io.hookswitch.control.ControlEvent.Route;
import io.hookswitch.control.DialTarget;
import io.hookswitch.control.Directory;
import io.hookswitch.control.call.Control;
import io.hookswitch.control.call.ControlSettings;
import io.hookswitch.control.journal.CallJournal;
import io.hookswitch.control.journal.JournalEntry;
import io.hookswitch.control.journal.JournalHeader;
import io.hookswitch.engine.message.Cause;
import io.hookswitch.engine.message.LegHandle;
import io.hookswitch.server.simulate.FarEnds.HookScript;
import io.hookswitch.server.simulate.FarEnds.Press;
import io.hookswitch.server.simulate.FarEnds.Target;
import io.hookswitch.server.simulate.FarEnds.Update;
import io.hookswitch.server.simulate.FarEnds.Way;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * Runs one call through control: its first hook replies with a document, everybody else behaves as scripted, and time
 * is a number that jumps to whatever comes next. The same document and script give the same call.
 */
public final class Simulation {
    private static final long NS_PER_MS = 1_000_000L;
    /** 2000-01-01T00:00:00Z: a simulated call begins at a time that says that it is none of today's. */
    private static final long BEGIN_EPOCH_NS = 946_684_800_000_000_000L;

    private static final int EVENTS_MAX = 100_000;
    private static final long CALLER = LegHandle.of(0, 1, 1);
    private static final String ACCOUNT = "simulated";
    /** Length of a file that the script says nothing of. */
    private static final long FILE_MS = 1000;

    private static final String ANY = "*";
    private static final Way SILENT = new Way(FarEnds.NEVER, false, FarEnds.NEVER, 0, 0, FarEnds.NEVER, List.of());

    /** Something that will happen. {@code order}: of two at the same time the one that was planned first is first. */
    private record Planned(long atNs, long order, Runnable step) implements Comparable<Planned> {
        @Override
        public int compareTo(Planned other) {
            int byTime = Long.compare(atNs, other.atNs);
            return byTime == 0 ? Long.compare(order, other.order) : byTime;
        }
    }

    /** A file being heard. {@code end} null = for ever. */
    private record Playing(long leg, long fromNs, Planned end) {}

    private final FarEnds ends;
    private final Object document;
    private final ControlSettings settings =
            new ControlSettings("simulated", "192.0.2.1:5060", "192.0.2.1", "", BEGIN_EPOCH_NS, 480);
    private final Control control = new Control(settings, new OneApplication());
    private final PriorityQueue<Planned> plan = new PriorityQueue<>();
    private final Map<Long, Planned> timers = new HashMap<>();
    private final Map<Long, Playing> plays = new LinkedHashMap<>();
    private final Map<String, Way> ways = new HashMap<>();
    private final Map<String, Integer> asked = new HashMap<>();
    private final Map<String, String> nameOfWay = new HashMap<>();
    private final Map<String, String> callSids = new HashMap<>();
    private final Set<Long> ended = new HashSet<>();
    private final List<CallJournal.Step> steps = new ArrayList<>();
    private String callerSid = "";
    private long requests;
    private boolean isFirstHook = true;
    private boolean isCallerAnswered;
    private long nowNs;
    private long planned;
    private long call;
    private int legs = 1;

    private Simulation(Object document, FarEnds ends) {
        this.document = document;
        this.ends = ends;
    }

    /**
     * Runs a document.
     *
     * @param document verbs as JSON values, checked before
     * @return the call, to be told by {@code CallStory}
     * @throws IllegalStateException when the call comes to no end
     */
    public static CallJournal run(Object document, FarEnds ends) {
        return new Simulation(document, ends).run();
    }

    private CallJournal run() {
        after(0, () -> on(offered()));
        if (ends.caller().hangUpAfterMs() != FarEnds.NEVER) {
            after(ends.caller().hangUpAfterMs(), this::callerHangsUp);
        }
        ends.updates().forEach(update -> after(update.afterMs(), () -> update(update)));
        while (!plan.isEmpty() && (steps.isEmpty() || control.pending() > 0)) {
            if (steps.size() > EVENTS_MAX) {
                throw new IllegalStateException("the call comes to no end within " + EVENTS_MAX + " events");
            }
            Planned next = plan.poll();
            nowNs = next.atNs();
            next.step().run();
        }
        CallJournal.Ending ending =
                control.pending() == 0 ? new CallJournal.Ending.Whole() : new CallJournal.Ending.Open();
        return new CallJournal(new JournalHeader("simulated", "", 0, settings), call, true, steps, ending);
    }

    private Planned after(long ms, Runnable step) {
        return at(nowNs + ms * NS_PER_MS, step);
    }

    private Planned at(long atNs, Runnable step) {
        Planned one = new Planned(atNs, planned++, step);
        plan.add(one);
        return one;
    }

    private ControlEvent offered() {
        return new ControlEvent.Offered(
                CALLER,
                new IncomingCall(
                        "simulated-call-id",
                        ends.caller().from(),
                        "",
                        "192.0.2.2",
                        ends.caller().to(),
                        "sip:" + ends.caller().to() + "@192.0.2.1",
                        "udp:192.0.2.2:5060",
                        "udp:192.0.2.1:5060",
                        new Origin.Carrier(ACCOUNT, "trunk"),
                        List.of(),
                        "",
                        ""),
                true);
    }

    private void on(ControlEvent event) {
        List<ControlCommand> out = new ArrayList<>();
        long numbers = control.numbers();
        long entropy = steps.size() + 1;
        control.on(event, nowNs, entropy, ~entropy, out);
        call = call == 0 ? control.concerned() : call;
        steps.add(new CallJournal.Step(
                steps.size(),
                new JournalEntry(
                        call, nowNs, numbers, entropy, ~entropy, event, List.of(), null, List.copyOf(out), false),
                List.of()));
        out.forEach(this::carryOut);
    }

    private void carryOut(ControlCommand command) {
        switch (command) {
            case ControlCommand.Dial dial -> dial(dial);
            case ControlCommand.Answer answer -> {
                isCallerAnswered = true;
                press(answer.leg(), ends.caller().presses());
            }
            case ControlCommand.End end -> {
                ended.add(end.leg());
                stopOn(end.leg());
            }
            case ControlCommand.ArmTimer(long _, long timer, long delayNs) ->
                timers.put(timer, at(nowNs + delayNs, () -> on(new ControlEvent.TimerExpired(timer))));
            case ControlCommand.DisarmTimer(long timer) -> plan.remove(timers.remove(timer));
            case ControlCommand.SendDigits keys ->
                at(nowNs + keys.digits().length() * (keys.keyNs() + keys.pauseNs()), () -> {
                    if (!ended.contains(keys.leg())) {
                        on(new ControlEvent.DigitsSent(keys.reference(), true));
                    }
                });
            case ControlCommand.Play play -> play(play.leg(), play.play(), play.urls(), play.loops());
            case ControlCommand.Speak speak -> play(speak.leg(), speak.play(), speak.texts(), speak.loops());
            case ControlCommand.StopPlay(long _, long play) -> stopped(play);
            case ControlCommand.Explain(String callSid, String _) ->
                callerSid = callerSid.isEmpty() ? callSid : callerSid;
            // Every server that listens is there and hears all of it.
            case ControlCommand.StopTap(long tap) ->
                after(0, () -> on(new ControlEvent.TapEnded(tap, ControlEvent.TapEnd.DONE, "")));
            case ControlCommand.CallHook hook -> ask(hook);
            case ControlCommand.Resolve question -> {
                Resolution found = resolve(question.target());
                after(0, () -> on(new ControlEvent.Resolved(question.resolution(), found)));
            }
            default -> {
                // Nobody answers it: media, statuses, records.
            }
        }
    }

    private static String name(DialTarget target) {
        return switch (target) {
            case DialTarget.Phone phone -> phone.number();
            case DialTarget.Sip sip -> sip.sipUri();
            case DialTarget.Teams teams -> teams.number();
            case DialTarget.User user -> user.name();
            default -> ANY;
        };
    }

    private Resolution resolve(DialTarget target) {
        String name = name(target);
        Target script = ends.targets().getOrDefault(name, ends.targets().get(ANY));
        if (script == null) {
            script = new Target(0, false, List.of(SILENT));
        }
        if (script.nowhere() != 0) {
            return new Resolution.Nowhere(script.nowhere(), "");
        }
        List<Route> routes = new ArrayList<>();
        for (Way way : script.ways()) {
            String nextHop = "udp:192.0.2." + (3 + ways.size() % 250) + ":" + (5060 + ways.size() / 250);
            ways.put(nextHop, way);
            nameOfWay.put(nextHop, name);
            String uri =
                    target instanceof DialTarget.Sip ? name : "sip:" + name + (name.contains("@") ? "" : "@192.0.2.3");
            routes.add(new Route(uri, nextHop, null, null, null, "trunk"));
        }
        return new Resolution.Routes(routes, script.together());
    }

    private void dial(ControlCommand.Dial dial) {
        Way way = ways.getOrDefault(dial.nextHop(), SILENT);
        dial.headers().stream()
                .filter(header -> header.name().equals("X-Call-Sid"))
                .forEach(header -> callSids.put(nameOfWay.get(dial.nextHop()), header.value()));
        long leg = LegHandle.of(0, 1, ++legs);
        String callId = "simulated-b" + (legs - 1);
        after(0, () -> on(new ControlEvent.Invited(leg, dial.reference(), callId)));
        if (way.ringAfterMs() != FarEnds.NEVER) {
            int status = way.earlyMedia() ? 183 : 180;
            String reason = way.earlyMedia() ? "Session Progress" : "Ringing";
            after(way.ringAfterMs(), () -> {
                if (!ended.contains(leg)) {
                    on(new ControlEvent.Progressed(leg, status, reason, way.earlyMedia()));
                }
            });
        }
        if (way.reject() != 0) {
            after(way.rejectAfterMs(), () -> ends(leg, way.reject(), Cause.REJECTED));
        } else if (way.answerAfterMs() != FarEnds.NEVER) {
            after(way.answerAfterMs(), () -> answers(leg, way));
        }
    }

    private void answers(long leg, Way way) {
        if (ended.contains(leg)) {
            return;
        }
        if (way.hangUpAfterMs() != FarEnds.NEVER) {
            after(way.hangUpAfterMs(), () -> ends(leg, 200, Cause.FAR_END_BYE));
        }
        press(leg, way.presses());
        on(new ControlEvent.Answered(leg, 200, "OK"));
    }

    private void press(long leg, List<Press> presses) {
        for (Press press : presses) {
            after(press.afterMs(), () -> {
                if (!ended.contains(leg)) {
                    on(new ControlEvent.DigitPressed(leg, press.key(), 100));
                }
            });
        }
    }

    private void play(long leg, long play, List<String> whats, int loops) {
        long onceMs = 0;
        for (String what : whats) {
            onceMs += ends.files().getOrDefault(what, ends.files().getOrDefault(ANY, FILE_MS));
        }
        long playedMs = onceMs * loops;
        // For ever: until it is stopped.
        Planned end = loops == 0 ? null : after(playedMs, () -> played(play, PlayResult.COMPLETED, playedMs));
        plays.put(play, new Playing(leg, nowNs, end));
    }

    private void stopped(long play) {
        Playing playing = plays.get(play);
        if (playing != null) {
            plan.remove(playing.end());
            long playedMs = (nowNs - playing.fromNs()) / NS_PER_MS;
            after(0, () -> played(play, PlayResult.STOPPED, playedMs));
        }
    }

    private void stopOn(long leg) {
        plays.forEach((play, playing) -> {
            if (playing.leg() == leg) {
                stopped(play);
            }
        });
    }

    private void played(long play, PlayResult result, long playedMs) {
        if (plays.remove(play) != null) {
            on(new ControlEvent.Played(play, result, playedMs, playedMs * 8));
        }
    }

    private void ends(long leg, int sipStatus, int cause) {
        if (ended.add(leg)) {
            stopOn(leg);
            on(new ControlEvent.Ended(leg, sipStatus, cause, "", List.of()));
        }
    }

    /** A leg that was never dialled has no name to be asked for by: the call of nobody. */
    private void update(Update update) {
        String callSid = update.leg().isEmpty() ? callerSid : callSids.getOrDefault(update.leg(), "");
        on(new ControlEvent.UpdateCall(++requests, ACCOUNT, callSid, update.update()));
    }

    private void callerHangsUp() {
        if (isCallerAnswered) {
            ends(CALLER, 200, Cause.FAR_END_BYE);
        } else {
            ends(CALLER, 487, Cause.FAR_END_CANCEL);
        }
    }

    private void ask(ControlCommand.CallHook hook) {
        if (isFirstHook) {
            isFirstHook = false;
            answer(hook, 0, new HookOutcome.Replied(200, document));
            return;
        }
        String url = hook.spec().url();
        List<HookScript> scripts = ends.hooks().getOrDefault(url, ends.hooks().get(ANY));
        if (scripts == null) {
            answer(hook, 0, new HookOutcome.Replied(200, null));
            return;
        }
        int times = asked.merge(url, 1, Integer::sum);
        HookScript script = scripts.get(Math.min(times, scripts.size()) - 1);
        HookOutcome outcome;
        if (script.silent()) {
            outcome = new HookOutcome.TimedOut(script.afterMs());
        } else if (script.status() == 200 || script.status() == 202 || script.status() == 204) {
            outcome = new HookOutcome.Replied(script.status(), script.reply());
        } else {
            outcome = new HookOutcome.Refused(script.status(), "");
        }
        answer(hook, script.afterMs(), outcome);
    }

    private void answer(ControlCommand.CallHook hook, long afterMs, HookOutcome outcome) {
        after(afterMs, () -> on(new ControlEvent.HookAnswered(hook.hook(), outcome)));
    }

    /** The application whose document it is. */
    private static final class OneApplication implements Directory {
        private static final Application MAIN = new Application(
                "simulated",
                "simulated",
                new HookSpec("http://application.invalid/call", "POST", null, null),
                new HookSpec("/status", "POST", null, null));

        @Override
        public Optional<Application> applicationForCarrier(String account, String carrier, String number) {
            return Optional.of(MAIN);
        }

        @Override
        public Optional<Application> applicationForUser(String account, String user) {
            return Optional.of(MAIN);
        }

        @Override
        public String accountSid(String account) {
            return account;
        }
    }
}
