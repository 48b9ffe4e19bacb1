package io.hookswitch.systemtests.socket;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** A WebSocket server that hears calls, well behaved or not. */
public final class AudioServer implements AutoCloseable {
    /** How it treats who connects. */
    public enum Manner {
        /** Reads all and keeps it. */
        LISTENS,
        /** Reads nothing behind the handshake. */
        STALLS,
        /** Sends small frames as fast as it can. */
        FLOODS,
        /** Closes at once. */
        CLOSES,
        /** Sends one frame of 64 MiB. */
        SENDS_ONE_64_MIB,
        /** Sends 64 MiB in frames of 512 KiB. */
        SENDS_64_MIB,
        /** Never answers the handshake. */
        SAYS_NOTHING,
        /** Answers the handshake with 403. */
        REFUSES
    }

    private static final long PATIENCE_NS = 10_000_000_000L;
    private static final int LONG_LENGTH = 64 << 20;
    private static final int SOME_LENGTH = 512 << 10;
    private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private final ServerSocket listening;
    private final List<SocketRecord> connections = new ArrayList<>();
    private final Manner manner;
    private final UnaryOperator<String> picks;

    /** One that picks no subprotocol. */
    public AudioServer(Manner manner) {
        this(manner, offered -> null);
    }

    /** @param picks the subprotocol that it answers, null = none, of the header that was sent, null = none */
    public AudioServer(Manner manner, UnaryOperator<String> picks) {
        this.manner = manner;
        this.picks = picks;
        try {
            listening = new ServerSocket();
            listening.setReceiveBufferSize(32 << 10);
            listening.bind(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().name("audio-server").start(this::accept);
    }

    /** @return where it listens. */
    public String url(String path) {
        return "ws://127.0.0.1:" + listening.getLocalPort() + path;
    }

    /** @return everybody who connected so far. */
    public List<SocketRecord> connections() {
        synchronized (connections) {
            return List.copyOf(connections);
        }
    }

    /** Waits for the first that fits. */
    public SocketRecord await(String what, Predicate<SocketRecord> fits) {
        long deadlineNs = System.nanoTime() + PATIENCE_NS;
        while (System.nanoTime() - deadlineNs < 0) {
            for (SocketRecord each : connections()) {
                if (fits.test(each)) {
                    return each;
                }
            }
            LockSupport.parkNanos(2_000_000);
        }
        throw new AssertionError(what + " did not happen; connections: " + connections());
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket socket = listening.accept();
                Thread.ofVirtual().name("audio-server-connection").start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            BufferedInputStream in = new BufferedInputStream(socket.getInputStream());
            Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
            String request = line(in);
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                int colon = line.indexOf(':');
                headers.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
            SocketRecord one = new SocketRecord(socket, request, headers);
            synchronized (connections) {
                connections.add(one);
            }
            if (handshake(socket.getOutputStream(), headers)) {
                behave(one, in);
            } else if (manner == Manner.SAYS_NOTHING) {
                in.transferTo(OutputStream.nullOutputStream());
            }
        } catch (SocketException e) {
            // The other side is gone.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean handshake(OutputStream out, Map<String, String> headers) throws IOException {
        if (manner == Manner.SAYS_NOTHING) {
            return false;
        }
        if (manner == Manner.REFUSES) {
            out.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return false;
        }
        String picked = picks.apply(headers.get("Sec-WebSocket-Protocol"));
        String answer = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: " + accept(headers.get("Sec-WebSocket-Key")) + "\r\n"
                + (picked == null ? "" : "Sec-WebSocket-Protocol: " + picked + "\r\n") + "\r\n";
        out.write(answer.getBytes(StandardCharsets.US_ASCII));
        out.flush();
        return true;
    }

    private static String accept(String key) {
        try {
            byte[] text = (key + MAGIC).getBytes(StandardCharsets.US_ASCII);
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private void behave(SocketRecord one, BufferedInputStream in) throws IOException {
        switch (manner) {
            case LISTENS -> one.read(in);
            case STALLS -> one.awaitGone();
            case FLOODS -> {
                BufferedOutputStream out = new BufferedOutputStream(one.socket().getOutputStream());
                byte[] nonsense = "{\"type\":\"json\",\"data\":{}}".getBytes(StandardCharsets.UTF_8);
                while (true) {
                    SocketRecord.write(out, 1, nonsense);
                    SocketRecord.write(out, 2, nonsense);
                    SocketRecord.write(out, 9, nonsense);
                }
            }
            case CLOSES -> one.close(1000);
            case SENDS_ONE_64_MIB -> {
                one.send(1, new byte[LONG_LENGTH]);
                one.read(in);
            }
            case SENDS_64_MIB -> {
                for (int sent = 0; sent < LONG_LENGTH; sent += SOME_LENGTH) {
                    one.send(2, new byte[SOME_LENGTH]);
                }
                one.read(in);
            }
            case SAYS_NOTHING, REFUSES ->
                throw new IllegalStateException(manner.name().toLowerCase(Locale.ROOT) + " has no WebSocket");
        }
    }

    private static String line(BufferedInputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new SocketException("closed in the handshake");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    @Override
    public void close() {
        try {
            listening.close();
            for (SocketRecord one : connections()) {
                one.socket().close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
