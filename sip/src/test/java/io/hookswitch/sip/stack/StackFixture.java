package io.hookswitch.sip.stack;

import io.hookswitch.sip.transport.ListenAddress;
import io.hookswitch.sip.transport.SipCounters;
import io.hookswitch.sip.transport.WireSettings;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A stack on loopback, driven by the test's thread and clock, and a far end on a socket of its own. */
final class StackFixture implements AutoCloseable {
    static final String LOOPBACK = "127.0.0.1";
    private static final long STEP_NS = TimeUnit.MILLISECONDS.toNanos(20);

    final SteppedClock clock = new SteppedClock();
    final SipCounters counters = new SipCounters();
    final List<Throwable> errors = new ArrayList<>();
    final AnsweringListener listener = new AnsweringListener();
    final ShardStack stack;
    final DatagramSocket farEnd;
    final InetSocketAddress udp;
    final InetSocketAddress tcp;

    StackFixture() throws IOException {
        this(settings -> settings);
    }

    interface Change {
        ShardSettings of(ShardSettings settings);
    }

    StackFixture(Change change) throws IOException {
        WireSettings wire = WireSettings.of(
                        ListenAddress.parse("udp:127.0.0.1:0"), ListenAddress.parse("tcp:127.0.0.1:0"))
                .sourceBudget(0, 0);
        stack = new ShardStack(change.of(ShardSettings.of("test", wire)), listener, clock, counters, errors::add);
        listener.stack = stack;
        stack.start();
        udp = stack.bound().get(0).address();
        tcp = stack.bound().get(1).address();
        farEnd = new DatagramSocket(0, InetAddress.getByName(LOOPBACK));
    }

    String via() {
        return "UDP 127.0.0.1:" + farEnd.getLocalPort() + ";rport";
    }

    void send(String message) throws IOException {
        send(message.getBytes(StandardCharsets.UTF_8));
    }

    void send(byte[] message) throws IOException {
        farEnd.send(new DatagramPacket(message, message.length, udp));
    }

    /** Runs the stack until the far end hears something, at most two seconds; null = silence. */
    String receive() throws IOException {
        return receive(2_000);
    }

    String receive(long maxMs) throws IOException {
        DatagramPacket packet = new DatagramPacket(new byte[65_536], 65_536);
        farEnd.setSoTimeout(1);
        long began = System.nanoTime();
        do {
            stack.poll(STEP_NS);
            try {
                farEnd.receive(packet);
                return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
            } catch (SocketTimeoutException _) {
                // Not yet: another pass.
            }
        } while (System.nanoTime() - began < TimeUnit.MILLISECONDS.toNanos(maxMs));
        return null;
    }

    /** Runs the stack until it has received so many messages. */
    void settle(long received) {
        long began = System.nanoTime();
        while (counters.get(SipCounters.RECEIVED) < received && System.nanoTime() - began < 2_000_000_000L) {
            stack.poll(STEP_NS);
        }
        stack.poll(0);
    }

    /** Time passes with the stack at work, tick by tick. */
    void pass(long ms) {
        for (long left = ms; left > 0; left -= 100) {
            clock.stepMs(Math.min(left, 100));
            stack.poll(0);
        }
    }

    @Override
    public void close() throws IOException {
        farEnd.close();
        stack.close();
    }
}
