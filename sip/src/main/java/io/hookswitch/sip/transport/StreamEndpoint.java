package io.hookswitch.sip.transport;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLParameters;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One listening TCP socket, with TLS or without, and its flows, accepted and made, found by the address of the far end.
 * Whether TLS or a
 * WebSocket lies between socket and framer is a matter of {@link #prepare}. Sip thread.
 */
public final class StreamEndpoint {
    private static final int BACKLOG = 1024;
    /** One address has a quarter of all connections at most, but always some: others want to call too. */
    private static final int FLOWS_OF_ONE_MIN = 16;

    private static final int NAMES_MAX = 10_000;

    /** A far end; its certificate was asked for by this name. One address may be several hosts. */
    private record Peer(InetSocketAddress remote, String name) {}

    private static final long SWEEP_NS = TimeUnit.SECONDS.toNanos(1);

    private final SipLoop loop;
    private final ListenAddress listen;
    private final WireSettings settings;
    private final WireListener listener;
    private final WireGuard guard;
    private final SipCounters counters;
    private final NanoClock clock;
    private final UnsafeBuffer view = new UnsafeBuffer(0, 0);
    private final Map<Peer, StreamFlow> flows = new HashMap<>();
    /** Name of the host behind an address, as whoever connects last calls it. */
    private final Map<InetSocketAddress, String> names = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<InetSocketAddress, String> eldest) {
            return size() > NAMES_MAX;
        }
    };

    private final Map<InetAddress, Integer> flowsOf = new HashMap<>();
    private final List<StreamFlow> stale = new ArrayList<>();
    private final List<StreamFlow> unflushed = new ArrayList<>();
    private Channel server;
    private long sweptNs;

    /** Names what it will bind; guard and counters are those of the sip thread. */
    public StreamEndpoint(
            SipLoop loop,
            ListenAddress listen,
            WireSettings settings,
            WireListener listener,
            WireGuard guard,
            SipCounters counters,
            NanoClock clock) {
        this.loop = loop;
        this.listen = listen;
        this.settings = settings;
        this.listener = listener;
        this.guard = guard;
        this.counters = counters;
        this.clock = clock;
    }

    /** Binds the socket. @throws IOException that names the address. */
    public void open() throws IOException {
        if (isSecure() && settings.tls() == null) {
            throw new IOException("cannot listen on " + listen + ": no certificate");
        }
        ChannelFuture bound = loop.server()
                .option(ChannelOption.SO_REUSEADDR, true)
                .option(ChannelOption.SO_BACKLOG, BACKLOG)
                .childOption(ChannelOption.TCP_NODELAY, true)
                .childHandler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        onAccept(channel);
                    }
                })
                .bind(listen.address());
        loop.await(bound, "cannot listen on " + listen);
        server = bound.channel();
        sweptNs = clock.nanoTime();
    }

    /** @return the address bound, with its real port. */
    public InetSocketAddress bound() {
        return (InetSocketAddress) server.localAddress();
    }

    private void onAccept(Channel channel) {
        InetSocketAddress remote = (InetSocketAddress) channel.remoteAddress();
        int ofOne = Math.max(FLOWS_OF_ONE_MIN, settings.flowsMax() / 4);
        if (remote == null
                || flows.size() >= settings.flowsMax()
                || flowsOf.getOrDefault(remote.getAddress(), 0) >= ofOne) {
            counters.increment(SipCounters.FLOWS_REFUSED);
            channel.close();
            return;
        }
        StreamFlow flow = new StreamFlow(this, remote, "");
        flow.onOpen(channel);
        keep(flow);
        prepare(channel, flow, isSecure() ? settings.tls().server().newHandler(channel.alloc()) : null);
    }

    private boolean isSecure() {
        return listen.transport().isSecure();
    }

    Transport transport() {
        return listen.transport();
    }

    boolean isWebSocket() {
        return listen.transport().isWebSocket();
    }

    private void prepare(Channel channel, StreamFlow flow, SslHandler tls) {
        if (tls != null) {
            tls.setHandshakeTimeoutMillis(settings.connectMs());
            channel.pipeline().addLast(tls);
        }
        if (isWebSocket()) {
            WebSocketFraming.prepare(channel.pipeline(), settings, counters);
        }
        channel.pipeline().addLast(flow);
    }

    /** TLS in the name of the far end: its certificate must be for it (RFC 5922 section 4). */
    private SslHandler client(Channel channel, StreamFlow flow) {
        if (!isSecure()) {
            return null;
        }
        InetSocketAddress remote = flow.remote();
        String host = flow.name().isEmpty() ? remote.getAddress().getHostAddress() : flow.name();
        SslHandler tls = settings.tls().client().newHandler(channel.alloc(), host, remote.getPort());
        SSLParameters parameters = tls.engine().getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        tls.engine().setSSLParameters(parameters);
        return tls;
    }

    /** Names the host that the next connection to an address is for; "" = known by its address only. */
    public void expect(InetSocketAddress remote, String name) {
        if (isSecure()) {
            names.remove(remote);
            if (!name.isEmpty()) {
                names.put(remote, name);
            }
        }
    }

    /**
     * @return the flow to an address, connecting when there is none; null when only the far end can connect (RFC 7118
     *     section 5) and does not
     * @throws IOException when there are too many
     */
    public StreamFlow flowTo(InetSocketAddress remote) throws IOException {
        String name = names.getOrDefault(remote, "");
        StreamFlow known = flows.get(new Peer(remote, name));
        if (known != null) {
            return known;
        }
        if (isWebSocket()) {
            return null;
        }
        if (flows.size() >= settings.flowsMax()) {
            counters.increment(SipCounters.FLOWS_REFUSED);
            throw new IOException("too many connections for another one to " + remote);
        }
        StreamFlow flow = new StreamFlow(this, remote, name);
        keep(flow);
        Bootstrap client = loop.client()
                .option(ChannelOption.TCP_NODELAY, true)
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, settings.connectMs())
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        prepare(channel, flow, client(channel, flow));
                    }
                });
        if (!listen.address().getAddress().isAnyLocalAddress()) {
            client.localAddress(new InetSocketAddress(listen.address().getAddress(), 0));
        }
        client.connect(remote).addListener((ChannelFuture done) -> {
            if (done.isSuccess()) {
                flow.onOpen(done.channel());
            } else {
                counters.increment(SipCounters.CONNECT_FAILED);
                flow.onRefused();
            }
        });
        return flow;
    }

    /** A message has no flow to go over: it counts as one that could not be sent. */
    public void unsent(byte[] message) {
        counters.increment(SipCounters.SEND_FAILED);
        listener.onSendFailed(message);
    }

    /** Closes flows that are silent or stuck in a message; looks at most once a second. @return flows closed. */
    public int sweep(long nowNs) {
        if (nowNs - sweptNs < SWEEP_NS || flows.isEmpty()) {
            return 0;
        }
        sweptNs = nowNs;
        for (StreamFlow flow : flows.values()) {
            if (flow.isStale(nowNs)) {
                stale.add(flow);
            } else if (isWebSocket()) {
                flow.ping(nowNs);
            }
        }
        int closed = stale.size();
        for (StreamFlow flow : stale) {
            counters.increment(SipCounters.FLOWS_IDLE);
            flow.close();
        }
        stale.clear();
        return closed;
    }

    /** @return when {@link #sweep} has something to look at; Long.MAX_VALUE = never. */
    public long nextSweepNs() {
        return flows.isEmpty() ? Long.MAX_VALUE : sweptNs + SWEEP_NS;
    }

    /** @return open flows and those being connected. */
    public int flows() {
        return flows.size();
    }

    /** Gives the kernel what was sent since the last call. */
    public void flush() {
        for (int i = 0; i < unflushed.size(); i++) {
            unflushed.get(i).flush();
        }
        unflushed.clear();
    }

    void unflushed(StreamFlow flow) {
        unflushed.add(flow);
    }

    private void keep(StreamFlow flow) {
        if (flows.put(new Peer(flow.remote(), flow.name()), flow) == null) {
            flowsOf.merge(flow.remote().getAddress(), 1, Integer::sum);
        }
    }

    void forget(StreamFlow flow) {
        if (flows.remove(new Peer(flow.remote(), flow.name()), flow)) {
            listener.onClosed(flow);
            flowsOf.computeIfPresent(flow.remote().getAddress(), (_, count) -> count == 1 ? null : count - 1);
        }
    }

    WireSettings settings() {
        return settings;
    }

    WireListener listener() {
        return listener;
    }

    WireGuard guard() {
        return guard;
    }

    SipCounters counters() {
        return counters;
    }

    NanoClock clock() {
        return clock;
    }

    UnsafeBuffer view() {
        return view;
    }

    /** Closes the listening socket and every flow. */
    public void close() throws IOException {
        flush();
        for (StreamFlow flow : List.copyOf(flows.values())) {
            flow.close();
        }
        if (server != null) {
            loop.await(server.close(), "cannot close " + listen);
        }
    }
}
