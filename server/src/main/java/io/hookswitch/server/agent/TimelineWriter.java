package io.hookswitch.server.agent;

import io.hookswitch.control.CallUpdate;
import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.LegHandle;
import io.hookswitch.server.timeline.TimelineEntry.Kind;
import io.hookswitch.server.timeline.TimelineSink;
import java.util.List;
import java.util.Locale;
import java.util.function.LongFunction;

/**
 * Puts control's events and commands into words. Never secrets, digits or bodies. The thread that control's events and
 * commands are told on.
 */
public final class TimelineWriter {
    private final TimelineSink timeline;
    private final LongFunction<String> legs;

    TimelineWriter(TimelineSink timeline) {
        this(timeline, leg -> "leg " + LegHandle.row(leg) + "." + LegHandle.generation(leg));
    }

    /** @param legs how a leg is called */
    public TimelineWriter(TimelineSink timeline, LongFunction<String> legs) {
        this.timeline = timeline;
        this.legs = legs;
    }

    /** Tells an event, before what is done about it. */
    public void onEvent(ControlEvent event) {
        if (!timeline.isOn()) {
            return;
        }
        switch (event) {
            case ControlEvent.Offered(long leg, ControlEvent.IncomingCall call, boolean offer) ->
                sip("<- " + name(leg) + " INVITE from " + call.fromUser() + " to " + call.toUser() + ", "
                        + origin(call.origin()) + " at " + call.source() + (offer ? "" : ", without SDP"));
            case ControlEvent.Invited(long leg, long reference, String callId) ->
                sip("-> " + name(leg) + " INVITE sent, Call-ID " + callId);
            case ControlEvent.DialRefused(long reference, int status, String reason) ->
                sip("   no leg for a dialled target: " + status + " " + reason);
            case ControlEvent.Progressed(long leg, int status, String reason, boolean media) ->
                sip("<- " + name(leg) + " " + status + " " + reason + (media ? " with SDP" : ""));
            case ControlEvent.Answered(long leg, int status, String reason) ->
                sip("<- " + name(leg) + " " + status + " " + reason + ", ACK sent");
            case ControlEvent.Ended ended ->
                sip("<- " + name(ended.leg()) + " ended: " + ended.sipStatus() + " " + ended.reason());
            case ControlEvent.DigitPressed(long leg, char _, int durationMs) ->
                sip("<- " + name(leg) + " a key was pressed for " + durationMs + " ms");
            case ControlEvent.Referred(long leg, List<ControlEvent.Header> _) -> sip("<- " + name(leg) + " REFER");
            case ControlEvent.Requested requested -> sip("<- " + name(requested.leg()) + " " + requested.method());
            case ControlEvent.RequestAnswered(long _, int status, String _) -> sip("<- request answered " + status);
            case ControlEvent.Held(long leg, boolean holds) ->
                sip("<- " + name(leg) + (holds ? " holds" : " holds no longer"));
            case ControlEvent.DigitsSent(long _, boolean sent) ->
                sip(sent ? "   all keys are sent" : "   no key was sent");
            case ControlEvent.CommandRefused(long leg, int type) ->
                sip("   " + name(leg) + " is gone: command " + type + " refused");
            case ControlEvent.Played(long _, ControlEvent.PlayResult result, long playedMs, long _, String detail) ->
                media("playing " + result.name().toLowerCase(Locale.ROOT) + ", " + playedMs + " ms"
                        + (detail.isEmpty() ? "" : ": " + detail));
            case ControlEvent.UpdateCall(long _, String account, String callSid, CallUpdate update) ->
                timeline.add(
                        Kind.DECISION,
                        callSid,
                        account + " asks for " + update.getClass().getSimpleName());
            case ControlEvent.AskCalls _ -> {
                // Reading changes nothing.
            }
            case ControlEvent.TapEnded(long _, ControlEvent.TapEnd why, String detail) ->
                media("a listening server is gone, " + why.name().toLowerCase(Locale.ROOT)
                        + (detail.isEmpty() ? "" : ": " + detail));
            case ControlEvent.Transcribed _ -> media("speech was recognised");
            case ControlEvent.AnswerHeard(long _, ControlEvent.AnswerSign sign, int words) ->
                media("heard of who answered: "
                        + sign.name().toLowerCase(Locale.ROOT).replace('_', ' ') + ", " + words + " words");
            case ControlEvent.TimerExpired _, ControlEvent.HookAnswered _, ControlEvent.Resolved _ -> {
                // Told by what control explains of it.
            }
        }
    }

