package io.hookswitch.control.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.ControlEvent.IncomingCall;
import io.hookswitch.control.ControlEvent.Origin;
import io.hookswitch.control.ControlEvent.Resolution;
import io.hookswitch.control.ControlEvent.Route;
import io.hookswitch.control.Directory;
import io.hookswitch.control.Json;
import io.hookswitch.engine.message.Cause;
import io.hookswitch.engine.message.LegHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A call, told from the outside: what happens, line by line, and what control did about it. Legs of B are named by the
 * order of their INVITEs, 1 for the first.
 */
final class Script {
    static final long CALLER = LegHandle.of(0, 1, 1);
    static final String TO = "15083728299";
    static final long MS = 1_000_000L;

    private final Control control;
    private final List<ControlCommand> all = new ArrayList<>();
    private final List<ControlCommand.Dial> dials = new ArrayList<>();
    private final List<ControlCommand.CallHook> hooks = new ArrayList<>();
    private final List<ControlCommand.Resolve> resolves = new ArrayList<>();
    private List<Header> callerHeaders = List.of();
    private String fromUser = "+16173331212";
    private long nowNs = 1_000 * MS;
    private long entropy;
    private int fresh;

    Script() {
        this(directory(Optional.of(application(true))));
    }

    Script(Directory directory) {
        control = new Control(new ControlSettings("sp-1", "10.0.0.5:5060", "198.51.100.4", "", 0, 480), directory);
    }

    static Directory.Application application(boolean withStatusHook) {
        return new Directory.Application(
                "app-1",
                "main",
                new HookSpec("http://127.0.0.1:9000/call", "POST", null, null),
                withStatusHook ? new HookSpec("/status", "POST", null, null) : null);
    }

    static Directory directory(Optional<Directory.Application> application) {
        return new Directory() {
            @Override
            public Optional<Application> applicationForCarrier(String account, String carrier, String number) {
                return number.equals(TO) ? application : Optional.empty();
            }

            @Override
            public Optional<Application> applicationForUser(String account, String user) {
                return application;
            }

            @Override
            public String accountSid(String account) {
                return "acc-" + account;
            }
        };
    }

    Script callerHeaders(Header... headers) {
        callerHeaders = List.of(headers);
        return this;
    }

    Script fromUser(String user) {
        fromUser = user;
        return this;
    }

    private Script on(ControlEvent event) {
        List<ControlCommand> out = new ArrayList<>();
        fresh = all.size();
        control.on(event, nowNs, ++entropy * 31, entropy * 17, out);
        for (ControlCommand command : out) {
            all.add(command);
            switch (command) {
                case ControlCommand.Dial dial -> dials.add(dial);
                case ControlCommand.CallHook hook -> hooks.add(hook);
                case ControlCommand.Resolve resolve -> resolves.add(resolve);
                default -> assertThat(command).isNotNull();
            }
        }
        return this;
    }

    // What happens

    Script calls() {
        return calls(new Origin.Carrier("demo", "trunk"), TO);
    }

    Script calls(Origin origin, String to) {
        return on(new ControlEvent.Offered(
                CALLER,
                new IncomingCall(
                        "a-call-id@far",
                        fromUser,
                        "Jane",
                        "far.example",
                        to,
                        "sip:" + to + "@10.0.0.5",
                        "udp:203.0.113.7:5062",
                        "udp:10.0.0.5:5060",
                        origin,
                        callerHeaders,
                        "INVITE sip:x SIP/2.0\r\n\r\nv=0",
                        "v=0"),
                true));
    }

    /** The oldest open hook answers with JSON. */
    Script replies(String json) {
        return replies(new HookOutcome.Replied(200, json.isEmpty() ? null : Json.parse(json)));
    }

    Script replies(HookOutcome outcome) {
        assertThat(hooks).as("open hooks").isNotEmpty();
        return on(new ControlEvent.HookAnswered(hooks.removeFirst().hook(), outcome));
    }

