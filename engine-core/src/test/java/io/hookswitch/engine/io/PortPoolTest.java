package io.hookswitch.engine.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Port pairs on real sockets; the time of rest is the test's. */
class PortPoolTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final int MAX_SOCKETS = 64;
    private static final long REST_NS = 10_000_000_000L;

    private RtpTransport transport;
    private long arrivalNs;
    private PortPool pool;

    static Stream<TransportKind> kinds() {
        return RtpTransportTest.kinds();
    }

    @AfterEach
    void closeTransport() {
        transport.close();
    }

    /** A pool of so many pairs on ports that are free now. */
    private void open(TransportKind kind, int pairs) {
        transport = RtpTransports.open(
                kind, new TransportSettings(LOOPBACK, IdleMode.BALANCED, 64, 8, 512, MAX_SOCKETS, 0), () -> arrivalNs);
        int first = freeRange(2 * pairs);
        pool = new PortPool(transport, first, first + 2 * pairs - 1, REST_NS);
        assertThat(pool.capacity()).isEqualTo(pairs);
    }

    private int freeRange(int count) {
        for (int first = 21_000; first < 60_000; first += count + (count & 1)) {
            boolean free = true;
            for (int port = first; free && port < first + count; port++) {
                int socket = transport.open(port);
                free = socket >= 0;
                if (free) {
                    transport.close(socket);
                }
            }
            if (free) {
                // io_uring lets go of the ports some passes after the close.
                for (int i = 0; i < 20; i++) {
                    transport.run(1_000_000);
                }
                return first;
            }
        }
        throw new AssertionError("no free range of " + count + " ports");
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldGiveEvenAndOddPortWhenAcquired(TransportKind kind) {
        open(kind, 4);
        Set<Integer> ports = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            int pair = pool.acquire(0);
            assertThat(pool.rtpPort(pair)).isEven();
            assertThat(pool.rtcpPort(pair)).isEqualTo(pool.rtpPort(pair) + 1);
            assertThat(transport.port(pool.rtpSocket(pair))).isEqualTo(pool.rtpPort(pair));
            assertThat(transport.port(pool.rtcpSocket(pair))).isEqualTo(pool.rtcpPort(pair));
            ports.add(pool.rtpPort(pair));
        }
        assertThat(ports).hasSize(4);
        assertThat(pool.inUse()).isEqualTo(4);
        assertThat(pool.acquire(0)).isEqualTo(PortPool.EXHAUSTED);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldUseAPairAgainOnlyWhenItsRestIsOver(TransportKind kind) {
        open(kind, 1);
        int pair = pool.acquire(100);
        int socket = pool.rtpSocket(pair);
        pool.release(pair, 200);
        assertThat(pool.inUse()).isZero();
        assertThat(pool.resting()).isEqualTo(1);
        assertThat(pool.acquire(200 + REST_NS - 1)).isEqualTo(PortPool.EXHAUSTED);
        assertThat(pool.acquire(200 + REST_NS)).isEqualTo(pair);
        assertThat(pool.rtpSocket(pair)).as("kept open").isEqualTo(socket);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldDeliverToALegOnlyWhenThePairIsInUse(TransportKind kind) {
        open(kind, 1);
        try (FarEnd last = new FarEnd(LOOPBACK);
                FarEnd next = new FarEnd(LOOPBACK)) {
            int pair = pool.acquire(0);
            transport.connect(pool.rtpSocket(pair), 0, IpAddress.low(LOOPBACK), last.port());
            last.send(new byte[] {1}, LOOPBACK, pool.rtpPort(pair));
            assertThat(receivedOne()).isEqualTo(1);
            pool.release(pair, 0);
            last.send(new byte[] {2}, LOOPBACK, pool.rtpPort(pair));
            runUntilDropped(1);
            assertThat(pool.acquire(REST_NS)).isEqualTo(pair);
            // The last leg's far end is forgotten: another one is heard.
            next.send(new byte[] {3}, LOOPBACK, pool.rtpPort(pair));
            assertThat(receivedOne()).isEqualTo(3);
        }
    }

    private int receivedOne() {
        int[] value = {-1};
        long deadlineNs = System.nanoTime() + 5_000_000_000L;
        while (value[0] < 0 && System.nanoTime() - deadlineNs < 0) {
            transport.run(100_000_000);
            transport
                    .packets()
                    .poll(
                            packet -> {
                                value[0] = transport.memory().getByte(packet.offset());
                                transport.release(packet.buffer());
                            },
                            1);
        }
        return value[0];
    }

    private void runUntilDropped(int count) {
        long deadlineNs = System.nanoTime() + 5_000_000_000L;
        while (transport.counters().value(TransportCounters.DROPPED_MUTED) < count
                && System.nanoTime() - deadlineNs < 0) {
            transport.run(10_000_000);
        }
        assertThat(transport.counters().value(TransportCounters.DROPPED_MUTED)).isEqualTo(count);
        assertThat(transport.packets().size()).isZero();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldSkipAndCountAPairWhenSomebodyElseHasItsPort(TransportKind kind) throws IOException {
        open(kind, 2);
        int taken = pool.rtcpPort(0);
        try (DatagramSocket somebody = new DatagramSocket(new InetSocketAddress(LOOPBACK, taken))) {
            assertThat(somebody.isBound()).isTrue();
            assertThat(pool.acquire(0)).isEqualTo(1);
            assertThat(pool.unusable()).isEqualTo(1);
            assertThat(pool.acquire(0)).isEqualTo(PortPool.EXHAUSTED);
            assertThat(pool.acquire(REST_NS)).as("still taken").isEqualTo(PortPool.EXHAUSTED);
            assertThat(pool.unusable()).isEqualTo(2);
        }
        assertThat(pool.acquire(2 * REST_NS)).as("free again").isZero();
        assertThat(transport.counters().value(TransportCounters.SOCKETS)).isEqualTo(4);
        assertThat(pool.inUse()).isEqualTo(2);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldStopTryingWhenNoSocketCanBeOpened(TransportKind kind) {
        open(kind, 40);
        for (int i = 0; i < MAX_SOCKETS / 2; i++) {
            assertThat(pool.acquire(0)).isEqualTo(i);
        }
        for (int i = 0; i < 10; i++) {
            assertThat(pool.acquire(0)).isEqualTo(PortPool.EXHAUSTED);
        }
        assertThat(pool.unusable()).isZero();
        assertThat(pool.resting()).isZero();
        pool.release(3, 0);
        assertThat(pool.acquire(REST_NS)).isEqualTo(3);
        assertThat(transport.counters().value(TransportCounters.SOCKETS)).isEqualTo(MAX_SOCKETS);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldEndWhereItBeganWhenPairsGoRoundManyTimes(TransportKind kind) {
        open(kind, 5);
        long nowNs = 0;
        for (int round = 0; round < 1000; round++) {
            int one = pool.acquire(nowNs);
            int two = pool.acquire(nowNs);
            assertThat(one).isNotNegative();
            assertThat(two).isNotNegative().isNotEqualTo(one);
            pool.release(two, nowNs);
            pool.release(one, nowNs);
            nowNs += REST_NS / 2;
        }
        assertThat(pool.inUse()).isZero();
        assertThat(pool.unusable()).isZero();
        assertThat(transport.counters().value(TransportCounters.SOCKETS)).isLessThanOrEqualTo(10);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldRefuseARangeWhenItHoldsNoPair(TransportKind kind) {
        open(kind, 1);
        assertThatThrownBy(() -> new PortPool(transport, 20001, 20002, 0)).hasMessageContaining("20001-20002");
        assertThatThrownBy(() -> new PortPool(transport, 20000, 70000, 0)).hasMessageContaining("1-65535");
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldOpenNoSocketForALegWhenFilledAhead(TransportKind kind) {
        open(kind, 5);
        assertThat(pool.fill(2, 0)).isEqualTo(2);
        assertThat(pool.fill(100, 0)).isEqualTo(3);
        assertThat(pool.fill(100, 0)).isZero();
        assertThat(pool.ready()).isEqualTo(5);
        assertThat(pool.inUse()).isZero();
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 5; i++) {
                assertThat(pool.acquire(round * REST_NS)).isNotNegative();
            }
            for (int i = 0; i < 5; i++) {
                pool.release(i, round * REST_NS);
            }
        }
        assertThat(pool.openedLate()).isZero();
        assertThat(transport.counters().value(TransportCounters.SOCKETS)).isEqualTo(10);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldDropWhatComesForAPairThatIsReady(TransportKind kind) {
        open(kind, 1);
        pool.fill(1, 0);
        try (FarEnd far = new FarEnd(LOOPBACK)) {
            far.send(new byte[] {1}, LOOPBACK, pool.rtpPort(0));
            runUntilDropped(1);
            assertThat(pool.acquire(0)).isZero();
            far.send(new byte[] {2}, LOOPBACK, pool.rtpPort(0));
            assertThat(receivedOne()).isEqualTo(2);
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldStopFillingWhenNoSocketCanBeOpened(TransportKind kind) {
        open(kind, 40);
        assertThat(pool.fill(100, 0)).isEqualTo(MAX_SOCKETS / 2);
        assertThat(pool.fill(100, 0)).isZero();
        assertThat(pool.unusable()).isZero();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldPassOverAPairOnceWhenSomebodyStillTalksToIt(TransportKind kind) {
        open(kind, 3);
        try (FarEnd talker = new FarEnd(LOOPBACK)) {
            for (int i = 0; i < 3; i++) {
                assertThat(pool.acquire(0)).isEqualTo(i);
            }
            for (int i = 0; i < 3; i++) {
                pool.release(i, 0);
            }
            arrivalNs = REST_NS - 2_000_000_000L;
            talker.send(new byte[] {1}, LOOPBACK, pool.rtpPort(1));
            runUntilDropped(1);
            arrivalNs = REST_NS - 500_000_000L;
            talker.send(new byte[] {1}, LOOPBACK, pool.rtcpPort(0));
            runUntilDropped(2);
            assertThat(pool.acquire(REST_NS)).as("quiet for a second").isEqualTo(1);
            assertThat(pool.acquire(REST_NS)).isEqualTo(2);
            assertThat(pool.acquire(REST_NS)).as("better than none").isZero();
            pool.release(0, REST_NS);
            assertThat(pool.acquire(2 * REST_NS)).as("quiet again").isZero();
        }
    }

    @Test
    void shouldGiveEachPairToOneLegWhenPortsOfOthersComeAndGo() {
        ScriptedTransport scripted = new ScriptedTransport(() -> arrivalNs);
        transport = scripted;
        pool = new PortPool(scripted, 30_000, 30_599, 100);
        Random random = new Random(11);
        List<Integer> held = new ArrayList<>();
        for (int step = 0; step < 50_000; step++) {
            arrivalNs += random.nextInt(3);
            switch (random.nextInt(6)) {
                case 0 -> pool.fill(random.nextInt(4), arrivalNs);
                case 1 -> scripted.taken.add(30_000 + random.nextInt(600));
                case 2 -> scripted.taken.removeIf(port -> random.nextInt(4) == 0);
                case 3, 4 -> {
                    int pair = pool.acquire(arrivalNs);
                    assertThat(held).doesNotContain(pair);
                    if (pair != PortPool.EXHAUSTED) {
                        held.add(pair);
                    }
                }
                default -> {
                    if (!held.isEmpty()) {
                        pool.release(held.remove(random.nextInt(held.size())), arrivalNs);
                    }
                }
            }
            assertThat(pool.inUse()).isEqualTo(held.size());
            assertThat(pool.resting() + pool.ready() + held.size()).isLessThanOrEqualTo(pool.capacity());
        }
        assertThat(pool.unusable()).isPositive();
        scripted.taken.clear();
        held.forEach(pair -> pool.release(pair, arrivalNs));
        arrivalNs += 10_000;
        for (int i = 0; i < pool.capacity(); i++) {
            assertThat(pool.acquire(arrivalNs)).isNotNegative();
        }
        assertThat(pool.acquire(arrivalNs)).isEqualTo(PortPool.EXHAUSTED);
    }
}
