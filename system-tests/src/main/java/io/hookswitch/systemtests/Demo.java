package io.hookswitch.systemtests;

import io.hookswitch.server.node.Hookswitch;
import io.hookswitch.server.settings.SettingsException;
import io.hookswitch.server.settings.SettingsReader;
import io.hookswitch.server.timeline.TimelineEntry;
import io.hookswitch.systemtests.engine.EngineConfig;
import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Heard;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import io.hookswitch.systemtests.farend.SipEntry;
import io.hookswitch.systemtests.hook.HookReply;
import io.hookswitch.systemtests.hook.HookRequest;
import io.hookswitch.systemtests.hook.HookServer;
import io.hookswitch.systemtests.process.Child;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.HdrHistogram.Histogram;

/**
 * One real call, told live: a carrier calls in, the application is asked, dial rings two telephones at once, one
 * answers,
 * both speak for two seconds, the caller hangs up, the application hears how it ended. Exit code 0 only if every
 * promise
 * held.
 */
public final class Demo implements AutoCloseable {
    private static final String NUMBER = "15083728299";
    private static final String SECRET = "wh_secret_of_the_demo";
    private static final long ANSWER_AFTER_MS = 700;
    private static final long TALK_PACKETS = 100;
    private static final double LONGEST_GAP_MS = 250;
    private static final int WARM_CALLS = 20;
    private static final int WARM_PACKETS = 1000;
    private static final long WARM_MAX_NS = 3_500_000_000L;

    private final PrintStream out =
            new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    private final Story story;
    private final Checks checks = new Checks();
    private final HookServer application;
    private final FarEnd carrier = FarEnd.udp("carrier", 440);
    private final FarEnd desk = FarEnd.udp("desk", 660);
    private final FarEnd mobile = FarEnd.udp("mobile", 880);
    private final Hookswitch engine;
    /** Set once, after the warm-up; until then nothing is told. */
    private volatile long tellingFromNs = System.nanoTime() + TimeUnit.HOURS.toNanos(1);

    private final CoreThread core = new CoreThread("core-0");

    private Demo() throws IOException, SettingsException {
        story = new Story(out, isColoured());
        application = new HookServer(0, SECRET);
        String url = "http://127.0.0.1:" + application.port();
        EngineConfig config = new EngineConfig()
                .secret(SECRET)
                .application("main", url + "/call", url + "/status")
                .inboundCarrier("trunk", "main", "127.0.0.1");
        engine = Hookswitch.start(SettingsReader.read(config.yaml()), this::onEntry);
    }

    private static boolean isColoured() {
        return System.console() != null && System.console().isTerminal() && System.getenv("NO_COLOR") == null;
    }

    /** Runs it. */
    public static void main(String[] arguments) {
        System.setProperty("logback.configurationFile", "logback-demo.xml");
        int code = 1;
        try (Demo demo = new Demo()) {
            code = demo.run() ? 0 : 1;
        } catch (IOException | SettingsException | AssertionError e) {
            System.out.flush();
            System.err.println("hookswitch demo: " + e.getMessage());
        }
        // Far ends keep daemon threads only; the engine's own end with it.
        System.exit(code);
    }

    private boolean run() {
        introduce();
        warmUp();
        script();
        FarCall call = carrier.call(Invite.to(NUMBER, engine.sip()).named("Jane"));
        FarCall answered = desk.awaitCall().awaitConnected();
        call.awaitConnected();
        FarCall lost = mobile.awaitCall();
        Talk talk = talk(call, answered);
        call.bye();
        answered.awaitEnded();
        call.awaitEnded();
        lost.awaitEnded();
        awaitThat(() -> asked("/status", isStatus("completed")).size() == 2
                && !asked("/done", _ -> true).isEmpty());
        boolean isIdle = awaitThat(this::isIdle);
        story.close();
        signalling(call, answered, lost);
        media(call, answered, talk);
        hooks(answered, lost, isIdle);
        out.println();
        boolean held = checks.print(out, story);
        out.println();
        out.println(checks.count() + " promises held"
                + (held ? ". Your own application: ./hookswitch run --config FILE" : ""));
        return held;
    }

    private void introduce() {
        out.println(story.paint("1", "Hookswitch: one call over real sockets"));
        out.println();
        out.println("  engine       " + String.join(", ", engine.sipAddresses()) + "; RTP by "
                + engine.transport().split(" \\(|[;,]")[0]);
        out.println("  application  http://127.0.0.1:" + application.port() + ", its hooks are signed");
        for (FarEnd far : List.of(carrier, desk, mobile)) {
            out.println("  %-11s  udp:127.0.0.1:%d, says %.0f Hz"
                    .formatted(far.name(), far.address().getPort(), far.toneHz()));
        }
    }