    /** Calls and has the application answer. */
    Script callsAndRuns(String json) {
        return calls().replies(json);
    }

    /** The oldest open question for a target is answered with one way for each next hop. */
    Script found(String... nextHops) {
        List<Route> routes = new ArrayList<>();
        for (String hop : nextHops) {
            routes.add(new Route("sip:x@" + hop, "udp:" + hop, null, null, null, "trunk"));
        }
        return resolved(new Resolution.Routes(routes));
    }

    /** As {@link #found}, and they are a user's contacts, whatever the target was written as. */
    Script foundContacts(String... nextHops) {
        List<Route> routes = new ArrayList<>();
        for (String hop : nextHops) {
            routes.add(new Route("sip:x@" + hop, "udp:" + hop, null, null, null, ""));
        }
        return resolved(new Resolution.Routes(routes, true));
    }

    Script nowhere(int sipStatus) {
        return resolved(new Resolution.Nowhere(sipStatus, ""));
    }

    private Script resolved(Resolution resolution) {
        assertThat(resolves).as("open questions").isNotEmpty();
        return on(new ControlEvent.Resolved(resolves.removeFirst().resolution(), resolution));
    }

    /** All open targets are found, one way each, and their INVITEs go out. */
    Script placed() {
        int from = dials.size();
        for (int i = 1; !resolves.isEmpty(); i++) {
            found("192.0.2." + i + ":5060");
        }
        for (int b = from + 1; b <= dials.size(); b++) {
            invited(b);
        }
        return this;
    }

    Script invited(int b) {
        return on(new ControlEvent.Invited(leg(b), dials.get(b - 1).reference(), callId(b)));
    }

    Script dialRefused(int b, int sipStatus) {
        return on(new ControlEvent.DialRefused(dials.get(b - 1).reference(), sipStatus, "no"));
    }

    Script rings(int b) {
        return on(new ControlEvent.Progressed(leg(b), 180, "Ringing", false));
    }

    Script progresses(int b, int sipStatus, boolean media) {
        return on(new ControlEvent.Progressed(leg(b), sipStatus, "", media));
    }

    Script answers(int b) {
        return on(new ControlEvent.Answered(leg(b), 200, "OK"));
    }

    Script rejects(int b, int sipStatus) {
        return on(new ControlEvent.Ended(leg(b), sipStatus, Cause.REJECTED, "", List.of()));
    }

    Script neverAnswers(int b) {
        return on(new ControlEvent.Ended(leg(b), 408, Cause.UNREACHABLE, "", List.of()));
    }

    Script hangsUp(int b, Header... headers) {
        return on(new ControlEvent.Ended(leg(b), 200, Cause.FAR_END_BYE, "", List.of(headers)));
    }

    Script callerCancels() {
        return on(new ControlEvent.Ended(CALLER, 487, Cause.FAR_END_CANCEL, "", List.of()));
    }

    Script callerHangsUp() {
        return on(new ControlEvent.Ended(CALLER, 200, Cause.FAR_END_BYE, "", List.of()));
    }

    Script callerEnds(int sipStatus, int cause) {
        return on(new ControlEvent.Ended(CALLER, sipStatus, cause, "", List.of()));
    }

    Script coreRefuses(long leg, int commandType) {
        return on(new ControlEvent.CommandRefused(leg, commandType));
    }

    Script passes(long ms) {
        nowNs += ms * MS;
        return this;
    }

    /** The newest armed timer expires, after its delay. */
    Script timerExpires() {
        ControlCommand.ArmTimer timer = commands(ControlCommand.ArmTimer.class).getLast();
        nowNs += timer.delayNs();
        return on(new ControlEvent.TimerExpired(timer.timer()));
    }

    /** The newest keys are sent, or could not be. */
    Script keysSent(boolean sent) {
        ControlCommand.SendDigits keys =
                commands(ControlCommand.SendDigits.class).getLast();
        return on(new ControlEvent.DigitsSent(keys.reference(), sent));
    }

