package io.hookswitch.engine.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;

/** A plain UDP socket of the JDK, standing for somebody else's. */
final class FarEnd implements AutoCloseable {
    private final DatagramChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(65536);

    FarEnd(InetAddress address) {
        this(address, 0);
    }

    FarEnd(InetAddress address, int port) {
        try {
            channel = DatagramChannel.open(
                    address.getAddress().length == 4
                            ? java.net.StandardProtocolFamily.INET
                            : java.net.StandardProtocolFamily.INET6);
            channel.bind(new InetSocketAddress(address, port));
            channel.configureBlocking(false);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    InetSocketAddress address() {
        try {
            return (InetSocketAddress) channel.getLocalAddress();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    int port() {
        return address().getPort();
    }

    void send(byte[] bytes, InetAddress to, int port) {
        try {
            channel.send(ByteBuffer.wrap(bytes), new InetSocketAddress(to, port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return what arrived, or null when nothing is there now. */
    byte[] tryReceive() {
        try {
            buffer.clear();
            if (channel.receive(buffer) == null) {
                return null;
            }
            byte[] bytes = new byte[buffer.flip().remaining()];
            buffer.get(bytes);
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
