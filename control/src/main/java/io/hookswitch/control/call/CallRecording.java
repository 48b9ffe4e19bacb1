package io.hookswitch.control.call;

import io.hookswitch.control.ControlCommand.Participant;
import io.hookswitch.control.ControlCommand.TapMode;
import io.hookswitch.control.ControlCommand.TapSpec;
import io.hookswitch.control.ControlEvent.IncomingCall;
import io.hookswitch.control.ControlEvent.TapEnd;
import io.hookswitch.control.ControlEvent.TapEnded;
import io.hookswitch.control.verb.Verb;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a server records of a call (RFC 7866): one recording at a time, from its start to its end or the caller's.
 * Whoever the caller is connected to meanwhile is recorded too, in a stream of its own.
 */
final class CallRecording {
    private final Call call;
    /** Null = nothing is recorded. */
    private One running;

    /** One recording. */
    private final class One implements TapOwner {
        private long tap;
        private boolean isPaused;

        @Override
        public void onEnded(TapEnded event) {
            if (running != this) {
                return;
            }
            running = null;
            explain("the recording is over: " + event.detail());
            if (event.why() == TapEnd.FAILED || event.why() == TapEnd.STALLED) {
                call.alert("webhook-connection-failure", "record: " + event.detail());
            }
        }

        /** It is paused by its own requests, not by those for listeners. */
        @Override
        public boolean isSteered(boolean transcribes) {
            return false;
        }
    }

    CallRecording(Call call) {
        this.call = call;
    }

    /** @return why it cannot be done, null = it is. */
    String apply(Verb.Recording change) {
        return switch (change.action()) {
            case START -> running == null ? start(change) : "the call is recorded already";
            case STOP -> running == null ? "nothing is recorded" : stop();
            case PAUSE -> running == null || running.isPaused ? "nothing is recorded" : pause(true);
            case RESUME -> running == null || !running.isPaused ? "no recording is paused" : pause(false);
        };
    }

    private String start(Verb.Recording change) {
        Child connected = call.fork() == null ? null : call.fork().connected();
        Call.LegParty callee = connected == null ? null : connected.party();
        running = new One();
        TapSpec spec = new TapSpec.Recorder(
                change.servers(),
                change.headers(),
                told(change),
                caller(),
                callee == null ? null : participant(callee.leg()));
        running.tap = call.desk().startTap(call.callerLeg(), callee == null ? 0 : callee.handle(), "", spec, running);
        explain("the call is recorded");
        return null;
    }

    private Map<String, Object> told(Verb.Recording change) {
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("call_sid", call.leg().callSid());
        told.put("account_sid", call.account().sid());
        told.put("application_sid", call.account().applicationSid());
        told.put("trace_id", call.traceId());
        told.put("call_id", call.leg().sipCallId());
        told.put("direction", call.leg().names().direction());
        told.put("from", call.leg().names().from());
        told.put("to", call.leg().names().to());
        if (change.recordingId() != null) {
            told.put("recording_id", change.recordingId());
        }
        return told;
    }

    private Participant caller() {
        IncomingCall incoming = call.incoming();
        if (!call.leg().names().direction().equals("inbound")) {
            // A callee that was split off: whom it was called as.
            return participant(call.leg());
        }
        String host = incoming.fromHost().isEmpty() ? ourHost() : incoming.fromHost();
        String user = incoming.fromUser().isEmpty() ? "" : incoming.fromUser() + "@";
        return new Participant(call.leg().callSid(), "sip:" + user + host, incoming.fromDisplay());
    }

    private Participant participant(Leg callee) {
        return new Participant(callee.callSid(), address(callee.names().to()), "");
    }

    /** A target as it was written: a URI, a user of a realm, or a number, which is one of ours to reach. */
    private String address(String to) {
        if (to.regionMatches(true, 0, "sip:", 0, 4) || to.regionMatches(true, 0, "sips:", 0, 5)) {
            int parameters = to.indexOf(';', to.indexOf('@') + 1);
            return parameters < 0 ? to : to.substring(0, parameters);
        }
        return "sip:" + (to.indexOf('@') < 0 ? to + "@" + ourHost() : to);
    }

    private String ourHost() {
        return call.settings().sipAddress();
    }

    private String pause(boolean isPaused) {
        running.isPaused = isPaused;
        call.desk().steerTap(running.tap, isPaused ? TapMode.PAUSED : TapMode.LIVE);
        explain(isPaused ? "the recording pauses" : "the recording goes on");
        return null;
    }

    /** Ends it, if there is one. @return null. */
    String stop() {
        if (running != null) {
            One last = running;
            running = null;
            call.desk().stopTap(last.tap);
            explain("nothing is recorded any more");
        }
        return null;
    }

    /** The caller is connected to somebody. */
    void onJoined(Call.LegParty callee) {
        if (running != null) {
            call.desk().followTap(running.tap, callee.handle(), participant(callee.leg()));
        }
    }

    /** The dial is over; nothing changes when nobody was connected. */
    void onParted() {
        if (running != null) {
            call.desk().followTap(running.tap, 0, null);
        }
    }

    private void explain(String text) {
        call.desk().explain(call.leg().callSid(), text);
    }
}
