package io.hookswitch.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.hookswitch.control.call.Control;
import io.hookswitch.control.call.ControlSettings;
import io.hookswitch.engine.core.CoreAgent;
import io.hookswitch.engine.core.CoreCounters;
import io.hookswitch.engine.core.CoreRings;
import io.hookswitch.engine.core.CoreSettings;
import io.hookswitch.engine.core.MediaSettings;
import io.hookswitch.engine.io.IdleMode;
import io.hookswitch.engine.io.TransportKind;
import io.hookswitch.engine.message.Cause;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.MediaFlyweight;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.engine.message.SipEvent;
import io.hookswitch.server.agent.ControlAgent;
import io.hookswitch.server.agent.CoreLink;
import io.hookswitch.server.audio.AudioLibrary;
import io.hookswitch.server.audio.AudioLimits;
import io.hookswitch.server.hooks.AddressGuard;
import io.hookswitch.server.hooks.FileClient;
import io.hookswitch.server.hooks.HookClient;
import io.hookswitch.server.hooks.HookSettings;
import io.hookswitch.server.hooks.StatusNotifier;
import io.hookswitch.server.json.JavaScriptJson;
import io.hookswitch.server.registrar.BindingTable;
import io.hookswitch.server.registrar.UserTable;
import io.hookswitch.server.rest.CallRequests;
import io.hookswitch.server.routing.AccountDirectory;
import io.hookswitch.server.routing.CarrierChoice;
import io.hookswitch.server.routing.SystemNames;
import io.hookswitch.server.routing.TargetResolver;
import io.hookswitch.server.settings.Settings;
import io.hookswitch.server.settings.SettingsReader;
import io.hookswitch.server.timeline.Timeline;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.agrona.concurrent.SystemEpochNanoClock;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Core, control and hooks with real sockets; the sip side is this test, at the two rings. What a call is when SIP's own
 * state
 * machines are taken away.
 */
class CallThroughCoreTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final int SIP_NUMBER = 77;

    /** A command as the sip side read it, copied out of its slot. */
    private record Command(int type, long leg, long otherLeg, int status, int rtpPort, String uri, String nextHop) {}

    private final Closer closer = new Closer(error -> {
        throw new IllegalStateException(error);
    });
    private final List<Throwable> errors = Collections.synchronizedList(new ArrayList<>());
    private final List<Map<?, ?>> asked = Collections.synchronizedList(new ArrayList<>());
    private final List<Map<?, ?>> statuses = Collections.synchronizedList(new ArrayList<>());
    private final List<Command> read = new ArrayList<>();
    private CoreRings rings;
    private CoreAgent core;
    private String verbs;

    @BeforeEach
    void start() throws Exception {
        int hookPort = hookServer();
        Settings settings = SettingsReader.read("""
                hooks: { allow: ["127.0.0.0/8"] }
                accounts:
                  - name: demo
                    applications:
                      - name: main
                        call_hook: { url: "http://127.0.0.1:%1$d/call" }
                        call_status_hook: { url: "http://127.0.0.1:%1$d/status" }
                    carriers:
                      - { name: trunk, application: main, gateways: [ { host: 127.0.0.1, inbound: true } ] }
                """.formatted(hookPort));
        CoreSettings sizes = new CoreSettings(0, 16, 64, IdleMode.BALANCED, TransportKind.AUTO, 64, 32 * 1024, 0);
        rings = CoreRings.of(sizes);
        core = new CoreAgent(
                sizes,
                MediaSettings.of(LOOPBACK, 31_000, 31_099),
                rings,
                SystemNanoClock.INSTANCE,
                new SystemEpochNanoClock(),
                1,
                errors::add);
        HookClient hooks = closer.opened(new HookClient(
                HookSettings.DEFAULT,
                new SettingsHookAccounts(settings.accounts()),
                new AddressGuard(List.of(AddressGuard.AddressRange.parse("127.0.0.0/8"))),
                InstantSource.system(),
                Thread::sleep,
                (_, _, _, _, _) -> {}));
        TargetResolver resolver = closer.opened(new TargetResolver(
                new CarrierChoice(settings.accounts(), new Random(1)),
                new UserTable(settings.accounts()),
                new BindingTable(SystemNanoClock.INSTANCE),
                new SystemNames(),
                1000));
        Timeline timeline = closer.opened(new Timeline(SystemNanoClock.INSTANCE, null));
        AudioLibrary audio = closer.opened(new AudioLibrary(
                new AudioLimits(1 << 20, 1 << 20, 60, 1000, 4),
                new FileClient(HookSettings.FILES, new AddressGuard(List.of())),
                Optional.empty(),
                SystemNanoClock.INSTANCE));
        Control brain = new Control(
                new ControlSettings("sp", "127.0.0.1:5060", "127.0.0.1", "", 0, 480),
                new AccountDirectory(settings.accounts()));
        ControlAgent control = new ControlAgent(
                brain::on,
                List.of(new CoreLink(rings.events(), rings.commands(), sizes.slotBytes())),
                new HookWorld(hooks, new StatusNotifier(hooks), resolver, audio, new CallRequests(), null, timeline),
                SystemNanoClock.INSTANCE,
                errors::add,
                timeline);
        rings.commands().wakes(core.waker());
        rings.sipEvents().wakes(core.waker());
        rings.events().wakes(control.waker());
        closer.opened(new StartedAgent(control, errors::add)).await();
        closer.opened(new StartedAgent(core, errors::add)).await();
    }

    private int hookServer() throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(LOOPBACK, 0), 0);
        closer.opened(() -> server.stop(0));
        server.createContext("/", exchange -> {
            Map<?, ?> payload;
            try {
                payload = (Map<?, ?>)
                        JavaScriptJson.read(exchange.getRequestBody().readAllBytes());
            } catch (JavaScriptJson.NotJson e) {
                throw new IllegalStateException(e);
            }
            String path = exchange.getRequestURI().getPath();
            (path.equals("/status") ? statuses : asked).add(payload);
            byte[] reply = (path.equals("/call") ? verbs : "[]").getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, reply.length);
            exchange.getResponseBody().write(reply);
            exchange.close();
        });
        server.start();
        return server.getAddress().getPort();
    }

    @AfterEach
    void stop() {
        closer.close();
        assertThat(errors).isEmpty();
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - deadlineNs).as("waited for " + what).isNegative();
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** Waits for a command of a type; others that come before it are kept. */
    private Command command(int type) {
        Command[] found = new Command[1];
        await("command " + type + ", have " + read, () -> {
            rings.sipCommands().poll(message -> read.add(copy(message)), 16);
            found[0] = read.stream()
                    .filter(each -> each.type() == type)
                    .findFirst()
                    .orElse(null);
            return found[0] != null;
        });
        read.remove(found[0]);
        return found[0];
    }

    private static Command copy(MessageFlyweight message) {
        int port = message.media().present() ? message.media().rtpPort() : 0;
        return new Command(
                message.type(),
                message.leg(),
                message.otherLeg(),
                message.status(),
                port,
                message.text(Field.REQUEST_URI),
                message.text(Field.NEXT_HOP));
    }

    private MessageFlyweight event(int type, long leg) {
        MessageFlyweight message = rings.sipEvents().tryClaim(type);
        return message.leg(leg).timeNs(System.nanoTime());
    }

    private void publish() {
        rings.sipEvents().publish();
        rings.sipEvents().wakeReader();
    }

    private static void media(MessageFlyweight message, DatagramSocket farEnd) {
        MediaFlyweight media = message.media().begin();
        media.address(LOOPBACK.getAddress()).ports(farEnd.getLocalPort(), 0).ptimeMs(20);
        media.addCodec(Codec.PCMU, 0, 101, 8000);
        media.telephoneEvent(101, 8000);
    }

    private void offered(DatagramSocket farEnd) {
        MessageFlyweight message = event(SipEvent.OFFERED, 0).otherLeg(SIP_NUMBER);
        media(message, farEnd);
        message.put(Field.CALL_ID, "a@test");
        message.put(Field.FROM_USER, "+16175551212");
        message.put(Field.FROM_DISPLAY, "Caller");
        message.put(Field.FROM_HOST, "127.0.0.1");
        message.put(Field.TO_USER, "15083084809");
        message.put(Field.REQUEST_URI, "sip:15083084809@127.0.0.1");
        message.put(Field.SOURCE, "udp:127.0.0.1:5099");
        message.put(Field.LOCAL, "udp:127.0.0.1:5060");
        message.put(Field.ORIGIN, "carrier:demo:trunk");
        message.put(Field.HEADER, "X-Test: one");
        publish();
    }

    private static void exchange(DatagramSocket from, int port, DatagramSocket to) throws Exception {
        to.setSoTimeout(200);
        byte[] got = new byte[200];
        for (int sequence = 0; sequence < 50; sequence++) {
            ByteBuffer rtp = ByteBuffer.allocate(172);
            rtp.put((byte) 0x80)
                    .put((byte) 0)
                    .putShort((short) sequence)
                    .putInt(sequence * 160)
                    .putInt(4711);
            from.send(new DatagramPacket(rtp.array(), 172, LOOPBACK, port));
            DatagramPacket packet = new DatagramPacket(got, got.length);
            try {
                to.receive(packet);
                assertThat(packet.getLength()).isEqualTo(172);
                return;
            } catch (java.net.SocketTimeoutException e) {
                // Media may not be joined yet: the next packet shows it.
                assertThat(sequence).as("packets sent in vain").isLessThan(49);
            }
        }
    }

    @Test
    void shouldBridgeTheWinnerAndReportTheOutcomeWhenTwoTargetsRing() throws Exception {
        verbs = """
                [{"verb":"dial","answerOnBridge":true,"actionHook":"/done","target":[
                  {"type":"sip","sipUri":"sip:one@127.0.0.1:5081"},{"type":"sip","sipUri":"sip:two@127.0.0.1:5082"}]}]
                """;
        try (DatagramSocket a = new DatagramSocket(0, LOOPBACK);
                DatagramSocket b = new DatagramSocket(0, LOOPBACK)) {
            offered(a);
            long legA = command(SipCommand.BIND).leg();
            Command first = command(SipCommand.INVITE);
            Command second = command(SipCommand.INVITE);
            assertThat(first.uri()).isEqualTo("sip:one@127.0.0.1:5081");
            assertThat(second.nextHop()).isEqualTo("udp:127.0.0.1:5082");
            event(SipEvent.INVITED, first.leg()).put(Field.CALL_ID, "b1@test");
            publish();
            event(SipEvent.INVITED, second.leg()).put(Field.CALL_ID, "b2@test");
            publish();
            event(SipEvent.PROGRESSED, first.leg()).status(180).put(Field.REASON, "Ringing");
            publish();
            assertThat(command(SipCommand.PROGRESS))
                    .extracting(Command::leg, Command::status)
                    .containsExactly(legA, 180);

            media(event(SipEvent.ANSWERED, second.leg()).status(200), b);
            publish();
            assertThat(command(SipCommand.END).leg()).isEqualTo(first.leg());
            Command answer = command(SipCommand.ANSWER);
            assertThat(answer.leg()).isEqualTo(legA);
            media(event(SipEvent.MEDIA_CHANGED, legA), a);
            publish();
            exchange(a, answer.rtpPort(), b);
            exchange(b, second.rtpPort(), a);
            assertThat(core.counters().value(CoreCounters.BRIDGES)).isEqualTo(1);

            event(SipEvent.TERMINATED, first.leg());
            publish();
            event(SipEvent.ENDED, second.leg()).status(200).cause(Cause.FAR_END_BYE);
            publish();
            event(SipEvent.TERMINATED, second.leg());
            publish();
            assertThat(command(SipCommand.END).leg()).isEqualTo(legA);
            event(SipEvent.TERMINATED, legA);
            publish();
            await("an empty core", () -> core.counters().value(CoreCounters.LEGS) == 0);
        }
        assertThat(core.counters().value(CoreCounters.TIMERS)).isZero();
        assertThat(asked).hasSize(2);
        assertThat(asked.get(1).get("dial_call_status")).isEqualTo("completed");
        assertThat(asked.get(1).get("dial_sip_status")).isEqualTo(200L);
        await("status callbacks", () -> statuses.size() >= 9);
        assertThat(statuses)
                .extracting(each -> each.get("direction") + " " + each.get("call_status"))
                .contains("inbound completed", "outbound completed", "outbound no-answer");
    }

    @Test
    void shouldRefuseTheCallerWhenNothingAnswersAtTheDialledTargets() throws Exception {
        verbs = "[{\"verb\":\"dial\",\"answerOnBridge\":true,\"target\":[{\"type\":\"user\",\"name\":\"nobody\"}]}]";
        try (DatagramSocket a = new DatagramSocket(0, LOOPBACK)) {
            offered(a);
            long legA = command(SipCommand.BIND).leg();

            assertThat(command(SipCommand.END))
                    .extracting(Command::leg, Command::status)
                    .containsExactly(legA, 603);

            event(SipEvent.TERMINATED, legA);
            publish();
            await("an empty core", () -> core.counters().value(CoreCounters.LEGS) == 0);
        }
        assertThat(core.counters().value(CoreCounters.TIMERS)).isZero();
    }
}