    /**
     * A JVM that has just been born interprets its code: calls and packets go through it first until the packet path is
     * compiled, as it is on a server that has run for a minute. What they did is forgotten.
     */
    private void warmUp() {
        long startNs = System.nanoTime();
        String target =
                "[{\"verb\":\"dial\",\"answerOnBridge\":true,\"target\":[{\"type\":\"sip\",\"sipUri\":\"%s\"}]}]"
                        .formatted(desk.uri("desk"));
        application.reply("/call", HookReply.verbs(target));
        desk.script(Script.answering(0));
        long packets = 0;
        for (int i = 0; i < WARM_CALLS; i++) {
            FarCall call = carrier.call(Invite.to(NUMBER, engine.sip()));
            FarCall answered = desk.awaitCall().awaitConnected();
            call.awaitConnected();
            if (i == WARM_CALLS - 1) {
                packets = warmUp(call, answered);
            }
            call.bye();
            answered.awaitEnded();
            call.awaitEnded();
        }
        awaitThat(this::isIdle);
        awaitThat(() -> asked("/status", isStatus("completed")).size() == 2 * WARM_CALLS);
        application.forget();
        List.of(carrier, desk, mobile).forEach(FarEnd::forget);
        tellingFromNs = System.nanoTime();
        out.println(story.paint(
                "2",
                "  warmed up with %d calls and %d packets in %.1f s"
                        .formatted(WARM_CALLS, packets, (System.nanoTime() - startNs) / 1e9)));
        out.println();
        out.println(story.paint("2", "       ms"));
    }

    /** Speaks in a hurry until the core's thread has stopped to allocate, at most for some seconds. @return packets. */
    private long warmUp(FarCall call, FarCall answered) {
        long endNs = System.nanoTime() + WARM_MAX_NS;
        long bytes = core.allocatedBytes();
        for (int quiet = 0; quiet < 2 && System.nanoTime() < endNs; ) {
            Thread other =
                    Thread.ofPlatform().daemon().start(() -> answered.media().hurry(WARM_PACKETS));
            call.media().hurry(WARM_PACKETS);
            awaitThat(() -> !other.isAlive());
            // At the pace of a call too: waiting is another path than hurrying.
            Child.pause(100);
            long before = bytes;
            bytes = core.allocatedBytes();
            quiet = bytes == before ? quiet + 1 : 0;
        }
        return call.media().sent() + answered.media().sent();
    }

    private void script() {
        desk.script(Script.answering(ANSWER_AFTER_MS));
        mobile.script(Script.ringing().ring(180, 40));
        String targets = "{\"type\":\"sip\",\"sipUri\":\"%s\"},{\"type\":\"sip\",\"sipUri\":\"%s\"}"
                .formatted(desk.uri("desk"), mobile.uri("mobile"));
        application.reply(
                "/call",
                HookReply.verbs("[{\"verb\":\"dial\",\"answerOnBridge\":true,\"actionHook\":\"/done\",\"target\":["
                        + targets + "]}]"));
        application.watch(this::onHook);
        for (FarEnd far : List.of(carrier, desk, mobile)) {
            far.watch(entry -> onSip(far, entry));
        }
    }

    // What the far ends, the application and the engine itself see while it happens.

    private void onSip(FarEnd far, SipEntry entry) {
        String line = entry.message().isRequest()
                ? entry.message().startLine().replace(" SIP/2.0", "")
                : entry.message().status() + " " + entry.message().reason() + " ("
                        + entry.message().cseqMethod() + ")";
        String sdp = entry.message().hasSdp() ? " + SDP" : "";
        String arrow = entry.sent() ? "%-7s ──▶ engine " : "%-7s ◀── engine ";
        story.add(
                entry.timeNs(),
                Story.Kind.SIP,
                arrow.formatted(far.name()) + "  " + line + sdp + (entry.repeat() ? " (again)" : ""));
    }

    private void onHook(HookRequest request) {
        String what = request.path().equals("/status")
                ? who(request) + " is " + request.text("call_status") + " " + request.number("sip_status")
                : request.path().equals("/done")
                        ? "the dial is " + request.text("dial_status") + " " + request.number("dial_sip_status")
                        : "a call from " + request.text("from") + " to " + request.text("to")
                                + ": dial desk and mobile, answer on bridge";
        story.add(request.timeNs(), Story.Kind.HOOK, "%s %-8s %s".formatted(request.method(), request.path(), what));
    }

