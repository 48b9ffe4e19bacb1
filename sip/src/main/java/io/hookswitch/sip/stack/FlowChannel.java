package io.hookswitch.sip.stack;

import gov.nist.javax.sip.message.SIPMessage;
import gov.nist.javax.sip.stack.MessageChannel;
import gov.nist.javax.sip.stack.RawMessageChannel;
import gov.nist.javax.sip.stack.SIPTransactionStack;
import io.hookswitch.sip.transport.StreamFlow;
import io.hookswitch.sip.transport.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import javax.sip.address.Hop;

/**
 * One far end as the stack sees it: the source of a message that came in, or the target of one that goes out. Answers
 * to a request that came over a connection go back on it while it stands (RFC 3261 section 18.2.2). Sip thread.
 */
final class FlowChannel extends MessageChannel implements RawMessageChannel {
    private final ShardProcessor processor;
    private final InetAddress peerAddress;
    private final int peerPort;
    private final InetSocketAddress source;
    private final StreamFlow flow;

    private FlowChannel(
            ShardProcessor processor,
            InetAddress peerAddress,
            int peerPort,
            InetSocketAddress source,
            StreamFlow flow) {
        this.processor = processor;
        this.messageProcessor = processor;
        this.peerAddress = peerAddress;
        this.peerPort = peerPort;
        this.source = source;
        this.flow = flow;
    }

    static FlowChannel to(ShardProcessor processor, InetAddress address, int port) {
        return new FlowChannel(processor, address, port, null, null);
    }

    /** @param replyPort where answers go; flow null = a datagram */
    static FlowChannel from(ShardProcessor processor, InetSocketAddress source, int replyPort, StreamFlow flow) {
        return new FlowChannel(processor, source.getAddress(), replyPort, source, flow);
    }

    @Override
    public void sendMessage(SIPMessage message) throws IOException {
        send(message, peerAddress, peerPort);
    }

    /** The stock one hands messages to ourselves to a static thread pool; and its host may be a name. */
    @Override
    public void sendMessage(SIPMessage message, Hop hop) throws IOException {
        if (!LiteralRouter.isLiteral(hop.getHost())) {
            throw new UnknownHostException(hop.getHost() + " is not an IP address");
        }
        send(message, InetAddress.getByName(hop.getHost()), hop.getPort());
    }

    @Override
    public void sendMessage(SIPMessage message, InetAddress address, int port) throws IOException {
        send(message, address, port);
    }

    private void send(SIPMessage message, InetAddress address, int port) throws IOException {
        sendMessage(message.encodeAsBytes(getTransport()), address, port, false);
        message.setRemoteAddress(address);
        message.setRemotePort(port);
        message.setLocalAddress(processor.getIpAddress());
        message.setLocalPort(processor.getPort());
    }

    @Override
    protected void sendMessage(byte[] message, InetAddress address, int port, boolean reconnect) throws IOException {
        if (port < 1) {
            throw new IOException("no port to send to at " + address.getHostAddress());
        }
        if (processor.kind() == Transport.UDP) {
            processor.datagrams().send(message, new InetSocketAddress(address, port));
            return;
        }
        StreamFlow target = flow;
        if (target == null || target.isClosed() || !address.equals(peerAddress)) {
            target = processor.streams().flowTo(new InetSocketAddress(address, port));
        }
        if (target == null) {
            processor.streams().unsent(message);
            return;
        }
        if (!target.trySend(message)) {
            throw new IOException("connection to " + target.remote() + " takes no more");
        }
    }

    Transport kind() {
        return processor.kind();
    }

    @Override
    public void processMessage(SIPMessage message) {
        throw new IllegalStateException("a message to ourselves goes through the socket");
    }

    /** Connections belong to the flow table, which closes idle ones. */
    @Override
    public void close() {}

    @Override
    public SIPTransactionStack getSIPStack() {
        return processor.getSIPStack();
    }

    @Override
    public String getTransport() {
        return processor.getTransport();
    }

    @Override
    public boolean isReliable() {
        return processor.kind().reliable();
    }

    @Override
    public boolean isSecure() {
        return processor.kind().isSecure();
    }

    @Override
    public String getPeerAddress() {
        return peerAddress.getHostAddress();
    }

    @Override
    protected InetAddress getPeerInetAddress() {
        return peerAddress;
    }

    @Override
    protected String getPeerProtocol() {
        return processor.getTransport();
    }

    @Override
    public int getPeerPort() {
        return peerPort;
    }

    @Override
    public int getPeerPacketSourcePort() {
        return source == null ? 0 : source.getPort();
    }

    @Override
    public InetAddress getPeerPacketSourceAddress() {
        return source == null ? null : source.getAddress();
    }

    @Override
    public String getKey() {
        return getKey(peerAddress, peerPort, getTransport());
    }

    @Override
    public String getViaHost() {
        return getHost();
    }

    @Override
    public int getViaPort() {
        return getPort();
    }
}
