package io.hookswitch.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.server.node.Hookswitch;
import io.hookswitch.server.settings.SettingsReader;
import io.hookswitch.systemtests.engine.EngineProcess;
import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import io.hookswitch.systemtests.hook.HookReply;
import io.hookswitch.systemtests.hook.HookRequest;
import io.hookswitch.systemtests.hook.HookServer;
import io.hookswitch.systemtests.process.Child;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real call, told in words and decided on again by the commands that a person types. */
class ExplainTest {
    private static final String SECRET = "wh_secret";

    @TempDir
    private Path directory;

    private String settings(int hookPort) {
        return """
                sip: { listen: ["udp:127.0.0.1:0"] }
                media: { address: 127.0.0.1, ports: 30000-30099 }
                http: { listen: off }
                hooks: { allow: ["127.0.0.0/8"] }
                journal: { dir: "%s" }
                accounts:
                  - name: demo
                    webhook_secret: "%s"
                    applications:
                      - name: main
                        call_hook: { url: "http://127.0.0.1:%d/call" }
                    carriers:
                      - { name: trunk, application: main, gateways: [ { host: 127.0.0.1, inbound: true } ] }
                """.formatted(directory, SECRET, hookPort);
    }

    private static List<String> run(int exit, String... words) {
        try (Child child = EngineProcess.hookswitch("hookswitch", List.of(words))) {
            assertThat(child.awaitEnd(Duration.ofSeconds(30)))
                    .as(() -> String.join("\n", child.lines()))
                    .isEqualTo(exit);
            return child.lines();
        }
    }

    @Test
    void shouldSayWhoRangWhoLostAndWhatTheHooksSaidWhenACallIsExplained() throws Exception {
        String callSid;
        try (HookServer hooks = new HookServer(0, SECRET);
                FarEnd caller = FarEnd.udp("caller", 440);
                FarEnd slow = FarEnd.udp("slow", 700).script(Script.ringing());
                FarEnd busy = FarEnd.udp("busy", 600).script(Script.rejecting(486));
                FarEnd quick = FarEnd.udp("quick", 880).script(Script.answering(100));
                Hookswitch node = Hookswitch.start(SettingsReader.read(settings(hooks.port())), null)) {
            hooks.reply(
                    "/call", HookReply.verbs("""
                    [{"verb":"dial","answerOnBridge":true,"actionHook":"/done","target":[
                      {"type":"sip","sipUri":"%s"},{"type":"sip","sipUri":"%s"},{"type":"sip","sipUri":"%s"}]}]
                    """.formatted(slow.uri("slow"), busy.uri("busy"), quick.uri("quick"))));
            hooks.reply("/done", HookReply.NOTHING);
            FarCall a = caller.call(Invite.to("15083084809", node.sip()).from("+16175551212", "127.0.0.1"));
            FarCall b = quick.awaitCall();
            b.awaitConnected();
            a.awaitConnected();
            slow.awaitCall().awaitReceived("CANCEL");
            b.bye();
            a.awaitEnded(Duration.ofSeconds(10));
            callSid = hooks.record().stream()
                    .filter(request -> request.path().equals("/call"))
                    .map((HookRequest request) -> request.text("call_sid"))
                    .findFirst()
                    .orElseThrow();
        }

        List<String> story = run(0, "explain", callSid, "--journal", directory.toString());
        String text = String.join("\n", story);
        assertThat(text)
                .contains("call " + callSid)
                .contains("A INVITE from +16175551212 to 15083084809, carrier trunk of demo")
                .contains("/call took ", "200, verbs dial", "/done took ")
                .contains("target 3 (sip) answered first and wins")
                .contains("ended: 486");
        assertThat(text.substring(text.indexOf("\noutcome")))
                .containsPattern("target 1 \\(sip\\): .*cancelled, another target won")
                .containsPattern("target 2 \\(sip\\): .*busy 486")
                .containsPattern("target 3 \\(sip\\): .*hung up")
                .contains("dial: completed 200", "nothing is open any more");

        assertThat(run(0, "replay", directory.toString()).getLast()).contains("1 calls", "every command is the same");
        assertThat(run(1, "explain", "no-such-sid", "--journal", directory.toString()))
                .last()
                .asString()
                .contains("no call no-such-sid");
    }
}
