package io.hookswitch.systemtests;

import io.hookswitch.systemtests.farend.SipMessage;
import io.hookswitch.systemtests.process.Child;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** What tshark sees of SIP on the loopback interface: the referee for what came before what. */
final class Wire implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private final Child tshark;
    private final int enginePort;
    private int forgotten;

    /**
     * One SIP message on the wire.
     *
     * @param seconds of the machine's clock
     * @param fromEngine sent by the engine, else to it
     * @param port of the far end
     */
    record Seen(double seconds, boolean fromEngine, int port, SipMessage message) {
        boolean isRequest(String method) {
            return message.isRequest() && message.method().equals(method);
        }

        boolean isResponse(int status, String method) {
            return message.status() == status && message.cseqMethod().equals(method);
        }
    }

    /** Starts to look at everything that the engine's SIP port says and hears. */
    Wire(int enginePort) {
        this.enginePort = enginePort;
        tshark = Child.start(
                "tshark",
                List.of(
                        Child.program("tshark", "tshark"),
                        "-l",
                        "-n",
                        "-i",
                        "lo",
                        "-f",
                        "udp port " + enginePort,
                        "-T",
                        "fields",
                        "-e",
                        "frame.time_epoch",
                        "-e",
                        "udp.srcport",
                        "-e",
                        "udp.dstport",
                        "-e",
                        "udp.payload"),
                Map.of());
        tshark.awaitLine("Capture started", PATIENCE);
        settle();
    }

    /** Leaves out all that was seen until now. */
    void forget() {
        forgotten = tshark.lines().size();
    }

    /** @return messages since the last {@link #forget()}, in order, repeats left out. */
    List<Seen> seen() {
        List<Seen> seen = new ArrayList<>();
        Set<String> known = new HashSet<>();
        List<String> lines = tshark.lines();
        for (String line : lines.subList(forgotten, lines.size())) {
            String[] columns = line.split("\t");
            if (columns.length != 4) {
                continue;
            }
            byte[] payload = HexFormat.of().parseHex(columns[3]);
            SipMessage message = SipMessage.of(new String(payload, StandardCharsets.UTF_8));
            boolean fromEngine = columns[1].equals(Integer.toString(enginePort));
            int port = Integer.parseInt(columns[fromEngine ? 2 : 1]);
            if (message != null
                    && known.add(message.startLine() + message.branch() + message.cseqMethod() + message.toTag())) {
                seen.add(new Seen(Double.parseDouble(columns[0]), fromEngine, port, message));
            }
        }
        return seen;
    }

    /** Waits for a message and gives the first that fits. */
    Seen first(String what, Predicate<Seen> wanted) {
        long endNs = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            for (Seen seen : seen()) {
                if (wanted.test(seen)) {
                    return seen;
                }
            }
            if (System.nanoTime() > endNs) {
                throw new AssertionError("not on the wire: " + what + "; this was:\n" + describe());
            }
            Child.pause(20);
        }
    }

    /** Waits until what was sent so far has been written down: sends a keep-alive (RFC 5626) and waits to see it. */
    Wire settle() {
        byte[] keepAlive = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
        InetAddress loopback = InetAddress.getLoopbackAddress();
        long endNs = System.nanoTime() + PATIENCE.toNanos();
        try (DatagramSocket marker = new DatagramSocket(0, loopback)) {
            String mark = "\t" + marker.getLocalPort() + "\t" + enginePort + "\t";
            for (int i = 0; tshark.lines().stream().noneMatch(line -> line.contains(mark)); i++) {
                // Capture may have begun after the first one went out.
                if (i % 50 == 0) {
                    marker.send(new DatagramPacket(keepAlive, keepAlive.length, loopback, enginePort));
                }
                if (System.nanoTime() > endNs) {
                    throw new AssertionError("tshark sees nothing: " + tshark.lines());
                }
                Child.pause(10);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return this;
    }

    /** @return how many messages fit. */
    long count(Predicate<Seen> wanted) {
        return seen().stream().filter(wanted).count();
    }

    /** @return a line a message. */
    String describe() {
        StringBuilder text = new StringBuilder();
        List<Seen> all = seen();
        for (Seen seen : all) {
            text.append("%8.1f ms %s %d %s%n"
                    .formatted(
                            (seen.seconds() - all.getFirst().seconds()) * 1000,
                            seen.fromEngine() ? "engine ->" : "engine <-",
                            seen.port(),
                            seen.message().startLine()));
        }
        return text.toString();
    }

    @Override
    public void close() {
        tshark.close();
    }
}
