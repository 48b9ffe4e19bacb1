package io.hookswitch.engine.io;

import static io.hookswitch.engine.io.TransportCounters.DROPPED_RING_FULL;
import static io.hookswitch.engine.io.TransportCounters.NO_BUFFER;
import static io.hookswitch.engine.io.TransportCounters.PASSES;
import static io.hookswitch.engine.io.TransportCounters.REARMED;
import static io.hookswitch.engine.io.TransportCounters.SEND_ERRORS;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a transport must keep under load, starvation and from other threads. The thread of the test is the core's. */
class RtpTransportLoadTest {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final int PAIRS = 16;
    private static final int PACKETS = 200_000;
    private static final int PACKET_BYTES = 172;

    private RtpTransport transport;

    static Stream<TransportKind> kinds() {
        return RtpTransportTest.kinds();
    }

    @AfterEach
    void closeTransport() {
        if (transport != null) {
            transport.close();
        }
    }

    /** Sends each received packet on from its peer socket: what a bridge does, in a circle. */
    private final class Relay implements PacketRing.Reader {
        private final int[] peer;
        private final int[] nextSequence;
        private int relayed;
        private int wrong;
        private final boolean connected;
        private boolean stopped;

        private Relay(int[] peer, boolean connected) {
            this.peer = peer;
            this.connected = connected;
            nextSequence = new int[peer.length];
        }

        @Override
        public void onPacket(PacketFlyweight packet) {
            if (packet.sourcePort() != transport.port(peer[packet.socket()])) {
                // Somebody else's datagram to a port that was theirs before.
                transport.release(packet.buffer());
                return;
            }
            int offset = packet.offset();
            int sequence = transport.memory().getInt(offset);
            if (sequence != nextSequence[packet.socket()]++ || packet.length() != PACKET_BYTES) {
                wrong++;
            }
            relayed++;
            if (stopped) {
                transport.release(packet.buffer());
                return;
            }
            // Odd sockets answer their even peer with the number it counts next.
            transport.memory().putInt(offset, (packet.socket() & 1) == 0 ? sequence + 1 : sequence);
            send(packet.socket(), packet.buffer(), offset);
        }

