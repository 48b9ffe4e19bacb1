package io.hookswitch.systemtests.farend;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.SocketFactory;
import javax.net.ssl.SSLContext;

/** Raw sockets under a far end. Whole messages in, whole messages out; nothing is repeated or repaired here. */
sealed interface SipWire extends AutoCloseable {
    /** Hears every message; called on the wire's reader thread. */
    interface Listener {
        void onMessage(byte[] bytes, int length, InetSocketAddress peer);
    }

    /** @return {@code udp}, {@code tcp} or {@code tls}. */
    String transport();

    /** @return where it listens. */
    InetSocketAddress local();

    /** Sends one message. */
    void send(byte[] bytes, InetSocketAddress peer) throws IOException;

    /** Starts reading. */
    void start(Listener listener);

    @Override
    void close();

    /** Opens a wire on an address, {@code port} 0 = any free one. */
    static SipWire open(String transport, String address, int port) throws IOException {
        InetSocketAddress local = new InetSocketAddress(InetAddress.getByName(address), port);
        return transport.equals("tcp")
                ? new Tcp("tcp", new ServerSocket(local.getPort(), 50, local.getAddress()), SocketFactory.getDefault())
                : new Udp(local);
    }

    /** Opens a wire with TLS, port 0 = any free one. */
    static SipWire tls(SSLContext context, InetSocketAddress local) throws IOException {
        ServerSocket server =
                context.getServerSocketFactory().createServerSocket(local.getPort(), 50, local.getAddress());
        return new Tcp("tls", server, context.getSocketFactory());
    }

    /** One datagram, one message. */
    final class Udp implements SipWire {
        private final DatagramSocket socket;

        Udp(InetSocketAddress local) throws IOException {
            socket = new DatagramSocket(local);
            socket.setReceiveBufferSize(1 << 20);
            socket.setSendBufferSize(1 << 20);
        }

        @Override
        public String transport() {
            return "udp";
        }

        @Override
        public InetSocketAddress local() {
            return (InetSocketAddress) socket.getLocalSocketAddress();
        }

        @Override
        public void send(byte[] bytes, InetSocketAddress peer) throws IOException {
            socket.send(new DatagramPacket(bytes, bytes.length, peer));
        }

        @Override
        public void start(Listener listener) {
            Thread.ofPlatform()
                    .daemon()
                    .name("far-end-udp-" + local().getPort())
                    .start(() -> read(listener));
        }

        private void read(Listener listener) {
            DatagramPacket packet = new DatagramPacket(new byte[65536], 65536);
            while (!socket.isClosed()) {
                try {
                    packet.setLength(65536);
                    socket.receive(packet);
                } catch (IOException e) {
                    // A closed socket ends the loop; an ICMP refusal of something sent earlier does not.
                    continue;
                }
                listener.onMessage(packet.getData(), packet.getLength(), (InetSocketAddress) packet.getSocketAddress());
            }
        }

        @Override
        public void close() {
            socket.close();
        }
    }

    /** A stream to each peer; messages are framed by Content-Length (RFC 3261 section 18.3). */
    final class Tcp implements SipWire {
        private static final Pattern LENGTH = Pattern.compile("(?im)^(?:content-length|l)\\s*:\\s*(\\d+)");
        private final ServerSocket server;
        private final Map<InetSocketAddress, Socket> streams = new ConcurrentHashMap<>();
        private volatile Listener listener;

        private final String name;
        private final SocketFactory sockets;

        Tcp(String name, ServerSocket server, SocketFactory sockets) {
            this.name = name;
            this.server = server;
            this.sockets = sockets;
        }

        @Override
        public String transport() {
            return name;
        }

        @Override
        public InetSocketAddress local() {
            return (InetSocketAddress) server.getLocalSocketAddress();
        }

        @Override
        public void send(byte[] bytes, InetSocketAddress peer) throws IOException {
            Socket stream = streams.get(peer);
            if (stream == null || stream.isClosed()) {
                stream = sockets.createSocket(peer.getAddress(), peer.getPort(), server.getInetAddress(), 0);
                stream.setTcpNoDelay(true);
                adopt(stream);
            }
            stream.getOutputStream().write(bytes);
        }

        @Override
        public void start(Listener to) {
            listener = to;
            Thread.ofVirtual().name("far-end-tcp-" + local().getPort()).start(this::accept);
        }

        private void accept() {
            while (!server.isClosed()) {
                try {
                    adopt(server.accept());
                } catch (IOException e) {
                    return;
                }
            }
        }

        private void adopt(Socket stream) {
            InetSocketAddress peer = (InetSocketAddress) stream.getRemoteSocketAddress();
            streams.put(peer, stream);
            Thread.ofVirtual().start(() -> read(stream, peer));
        }

        private void read(Socket stream, InetSocketAddress peer) {
            try (stream) {
                InputStream in = new BufferedInputStream(stream.getInputStream());
                for (byte[] message = next(in); message != null; message = next(in)) {
                    listener.onMessage(message, message.length, peer);
                }
            } catch (IOException e) {
                // The peer hung up or we closed: either way this stream is over.
                streams.remove(peer, stream);
            } finally {
                streams.remove(peer, stream);
            }
        }

        private static byte[] next(InputStream in) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream(1024);
            int ends = 0;
            while (ends < 4) {
                int octet = in.read();
                if (octet < 0) {
                    return null;
                }
                if (bytes.size() == 0 && (octet == '\r' || octet == '\n')) {
                    continue;
                }
                bytes.write(octet);
                ends = octet == (ends % 2 == 0 ? '\r' : '\n') ? ends + 1 : octet == '\r' ? 1 : 0;
            }
            Matcher length = LENGTH.matcher(bytes.toString(StandardCharsets.UTF_8));
            bytes.writeBytes(in.readNBytes(length.find() ? Integer.parseInt(length.group(1)) : 0));
            return bytes.toByteArray();
        }

        @Override
        public void close() {
            try {
                server.close();
                for (Socket stream : streams.values()) {
                    stream.close();
                }
            } catch (IOException e) {
                streams.clear();
            }
        }
    }
}
