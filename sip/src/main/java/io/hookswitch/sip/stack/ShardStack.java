package io.hookswitch.sip.stack;

import gov.nist.core.CommonLogger;
import gov.nist.javax.sip.ListeningPointExt;
import gov.nist.javax.sip.SipListenerExt;
import gov.nist.javax.sip.SipProviderImpl;
import gov.nist.javax.sip.message.SIPResponse;
import io.hookswitch.engine.ring.Waker;
import io.hookswitch.sip.transport.ListenAddress;
import io.hookswitch.sip.transport.SipCounters;
import io.hookswitch.sip.transport.SipLoop;
import io.hookswitch.sip.transport.StreamEndpoint;
import io.hookswitch.sip.transport.StreamFlow;
import io.hookswitch.sip.transport.Transport;
import io.hookswitch.sip.transport.UdpEndpoint;
import io.hookswitch.sip.transport.WireGuard;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.TooManyListenersException;
import java.util.function.Consumer;
import javax.sip.InvalidArgumentException;
import javax.sip.ListeningPoint;
import javax.sip.ObjectInUseException;
import javax.sip.PeerUnavailableException;
import javax.sip.SipProvider;
import javax.sip.TransportNotSupportedException;
import javax.sip.message.Response;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The SIP stack of one sip thread: sockets, guard, transactions, dialogs and their timers. Everything happens in
 * {@link #poll}; the listener is called from there, or from within its own calls to the stack.
 *
 * <p>Made on any thread, then owned by the one that calls {@link #start}; only {@link #waker} and the counters are for
 * others.
 */
public final class ShardStack implements AutoCloseable {
    private static final String NIST = "gov.nist.javax.sip.";

    private final ShardSettings settings;
    private final NanoClock clock;
    private final SipCounters counters;
    private final SipListenerExt listener;
    private final SipLoop loop;
    private final WireGuard guard = new WireGuard();
    private final SocketlessStack stack;
    private final WheelTimer timers;
    private final LiteralRouter router;
    private final StackLog log;
    private final Intake intake;
    private final List<UdpEndpoint> datagrams = new ArrayList<>();
    private final List<StreamEndpoint> streams = new ArrayList<>();
    private final List<SipProviderImpl> providers = new ArrayList<>();
    private final List<ListenAddress> bound = new ArrayList<>();
    private Object processorEndpoint;
    private boolean closed;

    /**
     * @param errors hears of everything that was thrown where nothing should be
     * @throws IllegalStateException when the stack does not start as it is set up here
     */
    public ShardStack(
            ShardSettings settings,
            SipListenerExt listener,
            NanoClock clock,
            SipCounters counters,
            ErrorHandler errors) {
        this.settings = settings;
        this.listener = listener;
        this.clock = clock;
        this.counters = counters;
        loop = new SipLoop();
        stack = makeStack(settings);
        // A class name the stack cannot use is only logged by it: look at what it really took.
        timers = (WheelTimer) stack.getTimer();
        timers.clock(clock, thrown -> {
            counters.increment(SipCounters.TIMER_FAILED);
            errors.onError(thrown);
        });
        router = (LiteralRouter) stack.getRouter();
        log = (StackLog) CommonLogger.legacyLogger;
        log.handler(errors);
        intake = new Intake(settings, guard, stack, new Intake.Duty(clock, counters, errors));
    }

    private SocketlessStack makeStack(ShardSettings from) {
        Properties properties = new Properties();
        properties.setProperty("javax.sip.STACK_NAME", from.name());
        properties.setProperty("javax.sip.AUTOMATIC_DIALOG_SUPPORT", "on");
        properties.setProperty("javax.sip.ROUTER_PATH", LiteralRouter.class.getName());
        properties.setProperty(NIST + "AUTOMATIC_DIALOG_ERROR_HANDLING", "false");
        properties.setProperty(NIST + "REENTRANT_LISTENER", "true");
        properties.setProperty(NIST + "TIMER_CLASS_NAME", WheelTimer.class.getName());
        properties.setProperty(NIST + "STACK_LOGGER", StackLog.class.getName());
        properties.setProperty(NIST + "SERVER_LOGGER", MessageLog.class.getName());
        properties.setProperty(NIST + "RELEASE_REFERENCES_STRATEGY", "Aggressive");
        properties.setProperty(NIST + "IS_BACK_TO_BACK_USER_AGENT", "false");
        properties.setProperty(NIST + "MAX_FORK_TIME_SECONDS", "40");
        properties.setProperty(NIST + "EARLY_DIALOG_TIMEOUT_SECONDS", Integer.toString(from.earlyDialogS()));
        properties.setProperty(NIST + "DELIVER_UNSOLICITED_NOTIFY", "true");
        properties.setProperty(NIST + "MAX_MESSAGE_SIZE", Integer.toString(WireGuard.HEAD_MAX + WireGuard.BODY_MAX));
        properties.setProperty(NIST + "LOG_MESSAGE_CONTENT", "false");
        properties.setProperty(NIST + "TRACE_LEVEL", "0");
        try {
            return new SocketlessStack(
                    properties, (owner, address, port, transport) -> makeProcessor(address, port, transport));
        } catch (PeerUnavailableException e) {
            throw new IllegalStateException("SIP stack " + from.name(), e);
        }
    }

    private ShardProcessor makeProcessor(InetAddress address, int port, String transport) {
        ShardProcessor processor = processorEndpoint instanceof UdpEndpoint udp
                ? ShardProcessor.of(address, port, stack, udp)
                : ShardProcessor.of(address, port, Transport.of(transport), stack, (StreamEndpoint) processorEndpoint);
        intake.serves(processorEndpoint, processor);
        return processor;
    }

    /**
     * Binds every address and makes the calling thread the owner.
     *
     * @throws IOException that names the address that could not be bound
     */
    public void start() throws IOException {
        loop.start();
        for (ListenAddress listen : settings.wire().listen()) {
            if (listen.transport() == Transport.UDP) {
                UdpEndpoint endpoint = new UdpEndpoint(loop, listen, intake, counters);
                endpoint.open();
                datagrams.add(endpoint);
                attach(endpoint, listen, endpoint.bound());
            } else {
                StreamEndpoint endpoint =
                        new StreamEndpoint(loop, listen, settings.wire(), intake, guard, counters, clock);
                endpoint.open();
                streams.add(endpoint);
                attach(endpoint, listen, endpoint.bound());
            }
        }
    }

    /** The first address of each transport shares the first provider, the second ones the second, and so on. */
    private void attach(Object endpoint, ListenAddress listen, InetSocketAddress address) throws IOException {
        bound.add(new ListenAddress(listen.transport(), address, listen.advertised()));
        processorEndpoint = endpoint;
        try {
            ListeningPoint point = stack.createListeningPoint(
                    listen.advertised().getHostAddress(),
                    address.getPort(),
                    listen.transport().wireName());
            for (SipProviderImpl provider : providers) {
                if (provider.getListeningPoint(listen.transport().wireName()) == null) {
                    provider.addListeningPoint(point);
                    return;
                }
            }
            SipProviderImpl provider = (SipProviderImpl) stack.createSipProvider(point);
            provider.addSipListener(listener);
            providers.add(provider);
        } catch (TransportNotSupportedException
                | InvalidArgumentException
                | ObjectInUseException
                | TooManyListenersException e) {
            throw new IOException("cannot listen on " + listen, e);
        }
    }

    /**
     * One pass: what was sent goes out, what has come in is handled, timers that are due run.
     *
     * @param maxWaitNs waits so long in the kernel at most, for a packet, the waker or the next timer; 0 = not at all
     * @return work done
     */
    public int poll(long maxWaitNs) {
        flush();
        long waitNs = intake.hasFailed() ? 0 : Math.min(maxWaitNs, nextTimerNs() - clock.nanoTime());
        int work = waitNs > 0 ? loop.run(waitNs) : loop.runNow();
        work += intake.settleFailed();
        work += advanceTimers(clock.nanoTime());
        flush();
        return work;
    }

    /** Runs the timers that are due. @return work done. */
    public int advanceTimers(long nowNs) {
        int work = timers.advance(nowNs);
        for (int i = 0; i < streams.size(); i++) {
            work += streams.get(i).sweep(nowNs);
        }
        return work;
    }

    /** @return when {@link #advanceTimers} may have something to do, ns of the clock; Long.MAX_VALUE = never. */
    public long nextTimerNs() {
        long next = timers.nextNs();
        for (int i = 0; i < streams.size(); i++) {
            next = Math.min(next, streams.get(i).nextSweepNs());
        }
        return next;
    }

    /** Gives the kernel what was sent since the last pass. */
    public void flush() {
        for (int i = 0; i < datagrams.size(); i++) {
            datagrams.get(i).flush();
        }
        for (int i = 0; i < streams.size(); i++) {
            streams.get(i).flush();
        }
    }

    /** @return wakes {@link #poll}. Any thread. */
    public Waker waker() {
        return loop.waker();
    }

    /** While on, requests outside of a dialog are answered 503 with Retry-After, without state. */
    public void overloaded(boolean refuseNewRequests) {
        intake.overloaded(refuseNewRequests);
    }

    /** @return whether the stack made this response itself, because the request could not be sent. */
    public static boolean isMadeHere(Response response) {
        return ((SIPResponse) response).getApplicationData() == Intake.MADE_HERE;
    }

    /** @return the addresses listened on, with their real ports, in the order of the settings. */
    public List<ListenAddress> bound() {
        return List.copyOf(bound);
    }

    /** @return the provider of the first address of a transport, or null when none is listened on. */
    public SipProvider provider(Transport transport) {
        for (SipProviderImpl provider : providers) {
            if (provider.getListeningPoint(transport.wireName()) != null) {
                return provider;
            }
        }
        return null;
    }

    /** @return the listening point (what Via and Contact say) of the first address of a transport, or null. */
    public ListeningPointExt listeningPoint(Transport transport) {
        SipProvider provider = provider(transport);
        return provider == null ? null : (ListeningPointExt) provider.getListeningPoint(transport.wireName());
    }

    /** Requests of this call without a Route of an IP address go to this address, until {@link #forget}. */
    public void learn(String callId, Transport transport, InetSocketAddress address) {
        router.learn(callId, transport, address);
    }

    /** Names the host that connections to an address are for from now on, "" = none: its certificate must be for it. */
    public void expect(Transport transport, InetSocketAddress address, String name) {
        if (transport == Transport.TLS) {
            for (StreamEndpoint endpoint : streams) {
                endpoint.expect(address, name);
            }
        }
    }

    /** Names who hears of every connection that ends. */
    public void closed(Consumer<StreamFlow> listener) {
        intake.closed(listener);
    }

    /** Forgets the address of a call; every call that learnt one must. */
    public void forget(String callId) {
        router.forget(callId);
    }

    /** Takes a datagram as if the first UDP socket had received it: tests without a kernel in between. */
    void inject(byte[] datagram, InetSocketAddress source) {
        intake.onDatagram(datagrams.getFirst(), new UnsafeBuffer(datagram), 0, datagram.length, source);
    }

    /** @return what the stack holds at this moment. */
    public TableSizes tables() {
        int flows = 0;
        for (StreamEndpoint endpoint : streams) {
            flows += endpoint.flows();
        }
        return new TableSizes(
                stack.clientTransactions(),
                stack.serverTransactions(),
                stack.dialogs(),
                stack.earlyDialogs(),
                flows,
                timers.size(),
                router.size());
    }

    /** @return errors the stacks of this process would have logged. Any thread. */
    public long stackErrors() {
        return log.errors();
    }

    /** @return how packets are waited for: epoll or nio. */
    public String loopKind() {
        return loop.kind();
    }

    /** Closes sockets, connections and the stack; no thread is left behind. Owner. */
    @Override
    public void close() throws IOException {
        if (closed) {
            return;
        }
        closed = true;
        flush();
        for (UdpEndpoint endpoint : datagrams) {
            endpoint.close();
        }
        for (StreamEndpoint endpoint : streams) {
            endpoint.close();
        }
        loop.close();
        // The stack sleeps a second for threads of its own, which it does not have here.
        boolean interrupted = Thread.interrupted();
        Thread.currentThread().interrupt();
        stack.stop();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