        private void send(int socket, int buffer, int offset) {
            if (connected) {
                transport.send(socket, buffer, offset, PACKET_BYTES);
            } else {
                transport.sendTo(
                        socket, buffer, offset, PACKET_BYTES, 0, 0xFFFF_7F00_0001L, transport.port(peer[socket]));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldLoseNothingAndAllocateNothingPerPacketWhenRelaying(TransportKind kind) {
        relayInCircles(kind, true);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldLoseNothingAndAllocateNothingPerPacketWhenNotConnected(TransportKind kind) {
        relayInCircles(kind, false);
    }

    private void relayInCircles(TransportKind kind, boolean connected) {
        transport = RtpTransports.open(kind, settings(1024, 64), SystemNanoClock.INSTANCE);
        int[] peer = new int[2 * PAIRS];
        for (int i = 0; i < PAIRS; i++) {
            int even = transport.open(0);
            int odd = transport.open(0);
            assertThat(even).isEqualTo(2 * i);
            assertThat(odd).isEqualTo(even + 1);
            peer[even] = odd;
            peer[odd] = even;
            if (connected) {
                connect(even, odd);
                connect(odd, even);
            }
        }
        Relay relay = new Relay(peer, connected);
        for (int i = 0; i < PAIRS; i++) {
            int buffer = transport.tryClaim();
            transport.memory().putInt(transport.offset(buffer), 0);
            relay.send(2 * i, buffer, transport.offset(buffer));
        }
        relay(relay, PACKETS);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long passes = transport.counters().value(PASSES);
        long before = threads.getCurrentThreadAllocatedBytes();
        relay(relay, 2 * PACKETS);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        passes = transport.counters().value(PASSES) - passes;
        relay.stopped = true;
        relay(relay, relay.relayed + PAIRS);

        System.out.printf(
                "%s: %d bytes allocated for %d packets in %d passes%n", transport.kind(), allocated, PACKETS, passes);
        assertThat(relay.wrong).as("lost, doubled or damaged packets").isZero();
        assertThat(transport.counters().value(SEND_ERRORS)).isZero();
        // The measuring call itself may allocate a little.
        assertThat(allocated).isLessThanOrEqualTo(1024);
    }

    private void relay(Relay relay, int until) {
        long deadlineNs = System.nanoTime() + 60 * SECOND_NS;
        while (relay.relayed < until) {
            if (transport.run(SECOND_NS) == 0 && System.nanoTime() - deadlineNs > 0) {
                throw new AssertionError("only " + relay.relayed + " packets of " + until);
            }
            transport.packets().poll(relay, Integer.MAX_VALUE);
        }
    }

    private void connect(int socket, int to) {
        assertThat(transport.connect(socket, 0, IpAddress.low(LOOPBACK), transport.port(to)))
                .isZero();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldRecoverWithoutStormOrLossWhenBuffersRunOut(TransportKind kind) {
        transport = RtpTransports.open(kind, settings(8, 4), SystemNanoClock.INSTANCE);
        int[] sockets = new int[10];
        try (FarEnd far = new FarEnd(LOOPBACK)) {
            for (int i = 0; i < sockets.length; i++) {
                sockets[i] = transport.open(0);
                transport.connect(sockets[i], 0, IpAddress.low(LOOPBACK), far.port());
            }
            for (int round = 0; round < 5; round++) {
                for (int i = 0; i < 60; i++) {
                    far.send(new byte[] {(byte) i}, LOOPBACK, transport.port(sockets[i % sockets.length]));
                }
                // The core holds all eight and does nothing for a while.
                List<Integer> held = new ArrayList<>();
                long untilNs = System.nanoTime() + SECOND_NS / 20;
                int passes = 0;
                while (System.nanoTime() - untilNs < 0) {
                    transport.run(SECOND_NS / 100);
                    transport.packets().poll(packet -> held.add(packet.buffer()), 100);
                    passes++;
                }
                assertThat(held).hasSize(8);
                assertThat(passes).as("passes while starved").isLessThan(2000);
                held.forEach(transport::release);
                int[] received = {8};
                long deadlineNs = System.nanoTime() + 5 * SECOND_NS;
                while (received[0] < 60 && System.nanoTime() - deadlineNs < 0) {
                    transport.run(SECOND_NS / 100);
                    transport
                            .packets()
                            .poll(
                                    packet -> {
                                        received[0]++;
                                        transport.release(packet.buffer());
                                    },
                                    100);
                }
                assertThat(received[0]).isEqualTo(60);
            }
        }
        assertThat(transport.counters().value(NO_BUFFER)).isPositive().isLessThan(2000);
        assertThat(transport.counters().value(REARMED)).isLessThan(2000);
        assertThat(transport.counters().value(DROPPED_RING_FULL)).isZero();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldEndTheWaitWhenAnotherThreadWakes(TransportKind kind) throws InterruptedException {
        for (IdleMode idle : new IdleMode[] {IdleMode.BALANCED, IdleMode.QUIET}) {
            transport = RtpTransports.open(
                    kind, TransportSettings.of(LOOPBACK, idle).withBuffers(64, 4), SystemNanoClock.INSTANCE);
            // Each announcement must be seen: a wake-up that falls between two waits must not be lost.
            AtomicLong announced = new AtomicLong();
            AtomicLong seen = new AtomicLong();
            int rounds = 20_000;
            CountDownLatch started = new CountDownLatch(1);
            Thread waker = new Thread(() -> {
                started.countDown();
                for (int i = 1; i <= rounds; i++) {
                    announced.set(i);
                    transport.wakeup();
                    while (seen.get() < i) {
                        Thread.onSpinWait();
                    }
                }
            });
            waker.start();
            started.await();
            long beganNs = System.nanoTime();
            while (seen.get() < rounds) {
                long waitNs = System.nanoTime();
                transport.run(10 * SECOND_NS);
                assertThat(System.nanoTime() - waitNs).as("a wait, ns").isLessThan(5 * SECOND_NS);
                seen.set(announced.get());
            }
            System.out.printf(
                    "%s %s: %d ns a wake-up%n", transport.kind(), idle, (System.nanoTime() - beganNs) / rounds);
            waker.join(TimeUnit.SECONDS.toMillis(5));
            transport.close();
        }
        transport = null;
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldWakeBlockedCoreWithinMillisecondsWhenItSleepsDeeply(TransportKind kind) throws InterruptedException {
        transport = RtpTransports.open(kind, settings(64, 4), SystemNanoClock.INSTANCE);
        long bestNs = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            AtomicLong wokenAtNs = new AtomicLong();
            long wakeAtNs = System.nanoTime() + SECOND_NS / 20;
            Thread waker = new Thread(() -> {
                while (System.nanoTime() - wakeAtNs < 0) {
                    Thread.onSpinWait();
                }
                wokenAtNs.set(System.nanoTime());
                transport.wakeup();
            });
            waker.start();
            int passes = 0;
            while (wokenAtNs.get() == 0) {
                transport.run(30 * SECOND_NS);
                passes++;
            }
            assertThat(passes).as("passes before the wake-up").isLessThan(5);
            bestNs = Math.min(bestNs, System.nanoTime() - wokenAtNs.get());
            waker.join();
        }
        System.out.printf("%s: best wake-up from a wait in the kernel %d ns%n", kind, bestNs);
        assertThat(bestNs).isLessThan(5_000_000);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldCloseQuietlyWhenOthersStillWakeAndSend(TransportKind kind) throws InterruptedException {
        for (int round = 0; round < 20; round++) {
            transport = RtpTransports.open(kind, settings(64, 8), SystemNanoClock.INSTANCE);
            RtpTransport closing = transport;
            int socket = transport.open(0);
            int port = transport.port(socket);
            AtomicLong failures = new AtomicLong();
            AtomicLong wakes = new AtomicLong();
            Thread other = new Thread(() -> {
                try (FarEnd far = new FarEnd(LOOPBACK)) {
                    for (int i = 0; i < 5000; i++) {
                        closing.wakeup();
                        far.send(new byte[8], LOOPBACK, port);
                        wakes.incrementAndGet();
                    }
                } catch (RuntimeException e) {
                    failures.incrementAndGet();
                }
            });
            other.start();
            while (wakes.get() < 50) {
                transport.run(1_000_000);
                transport.packets().poll(packet -> transport.release(packet.buffer()), 100);
            }
            transport.connect(socket, 0, IpAddress.low(LOOPBACK), port);
            int buffer = transport.tryClaim();
            transport.send(socket, buffer, transport.offset(buffer), 8);
            transport.close();
            other.join();
            assertThat(failures.get()).isZero();
        }
        transport = null;
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldReturnInTimeWhenNothingHappens(TransportKind kind) {
        for (IdleMode idle : IdleMode.values()) {
            transport = RtpTransports.open(
                    kind, TransportSettings.of(LOOPBACK, idle).withBuffers(64, 4), SystemNanoClock.INSTANCE);
            transport.run(0);
            boolean spins = idle == IdleMode.LATENCY;
            for (long waitNs : new long[] {50_000, 500_000, 2_000_000, 30_000_000}) {
                // A wait may end early by an older, earlier deadline; the time must be reached all the same.
                long beganNs = System.nanoTime();
                int passes = 0;
                while (System.nanoTime() - beganNs < waitNs) {
                    transport.run(waitNs);
                    passes++;
                }
                assertThat(System.nanoTime() - beganNs).isLessThan(waitNs + SECOND_NS / 4);
                if (!spins) {
                    assertThat(passes).as("%s passes in %d ns", idle, waitNs).isLessThan(10);
                }
            }
            // Ever earlier deadlines: each takes a timer of its own until they expire.
            long beganNs = System.nanoTime();
            for (int i = 40; i > 0; i--) {
                transport.wakeup();
                transport.run(i * SECOND_NS);
            }
            transport.run(1_000_000);
            assertThat(System.nanoTime() - beganNs).isLessThan(SECOND_NS);
            transport.close();
        }
        transport = null;
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void shouldAllocateNothingWhenSpinningOrWaitingInVain(TransportKind kind) {
        IdleMode idle = kind == TransportKind.EPOLL ? IdleMode.LATENCY : IdleMode.BALANCED;
        transport = RtpTransports.open(
                kind, TransportSettings.of(LOOPBACK, idle).withBuffers(64, 4), SystemNanoClock.INSTANCE);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int passes = kind == TransportKind.EPOLL ? 100_000 : 10_000;
        for (int i = 0; i < passes; i++) {
            transport.run(1000);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < passes; i++) {
            transport.run(1000);
        }
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        System.out.printf("%s: %d bytes allocated in %d empty passes%n", kind, allocated, passes);
        assertThat(allocated).isLessThan(kind == TransportKind.EPOLL ? 1024 : 1024 + 24L * passes);
    }

    private static TransportSettings settings(int receiveBuffers, int sendBuffers) {
        return TransportSettings.of(LOOPBACK, IdleMode.BALANCED).withBuffers(receiveBuffers, sendBuffers);
    }
}
