package io.hookswitch.engine.io;

import static io.hookswitch.engine.io.TransportCounters.DROPPED_MUTED;
import static io.hookswitch.engine.io.TransportCounters.DROPPED_TOO_LONG;
import static io.hookswitch.engine.io.TransportCounters.NO_SEND_BUFFER;
import static io.hookswitch.engine.io.TransportCounters.REARMED;
import static io.hookswitch.engine.io.TransportCounters.RECEIVED;
import static io.hookswitch.engine.io.TransportCounters.RECEIVE_ERRORS;
import static io.hookswitch.engine.io.TransportCounters.REFUSED;
import static io.hookswitch.engine.io.TransportCounters.SENT;
import static io.hookswitch.engine.io.TransportCounters.SOCKETS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Both transports against real loopback sockets: the thread of the test is the core's. */
class RtpTransportTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress LOOPBACK6 = InetAddress.ofLiteral("::1");

    /** What a packet said, after its buffer is gone. */
    private record Seen(int socket, String text, long sourceHigh, long sourceLow, int sourcePort, long arrivalNs) {}

    private final Deque<Seen> seen = new ArrayDeque<>();
    private RtpTransport transport;

    /** Every kind that this machine has; epoll at least. */
    static Stream<TransportKind> kinds() {
        return Stream.of(TransportKind.EPOLL, TransportKind.IO_URING)
                .filter(kind -> RtpTransports.unavailable(kind) == null);
    }

    @AfterEach
    void closeTransport() {
        if (transport != null) {
            transport.close();
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldReceiveWithSourceAndSendBackFromTheSameBufferWhenDatagramArrives(TransportKind kind) {
        open(kind, LOOPBACK);
        echoOnce(LOOPBACK);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldReceiveWithSourceAndSendBackFromTheSameBufferWhenAddressIsIpv6(TransportKind kind) {
        open(kind, LOOPBACK6);
        echoOnce(LOOPBACK6);
    }

    private void echoOnce(InetAddress address) {
        int socket = transport.open(0);
        try (FarEnd far = new FarEnd(address)) {
            long beforeNs = System.nanoTime();
            far.send(bytes("hello"), address, transport.port(socket));
            int[] received = new int[1];
            until(() -> {
                transport.run(SECOND_NS);
                received[0] += transport
                        .packets()
                        .poll(
                                packet -> {
                                    assertThat(packet.socket()).isEqualTo(socket);
                                    assertThat(packet.length()).isEqualTo(5);
                                    assertThat(packet.sourceHigh()).isEqualTo(IpAddress.high(address));
                                    assertThat(packet.sourceLow()).isEqualTo(IpAddress.low(address));
                                    assertThat(packet.sourcePort()).isEqualTo(far.port());
                                    assertThat(packet.arrivalNs()).isBetween(beforeNs, System.nanoTime());
                                    assertThat(text(packet)).isEqualTo("hello");
                                    transport.memory().putByte(packet.offset(), (byte) 'J');
                                    assertThat(transport.connect(
                                                    socket,
                                                    packet.sourceHigh(),
                                                    packet.sourceLow(),
                                                    packet.sourcePort()))
                                            .isZero();
                                    transport.send(socket, packet.buffer(), packet.offset(), packet.length());
                                },
                                10);
                return received[0] == 1;
            });
            // io_uring sends with the pass.
            transport.run(0);
            assertThat(receive(far)).isEqualTo("Jello");
            assertThat(transport.counters().value(SENT)).isEqualTo(1);
            assertThat(transport.counters().value(RECEIVED)).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldSendOwnDatagramWhenSocketIsNotConnected(TransportKind kind) {
        open(kind, LOOPBACK);
        int socket = transport.open(0);
        try (FarEnd far = new FarEnd(LOOPBACK)) {
            assertThat(transport.sendTo(socket, own("rtcp"), lastOffset, 4, 0, IpAddress.low(LOOPBACK), far.port()))
                    .isZero();
            assertThat(receive(far)).isEqualTo("rtcp");
            assertThat(transport.sendTo(socket, own("x"), lastOffset, 1, 1, 1, far.port()))
                    .as("an IPv6 destination of an IPv4 socket")
                    .isEqualTo(-Errno.EINVAL);
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldGiveOwnBuffersBackWhenTheirSendsCompleted(TransportKind kind) {
        transport = RtpTransports.open(kind, settings(LOOPBACK).withBuffers(64, 4), SystemNanoClock.INSTANCE);
        int socket = transport.open(0);
        try (FarEnd far = new FarEnd(LOOPBACK)) {
            transport.connect(socket, 0, IpAddress.low(LOOPBACK), far.port());
            for (int round = 0; round < 100; round++) {
                for (int i = 0; i < 4; i++) {
                    transport.send(socket, own("a"), lastOffset, 1);
                }
                until(() -> transport.run(0) == 0 && transport.counters().value(SENT) % 4 == 0);
                for (int i = 0; i < 4; i++) {
                    assertThat(receive(far)).isEqualTo("a");
                }
            }
            List<Integer> claimed = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                claimed.add(transport.tryClaim());
            }
            assertThat(claimed).doesNotHaveDuplicates().allMatch(buffer -> buffer >= 64);
            assertThat(transport.tryClaim()).isEqualTo(-1);
            assertThat(transport.counters().value(NO_SEND_BUFFER)).isEqualTo(1);
            claimed.forEach(transport::release);
            assertThat(transport.tryClaim()).isGreaterThanOrEqualTo(64);
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldHearOnlyTheConnectedFarEndWhenConnectedAndReconnected(TransportKind kind) {
        open(kind, LOOPBACK);
        int socket = transport.open(0);
        try (FarEnd first = new FarEnd(LOOPBACK);
                FarEnd second = new FarEnd(LOOPBACK)) {
            assertThat(transport.connect(socket, 0, IpAddress.low(LOOPBACK), first.port()))
                    .isZero();
            second.send(bytes("stranger"), LOOPBACK, transport.port(socket));
            first.send(bytes("friend"), LOOPBACK, transport.port(socket));
            assertThat(next().text()).isEqualTo("friend");
            transport.send(socket, own("1"), lastOffset, 1);
            transport.run(0);
            assertThat(receive(first)).isEqualTo("1");

            assertThat(transport.connect(socket, 0, IpAddress.low(LOOPBACK), second.port()))
                    .isZero();
            first.send(bytes("old"), LOOPBACK, transport.port(socket));
            second.send(bytes("new"), LOOPBACK, transport.port(socket));
            assertThat(next().text()).isEqualTo("new");
            transport.send(socket, own("2"), lastOffset, 1);
            transport.run(0);
            assertThat(receive(second)).isEqualTo("2");

            assertThat(transport.disconnect(socket)).isZero();
            first.send(bytes("again"), LOOPBACK, transport.port(socket));
            assertThat(next().text()).isEqualTo("again");
            assertThat(seen).isEmpty();
        }
    }

    /** Long after it was tied to a far end a socket may receive in another way: who sent must stay true. */
    @ParameterizedTest
    @MethodSource("kinds")
    void shouldNameTheRightSourceWhenAFarEndTalkedLongBeforeItChanged(TransportKind kind) {
        open(kind, LOOPBACK);
        int socket = transport.open(0);
        try (FarEnd first = new FarEnd(LOOPBACK);
                FarEnd second = new FarEnd(LOOPBACK);
                FarEnd stranger = new FarEnd(LOOPBACK)) {
            for (FarEnd far : List.of(first, second)) {
                assertThat(transport.connect(socket, 0, IpAddress.low(LOOPBACK), far.port()))
                        .isZero();
                for (int i = 0; i < 100; i++) {
                    stranger.send(bytes("stranger"), LOOPBACK, transport.port(socket));
                    far.send(bytes("packet " + i), LOOPBACK, transport.port(socket));
                    Seen packet = next();
                    assertThat(packet.text()).isEqualTo("packet " + i);
                    assertThat(packet.sourcePort()).isEqualTo(far.port());
                    assertThat(packet.sourceLow()).isEqualTo(IpAddress.low(LOOPBACK));
                }
                far.send(new byte[transport.payloadBytes() + 1], LOOPBACK, transport.port(socket));
                far.send(new byte[transport.payloadBytes()], LOOPBACK, transport.port(socket));
                assertThat(next().text()).hasSize(transport.payloadBytes());
                // An empty datagram may be swallowed by the kernel; what comes behind it may not.
                far.send(new byte[0], LOOPBACK, transport.port(socket));
                far.send(bytes("behind"), LOOPBACK, transport.port(socket));
                String behind = next().text();
                assertThat(behind.isEmpty() ? next().text() : behind).isEqualTo("behind");
                transport.send(socket, own("back"), lastOffset, 4);
                transport.run(0);
                assertThat(receive(far)).isEqualTo("back");
            }
            assertThat(transport.counters().value(DROPPED_TOO_LONG)).isEqualTo(2);
            assertThat(transport.disconnect(socket)).isZero();
            // As if they came amid the change: nobody may pass as the far end of before.
            stranger.send(bytes("amid"), LOOPBACK, transport.port(socket));
            transport.run(0);
            for (int i = 0; i < 50; i++) {
                stranger.send(bytes("stranger " + i), LOOPBACK, transport.port(socket));
                Seen packet = next();
                assertThat(packet.sourcePort()).isEqualTo(stranger.port());
                if (packet.text().equals("amid")) {
                    packet = next();
                }
                assertThat(packet.text()).isEqualTo("stranger " + i);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldGoOnWhenTheFarEndRefuses(TransportKind kind) {
        open(kind, LOOPBACK);
        int socket = transport.open(0);
        FarEnd gone = new FarEnd(LOOPBACK);
        int port = gone.port();
        gone.close();
        transport.connect(socket, 0, IpAddress.low(LOOPBACK), port);
        for (int i = 0; i < 20; i++) {
            transport.send(socket, own("x"), lastOffset, 1);
            transport.run(0);
            transport.run(0);
        }
        assertThat(transport.counters().value(REFUSED)).isPositive();
        try (FarEnd far = new FarEnd(LOOPBACK)) {
            assertThat(transport.connect(socket, 0, IpAddress.low(LOOPBACK), far.port()))
                    .isZero();
            for (int i = 0; i < 20; i++) {
                far.send(bytes("alive " + i), LOOPBACK, transport.port(socket));
                assertThat(next().text()).isEqualTo("alive " + i);
            }
            transport.send(socket, own("y"), lastOffset, 1);
            transport.run(0);
            assertThat(receive(far)).isEqualTo("y");
        }
    }

    @ParameterizedTest // RFC 1122 section 4.1.3.3: what ICMP says of one datagram ends no conversation
    @MethodSource("kinds")
    void shouldHearTheFarEndAgainWhenItHadGoneForAWhile(TransportKind kind) {
        open(kind, LOOPBACK);
        int socket = transport.open(0);
        int port;
        // Few datagrams: the receive names sources. Many: it does not any more. Either is ended by the refusal.
        for (int before : new int[] {1, 50, 1}) {
            try (FarEnd far = new FarEnd(LOOPBACK)) {
                port = far.port();
                assertThat(transport.connect(socket, 0, IpAddress.low(LOOPBACK), port))
                        .isZero();
                for (int i = 0; i < before; i++) {
                    far.send(bytes("before " + i), LOOPBACK, transport.port(socket));
                    assertThat(next().text()).isEqualTo("before " + i);
                }
            }
            long refused = transport.counters().value(REFUSED);
            long rearmed = transport.counters().value(REARMED);
            transport.send(socket, own("x"), lastOffset, 1);
            for (int i = 0; i < 100 && transport.counters().value(REFUSED) == refused; i++) {
                transport.run(1_000_000);
            }
            assertThat(transport.counters().value(REFUSED))
                    .as("told by the receive, as nothing else was sent")
                    .isEqualTo(refused + 1);
            try (FarEnd again = new FarEnd(LOOPBACK, port)) {
                again.send(bytes("again"), LOOPBACK, transport.port(socket));
                assertThat(next().text()).isEqualTo("again");
                transport.send(socket, own("y"), lastOffset, 1);
                transport.run(0);
                assertThat(receive(again)).isEqualTo("y");
            }
            if (kind == TransportKind.IO_URING) {
                assertThat(transport.counters().value(REARMED)).isGreaterThan(rearmed);
            }
        }
        assertThat(transport.counters().value(RECEIVE_ERRORS)).isZero();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldDropAndCountWhenMutedOrTooLong(TransportKind kind) {
        open(kind, LOOPBACK);
        int socket = transport.open(0);
        try (FarEnd far = new FarEnd(LOOPBACK)) {
            transport.mute(socket, true);
            far.send(bytes("nobody's"), LOOPBACK, transport.port(socket));
            until(() ->
                    transport.run(SECOND_NS / 100) == 0 && transport.counters().value(DROPPED_MUTED) == 1);
            transport.mute(socket, false);
            far.send(new byte[transport.payloadBytes() + 1], LOOPBACK, transport.port(socket));
            far.send(new byte[transport.payloadBytes()], LOOPBACK, transport.port(socket));
            assertThat(next().text()).hasSize(transport.payloadBytes());
            assertThat(transport.counters().value(DROPPED_TOO_LONG)).isEqualTo(1);
            far.send(new byte[0], LOOPBACK, transport.port(socket));
            assertThat(next().text()).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldReopenTheSamePortWhenJustClosed(TransportKind kind) {
        open(kind, LOOPBACK);
        int socket = transport.open(0);
        int port = transport.port(socket);
        assertThat(transport.open(port)).isEqualTo(-Errno.EADDRINUSE);
        try (FarEnd far = new FarEnd(LOOPBACK)) {
            for (int i = 0; i < 50; i++) {
                far.send(bytes("old " + i), LOOPBACK, port);
                transport.close(socket);
                socket = transport.open(port);
                assertThat(socket).as("answer of open").isNotNegative();
                far.send(bytes("new " + i), LOOPBACK, port);
                String expected = "new " + i;
                until(() -> next().text().equals(expected));
            }
        }
        assertThat(transport.counters().value(SOCKETS)).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldLeakNoDescriptorWhenThousandsOfSocketsOpenAndClose(TransportKind kind) {
        open(kind, LOOPBACK);
        transport.close(transport.open(0));
        settle(0);
        int before = descriptors();
        for (int round = 0; round < 2; round++) {
            int[] sockets = new int[2000];
            for (int i = 0; i < sockets.length; i++) {
                sockets[i] = transport.open(0);
                assertThat(sockets[i]).isBetween(0, 2100);
            }
            transport.run(0);
            assertThat(transport.counters().value(SOCKETS)).isEqualTo(2000);
            for (int socket : sockets) {
                transport.close(socket);
            }
            settle(before);
            assertThat(descriptors()).isLessThanOrEqualTo(before);
        }
        transport.close();
        assertThat(descriptors()).isLessThan(before);
        transport = null;
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldAnswerWithAnErrorWhenAllSocketsAreUsed(TransportKind kind) {
        TransportSettings few = new TransportSettings(LOOPBACK, IdleMode.BALANCED, 8, 1, 256, 2, 0);
        transport = RtpTransports.open(kind, few, SystemNanoClock.INSTANCE);
        assertThat(transport.open(0)).isNotNegative();
        assertThat(transport.open(0)).isNotNegative();
        assertThat(transport.open(0)).isEqualTo(-Errno.EMFILE);
    }

    private void open(TransportKind kind, InetAddress address) {
        transport = RtpTransports.open(kind, settings(address), SystemNanoClock.INSTANCE);
        assertThat(transport.kind()).isEqualTo(kind);
    }

    private static TransportSettings settings(InetAddress address) {
        return TransportSettings.of(address, IdleMode.BALANCED).withBuffers(256, 64);
    }

    private int lastOffset;

    private int own(String text) {
        int buffer = transport.tryClaim();
        assertThat(buffer).isNotNegative();
        lastOffset = transport.offset(buffer);
        transport.memory().putBytes(lastOffset, bytes(text));
        return buffer;
    }

    private Seen next() {
        until(() -> {
            if (seen.isEmpty()) {
                transport.run(SECOND_NS / 10);
                transport.packets().poll(this::note, 1000);
            }
            return !seen.isEmpty();
        });
        return seen.removeFirst();
    }

    private void note(PacketFlyweight packet) {
        seen.add(new Seen(
                packet.socket(),
                text(packet),
                packet.sourceHigh(),
                packet.sourceLow(),
                packet.sourcePort(),
                packet.arrivalNs()));
        transport.release(packet.buffer());
    }

    private String text(PacketFlyweight packet) {
        byte[] bytes = new byte[packet.length()];
        transport.memory().getBytes(packet.offset(), bytes);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    private static String receive(FarEnd far) {
        byte[][] bytes = new byte[1][];
        until(() -> (bytes[0] = far.tryReceive()) != null);
        return new String(bytes[0], StandardCharsets.US_ASCII);
    }

    /** io_uring lets go of a socket some passes after its close. */
    private void settle(int descriptors) {
        for (int i = 0; i < 100 && descriptors() > descriptors; i++) {
            transport.run(SECOND_NS / 1000);
        }
    }

    private static void until(BooleanSupplier condition) {
        long deadlineNs = System.nanoTime() + 5 * SECOND_NS;
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("time is up").isLessThan(deadlineNs);
        }
    }

    private static int descriptors() {
        return new File("/proc/self/fd").list().length;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
