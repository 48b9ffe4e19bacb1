package io.hookswitch.server.node;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.ControlEvent.Resolution;
import io.hookswitch.server.agent.Listeners;
import io.hookswitch.server.agent.World;
import io.hookswitch.server.audio.AudioLibrary;
import io.hookswitch.server.audio.AudioOutcome;
import io.hookswitch.server.hooks.HookClient;
import io.hookswitch.server.hooks.StatusNotifier;
import io.hookswitch.server.json.JavaScriptJson;
import io.hookswitch.server.rest.CallRequests;
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
    private final AudioLibrary audio;
    private final CallRequests requests;
    private final Timeline timeline;
    private final Listeners taps;

    HookWorld(
            HookClient hooks,
            StatusNotifier statuses,
            TargetResolver resolver,
            AudioLibrary audio,
            CallRequests requests,
            Listeners taps,
            Timeline timeline) {
        this.hooks = hooks;
        this.statuses = statuses;
        this.resolver = resolver;
        this.audio = audio;
        this.requests = requests;
        this.taps = taps;
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

    @Override
    public void openAudio(ControlCommand.Play play, String url, Consumer<AudioOutcome> done) {
        audio.open(play.account(), play.base(), url, done);
    }

    @Override
    public void openSpeech(ControlCommand.Speak speak, String text, Consumer<AudioOutcome> done) {
        audio.speak(speak.account(), speak.voice(), text, done);
    }

    @Override
    public Listeners taps() {
        return taps;
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
    public void tell(ControlCommand.RequestTold told) {
        requests.told(told);
    }

    @Override
    public void answer(ControlCommand.UpdateAnswered answer) {
        requests.answered(answer);
    }

    @Override
    public void tell(ControlCommand.CallsTold calls) {
        requests.told(calls);
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