    /** The newest files or texts are over. */
    Script played(ControlEvent.PlayResult result) {
        long play = all.stream()
                .mapMultiToLong((command, numbers) -> {
                    if (command instanceof ControlCommand.Play files) {
                        numbers.accept(files.play());
                    } else if (command instanceof ControlCommand.Speak texts) {
                        numbers.accept(texts.play());
                    }
                })
                .reduce((_, last) -> last)
                .orElseThrow();
        return on(new ControlEvent.Played(play, result, 2_500, 20_000));
    }

    /** Keys are pressed on a leg, at once. */
    Script presses(long leg, String keys) {
        for (char key : keys.toCharArray()) {
            on(new ControlEvent.DigitPressed(leg, key, 100));
        }
        return this;
    }

    Script event(ControlEvent event) {
        return on(event);
    }

    // What control did

    static long leg(int b) {
        return LegHandle.of(0, 1, 100 + b);
    }

    static String callId(int b) {
        return "b" + b + "-call-id";
    }

    Control control() {
        return control;
    }

    List<ControlCommand> all() {
        return all;
    }

    /** Commands for the core and playings of the last event, in words: {@code END B1 487}. */
    List<String> sent() {
        return all.subList(fresh, all.size()).stream()
                .filter(command -> command instanceof ControlCommand.ForCore
                        || command instanceof ControlCommand.Play
                        || command instanceof ControlCommand.Speak
                        || command instanceof ControlCommand.StopPlay
                        || command instanceof ControlCommand.StartTap
                        || command instanceof ControlCommand.StopTap
                        || command instanceof ControlCommand.FollowTap
                        || command instanceof ControlCommand.TellTap)
                .map(this::words)
                .toList();
    }

    private String words(ControlCommand command) {
        return switch (command) {
            case ControlCommand.Dial dial -> "DIAL B" + (dials.indexOf(dial) + 1) + " " + dial.nextHop();
            case ControlCommand.Progress(long leg, int status, long like, List<Header> _) ->
                "PROGRESS " + name(leg) + " " + status + (like == 0 ? "" : " like " + name(like));
            case ControlCommand.Answer(long leg, long like, List<Header> _) ->
                "ANSWER " + name(leg) + (like == 0 ? "" : " like " + name(like));
            case ControlCommand.Join(long leg, long other) -> "JOIN " + name(leg) + " " + name(other);
            case ControlCommand.Gain(long leg, int decibels) -> "GAIN " + name(leg) + " " + decibels;
            case ControlCommand.ReferResult(long leg, int status) -> "REFER " + name(leg) + " " + status;
            case ControlCommand.Request request -> "REQUEST " + name(request.leg()) + " " + request.method();
            case ControlCommand.RequestResult(long leg, int status) -> "MESSAGE " + name(leg) + " " + status;
            case ControlCommand.Part(long leg) -> "PART " + name(leg);
            case ControlCommand.End(long leg, int status, String _, List<Header> _) ->
                "END " + name(leg) + " " + status;
            case ControlCommand.ArmTimer arm -> "ARM " + arm.delayNs() / MS;
            case ControlCommand.DisarmTimer _ -> "DISARM";
            case ControlCommand.Play play ->
                "PLAY " + name(play.leg()) + " " + String.join(" ", play.urls())
                        + (play.loops() == 0 ? " for ever" : "");
            case ControlCommand.Speak speak -> "SAY " + name(speak.leg()) + " " + String.join(" ", speak.texts());
            case ControlCommand.Tap(long leg) -> "TAP " + name(leg);
            case ControlCommand.Untap(long leg) -> "UNTAP " + name(leg);
            case ControlCommand.StartTap start ->
                "HEAR " + name(start.leg()) + (start.otherLeg() == 0 ? "" : " " + name(start.otherLeg()));
            case ControlCommand.StopTap _ -> "DEAF";
            case ControlCommand.FollowTap follow ->
                "FOLLOW " + (follow.otherLeg() == 0 ? "nobody" : name(follow.otherLeg()));
            case ControlCommand.TellTap(long _, java.util.Map<String, Object> message) -> "TELL " + message;
            case ControlCommand.StopPlay stop -> "STOP " + name(stop.leg());
            case ControlCommand.SendDigits(long leg, long _, String digits, long keyNs, long pauseNs) ->
                "KEYS " + name(leg) + " " + digits + " " + keyNs / MS + " " + pauseNs / MS;
            default -> throw new AssertionError("no words for " + command);
        };
    }

