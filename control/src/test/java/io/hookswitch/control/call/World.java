package io.hookswitch.control.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.CallUpdate;
import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.ControlEvent.IncomingCall;
import io.hookswitch.control.ControlEvent.Origin;
import io.hookswitch.control.ControlEvent.Resolution;
import io.hookswitch.control.ControlEvent.Route;
import io.hookswitch.control.ControlEvent.TapEnd;
import io.hookswitch.control.Json;
import io.hookswitch.control.journal.AskedDirectory;
import io.hookswitch.control.journal.JournalEntry;
import io.hookswitch.engine.message.Cause;
import io.hookswitch.engine.message.LegHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Everything around control, in disorder: a core behind two rings (each in order, each as slow as chance has it), far
 * ends that answer, reject, ring, hang up whenever they may, hooks and look-ups that come back in any order. What is up
 * on the wire is known here, and only here.
 */
final class World {
    private static final String DUB = ",\"dub\":[{\"action\":\"addTrack\",\"track\":\"a\",\"play\":\"/a.wav\"},"
            + "{\"action\":\"addTrack\",\"track\":\"b\",\"say\":\"hello\",\"loop\":true}]";
    static final long CALLER = LegHandle.of(3, 1, 7);
    static final ControlSettings SETTINGS = new ControlSettings("sp", "10.0.0.5:5060", "10.0.0.5", "", 0, 480);

    private static final int RING_WEIGHT = 4;

    private enum Wire {
        INVITED,
        ANSWERED,
        ENDED
    }

    /** One leg as the core and the wire know it. */
    static final class WireLeg {
        final long handle;
        final boolean caller;
        Wire state = Wire.INVITED;
        int endCommands;
        int endedEvents;
        int staleEnds;
        boolean answerSent;
        /** Of the child that it was dialled for, null for the caller. */
        String callSid;
        /** Joined behind its answer. */
        boolean wasConnected;

        WireLeg(long handle, boolean caller) {
            this.handle = handle;
            this.caller = caller;
        }
    }

    final long seed;
    final Random random;
    final Control control;
    final List<ControlCommand> commands = new ArrayList<>();
    /** What a journal of the call would be given. */
    final List<JournalEntry> journal = new ArrayList<>();

    private final AskedDirectory asked = AskedDirectory.of(Script.directory(Optional.of(Script.application(true))));
    final Map<Long, WireLeg> legs = new LinkedHashMap<>();
    private final ArrayDeque<ControlCommand.ForCore> toCore = new ArrayDeque<>();
    private final ArrayDeque<ControlEvent> toControl = new ArrayDeque<>();
    private final List<Long> hooks = new ArrayList<>();
    private final Set<Long> confirms = new HashSet<>();
    /** Children whose confirmHook was not answered yet, by the hook's number. */
    private final Map<Long, Object> beingAsked = new LinkedHashMap<>();
    /** Children that were asked at all. */
    private final Set<Object> screened = new HashSet<>();

    private final List<Long> resolutions = new ArrayList<>();
    private final Map<Long, Long> timers = new LinkedHashMap<>();
    /** Playings that are not over, and their legs. */
    private final Map<Long, Long> plays = new LinkedHashMap<>();

    /** Legs that somebody may have heard of, in the order of their first status. */
    private final Set<String> sids = new LinkedHashSet<>();

    int updates;
    int updatesAnswered;
    private static final String LISTEN = ",\"listen\":{\"url\":\"/l\",\"finishOnKey\":\"#\",\"actionHook\":\"/heard\"}";
    private static final String TRANSCRIBE =
            ",\"transcribe\":{\"transcriptionHook\":\"/said\",\"recognizer\":{\"vendor\":\"custom:x\"}}";

    private final Set<Long> taps = new LinkedHashSet<>();

    private long nowNs;
    /** How seldom the caller hangs up, a leg does something, a timer expires; each world has its own temper. */
    private final int callerPatience;

