package io.hookswitch.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.server.node.Hookswitch;
import io.hookswitch.server.settings.SettingsReader;
import io.hookswitch.server.timeline.TimelineEntry;
import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import io.hookswitch.systemtests.hook.HookReply;
import io.hookswitch.systemtests.hook.HookRequest;
import io.hookswitch.systemtests.hook.HookServer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/**
 * The whole path of one call: SIP over real sockets, a real application, two targets, media, and nothing left behind.
 */
class FirstCallTest {
    private static final String SECRET = "wh_secret_first";

    private static String settings(int hookPort) {
        return """
                sip: { listen: ["udp:127.0.0.1:0", "tcp:127.0.0.1:0"] }
                media: { address: 127.0.0.1, ports: 31200-31299 }
                http: { listen: off }
                engine: { cores: 1, legs: 64 }
                hooks: { allow: ["127.0.0.0/8"] }
                accounts:
                  - name: demo
                    sip_realm: demo.test
                    webhook_secret: "%2$s"
                    applications:
                      - name: main
                        call_hook: { url: "http://127.0.0.1:%1$d/call" }
                        call_status_hook: { url: "http://127.0.0.1:%1$d/status" }
                    carriers:
                      - { name: trunk, application: main, gateways: [ { host: 127.0.0.1, inbound: true } ] }
                """.formatted(hookPort, SECRET);
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadlineNs).as("waited for " + what).isNegative();
            LockSupport.parkNanos(1_000_000);
        }
    }

    @Test
    void shouldConnectTheTargetThatAnswersAndReportItWhenTwoAreDialled() throws Exception {
        try (HookServer hooks = new HookServer(0, SECRET);
                FarEnd caller = FarEnd.udp("caller", 440);
                FarEnd slow = FarEnd.udp("slow", 700).script(Script.ringing());
                FarEnd quick = FarEnd.udp("quick", 880).script(Script.answering(100));
                Hookswitch node = Hookswitch.start(SettingsReader.read(settings(hooks.port())), null)) {
            hooks.reply("/call", HookReply.verbs("""
                    [{"verb":"dial","answerOnBridge":true,"actionHook":"/done","target":[
                      {"type":"sip","sipUri":"%s"},{"type":"sip","sipUri":"%s"}]}]
                    """.formatted(slow.uri("slow"), quick.uri("quick"))));
            hooks.reply("/done", HookReply.NOTHING);
            hooks.reply("/status", HookReply.NOTHING);

            FarCall a = caller.call(Invite.to("15083084809", node.sip()).from("+16175551212", "127.0.0.1"));
            FarCall loser = slow.awaitCall();
            FarCall b = quick.awaitCall();
            a.awaitStatus(180);
            b.awaitConnected();
            a.awaitConnected();
            loser.awaitReceived("CANCEL");
            a.awaitTone(quick.toneHz());
            b.awaitTone(caller.toneHz());
            b.bye();
            a.awaitEnded(Duration.ofSeconds(10));

            await("the action hook", () -> requests(hooks, "/done").size() == 1);
            HookRequest done = requests(hooks, "/done").getFirst();
            assertThat(done.text("dial_call_status")).isEqualTo("completed");
            assertThat(done.number("dial_sip_status")).isEqualTo(200);
            await("an empty core", () -> node.counters().get("core_legs") == 0);
            Map<String, Long> counters = node.counters();
            assertThat(counters.get("core_timers")).isZero();
            assertThat(counters.get("core_ports")).isZero();
            assertThat(counters.get("core_bridges")).isZero();
            assertThat(counters.get("unexpected_errors_total")).isZero();
            assertThat(counters.get("core_rtp_forwarded_total")).isPositive();
        }
    }

    @Test
    void shouldEndEveryCallAndTellTheApplicationWhenTheNodeStops() throws Exception {
        try (HookServer hooks = new HookServer(0, SECRET);
                FarEnd caller = FarEnd.udp("caller", 440);
                FarEnd talking = FarEnd.udp("talking", 880).script(Script.answering(0));
                FarEnd ringing = FarEnd.udp("ringing", 700).script(Script.ringing())) {
            Hookswitch node = Hookswitch.start(SettingsReader.read(settings(hooks.port())), null);
            hooks.reply("/call", dial(talking));
            hooks.reply("/call", dial(ringing));
            hooks.reply("/done", HookReply.NOTHING);
            hooks.reply("/status", HookReply.NOTHING);
            FarCall a = caller.call(Invite.to("1", node.sip())).awaitConnected();
            FarCall unanswered = caller.call(Invite.to("2", node.sip()));
            unanswered.awaitStatus(180);

            node.close();

            a.awaitReceived("BYE");
            talking.awaitCall().awaitReceived("BYE");
            assertThat(unanswered.awaitFinal()).isEqualTo(503);
            ringing.awaitCall().awaitReceived("CANCEL");
            assertThat(requests(hooks, "/status"))
                    .filteredOn(each -> each.text("direction").equals("inbound"))
                    .extracting(each -> each.text("call_status"))
                    .contains("completed")
                    .containsAnyOf("failed", "no-answer");
        }
    }

    @Test
    void shouldWaitForTheActionHookInFlightWhenTheNodeStops() throws Exception {
        List<String> told = Collections.synchronizedList(new ArrayList<>());
        long tookNs = stopWithActionHook(HookReply.NOTHING.after(1_200), told);

        assertThat(told).filteredOn(each -> each.startsWith("-> POST")).hasSize(2);
        assertThat(told).filteredOn(each -> each.startsWith("<- 200")).hasSize(2);
        assertThat(tookNs).isBetween(TimeUnit.MILLISECONDS.toNanos(1_100), TimeUnit.SECONDS.toNanos(3));
    }

    @Test
    void shouldStopAllTheSameWhenTheActionHookIsNeverAnswered() throws Exception {
        List<String> told = Collections.synchronizedList(new ArrayList<>());
        long tookNs = stopWithActionHook(HookReply.NOTHING.after(20_000), told);

        assertThat(told).filteredOn(each -> each.startsWith("-> POST")).hasSize(2);
        assertThat(tookNs).isLessThan(TimeUnit.SECONDS.toNanos(8));
    }

    /** Stops a node with a conversation up. @return how long that took, ns. */
    private static long stopWithActionHook(HookReply done, List<String> told) throws Exception {
        try (HookServer hooks = new HookServer(0, SECRET);
                FarEnd caller = FarEnd.udp("caller", 440);
                FarEnd talking = FarEnd.udp("talking", 880).script(Script.answering(0))) {
            Hookswitch node = Hookswitch.start(SettingsReader.read(settings(hooks.port())), entry -> {
                if (entry.kind() == TimelineEntry.Kind.HOOK) {
                    told.add(entry.text());
                }
            });
            hooks.reply("/call", dial(talking));
            hooks.reply("/done", done);
            hooks.reply("/status", HookReply.NOTHING);
            FarCall a = caller.call(Invite.to("1", node.sip())).awaitConnected();

            long beginNs = System.nanoTime();
            node.close();
            long tookNs = System.nanoTime() - beginNs;

            a.awaitReceived("BYE");
            talking.awaitCall().awaitReceived("BYE");
            assertThat(requests(hooks, "/done")).singleElement().satisfies(request -> assertThat(
                            request.text("dial_call_status"))
                    .isEqualTo("completed"));
            return tookNs;
        }
    }

    private static HookReply dial(FarEnd target) {
        return HookReply.verbs("""
                [{"verb":"dial","answerOnBridge":true,"actionHook":"/done",
                  "target":[{"type":"sip","sipUri":"%s"}]}]
                """.formatted(target.uri("x")));
    }

    private static List<HookRequest> requests(HookServer hooks, String path) {
        return hooks.record().stream().filter(each -> each.path().equals(path)).toList();
    }
}
