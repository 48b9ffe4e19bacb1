package io.hookswitch.engine.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.agrona.concurrent.SystemNanoClock;
import org.junit.jupiter.api.Test;

class RtpTransportsTest {
    private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
    private static final TransportSettings SETTINGS =
            TransportSettings.of(LOOPBACK, IdleMode.BALANCED).withBuffers(64, 8);

    @Test
    void shouldTakeIoUringWhenTheKernelHasItAndNothingElseIsAskedFor() {
        boolean has = RtpTransports.unavailable(TransportKind.IO_URING) == null;
        try (RtpTransport transport = RtpTransports.open(TransportKind.AUTO, SETTINGS, SystemNanoClock.INSTANCE)) {
            assertThat(transport.kind()).isEqualTo(has ? TransportKind.IO_URING : TransportKind.EPOLL);
            assertThat(transport.description()).startsWith(has ? "io_uring (kernel " : "epoll (no io_uring: ");
            assertThat(transport.counters().value(TransportCounters.SENT))
                    .as("the trial at start is forgotten")
                    .isZero();
        }
    }

    @Test
    void shouldTakeEpollAndSayWhyWhenTheKernelHasNoIoUring() {
        try (RtpTransport transport =
                RtpTransports.open(TransportKind.AUTO, SETTINGS, SystemNanoClock.INSTANCE, "not permitted")) {
            assertThat(transport.kind()).isEqualTo(TransportKind.EPOLL);
            assertThat(transport.description()).contains("no io_uring: not permitted", "64 receive and 8 send buffers");
        }
    }

    @Test
    void shouldRefuseWithTheReasonWhenIoUringIsAskedForAndMissing() {
        assertThatThrownBy(() ->
                        RtpTransports.open(TransportKind.IO_URING, SETTINGS, SystemNanoClock.INSTANCE, "not permitted"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("io_uring")
                .hasMessageContaining("not permitted");
    }

    @Test
    void shouldFindEachItsOwnRingWhenCoresStartTogether() throws Exception {
        int cores = 4;
        CyclicBarrier together = new CyclicBarrier(cores);
        List<Future<Integer>> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(cores)) {
            for (int core = 0; core < cores; core++) {
                answers.add(threads.submit(() -> {
                    together.await();
                    try (RtpTransport transport =
                            RtpTransports.open(TransportKind.AUTO, SETTINGS, SystemNanoClock.INSTANCE)) {
                        return received(transport, 500);
                    }
                }));
            }
            for (Future<Integer> answer : answers) {
                assertThat(answer.get()).isEqualTo(500);
            }
        }
    }

    /** Sends datagrams to itself one by one. @return how many came back. */
    private static int received(RtpTransport transport, int count) {
        int socket = transport.open(0);
        transport.connect(socket, 0, IpAddress.low(LOOPBACK), transport.port(socket));
        int[] received = {0};
        for (int i = 1; i <= count; i++) {
            int buffer = transport.tryClaim();
            transport.send(socket, buffer, transport.offset(buffer), 20);
            long deadlineNs = System.nanoTime() + 5_000_000_000L;
            while (received[0] < i && System.nanoTime() - deadlineNs < 0) {
                transport.run(100_000_000);
                transport
                        .packets()
                        .poll(
                                packet -> {
                                    received[0]++;
                                    transport.release(packet.buffer());
                                },
                                10);
            }
        }
        return received[0];
    }
}