    private String who(HookRequest request) {
        String to = request.text("to");
        return to.equals(desk.uri("desk")) ? "desk" : to.equals(mobile.uri("mobile")) ? "mobile" : "caller";
    }

    private void onEntry(TimelineEntry entry) {
        if (entry.atNs() - tellingFromNs < 0) {
            return;
        }
        switch (entry.kind()) {
            case DECISION -> story.add(entry.atNs(), Story.Kind.DECISION, entry.text());
            case ALERT -> story.add(entry.atNs(), Story.Kind.ALERT, entry.text());
            // The far ends and the application tell these themselves, from outside.
            case SIP, HOOK, STATUS, MEDIA -> {}
        }
    }

    // The talk: two seconds both ways, the second of them under a microscope.

    private record Talk(long corePackets, long coreBytes, Histogram latency) {}

    private Talk talk(FarCall call, FarCall answered) {
        story.add(Story.Kind.MEDIA, "both ways from here; 50 packets a second each");
        Histogram before = engine.addedLatency();
        call.awaitPackets(TALK_PACKETS / 2);
        answered.awaitPackets(TALK_PACKETS / 2);
        tell(call, "carrier", answered, "desk");
        long packets = call.media().heard().packets() + answered.media().heard().packets();
        long bytes = core.allocatedBytes();
        call.awaitPackets(TALK_PACKETS);
        answered.awaitPackets(TALK_PACKETS);
        bytes = core.allocatedBytes() - bytes;
        packets = call.media().heard().packets() + answered.media().heard().packets() - packets;
        tell(call, "carrier", answered, "desk");
        Histogram latency = engine.addedLatency();
        latency.subtract(before);
        story.add(
                Story.Kind.MEDIA,
                "added latency p50 %s, p99 %s; core-0 allocated %.1f bytes a packet in the last %d packets"
                        .formatted(micros(latency, 50), micros(latency, 99), (double) bytes / packets, packets));
        return new Talk(packets, bytes, latency);
    }

    private void tell(FarCall call, String name, FarCall other, String otherName) {
        for (FarCall each : List.of(call, other)) {
            Heard heard = each.media().heard();
            story.add(
                    Story.Kind.MEDIA,
                    "%-7s heard %d packets, %d lost, longest gap %.0f ms"
                            .formatted(
                                    each == call ? name : otherName,
                                    heard.packets(),
                                    heard.lost(),
                                    heard.largestGapMs()));
        }
    }

    private static String micros(Histogram latency, double percentile) {
        return "%.0f µs".formatted(latency.getValueAtPercentile(percentile) / 1e3);
    }

    // The promises.

    private void signalling(FarCall call, FarCall answered, FarCall lost) {
        double offered = at(call, entry -> entry.isSent("INVITE"));
        double askedAt = asked("/call", _ -> true).getFirst().timeNs() / 1e6;
        double toDesk = at(answered, entry -> entry.isReceived("INVITE"));
        double toMobile = at(lost, entry -> entry.isReceived("INVITE"));
        double apart = Math.abs(toDesk - toMobile);
        double first180 = at(call, entry -> entry.isReceived(180, "INVITE"));
        double answeredAt = at(answered, entry -> entry.isSent(200, "INVITE"));
        double connectedAt = at(call, entry -> entry.isReceived(200, "INVITE"));
        double cancelledAt = at(lost, entry -> entry.isReceived("CANCEL"));
        double byeIn = at(call, entry -> entry.isSent("BYE"));
        double byeOut = at(answered, entry -> entry.isReceived("BYE"));
        checks.that(
                "the application was asked before anybody was rung",
                "%.1f ms after the INVITE".formatted(askedAt - offered),
                () -> askedAt < toDesk && askedAt < toMobile);
        checks.that("dial rang both targets at once", "%.2f ms apart".formatted(apart), () -> apart < 50);
        checks.that(
                "the caller heard ringing before the answer",
                "180 after %.0f ms".formatted(first180 - offered),
                () -> first180 < answeredAt && call.received(180) == 1);
        checks.that(
                "the caller was answered when the desk was, not before",
                "%.1f ms later".formatted(connectedAt - answeredAt),
                () -> connectedAt > answeredAt && connectedAt - answeredAt < 500);
        checks.that(
                "the mobile was cancelled, once, and never answered",
                "%.1f ms after the desk answered".formatted(cancelledAt - answeredAt),
                () -> lost.received("CANCEL") == 1 && !lost.isConnected());
        checks.that(
                "the caller's BYE reached the desk, once",
                "%.1f ms later".formatted(byeOut - byeIn),
                () -> answered.received("BYE") == 1 && byeOut > byeIn && byeOut - byeIn < 500);
    }

