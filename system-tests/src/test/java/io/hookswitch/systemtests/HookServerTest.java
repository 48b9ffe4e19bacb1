package io.hookswitch.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.hook.HookProcess;
import io.hookswitch.systemtests.hook.HookReply;
import io.hookswitch.systemtests.process.Http;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The customer's application is tested before it judges the engine. */
class HookServerTest {
    @Test
    void shouldAnswerByScriptAndWriteDownWhatItWasAsked() {
        try (HookProcess hooks = new HookProcess("wh")) {
            hooks.reply("/call", HookReply.status(500)).reply("/call", HookReply.verbs("[{\"verb\":\"hangup\"}]"));
            assertThat(call(hooks).status()).isEqualTo(500);
            assertThat(call(hooks).body()).contains("hangup");
            assertThat(hooks.record("/call")).hasSize(2).allSatisfy(asked -> {
                assertThat(asked.text("call_sid")).isEqualTo("1");
                assertThat(asked.query()).isEqualTo("x=1");
                assertThat(asked.signature()).startsWith("too old");
            });
            hooks.kill();
            hooks.restart();
            assertThat(hooks.record()).isEmpty();
        }
    }

    private static Http.Reply call(HookProcess hooks) {
        Map<String, String> signature = Map.of("Jambonz-Signature", "t=1,v1=" + "0".repeat(64));
        return Http.ask("POST", hooks.url("/call?x=1"), signature, "{\"call_sid\":\"1\"}");
    }
}
