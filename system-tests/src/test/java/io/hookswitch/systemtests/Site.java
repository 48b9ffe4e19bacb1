package io.hookswitch.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.engine.EngineConfig;
import io.hookswitch.systemtests.engine.EngineProcess;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.hook.HookProcess;
import io.hookswitch.systemtests.hook.HookReply;
import io.hookswitch.systemtests.hook.HookRequest;
import io.hookswitch.systemtests.process.Child;
import io.hookswitch.systemtests.process.Http;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/**
 * A customer's site: the engine in one process, the application in another. Calls from 127.0.0.1 are those of the
 * carrier
 * {@code trunk}; users belong to {@code demo.test}.
 */
final class Site implements AutoCloseable {
    private static final String SECRET = "wh_secret_of_the_site";
    final HookProcess hooks = new HookProcess(SECRET);
    final EngineProcess engine;
    private int dials;

    /** Starts both; {@code more} adds users and carriers. */
    Site(UnaryOperator<EngineConfig> more) {
        EngineConfig config = new EngineConfig()
                .secret(SECRET)
                .application("main", hooks.url("/call"), hooks.url("/status"))
                .inboundCarrier("trunk", "main", "127.0.0.1");
        engine = new EngineProcess(more.apply(config));
    }

    /** @return where the engine listens for SIP. */
    InetSocketAddress sip() {
        return engine.sip();
    }

    /**
     * @return the path of the newest dial's actionHook: its own, so that a late request of an older call is not its.
     */
    String done() {
        return "/done/" + dials;
    }

    /** Forgets what the application was asked and answers the next calls with one dial that has an actionHook. */
    Site dials(String options, String... targets) {
        forget();
        String more = options.isEmpty() ? "" : options + ",";
        return answers("[{\"verb\":\"dial\"," + more + "\"actionHook\":\"" + done() + "\",\"target\":["
                + String.join(",", targets) + "]}]");
    }

    /** Forgets what the application was asked and what it answers. */
    Site forget() {
        hooks.reset();
        dials++;
        return this;
    }

    /** Answers the next calls with these verbs. */
    Site answers(String verbs) {
        hooks.reply("/call", HookReply.verbs(verbs));
        return this;
    }

    static String sipTarget(String uri) {
        return "{\"type\":\"sip\",\"sipUri\":\"" + uri + "\"}";
    }

    /** Waits for the actionHook and checks what every one must hold. */
    HookRequest awaitDone() {
        return awaitDone(done());
    }

    /** As {@link #awaitDone()} for an older dial's actionHook. */
    HookRequest awaitDone(String path) {
        HookRequest done = hooks.await(path);
        assertThat(done.signature()).isEqualTo("good");
        assertThat(done.text("dial_status")).isNotEmpty().isEqualTo(done.text("dial_call_status"));
        return done;
    }

    /** Waits for a call-status callback about the leg to or from somebody. */
    HookRequest awaitStatus(String to, String status) {
        return hooks.await(
                "/status",
                request -> request.text("to").equals(to)
                        && request.text("call_status").equals(status));
    }

    /** Asks the REST API about the account's calls. @param path behind {@code /Calls} */
    Http.Reply rest(String method, String path, String body) {
        String account = hooks.await("/call").text("account_sid");
        return Http.ask(
                method,
                engine.http("/v1/Accounts/" + account + "/Calls" + path),
                Map.of("Authorization", "Bearer key"),
                body);
    }

    /** Has the REST API update a call, which must be accepted. */
    void update(String callSid, String body) {
        Http.Reply reply = rest("PUT", "/" + callSid, body);
        assertThat(reply.status()).as(reply.body()).isEqualTo(202);
    }

    /** Waits until something holds. */
    static void await(String what, BooleanSupplier holds) {
        long endNs = System.nanoTime() + FarEnd.PATIENCE.toNanos();
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(endNs);
            Child.pause(20);
        }
    }

    /** @return statuses told of a leg, as {@code status code}, in order. */
    List<String> statuses(String to) {
        return hooks.record("/status").stream()
                .filter(request -> request.text("to").equals(to))
                .map(request -> request.text("call_status") + " " + request.number("sip_status"))
                .toList();
    }

    /** Waits until as many statuses were told of a leg, and checks that they are these, as {@code status code}. */
    void assertStatuses(String to, String... wanted) {
        await(wanted.length + " statuses of " + to, () -> statuses(to).size() >= wanted.length);
        assertThat(statuses(to)).containsExactly(wanted);
    }

    /** Checks that every hook so far was signed as it must be. */
    void assertSigned() {
        assertThat(hooks.record()).isNotEmpty().allSatisfy(request -> assertThat(request.signature())
                .as(request.summary())
                .isEqualTo("good"));
    }

    @Override
    public void close() {
        engine.close();
        hooks.close();
    }
}
