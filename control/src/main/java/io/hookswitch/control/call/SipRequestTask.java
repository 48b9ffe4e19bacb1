package io.hookswitch.control.call;

import io.hookswitch.control.ControlEvent.RequestAnswered;
import io.hookswitch.control.verb.Verb;
import java.util.Map;

/** A {@code sip:request}: over when the far end has answered it, or never will. */
final class SipRequestTask implements Task {
    private static final int FIRST_FAILURE = 300;

    private final VerbRunner runner;
    private final Party party;
    private final Verb.SipRequest verb;
    private boolean stopped;

    SipRequestTask(VerbRunner runner, Party party, Verb.SipRequest verb) {
        this.runner = runner;
        this.party = party;
        this.verb = verb;
    }

    @Override
    public boolean begin() {
        runner.explain("sip:request " + verb.method());
        runner.desk()
                .request(
                        party.handle(),
                        verb.method(),
                        verb.headers(),
                        verb.contentType(),
                        verb.body(),
                        this::onAnswered);
        return false;
    }

    private void onAnswered(RequestAnswered answer) {
        if (stopped) {
            return;
        }
        runner.explain("sip:request " + verb.method() + ": " + answer.sipStatus());
        if (verb.actionHook() == null) {
            runner.goOn();
            return;
        }
        boolean isDone = answer.sipStatus() < FIRST_FAILURE;
        Map<String, Object> payload = Payloads.verb(party.call(), party.leg(), verb.id());
        payload.put("result", isDone ? "success" : "failed");
        payload.put("sip_status", answer.sipStatus());
        if (!isDone) {
            payload.put("err", answer.reason().isEmpty() ? "status " + answer.sipStatus() : answer.reason());
        }
        runner.ask(verb.actionHook(), payload);
    }

    @Override
    public void stop() {
        stopped = true;
    }
}
