package io.hookswitch.server.node;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.ControlEvent.PlayResult;
import io.hookswitch.control.ControlEvent.Played;
import io.hookswitch.control.ControlEvent.Resolution;
import io.hookswitch.server.agent.World;
import io.hookswitch.server.hooks.HookClient;
import io.hookswitch.server.hooks.StatusNotifier;
import io.hookswitch.server.json.JavaScriptJson;
import io.hookswitch.server.routing.TargetResolver;
import io.hookswitch.server.timeline.Timeline;
import io.hookswitch.server.timeline.TimelineEntry.Kind;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The world as it is: hooks over HTTP, routes from the tables and DNS, alerts and records in the log. */
final class HookWorld implements World {
    private static final Logger ALERTS = LoggerFactory.getLogger("io.hookswitch.alerts");
    private static final Logger RECORDS = LoggerFactory.getLogger("io.hookswitch.records");

    private final HookClient hooks;
    private final StatusNotifier statuses;
    private final TargetResolver resolver;
    private final Timeline timeline;

    HookWorld(HookClient hooks, StatusNotifier statuses, TargetResolver resolver, Timeline timeline) {
        this.hooks = hooks;
        this.statuses = statuses;
        this.resolver = resolver;
        this.timeline = timeline;
    }

    @Override
    public void callHook(ControlCommand.CallHook hook, Consumer<HookOutcome> done) {
        Object callSid = hook.payload().get("call_sid");
        String call = callSid == null ? "" : callSid.toString();
        try {
            hooks.send(hook.account(), hook.base(), hook.spec(), hook.payload(), outcome -> {
                try {
                    timeline.add(Kind.HOOK, call, "<- " + words(outcome));
                } finally {
                    done.accept(outcome);
                }
            });
        } catch (RejectedExecutionException e) {
            done.accept(new HookOutcome.Failed("shutting down"));
        }
    }

    private static String words(HookOutcome outcome) {
        return switch (outcome) {
            case HookOutcome.Replied(int status, Object json) ->
                status + (json == null ? " without instructions" : " " + shortened(JavaScriptJson.text(json)));
            case HookOutcome.Refused(int _, String detail) -> "refused: " + detail;
            case HookOutcome.TimedOut(long afterMs) -> "no answer in " + afterMs + " ms";
            case HookOutcome.Failed(String detail) -> "failed: " + detail;
        };
    }

    private static String shortened(String text) {
        return text.length() > 300 ? text.substring(0, 300) + "..." : text;
    }

    @Override
    public void resolve(ControlCommand.Resolve question, Consumer<Resolution> done) {
        resolver.resolve(question, done);
    }

    /** There is no player in this build: every file is one that cannot be played, and control says so. */
    @Override
    public void play(ControlCommand.Play play, Consumer<Played> done) {
        done.accept(new Played(play.play(), PlayResult.FAILED, 0, 0));
    }

    /** As {@link #play}: there is no speaker in this build. */
    @Override
    public void speak(ControlCommand.Speak speak, Consumer<Played> done) {
        done.accept(new Played(speak.play(), PlayResult.FAILED, 0, 0));
    }

    @Override
    public void stopPlay(ControlCommand.StopPlay stop) {
        ALERTS.debug("nothing plays on leg {}", stop.leg());
    }

    @Override
    public void notifyStatus(ControlCommand.NotifyStatus status) {
        try {
            statuses.notify(status);
        } catch (RejectedExecutionException e) {
            ALERTS.debug("status callback not sent: shutting down");
        }
    }

    @Override
    public void alert(ControlCommand.Alert alert) {
        ALERTS.warn("account {} call {}: {}: {}", alert.account(), alert.callSid(), alert.type(), alert.message());
    }

    @Override
    public void record(ControlCommand.CallRecord callRecord) {
        if (RECORDS.isInfoEnabled()) {
            RECORDS.info("account {} {}", callRecord.account(), JavaScriptJson.text(callRecord.row()));
        }
    }
}