    private static String name(long leg) {
        return leg == CALLER ? "A" : "B" + (LegHandle.row(leg) - 100);
    }

    <T extends ControlCommand> List<T> commands(Class<T> type) {
        return all.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /** Statuses told so far, all legs: {@code A trying 100}. Children are named by the order of their targets. */
    List<String> statuses() {
        return commands(ControlCommand.NotifyStatus.class).stream()
                .map(status -> name(status.payload()) + " " + status.payload().get("call_status") + " "
                        + status.payload().get("sip_status"))
                .toList();
    }

    /** Statuses told of one leg: {@code trying 100}. */
    List<String> statuses(String leg) {
        return statuses().stream()
                .filter(status -> status.startsWith(leg + " "))
                .map(status -> status.substring(leg.length() + 1))
                .toList();
    }

    Map<String, Object> status(String leg, String word) {
        return commands(ControlCommand.NotifyStatus.class).stream()
                .map(ControlCommand.NotifyStatus::payload)
                .filter(payload ->
                        name(payload).equals(leg) && payload.get("call_status").equals(word))
                .findFirst()
                .orElseThrow();
    }

    private final List<Object> childSids = new ArrayList<>();

    /** Children by the X-Call-Sid of their INVITEs, else by their first status. */
    private String name(Map<String, Object> payload) {
        if (payload.get("direction").equals("inbound")) {
            return "A";
        }
        for (ControlCommand.Dial dial : dials) {
            noteChild(header(dial, "X-Call-Sid"));
        }
        noteChild(payload.get("call_sid"));
        return "B" + (childSids.indexOf(payload.get("call_sid")) + 1);
    }

    private void noteChild(Object sid) {
        if (!childSids.contains(sid)) {
            childSids.add(sid);
        }
    }

    /** The call_sid that B's INVITE carries. */
    String sid(int b) {
        return header(dials.get(b - 1), "X-Call-Sid");
    }

    ControlCommand.Dial dial(int b) {
        return dials.get(b - 1);
    }

    static String header(ControlCommand.Dial dial, String name) {
        return dial.headers().stream()
                .filter(header -> header.name().equalsIgnoreCase(name))
                .map(Header::value)
                .findFirst()
                .orElse(null);
    }

    /** Payloads of the hooks asked so far, the first hook's included. */
    List<Map<String, Object>> asked() {
        return commands(ControlCommand.CallHook.class).stream()
                .map(ControlCommand.CallHook::payload)
                .toList();
    }

    /** The last hook's payload: {@code dial_status dial_sip_status}. */
    Script expectDialEnded(String status, long sipStatus, String sid) {
        assertThat(asked()).as("hooks asked").hasSizeGreaterThan(1);
        Map<String, Object> payload = asked().getLast();
        assertThat(payload.get("dial_status")).isEqualTo(status);
        assertThat(payload.get("dial_call_status")).isEqualTo(status);
        assertThat(payload.get("dial_sip_status")).isEqualTo(sipStatus);
        assertThat(payload.get("dial_call_sid")).isEqualTo(sid);
        return this;
    }

    Script expectSent(String... commands) {
        assertThat(sent()).containsExactly(commands);
        return this;
    }

    Script expectNothingLeft() {
        assertThat(control.pending()).as("things still awaited").isZero();
        return this;
    }
}