    /** Tells a command. */
    public void onCommand(ControlCommand command) {
        if (!timeline.isOn()) {
            return;
        }
        switch (command) {
            case ControlCommand.Dial dial -> sip("-> INVITE " + dial.requestUri() + " via " + dial.nextHop());
            case ControlCommand.Progress(long leg, int status, long like, List<ControlEvent.Header> _) ->
                sip("-> " + name(leg) + " " + status + (like == 0 ? "" : " with SDP"));
            case ControlCommand.Answer answer -> sip("-> " + name(answer.leg()) + " 200 OK");
            case ControlCommand.Join(long leg, long other) -> media(name(leg) + " and " + name(other) + " joined");
            case ControlCommand.Part(long leg) -> media(name(leg) + " parted");
            case ControlCommand.SendDigits keys ->
                sip("-> " + name(keys.leg()) + " " + keys.digits().length() + " keys as telephone events");
            case ControlCommand.ReferResult(long leg, int status) -> sip("-> " + name(leg) + " REFER: " + status);
            case ControlCommand.RequestResult(long leg, int status) -> sip("-> " + name(leg) + " MESSAGE: " + status);
            case ControlCommand.Request request -> sip("-> " + name(request.leg()) + " " + request.method());
            case ControlCommand.Gain(long leg, int decibels) ->
                media(name(leg) + (decibels == CoreCommand.MUTE ? " muted" : " is heard " + decibels + " dB louder"));
            case ControlCommand.Play play -> media(name(play.leg()) + " hears " + String.join(", ", play.urls()));
            case ControlCommand.Speak speak -> media(name(speak.leg()) + " hears words");
            case ControlCommand.StopPlay stop -> media(name(stop.leg()) + " hears it no longer");
            case ControlCommand.End end ->
                sip("-> " + name(end.leg()) + " end: " + end.sipStatus() + " " + end.reason());
            case ControlCommand.NotifyStatus status -> status(status);
            case ControlCommand.Alert(String _, String type, String message, String callSid) ->
                timeline.add(Kind.ALERT, callSid, type + ": " + message);
            case ControlCommand.Explain(String callSid, String text) -> timeline.add(Kind.DECISION, callSid, text);
            case ControlCommand.CallHook hook ->
                timeline.add(
                        Kind.HOOK,
                        text(hook.payload().get("call_sid")),
                        "-> " + hook.spec().method() + " " + hook.spec().url());
            case ControlCommand.UpdateAnswered(long _, int httpStatus, String text) ->
                timeline.add(Kind.DECISION, "", "update answered " + httpStatus + " " + text);
            case ControlCommand.StartTap start -> media(listener(start.spec()) + " listens to " + name(start.leg()));
            case ControlCommand.StopTap _ -> media("whoever listened is let go");
            case ControlCommand.SteerTap(long _, ControlCommand.TapMode mode) ->
                media("a listening server is " + mode.name().toLowerCase(Locale.ROOT));
            case ControlCommand.FollowTap(long _, long otherLeg, ControlCommand.Participant _) ->
                media("the recorder hears " + (otherLeg == 0 ? "nobody else" : name(otherLeg) + " too"));
            case ControlCommand.Tap _,
                    ControlCommand.Untap _,
                    ControlCommand.TellTap _,
                    ControlCommand.StartPlayout _,
                    ControlCommand.StopPlayout _,
                    ControlCommand.ArmTimer _,
                    ControlCommand.DisarmTimer _,
                    ControlCommand.Resolve _,
                    ControlCommand.CallsTold _,
                    ControlCommand.RequestTold _,
                    ControlCommand.CallRecord _ -> {
                // Nothing that a person waits for.
            }
        }
    }

    private void status(ControlCommand.NotifyStatus status) {
        timeline.add(
                Kind.STATUS,
                text(status.payload().get("call_sid")),
                text(status.payload().get("direction")) + " "
                        + text(status.payload().get("call_status")) + " "
                        + text(status.payload().get("sip_status")));
    }

    private void media(String text) {
        timeline.add(Kind.MEDIA, "", text);
    }

    private void sip(String text) {
        timeline.add(Kind.SIP, "", text);
    }

    private String name(long leg) {
        return legs.apply(leg);
    }

    private static String text(Object value) {
        return value == null ? "" : value.toString();
    }

    private static String origin(ControlEvent.Origin origin) {
        return switch (origin) {
            case ControlEvent.Origin.Carrier(String account, String name) -> "carrier " + name + " of " + account;
            case ControlEvent.Origin.User(String account, String name) -> "user " + name + " of " + account;
        };
    }

    private static String listener(ControlCommand.TapSpec spec) {
        return switch (spec) {
            case ControlCommand.TapSpec.AnswerDetector _ -> "a detector";
            case ControlCommand.TapSpec.Recorder _ -> "a recorder";
            case ControlCommand.TapSpec.Listener _, ControlCommand.TapSpec.Recogniser _ -> "a server";
        };
    }
}