    private static double at(FarCall call, Predicate<SipEntry> wanted) {
        return call.log().stream()
                .filter(wanted)
                .findFirst()
                .map(entry -> entry.timeNs() / 1e6)
                .orElse(Double.NaN);
    }

    private void media(FarCall call, FarCall answered, Talk talk) {
        hearing("the carrier hears the desk", call, desk.toneHz());
        hearing("the desk hears the carrier", answered, carrier.toneHz());
        Histogram latency = talk.latency();
        checks.that(
                "the engine adds next to nothing to a packet's way",
                "p50 %s, p99 %s of %d packets"
                        .formatted(micros(latency, 50), micros(latency, 99), latency.getTotalCount()),
                () -> latency.getTotalCount() > TALK_PACKETS && latency.getValueAtPercentile(99) < 20_000_000);
        double bytes = (double) talk.coreBytes() / talk.corePackets();
        // Compiled code allocates nothing (gated by tests); in a JVM some seconds old a rare path may not be compiled
        // yet.
        checks.that(
                "a packet leaves next to no garbage on the core's thread",
                "%.1f bytes a packet".formatted(bytes),
                () -> bytes < 100);
    }

    private void hearing(String promise, FarCall call, double hz) {
        Heard heard = call.media().heard();
        double share = call.media().toneShare(hz);
        checks.that(
                promise + ", without a break",
                "%.0f Hz is %.0f %% of it; %d packets, %d lost, gaps <= %.0f ms"
                        .formatted(hz, 100 * share, heard.packets(), heard.lost(), heard.largestGapMs()),
                () -> share > 0.9
                        && heard.packets() >= TALK_PACKETS
                        && heard.lost() == 0
                        && heard.sources() == 1
                        && heard.timestampFaults() == 0
                        && heard.largestGapMs() < LONGEST_GAP_MS);
    }

    private void hooks(FarCall answered, FarCall lost, boolean isIdle) {
        List<HookRequest> done = asked("/done", _ -> true);
        HookRequest outcome = done.isEmpty() ? null : done.getFirst();
        checks.that(
                "the actionHook got the outcome, once",
                outcome == null ? "nothing" : outcome.text("dial_status") + " " + outcome.number("dial_sip_status"),
                () -> done.size() == 1
                        && outcome.text("dial_status").equals("completed")
                        && outcome.text("dial_call_status").equals("completed")
                        && outcome.number("dial_sip_status") == 200
                        && outcome.text("dial_sbc_callid").equals(answered.callId()));
        String deskStory = statuses("desk");
        checks.that(
                "the desk's status callbacks came in order",
                deskStory,
                () -> deskStory.equals("trying ringing in-progress completed"));
        String mobileStory = statuses("mobile");
        checks.that("so did the mobile's", mobileStory, () -> mobileStory.equals("trying ringing no-answer"));
        String callerStory = statuses("caller");
        checks.that("so did the caller's", callerStory, () -> callerStory.equals("trying in-progress completed"));
        List<HookRequest> all = application.record();
        checks.that("every hook was signed with the account's secret", all.size() + " requests", () -> all.stream()
                .allMatch(request -> request.signature().equals("good")));
        checks.that(
                "nothing is left of the call in the engine",
                "legs " + engine.counters().get("core_legs") + ", errors "
                        + engine.counters().get("unexpected_errors_total"),
                () -> isIdle && engine.counters().get("unexpected_errors_total") == 0 && lost.isEnded());
    }

    private String statuses(String name) {
        return String.join(
                " ",
                asked("/status", request -> who(request).equals(name)).stream()
                        .map(request -> request.text("call_status"))
                        .toList());
    }

    private List<HookRequest> asked(String path, Predicate<HookRequest> wanted) {
        return application.record().stream()
                .filter(request -> request.path().equals(path) && wanted.test(request))
                .toList();
    }

    private static Predicate<HookRequest> isStatus(String status) {
        return request -> request.text("call_status").equals(status);
    }

    private boolean isIdle() {
        return engine.counters().get("core_legs") == 0;
    }

    private static boolean awaitThat(BooleanSupplier condition) {
        long endNs = System.nanoTime() + 3_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > endNs) {
                return false;
            }
            Child.pause(10);
        }
        return true;
    }

    @Override
    public void close() {
        story.close();
        engine.close();
        for (FarEnd far : List.of(carrier, desk, mobile)) {
            far.close();
        }
        application.close();
    }
}
