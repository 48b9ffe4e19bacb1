package io.hookswitch.control.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.Directory;
import io.hookswitch.engine.message.Cause;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A step of ours that fails costs the one call, and that call ends like any other. */
class AbandonTest {
    private static final String DIAL_TWO = """
            [{"verb":"dial","actionHook":"/end","target":[{"type":"sip","sipUri":"sip:1@h"},
              {"type":"sip","sipUri":"sip:2@h"}]}]""";

    /** Fails at the first command of a kind. */
    private static List<ControlCommand> failingAt(Class<? extends ControlCommand> kind) {
        return new ArrayList<>() {
            private static final long serialVersionUID = 1L;
            private boolean hasFailed;

            @Override
            public boolean add(ControlCommand command) {
                if (!hasFailed && kind.isInstance(command)) {
                    hasFailed = true;
                    throw new IllegalStateException("bug");
                }
                return super.add(command);
            }
        };
    }

    private static List<String> fails(Script script, ControlEvent event, Class<? extends ControlCommand> at) {
        List<ControlCommand> out = failingAt(at);
        assertThatThrownBy(() -> script.control().on(event, 0, 7, 7, out)).isInstanceOf(IllegalStateException.class);
        return out.stream()
                .map(command -> switch (command) {
                    case ControlCommand.End(long leg, int status, String _, List<ControlEvent.Header> _) ->
                        "END " + (leg == Script.CALLER ? "A" : "B") + " " + status;
                    case ControlCommand.DisarmTimer _ -> "DISARM";
                    case ControlCommand.NotifyStatus told ->
                        told.payload().get("direction") + " " + told.payload().get("call_status");
                    case ControlCommand.CallHook hook ->
                        "HOOK " + hook.payload().get("dial_status") + " "
                                + hook.payload().get("dial_sip_status");
                    case ControlCommand.CallRecord _ -> "RECORD";
                    default -> "";
                })
                .filter(word -> !word.isEmpty())
                .toList();
    }

    @Test
    void shouldEndTheCallersLegWhenNobodyCanBeAskedWhoseItIs() {
        Directory broken = new Directory() {
            @Override
            public Optional<Application> applicationForCarrier(String account, String carrier, String number) {
                throw new IllegalStateException("bug");
            }

            @Override
            public Optional<Application> applicationForUser(String account, String user) {
                return Optional.empty();
            }

            @Override
            public String accountSid(String account) {
                return "";
            }
        };
        Script script = new Script(broken);
        ControlEvent.IncomingCall incoming = new ControlEvent.IncomingCall(
                "c",
                "1",
                "",
                "h",
                "2",
                "sip:2@h",
                "udp:127.0.0.1:1",
                "udp:127.0.0.1:2",
                new ControlEvent.Origin.Carrier("a", "t"),
                List.of(),
                "",
                "");

        List<ControlCommand> out = new ArrayList<>();
        assertThatThrownBy(() ->
                        script.control().on(new ControlEvent.Offered(Script.CALLER, incoming, true), 0, 1, 1, out))
                .isInstanceOf(IllegalStateException.class);

        assertThat(out).containsExactly(new ControlCommand.End(Script.CALLER, 500, "Server Internal Error", List.of()));
        script.expectNothingLeft();
    }

    @Test
    void shouldEndEveryLegAndAskTheActionHookWhenTheAnswerCannotBeHandled() {
        Script script = new Script().callsAndRuns(DIAL_TWO).placed();

        List<String> done =
                fails(script, new ControlEvent.Answered(Script.leg(2), 200, "OK"), ControlCommand.Join.class);

        assertThat(done)
                .containsExactlyInAnyOrder(
                        "outbound in-progress",
                        "DISARM",
                        "END B 487",
                        "RECORD",
                        "outbound no-answer",
                        "END A 500",
                        "END B 500",
                        "inbound completed",
                        "outbound completed",
                        "RECORD",
                        "RECORD",
                        "HOOK completed 200");
    }

    @Test
    void shouldStillTellAndAskOnceWhenTheHangUpCannotBeHandled() {
        Script script = new Script().callsAndRuns(DIAL_TWO).placed().answers(1);

        List<String> done = fails(
                script,
                new ControlEvent.Ended(Script.CALLER, 200, Cause.FAR_END_BYE, "", List.of()),
                ControlCommand.CallHook.class);

        assertThat(done)
                .containsExactlyInAnyOrder(
                        "inbound completed",
                        "RECORD",
                        "END B 200",
                        "RECORD",
                        "outbound completed",
                        "HOOK completed 200");
        assertThat(script.control().pending()).as("the hook that was asked").isEqualTo(1);
    }

    @Test
    void shouldHearNothingMoreOfACallThatWasAbandoned() {
        Script script = new Script().callsAndRuns(DIAL_TWO).placed();
        fails(script, new ControlEvent.Progressed(Script.leg(1), 180, "", false), ControlCommand.NotifyStatus.class);

        script.answers(2).expectSent("END B2 487").hangsUp(1).expectSent();
        assertThat(script.control().pending()).as("the hook that was asked").isEqualTo(1);
    }
}
