package io.hookswitch.sip.stack;

import gov.nist.core.HostPort;
import gov.nist.javax.sip.stack.MessageChannel;
import gov.nist.javax.sip.stack.MessageProcessor;
import gov.nist.javax.sip.stack.SIPTransactionStack;
import io.hookswitch.sip.transport.StreamEndpoint;
import io.hookswitch.sip.transport.Transport;
import io.hookswitch.sip.transport.UdpEndpoint;
import io.hookswitch.sip.transport.WireGuard;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;

/** A listening point as the stack sees it; the socket behind it is Netty's. Sip thread. */
final class ShardProcessor extends MessageProcessor {
    private final SIPTransactionStack stack;
    private final Transport kind;
    private final UdpEndpoint datagrams;
    private final StreamEndpoint streams;

    private ShardProcessor(
            InetAddress address,
            int port,
            Transport kind,
            SIPTransactionStack stack,
            UdpEndpoint datagrams,
            StreamEndpoint streams) {
        super(address, port, kind.wireName(), stack);
        this.stack = stack;
        this.kind = kind;
        this.datagrams = datagrams;
        this.streams = streams;
    }

    static ShardProcessor of(InetAddress advertised, int port, SIPTransactionStack stack, UdpEndpoint endpoint) {
        return new ShardProcessor(advertised, port, Transport.UDP, stack, endpoint, null);
    }

    /** @param kind of a stream */
    static ShardProcessor of(
            InetAddress advertised, int port, Transport kind, SIPTransactionStack stack, StreamEndpoint endpoint) {
        return new ShardProcessor(advertised, port, kind, stack, null, endpoint);
    }

    Transport kind() {
        return kind;
    }

    UdpEndpoint datagrams() {
        return datagrams;
    }

    StreamEndpoint streams() {
        return streams;
    }

    @Override
    public SIPTransactionStack getSIPStack() {
        return stack;
    }

    /** Refuses names: they would be looked up in DNS on the sip thread. */
    @Override
    public MessageChannel createMessageChannel(HostPort target) throws IOException {
        String host = target.getHost().getHostname();
        InetAddress address = NetUtil.createInetAddressFromIpAddressString(host);
        if (address == null) {
            throw new IOException(host + " is not an IP address");
        }
        return createMessageChannel(address, target.getPort());
    }

    @Override
    public MessageChannel createMessageChannel(InetAddress host, int port) {
        return FlowChannel.to(this, host, port > 0 ? port : kind.defaultPort());
    }

    @Override
    public void start() {}

    @Override
    public void stop() {}

    @Override
    public int getDefaultTargetPort() {
        return kind.defaultPort();
    }

    @Override
    public boolean isSecure() {
        return kind.isSecure();
    }

    @Override
    public int getMaximumMessageSize() {
        return WireGuard.HEAD_MAX + WireGuard.BODY_MAX;
    }

    @Override
    public boolean inUse() {
        return false;
    }
}