    private final int timerPatience;
    private int legRows = 100;
    private int documents;
    int answersOfCaller;
    /** Leg that the caller was joined to last, 0 = none. */
    private long joined;
    /** How seldom a step of control's fails, 0 = never: the fault is thrown where a command is given. */
    private final int faultRarity;

    int faults;
    /** Callees that hung up behind their answer and before they were connected. */
    int hungUpWhileAsked;

    /** A bug of control's, wherever it may be. */
    static final class Fault extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private Fault() {
            super("a bug", null, true, false);
        }
    }

    /** Takes commands, and throws instead of taking one of them. */
    private static final class FaultyList extends ArrayList<ControlCommand> {
        private static final long serialVersionUID = 1L;
        private int until;

        private FaultyList(int until) {
            this.until = until;
        }

        @Override
        public boolean add(ControlCommand command) {
            if (until-- == 0) {
                throw new Fault();
            }
            return super.add(command);
        }
    }

    World(long seed) {
        this(seed, 0);
    }

    World(long seed, int faultRarity) {
        this.seed = seed;
        this.faultRarity = faultRarity;
        random = new Random(seed);
        callerPatience = List.of(4, 40, 400).get(random.nextInt(3));
        timerPatience = List.of(2, 10, 60).get(random.nextInt(3));
        control = new Control(SETTINGS, asked.directory());
    }

    void offer() {
        legs.put(CALLER, new WireLeg(CALLER, true));
        toControl.add(new ControlEvent.Offered(
                CALLER,
                new IncomingCall(
                        "a@far",
                        "100",
                        "",
                        "far",
                        Script.TO,
                        "sip:x@y",
                        "udp:127.0.0.1:5090",
                        "udp:127.0.0.1:5060",
                        new Origin.Carrier("demo", "trunk"),
                        List.of(),
                        "",
                        ""),
                true));
    }

    /** One thing happens, if anything can. */
    void step(boolean windingDown) {
        List<Runnable> possible = new ArrayList<>();
        if (!toCore.isEmpty()) {
            possible.addAll(Collections.nCopies(RING_WEIGHT, this::coreTakesOne));
        }
        if (!toControl.isEmpty()) {
            possible.addAll(Collections.nCopies(RING_WEIGHT, this::controlTakesOne));
        }
        if (!hooks.isEmpty()) {
            possible.add(() -> hookAnswers(windingDown));
        }
        if (!resolutions.isEmpty()) {
            possible.add(this::targetIsResolved);
        }
        if (!timers.isEmpty() && random.nextInt(windingDown ? 4 : timerPatience) == 0) {
            possible.add(this::timerExpires);
        }
        if (!plays.isEmpty()) {
            possible.add(this::playEnds);
        }
        if (!sids.isEmpty() && !windingDown && random.nextInt(5) == 0) {
            possible.add(this::somebodyUpdates);
        }
        if (!taps.isEmpty()) {
            possible.add(this::tapEnds);
        }
        for (WireLeg leg : legs.values()) {
            if (leg.state == Wire.ANSWERED && !windingDown && random.nextInt(6) == 0) {
                char key = "12#".charAt(random.nextInt(3));
                possible.add(() -> toControl.add(new ControlEvent.DigitPressed(leg.handle, key, 100)));
                boolean holds = random.nextBoolean();
                possible.add(() -> toControl.add(new ControlEvent.Held(leg.handle, holds)));
            }
            if (leg.state != Wire.ENDED && (!leg.caller || random.nextInt(windingDown ? 10 : callerPatience) == 0)) {
                possible.add(() -> wire(leg, windingDown));
            }
        }
        if (possible.isEmpty()) {
            return;
        }
        possible.get(random.nextInt(possible.size())).run();
        nowNs += random.nextInt(400) * 1_000_000L;
    }

    /** A request about any leg that there is or was. */
    private void somebodyUpdates() {
        List<String> all = List.copyOf(sids);
        CallUpdate update = RandomUpdate.any(random);
        String sid = update instanceof CallUpdate.Redirect ? all.getFirst() : all.get(random.nextInt(all.size()));
        toControl.add(new ControlEvent.UpdateCall(++updates, "demo", sid, update));
    }

    boolean quiet() {
        return toCore.isEmpty()
                && toControl.isEmpty()
                && hooks.isEmpty()
                && resolutions.isEmpty()
                && plays.isEmpty()
                && taps.isEmpty();
    }

    int armedTimers() {
        return timers.size();
    }

    private void controlTakesOne() {
        boolean isFaulty = faultRarity > 0 && random.nextInt(faultRarity) == 0;
        List<ControlCommand> out = isFaulty ? new FaultyList(random.nextInt(10)) : new ArrayList<>();
        ControlEvent event = toControl.removeFirst();
        if (event instanceof ControlEvent.HookAnswered answered) {
            beingAsked.remove(answered.hook());
        }
        long numbers = control.numbers();
        long high = random.nextLong();
        long low = random.nextLong();
        try {
            control.on(event, nowNs, high, low, out);
        } catch (Fault e) {
            assertThat(e.getSuppressed()).as("failures behind the first").isEmpty();
            faults++;
        }
        journal.add(new JournalEntry(
                control.concerned(),
                nowNs,
                numbers,
                high,
                low,
                event,
                asked.taken(),
                null,
                List.copyOf(out),
                control.isOver()));
        commands.addAll(out);
        for (ControlCommand command : out) {
            if (command instanceof ControlCommand.Join(long _, long other)) {
                joins(legs.get(other));
            }
            switch (command) {
                case ControlCommand.ForCore core -> toCore.add(core);
                case ControlCommand.CallHook hook -> {
                    hooks.add(hook.hook());
                    if (hook.spec().url().equals("/confirm")) {
                        confirms.add(hook.hook());
                        beingAsked.put(hook.hook(), hook.payload().get("call_sid"));
                        screened.add(hook.payload().get("call_sid"));
                    }
                }
                case ControlCommand.Resolve resolve -> resolutions.add(resolve.resolution());
                case ControlCommand.Play play -> plays.put(play.play(), play.leg());
                case ControlCommand.Speak speak -> plays.put(speak.play(), speak.leg());
                case ControlCommand.StopPlay stop -> stopPlay(stop.play());
                case ControlCommand.UpdateAnswered _, ControlCommand.RequestTold _ -> updatesAnswered++;
                case ControlCommand.NotifyStatus status ->
                    sids.add((String) status.payload().get("call_sid"));
                case ControlCommand.StartTap start -> taps.add(start.tap());
                case ControlCommand.StopTap stop -> endTap(stop.tap(), TapEnd.DONE);
                case ControlCommand.TellTap _, ControlCommand.SteerTap _, ControlCommand.FollowTap _ -> {}
                case ControlCommand.CallsTold _,
                        ControlCommand.Alert _,
                        ControlCommand.CallRecord _,
                        ControlCommand.Explain _ -> {}
            }
        }
    }

    /** Nobody is connected while its application is still asked. */
    private void joins(WireLeg leg) {
        if (beingAsked.containsValue(leg.callSid)) {
            throw new AssertionError("joined before its confirmHook answered: " + leg.handle);
        }
        leg.wasConnected |= leg.answerSent;
    }

    private void coreTakesOne() {
        switch (toCore.removeFirst()) {
            case ControlCommand.Dial dial -> coreDials(dial);
            case ControlCommand.Answer(long leg, long _, List<ControlEvent.Header> _) -> {
                WireLeg caller = legs.get(leg);
                if (caller.state == Wire.INVITED) {
                    caller.state = Wire.ANSWERED;
                    answersOfCaller++;
                } else {
                    toControl.add(new ControlEvent.CommandRefused(leg, 3));
                }
            }
            case ControlCommand.End end -> coreEnds(end.leg());
            case ControlCommand.ArmTimer(long _, long timer, long delayNs) -> {
                if (timers.put(timer, delayNs) != null) {
                    throw new AssertionError("armed twice: " + timer);
                }
            }
            case ControlCommand.DisarmTimer(long timer) -> timers.remove(timer);
            case ControlCommand.SendDigits keys -> {
                if (legs.get(keys.leg()).state != Wire.ENDED || random.nextBoolean()) {
                    toControl.add(new ControlEvent.DigitsSent(keys.reference(), random.nextInt(4) > 0));
                }
            }
            case ControlCommand.Join(long leg, long other) -> {
                WireLeg before = legs.get(joined);
                if (leg == CALLER && before != null && joined != other && before.state != Wire.ENDED) {
                    throw new AssertionError("caller joined to " + other + " beside " + joined);
                }
                joined = leg == CALLER ? other : joined;
                if (legs.get(leg).state == Wire.ENDED || legs.get(other).state == Wire.ENDED) {
                    toControl.add(new ControlEvent.CommandRefused(leg, 4));
                }
            }
            case ControlCommand.Part(long leg) -> joined = leg == CALLER ? 0 : joined;
            case ControlCommand.Progress _,
                    ControlCommand.Gain _,
                    ControlCommand.Tap _,
                    ControlCommand.Untap _,
                    ControlCommand.RequestResult _,
                    ControlCommand.ReferResult _ -> {}
            case ControlCommand.Request request ->
                toControl.add(
                        new ControlEvent.RequestAnswered(request.reference(), random.nextBoolean() ? 200 : 481, ""));
            case ControlCommand.StartPlayout _, ControlCommand.StopPlayout _ ->
                throw new AssertionError("control does not know of recordings");
        }
    }

    private void tapEnds() {
        long tap = List.copyOf(taps).get(random.nextInt(taps.size()));
        if (random.nextInt(3) == 0) {
            ControlEvent.AnswerSign[] signs = ControlEvent.AnswerSign.values();
            toControl.add(new ControlEvent.AnswerHeard(tap, signs[random.nextInt(signs.length)], 4));
        } else if (random.nextBoolean()) {
            toControl.add(new ControlEvent.Transcribed(
                    tap, Map.of("is_final", true, "alternatives", List.of(Map.of("transcript", "yes")))));
        } else {
            endTap(tap, TapEnd.values()[random.nextInt(TapEnd.values().length)]);
        }
    }

    private void endTap(long tap, TapEnd why) {
        if (taps.remove(tap)) {
            toControl.add(new ControlEvent.TapEnded(tap, why, ""));
        }
    }

    private void stopPlay(long play) {
        if (plays.remove(play) != null) {
            toControl.add(new ControlEvent.Played(play, ControlEvent.PlayResult.STOPPED, 20, 160));
        }
    }

    private void playEnds() {
        List<Long> open = List.copyOf(plays.keySet());
        long play = open.get(random.nextInt(open.size()));
        boolean legOver = legs.get(plays.remove(play)).state == Wire.ENDED;
        toControl.add(new ControlEvent.Played(
                play,
                legOver ? ControlEvent.PlayResult.STOPPED : ControlEvent.PlayResult.values()[random.nextInt(3)],
                1_000,
                8_000));
    }

    private void coreDials(ControlCommand.Dial dial) {
        if (random.nextInt(8) == 0) {
            toControl.add(new ControlEvent.DialRefused(dial.reference(), random.nextBoolean() ? 503 : 0, "no port"));
            return;
        }
        WireLeg leg = new WireLeg(LegHandle.of(3, 1, ++legRows), false);
        leg.callSid = Script.header(dial, "X-Call-Sid");
        legs.put(leg.handle, leg);
        toControl.add(new ControlEvent.Invited(leg.handle, dial.reference(), legRows + "@us"));
    }

    private void coreEnds(long handle) {
        WireLeg leg = legs.get(handle);
        if (leg == null) {
            throw new AssertionError("END of a leg that never was: " + handle);
        }
        if (leg.state == Wire.ENDED) {
            leg.staleEnds++;
            toControl.add(new ControlEvent.CommandRefused(handle, 6));
            return;
        }
        leg.state = Wire.ENDED;
        leg.endCommands++;
    }

    private void hookAnswers(boolean windingDown) {
        long hook = hooks.remove(random.nextInt(hooks.size()));
        HookOutcome outcome =
                switch (windingDown ? 0 : random.nextInt(20)) {
                    case 0 -> new HookOutcome.Replied(200, null);
                    case 1 -> new HookOutcome.Refused(500, "");
                    case 2 -> new HookOutcome.TimedOut(10_000);
                    case 3 -> new HookOutcome.Replied(200, Json.parse("[{\"verb\":\"nonsense\"}]"));
                    default -> new HookOutcome.Replied(200, document(confirms.contains(hook)));
                };
        toControl.add(new ControlEvent.HookAnswered(hook, outcome));
    }

    private Object document(boolean confirming) {
        if (++documents > 6) {
            return null;
        }
        StringBuilder json = new StringBuilder("[");
        int verbs = 1 + random.nextInt(3);
        for (int i = 0; i < verbs; i++) {
            json.append(i == 0 ? "" : ",");
            switch (random.nextInt(confirming ? 9 : 18)) {
                case 0 -> json.append("{\"verb\":\"answer\"}");
                case 4 -> json.append("{\"verb\":\"play\",\"url\":\"/a.wav\",\"timeoutSecs\":3}");
                case 5 ->
                    json.append("{\"verb\":\"gather\",\"numDigits\":2,\"interDigitTimeout\":1,\"timeout\":3,"
                            + "\"actionHook\":\"/g\",\"play\":{\"url\":\"/b.wav\"}}");
                case 6 ->
                    json.append(
                            random.nextBoolean()
                                    ? "{\"verb\":\"redirect\",\"actionHook\":\"http://other/r\"}"
                                    : "{\"verb\":\"say\",\"text\":\"x\"}");
                case 7 ->
                    json.append(
                            random.nextBoolean()
                                    ? "{\"verb\":\"tag\",\"data\":{\"a\":1}}"
                                    : "{\"verb\":\"config\",\"amd\":{\"actionHook\":\"/amd\"}}");
                case 1 -> json.append("{\"verb\":\"pause\",\"length\":1}");
                case 2 ->
                    json.append(
                            random.nextBoolean() ? "{\"verb\":\"hangup\"}" : "{\"verb\":\"dtmf\",\"dtmf\":\"1w2\"}");
                case 3 -> json.append("{\"verb\":\"sip:decline\",\"status\":486}");
                default -> json.append(dialDocument());
            }
        }
        return Json.parse(json.append("]").toString());
    }

    private String dialDocument() {
        StringBuilder json = new StringBuilder("{\"verb\":\"dial\",\"actionHook\":\"/end\",\"answerOnBridge\":")
                .append(random.nextBoolean())
                .append(",\"timeout\":5")
                .append(random.nextInt(4) == 0 ? LISTEN : "")
                .append(random.nextInt(4) == 0 ? TRANSCRIBE : "")
                .append(random.nextInt(4) == 0 ? ",\"amd\":{\"actionHook\":\"/amd\"}" : "")
                .append(random.nextInt(4) == 0 ? DUB : "")
                .append(random.nextBoolean() ? ",\"timeLimit\":2" : "")
                .append(random.nextInt(3) == 0 ? ",\"confirmHook\":\"/confirm\"" : "")
                .append(random.nextInt(3) == 0 ? ",\"onHoldHook\":\"/hold\"" : "")
                .append(random.nextInt(6) == 0 ? ",\"confirmFailure\":\"bridge\"" : "")
                .append(random.nextInt(4) == 0 ? ",\"dialMusic\":\"/music.mp3\"" : "")
                .append(random.nextInt(3) == 0 ? ",\"dtmfHook\":\"/keys\",\"dtmfCapture\":[\"1\",\"12\"]" : "")
                .append(List.of("", "", ",\"strategy\":\"sequential\"", ",\"strategy\":\"staggered\"")
                        .get(random.nextInt(4)))
                .append(random.nextInt(5) == 0 ? ",\"finalOn\":[486,\"6xx\"]" : "")
                .append(",\"target\":[");
        int targets = random.nextInt(3) == 0 ? 1 : 1 + random.nextInt(4);
        for (int i = 0; i < targets; i++) {
            json.append(i == 0 ? "" : ",");
            switch (random.nextInt(3)) {
                case 0 ->
                    json.append("{\"type\":\"phone\",\"number\":\"+1").append(i).append("\"");
                case 1 ->
                    json.append("{\"type\":\"sip\",\"sipUri\":\"sip:").append(i).append("@h\"");
                default ->
                    json.append("{\"type\":\"user\",\"name\":\"u").append(i).append("@r\"");
            }
            json.append(random.nextInt(6) == 0 ? ",\"timeout\":1" : "")
                    .append(random.nextInt(6) == 0 ? ",\"delay\":1" : "")
                    .append(random.nextInt(6) == 0 ? ",\"group\":" + random.nextInt(3) : "")
                    .append(random.nextInt(6) == 0 ? ",\"sendDigits\":\"12\"" : "")
                    .append("}");
        }
        return json.append("]}").toString();
    }

    private void targetIsResolved() {
        long resolution = resolutions.remove(random.nextInt(resolutions.size()));
        List<Route> routes = new ArrayList<>();
        int ways = random.nextInt(8) == 0 ? 0 : 1 + random.nextInt(3);
        for (int i = 0; i < ways; i++) {
            routes.add(new Route("sip:x@h", "udp:127.0.0.1:" + (6000 + i), null, null, null, "trunk"));
        }
        Resolution result = ways == 0 && random.nextBoolean()
                ? new Resolution.Nowhere(List.of(404, 603, 500, 503).get(random.nextInt(4)), "")
                : new Resolution.Routes(routes, random.nextInt(4) == 0);
        toControl.add(new ControlEvent.Resolved(resolution, result));
    }

    private void timerExpires() {
        List<Long> armed = List.copyOf(timers.keySet());
        long timer = armed.get(random.nextInt(armed.size()));
        nowNs += timers.remove(timer);
        toControl.add(new ControlEvent.TimerExpired(timer));
    }

    private void wire(WireLeg leg, boolean windingDown) {
        if (leg.caller) {
            boolean answered = leg.state == Wire.ANSWERED;
            ended(leg, answered ? 200 : 487, answered ? Cause.FAR_END_BYE : Cause.FAR_END_CANCEL);
            return;
        }
        if (leg.state == Wire.ANSWERED) {
            if (windingDown || random.nextInt(12) == 0) {
                if (screened.contains(leg.callSid) && !leg.wasConnected) {
                    hungUpWhileAsked++;
                }
                ended(leg, 200, Cause.FAR_END_BYE);
            } else {
                // UDP reorders: a 1xx, or the 2xx once more, behind the 2xx.
                toControl.add(
                        random.nextBoolean()
                                ? new ControlEvent.Progressed(leg.handle, 180, "", false)
                                : new ControlEvent.Answered(leg.handle, 200, "OK"));
            }
            return;
        }
        switch (random.nextInt(windingDown ? 4 : 7)) {
            case 0, 1 -> {
                leg.state = Wire.ANSWERED;
                leg.answerSent = true;
                toControl.add(new ControlEvent.Answered(leg.handle, 200, "OK"));
            }
            case 2 ->
                ended(leg, List.of(404, 408, 480, 486, 487, 500, 503, 600, 603).get(random.nextInt(9)), 4);
            case 3 -> ended(leg, random.nextBoolean() ? 408 : 0, Cause.UNREACHABLE);
            default ->
                toControl.add(new ControlEvent.Progressed(
                        leg.handle, List.of(180, 181, 183, 199).get(random.nextInt(4)), "", random.nextInt(3) == 0));
        }
    }

    private void ended(WireLeg leg, int sipStatus, int cause) {
        leg.state = Wire.ENDED;
        leg.endedEvents++;
        toControl.add(new ControlEvent.Ended(leg.handle, sipStatus, cause, "", List.of()));
    }

    boolean everythingEnded() {
        return legs.values().stream().allMatch(leg -> leg.state == Wire.ENDED);
    }
}
