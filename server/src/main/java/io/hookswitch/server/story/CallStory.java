package io.hookswitch.server.story;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.ControlEvent.Resolution;
import io.hookswitch.control.DialTarget;
import io.hookswitch.control.journal.CallJournal;
import io.hookswitch.control.journal.CallJournal.Ending;
import io.hookswitch.server.agent.TimelineWriter;
import io.hookswitch.server.timeline.TimelineEntry.Kind;
import io.hookswitch.server.timeline.TimelineSink;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A call from its journal, in words: who was rung when, why each branch lost, which timer expired, what each hook said
 * and how long it took. The caller's leg is A; the legs that were dialled are B1, B2 in the order of their INVITEs.
 */
public final class CallStory {
    private static final long NS_PER_MS = 1_000_000L;
    private static final Pattern TARGET = Pattern.compile("(target (\\d+)(?: \\(.*?\\))?):? (.*)");
    private static final String CALL_SID = "call_sid";

    private record Asked(String what, long atNs) {}

    private record Armed(long atNs, long delayNs) {}

    private final CallJournal journal;
    private final List<String> lines = new ArrayList<>();
    private final Map<Long, String> legs = new HashMap<>();
    private final Map<Long, Asked> hooks = new HashMap<>();
    private final Map<Long, Asked> questions = new HashMap<>();
    private final Map<Long, Armed> timers = new HashMap<>();
    private final Map<Integer, StringJoiner> targets = new TreeMap<>();
    private final Map<Integer, String> targetNames = new HashMap<>();
    private final List<String> branches = new ArrayList<>();
    private final List<String> records = new ArrayList<>();
    private final List<String> dials = new ArrayList<>();
    private long beganNs;
    private long nowNs;

    private CallStory(CallJournal journal) {
        this.journal = journal;
    }

    /** @return the call, line by line. */
    public static List<String> of(CallJournal journal) {
        return new CallStory(journal).tell();
    }

    /** @return every name that the call can be asked for by: its legs' call_sids and Call-IDs. */
    public static Set<String> names(CallJournal journal) {
        Set<String> names = new LinkedHashSet<>();
        for (CallJournal.Step step : journal.steps()) {
            if (step.event() instanceof ControlEvent.Offered offered) {
                names.add(offered.incoming().sipCallId());
            } else if (step.event() instanceof ControlEvent.Invited invited) {
                names.add(invited.sipCallId());
            }
            for (ControlCommand command : step.commands()) {
                switch (command) {
                    case ControlCommand.Explain explain -> names.add(explain.callSid());
                    case ControlCommand.NotifyStatus status ->
                        names.add(text(status.payload().get(CALL_SID)));
                    case ControlCommand.CallHook hook ->
                        names.add(text(hook.payload().get(CALL_SID)));
                    case ControlCommand.Dial dial ->
                        dial.headers().stream()
                                .filter(header -> header.name().equalsIgnoreCase("X-Call-Sid"))
                                .forEach(header -> names.add(header.value()));
                    default -> {
                        // Names nobody.
                    }
                }
            }
        }
        names.remove("");
        return names;
    }

    private List<String> tell() {
        if (!journal.steps().isEmpty()) {
            beganNs = journal.steps().getFirst().entry().nowNs();
            nowNs = beganNs;
            heading();
        }
        TimelineWriter writer = new TimelineWriter(
                new TimelineSink() {
                    @Override
                    public boolean isOn() {
                        return true;
                    }

                    @Override
                    public void add(Kind kind, String callSid, String text) {
                        line(kind, text);
                    }
                },
                this::leg);
        for (CallJournal.Step step : journal.steps()) {
            nowNs = step.entry().nowNs();
            onEvent(step.event());
            writer.onEvent(step.event());
            for (ControlCommand command : step.commands()) {
                writer.onCommand(command);
                onCommand(command);
            }
            if (step.entry().failure() != null) {
                line(Kind.ALERT, "a step of ours failed: " + step.entry().failure());
            }
        }
        outcome();
        return List.copyOf(lines);
    }

    private void heading() {
        String callSid = journal.steps().stream()
                .flatMap(step -> step.commands().stream())
                .filter(ControlCommand.Explain.class::isInstance)
                .map(command -> ((ControlCommand.Explain) command).callSid())
                .findFirst()
                .orElse("?");
        long epochMs = (beganNs + journal.header().settings().utcOffsetNs()) / NS_PER_MS;
        lines.add("call " + callSid + ", began " + Instant.ofEpochMilli(epochMs));
    }

    private void onEvent(ControlEvent event) {
        switch (event) {
            case ControlEvent.Offered offered -> legs.put(offered.leg(), "A");
            case ControlEvent.Invited invited -> legs.put(invited.leg(), "B" + (legs.size()));
            case ControlEvent.TimerExpired(long timer) -> {
                Armed armed = timers.remove(timer);
                if (armed != null) {
                    line(
                            Kind.DECISION,
                            "timer of " + armed.delayNs() / NS_PER_MS + " ms, armed at " + at(armed.atNs())
                                    + ", expired");
                }
            }
            case ControlEvent.HookAnswered(long hook, HookOutcome outcome) -> {
                Asked asked = hooks.remove(hook);
                line(Kind.HOOK, "<- " + took(asked) + ": " + words(outcome));
            }
            case ControlEvent.Resolved(long resolution, Resolution result) -> {
                Asked asked = questions.remove(resolution);
                line(
                        Kind.DECISION,
                        asked == null
                                ? "a target: " + words(result)
                                : asked.what() + " looked up in " + ms(asked) + " ms: " + words(result));
            }
            default -> {
                // Told by the writer.
            }
        }
    }

