package io.hookswitch.control.call;

import io.hookswitch.control.CallUpdate;
import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlCommand.TapMode;

/** Carries out what a request wants of a running call, or says why it cannot be done (rest.md 2.3, dial.md 4.7). */
final class LiveUpdate {
    private static final int ACCEPTED = 202;
    private static final int NOT_FOUND = 404;
    private static final int UNPROCESSABLE = 422;

    private LiveUpdate() {}

    /** @param known null = nobody has that call_sid. @param wasKnown whether a call that is over had it. */
    static void apply(Desk desk, long request, Desk.Known known, boolean wasKnown, CallUpdate update) {
        if (known == null) {
            desk.send(
                    wasKnown
                            ? new ControlCommand.UpdateAnswered(request, UNPROCESSABLE, "the call is over")
                            : new ControlCommand.UpdateAnswered(request, NOT_FOUND, "no such call"));
            return;
        }
        Call.LegParty party = known.child() == null
                ? known.call().unanswered() ? null : known.call().party()
                : known.child().party();
        if (update instanceof CallUpdate.SipRequest sip && party != null) {
            // Answered when the far end has.
            desk.request(party.handle(), sip, request);
            return;
        }
        String obstacle = known.child() == null ? ofCaller(known.call(), update) : ofCallee(known.child(), update);
        desk.send(
                obstacle == null
                        ? new ControlCommand.UpdateAnswered(request, ACCEPTED, "")
                        : new ControlCommand.UpdateAnswered(request, UNPROCESSABLE, obstacle));
    }

    /** @return why it cannot be done, null = it is. */
    private static String ofCaller(Call call, CallUpdate update) {
        Desk desk = call.desk();
        return switch (update) {
            case CallUpdate.Redirect redirect -> new Redirection(call).begin(redirect);
            case CallUpdate.HangUp _ -> call.unanswered() ? "the call is not answered" : call.hangUpNow();
            case CallUpdate.Cancel _ -> call.unanswered() ? call.refuseNow() : "the call is answered";
            case CallUpdate.Tag(var data) -> {
                call.leg().tag(data);
                yield null;
            }
            case CallUpdate.Nothing _ -> null;
            default -> call.unanswered() ? "the call is not answered" : heard(desk, call.party(), update);
        };
    }

    private static String ofCallee(Child child, CallUpdate update) {
        return switch (update) {
            case CallUpdate.Redirect _ -> "hooks are for the caller's call_sid, with child_call_hook for this leg";
            case CallUpdate.HangUp _ -> {
                child.fork().hangUp(child);
                yield null;
            }
            case CallUpdate.Cancel _ -> {
                if (child.leg().answered()) {
                    yield "the call is answered";
                }
                child.fork().hangUp(child);
                yield null;
            }
            case CallUpdate.Tag(var data) -> {
                child.leg().tag(data);
                yield null;
            }
            case CallUpdate.Nothing _ -> null;
            default ->
                child.party() == null
                        ? "the call is not connected"
                        : heard(child.fork().call().desk(), child.party(), update);
        };
    }

    /** What an answered leg hears, or is heard of it. */
    private static String heard(Desk desk, Call.LegParty party, CallUpdate update) {
        Leg leg = party.leg();
        switch (update) {
            case CallUpdate.Mute(boolean isMuted) -> {
                leg.mute(isMuted);
                desk.send(new ControlCommand.Gain(party.handle(), leg.gain()));
            }
            case CallUpdate.Loudness(int decibels) -> {
                leg.loudness(decibels);
                desk.send(new ControlCommand.Gain(party.handle(), leg.gain()));
            }
            case CallUpdate.Keys(String digits, long keyNs) ->
                desk.pressUnheeded(party.handle(), digits, keyNs, KeysTask.KEY_PAUSE_NS);
            case CallUpdate.Steer(boolean transcribes, TapMode mode) -> {
                if (!desk.steerTaps(party.call(), transcribes, mode)) {
                    return "nobody listens";
                }
            }
            case CallUpdate.Dub(var change) -> {
                return leg.tracks().apply(change, party, party.call().base(), null);
            }
            case CallUpdate.Recording(var change) -> {
                return party.call().recording().apply(change);
            }
            case CallUpdate.Whisper(var verbs) -> party.call().whispers().begin(party, verbs);
            default -> {
                return "cannot be done";
            }
        }
        return null;
    }
}