    private void onCommand(ControlCommand command) {
        switch (command) {
            case ControlCommand.CallHook hook ->
                hooks.put(hook.hook(), new Asked(hook.spec().url(), nowNs));
            case ControlCommand.Resolve question ->
                questions.put(question.resolution(), new Asked(name(question.target()), nowNs));
            case ControlCommand.ArmTimer(long _, long timer, long delayNs) ->
                timers.put(timer, new Armed(nowNs, delayNs));
            case ControlCommand.DisarmTimer(long timer) -> timers.remove(timer);
            case ControlCommand.Explain(String _, String text) -> onExplained(text);
            case ControlCommand.CallRecord callRecord -> records.add(words(callRecord.row()));
            default -> {
                // Told by the writer.
            }
        }
    }

    private void onExplained(String text) {
        Matcher target = TARGET.matcher(text);
        if (target.matches()) {
            int ordinal = Integer.parseInt(target.group(2));
            targetNames.putIfAbsent(ordinal, target.group(1));
            targets.computeIfAbsent(ordinal, _ -> new StringJoiner(" · ")).add(target.group(3));
        } else if (text.startsWith("dial ended: ")) {
            dials.add(text.substring("dial ended: ".length()) + " at " + at(nowNs));
        } else if (text.startsWith("dial ")) {
            // The targets of another dial: the branches of the one before are told.
            flushTargets();
        }
    }

    private void flushTargets() {
        targets.forEach((ordinal, said) -> branches.add(targetNames.get(ordinal) + ": " + said));
        targets.clear();
        targetNames.clear();
    }

    private void outcome() {
        flushTargets();
        lines.add("outcome");
        branches.forEach(branch -> lines.add("  " + branch));
        dials.forEach(dial -> lines.add("  dial: " + dial));
        records.forEach(record -> lines.add("  " + record));
        hooks.values().forEach(asked -> lines.add("  no answer yet from " + asked.what()));
        switch (journal.ending()) {
            case Ending.Whole() -> lines.add("  nothing is open any more after " + at(nowNs));
            case Ending.Open() -> lines.add("  the journal has no end of it: it was going on, or the process died");
            case Ending.Cut(String reason) -> lines.add("  the rest is missing: " + reason);
        }
    }

    private static String words(Map<String, Object> row) {
        Map<String, Object> said = new LinkedHashMap<>(row);
        boolean isAnswered = Boolean.TRUE.equals(said.get("answered"));
        return (text(said.get("direction")).equals("inbound") ? "caller " : "INVITE ") + text(said.get("from")) + " -> "
                + text(said.get("to")) + ": " + text(said.get("sip_status"))
                + (isAnswered ? ", talked " + text(said.get("duration")) + " s" : ", not answered") + ", "
                + text(said.get("termination_reason"));
    }

    private String took(Asked asked) {
        return asked == null ? "?" : asked.what() + " took " + ms(asked) + " ms";
    }

    private long ms(Asked asked) {
        return (nowNs - asked.atNs()) / NS_PER_MS;
    }

    private static String name(DialTarget target) {
        return switch (target) {
            case DialTarget.Phone phone -> phone.number();
            case DialTarget.Sip sip -> sip.sipUri();
            case DialTarget.Teams teams -> teams.number();
            case DialTarget.User user -> user.name();
            default -> "a " + target.getClass().getSimpleName().toLowerCase(Locale.ROOT) + " target";
        };
    }

    private static String words(HookOutcome outcome) {
        return switch (outcome) {
            case HookOutcome.Replied(int status, Object json) -> status + ", " + instructions(json);
            case HookOutcome.Refused(int status, String detail) -> "refused with " + status + " " + text(detail);
            case HookOutcome.TimedOut(long afterMs) -> "no answer within " + afterMs + " ms";
            case HookOutcome.Failed(String detail) -> "not reached: " + detail;
        };
    }

    /** Verbs by name: what is in them is the application's business. */
    private static String instructions(Object json) {
        if (!(json instanceof List<?> verbs) || verbs.isEmpty()) {
            return json == null ? "without instructions" : "no list of verbs";
        }
        StringJoiner names = new StringJoiner(", ");
        for (Object verb : verbs) {
            names.add(
                    verb instanceof Map<?, ?> map && !map.isEmpty()
                            ? text(
                                    map.containsKey("verb")
                                            ? map.get("verb")
                                            : map.keySet().iterator().next())
                            : "?");
        }
        return "verbs " + names;
    }

    private static String words(Resolution result) {
        return switch (result) {
            case Resolution.Nowhere(int status, String reason) -> "nowhere, " + status + " " + text(reason);
            case Resolution.Routes found ->
                found.routes().size() == 1
                        ? "1 way"
                        : found.routes().size() + " ways" + (found.together() ? ", all at once" : ", in turn");
        };
    }

    private void line(Kind kind, String text) {
        lines.add("%10s  %-8s %s".formatted(at(nowNs), kind, text));
    }

    /** @return seconds since the call began, as {@code +1.234}. */
    private String at(long atNs) {
        long ms = (atNs - beganNs) / NS_PER_MS;
        return "+%d.%03d".formatted(ms / 1000, ms % 1000);
    }

    private String leg(long leg) {
        return legs.getOrDefault(leg, "an unknown leg");
    }

    private static String text(Object value) {
        return value == null ? "" : value.toString();
    }
}
