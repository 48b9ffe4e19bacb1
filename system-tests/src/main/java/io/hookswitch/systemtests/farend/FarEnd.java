package io.hookswitch.systemtests.farend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * A telephone, trunk or softphone at the far end of the engine: places and takes calls over a real socket, repeats what
 * UDP
 * may lose, absorbs repeats, and writes down every message.
 */
public final class FarEnd implements AutoCloseable {
    /** RFC 3261 T1, T2 and 64*T1 in ms. */
    static final int T1 = 500;

    static final int T2 = 4000;
    static final int GIVE_UP = 64 * T1;

    /** Longest that a test waits when it does not say how long. */
    public static final Duration PATIENCE = Duration.ofSeconds(10);

    final Object monitor = new Object();
    private final String name;
    private final double toneHz;
    private final SipWire wire;
    private final ScheduledExecutorService timers;
    private final Map<String, FarCall> calls = new HashMap<>();
    private final List<FarCall> arrived = new ArrayList<>();
    private final List<SipEntry> log = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();
    private final Map<String, Asked> asked = new HashMap<>();
    private final Map<String, SipMessage> served = new HashMap<>();
    private Consumer<SipEntry> watcher = _ -> {};
    private Function<SipMessage, Script> script = _ -> Script.answering(100);
    private final Map<String, Function<SipMessage, List<String>>> services = new HashMap<>();
    private RtpEnd silence;
    private boolean mute;
    private int staleNonces;
    private int taken;

    /** A request of ours that waits for its final response (RFC 3261 section 17.1). */
    private final class Asked {
        private final SipMessage request;
        private final InetSocketAddress peer;
        private final Consumer<SipMessage> answer;
        private ScheduledFuture<?> repeat;
        private int waitMs = T1;
        private int waitedMs;

        private Asked(SipMessage request, InetSocketAddress peer, Consumer<SipMessage> answer) {
            this.request = request;
            this.peer = peer;
            this.answer = answer;
        }

        private void arm() {
            if (wire.transport().equals("udp")) {
                repeat = after(waitMs, this::again);
            }
        }

        private void again() {
            waitedMs += waitMs;
            if (waitedMs < GIVE_UP && asked.get(key(request)) == this) {
                transmit(request, peer, true);
                waitMs = request.method().equals("INVITE") ? waitMs * 2 : Math.min(waitMs * 2, T2);
                arm();
            }
        }

        private void stop() {
            if (repeat != null) {
                repeat.cancel(false);
            }
        }
    }

    private FarEnd(String name, SipWire wire, double toneHz) {
        this.name = name;
        this.wire = wire;
        this.toneHz = toneHz;
        this.timers = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("far-end-" + name).factory());
    }

    /** @return a far end on a free UDP port of 127.0.0.1 that says a tone. */
    public static FarEnd udp(String name, double toneHz) {
        return open(name, "udp", "127.0.0.1", 0, toneHz);
    }

    /** @return a far end on an address and port, 0 = any free one; {@code transport} is udp or tcp. */
    public static FarEnd open(String name, String transport, String address, int port, double toneHz) {
        try {
            FarEnd farEnd = new FarEnd(name, SipWire.open(transport, address, port), toneHz);
            farEnd.wire.start(farEnd::onMessage);
            return farEnd;
        } catch (IOException e) {
            throw new UncheckedIOException(name + " cannot listen on " + address + ":" + port, e);
        }
    }

    /** @return a far end on a free port of 127.0.0.1 that speaks TLS, with this certificate and trust. */
    public static FarEnd tls(String name, SSLContext context, double toneHz) {
        return tls(name, context, new InetSocketAddress("127.0.0.1", 0), toneHz);
    }

    /** @return a far end that speaks TLS, with this certificate and trust; port 0 = any free one. */
    public static FarEnd tls(String name, SSLContext context, InetSocketAddress local, double toneHz) {
        try {
            FarEnd farEnd = new FarEnd(name, SipWire.tls(context, local), toneHz);
            farEnd.wire.start(farEnd::onMessage);
            return farEnd;
        } catch (IOException e) {
            throw new UncheckedIOException(name + " cannot listen with TLS", e);
        }
    }

    /** Sets what every later call does here. */
    public FarEnd script(Script forAll) {
        return script(_ -> forAll);
    }

    /** Sets what a later call does here, by its INVITE. */
    public FarEnd script(Function<SipMessage, Script> chosen) {
        synchronized (monitor) {
            script = chosen;
        }
        return this;
    }

    /**
     * Sets how requests of a method are answered outside of calls.
     *
     * @param answer status line from the code on, then lines of headers; empty = no answer
     */
    public FarEnd serve(String method, Function<SipMessage, List<String>> answer) {
        synchronized (monitor) {
            services.put(method, answer);
        }
        return this;
    }

    /** Calls from now on share one socket that never speaks: for load, where only signalling counts. */
    public FarEnd mute() {
        synchronized (monitor) {
            mute = true;
        }
        return this;
    }

    /** In calls from now on so many right answers to a challenge find their nonce too old. */
    public FarEnd staleNonces(int answers) {
        synchronized (monitor) {
            staleNonces = answers;
        }
        return this;
    }

    int staleNonces() {
        return staleNonces;
    }

    /** Shows every message to somebody at once; called under this far end's monitor. */
    public FarEnd watch(Consumer<SipEntry> eye) {
        synchronized (monitor) {
            watcher = eye;
        }
        return this;
    }

    /** @return its name. */
    public String name() {
        return name;
    }

    /** @return its tone, Hz. */
    public double toneHz() {
        return toneHz;
    }

    /** @return where it listens. */
    public InetSocketAddress address() {
        return wire.local();
    }

    /** @return a SIP URI that leads here. */
    public String uri(String user) {
        String where = user + "@" + host() + ":" + address().getPort();
        return "sip:" + where + (reliableTransport() ? ";transport=" + wire.transport() : "");
    }

    String host() {
        return host(address().getAddress());
    }

    /** @return an address as a URI or a header has it: that of IPv6 in brackets (RFC 3261 section 25.1). */
    static String host(InetAddress address) {
        String text = address.getHostAddress();
        return address instanceof Inet6Address ? "[" + text + "]" : text;
    }

    String via(String branch) {
        return "SIP/2.0/" + wire.transport().toUpperCase(Locale.ROOT) + " " + host() + ":"
                + address().getPort() + ";rport;branch=" + branch;
    }

    static String token() {
        return Long.toHexString(ThreadLocalRandom.current().nextLong() | 1L << 62);
    }

    static String branch() {
        return "z9hG4bK" + token();
    }

    /** Places a call. */
    public FarCall call(Invite invite) {
        synchronized (monitor) {
            FarCall call = FarCall.outbound(this, invite);
            calls.put(call.callId(), call);
            call.sendInvite(null);
            return call;
        }
    }

    /** Waits for the next call that nobody has taken yet. */
    public FarCall awaitCall() {
        return await(PATIENCE, "a call", () -> taken < arrived.size() ? arrived.get(taken++) : null);
    }

    /** @return all calls that came in, in order. */
    public List<FarCall> arrivedCalls() {
        synchronized (monitor) {
            return List.copyOf(arrived);
        }
    }

    /** Forgets calls and messages: what comes from now on is counted from nothing. */
    public void forget() {
        synchronized (monitor) {
            calls.values().forEach(FarCall::releaseMedia);
            calls.clear();
            arrived.clear();
            log.clear();
            seen.clear();
            served.clear();
            taken = 0;
        }
    }

    /** @return every message so far. */
    public List<SipEntry> log() {
        synchronized (monitor) {
            return List.copyOf(log);
        }
    }

    /** Registers a user, answering the digest challenge. @return the final response. */
    public SipMessage register(InetSocketAddress registrar, String user, String realm, String password, int seconds) {
        String callId = token() + "@" + host();
        SipMessage first = await(registrar, registration(callId, 1, user, realm, seconds, null));
        if (first.status() != 401) {
            return first;
        }
        String proof = Digest.answer(first.header("WWW-Authenticate"), "REGISTER", "sip:" + realm, user, password);
        return await(registrar, registration(callId, 2, user, realm, seconds, proof));
    }

    private SipMessage registration(
            String callId, int cseq, String user, String realm, int seconds, String authorization) {
        SipMessage.Draft draft = new SipMessage.Draft("REGISTER sip:" + realm + " SIP/2.0")
                .add("Via", via(branch()))
                .add("Max-Forwards", "70")
                .add("From", "<sip:" + user + "@" + realm + ">;tag=" + token())
                .add("To", "<sip:" + user + "@" + realm + ">")
                .add("Call-ID", callId)
                .add("CSeq", cseq + " REGISTER")
                .add("Contact", "<" + uri(user) + ">;expires=" + seconds);
        return (authorization == null ? draft : draft.add("Authorization", authorization)).done();
    }

    /** Sends an OPTIONS outside any dialog. @return the final response. */
    public SipMessage options(InetSocketAddress peer) {
        String uri = "sip:" + host(peer.getAddress()) + ":" + peer.getPort();
        return await(
                peer,
                new SipMessage.Draft("OPTIONS " + uri + " SIP/2.0")
                        .add("Via", via(branch()))
                        .add("Max-Forwards", "70")
                        .add("From", "<" + uri(name) + ">;tag=" + token())
                        .add("To", "<" + uri + ">")
                        .add("Call-ID", token() + "@" + host())
                        .add("CSeq", "1 OPTIONS")
                        .done());
    }

    private SipMessage await(InetSocketAddress peer, SipMessage request) {
        SipMessage[] last = new SipMessage[1];
        synchronized (monitor) {
            ask(request, peer, response -> last[0] = response.status() >= 200 ? response : last[0]);
        }
        return await(PATIENCE, "an answer to " + request.startLine(), () -> last[0]);
    }

    /** Sends bytes that need not be SIP. */
    public void sendRaw(byte[] bytes, InetSocketAddress peer) {
        try {
            wire.send(bytes, peer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until something is there; fails with the whole log when it does not come. */
    public <T> T await(Duration patience, String what, Supplier<T> found) {
        long endNs = System.nanoTime() + patience.toNanos();
        synchronized (monitor) {
            while (true) {
                T result = found.get();
                if (result != null) {
                    return result;
                }
                long leftMs = (endNs - System.nanoTime()) / 1_000_000;
                if (leftMs <= 0) {
                    throw new AssertionError(name + " waited " + patience.toMillis() + " ms for " + what
                            + "; what it saw:\n" + describeLog());
                }
                try {
                    monitor.wait(leftMs);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new AssertionError(name + " was interrupted while waiting for " + what, e);
                }
            }
        }
    }

    /** @return the log as lines. */
    public String describeLog() {
        StringBuilder text = new StringBuilder();
        synchronized (monitor) {
            for (SipEntry entry : log) {
                text.append(String.format(
                        "%10.1f ms %s%n", (entry.timeNs() - log.getFirst().timeNs()) / 1e6, entry.summary()));
            }
        }
        return text.toString();
    }

    // From here on: called under the monitor, by calls and timers of this far end.

    void ask(SipMessage request, InetSocketAddress peer, Consumer<SipMessage> answer) {
        Asked transaction = new Asked(request, peer, answer);
        asked.put(key(request), transaction);
        transmit(request, peer, false);
        transaction.arm();
    }

    void transmit(SipMessage message, InetSocketAddress peer, boolean repeat) {
        note(new SipEntry(System.nanoTime(), true, repeat, peer, message));
        try {
            wire.send(message.encode(), peer);
        } catch (IOException e) {
            // What the wire lost is repeated by the timers, or missed by whoever waits for it.
            monitor.notifyAll();
        }
    }

    void respond(SipMessage request, InetSocketAddress peer, SipMessage response) {
        served.put(key(request), response);
        transmit(response, peer, false);
    }

    void repeat(SipMessage request, InetSocketAddress peer) {
        SipMessage response = served.get(key(request));
        if (response != null) {
            transmit(response, peer, true);
        }
    }

    void pause(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(name + " was interrupted", e);
        }
    }

    /** @return the step to come, null when this far end is closed. */
    ScheduledFuture<?> after(long ms, Runnable step) {
        if (timers.isShutdown()) {
            return null;
        }
        return timers.schedule(
                () -> {
                    synchronized (monitor) {
                        step.run();
                        monitor.notifyAll();
                    }
                },
                ms,
                TimeUnit.MILLISECONDS);
    }

    boolean reliableTransport() {
        return !wire.transport().equals("udp");
    }

    RtpEnd openMedia(boolean speaks) {
        try {
            if (mute || !speaks) {
                if (silence == null) {
                    silence = new RtpEnd(InetAddress.getByName(host()), 0);
                }
                return silence;
            }
            RtpEnd media = new RtpEnd(InetAddress.getByName(host()), toneHz);
            media.start();
            return media;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    boolean isSilence(RtpEnd media) {
        return media == silence;
    }

    private static String key(SipMessage message) {
        return message.branch() + "|" + message.cseqMethod();
    }

    private void note(SipEntry entry) {
        log.add(entry);
        watcher.accept(entry);
    }

    private void onMessage(byte[] bytes, int length, InetSocketAddress peer) {
        long nowNs = System.nanoTime();
        SipMessage message = SipMessage.parse(bytes, length);
        if (message == null) {
            return;
        }
        synchronized (monitor) {
            String identity = message.isRequest() ? message.method() : message.status() + message.header("RSeq");
            boolean repeat = !seen.add(identity + "|" + key(message) + "|" + message.toTag());
            note(new SipEntry(nowNs, false, repeat, peer, message));
            if (message.isRequest()) {
                onRequest(message, peer, repeat);
            } else {
                onResponse(message, repeat);
            }
            monitor.notifyAll();
        }
    }

    private void onRequest(SipMessage request, InetSocketAddress peer, boolean repeat) {
        FarCall call = calls.get(request.callId());
        if (request.method().equals("ACK")) {
            if (call != null) {
                call.onAck();
            }
        } else if (repeat) {
            repeat(request, peer);
        } else if (call != null) {
            call.onRequest(request, peer);
        } else if (request.method().equals("INVITE") && request.toTag().isEmpty()) {
            FarCall incoming = FarCall.inbound(this, request, peer, script.apply(request));
            calls.put(request.callId(), incoming);
            arrived.add(incoming);
            incoming.onInvite(request, peer);
        } else if (services.containsKey(request.method())) {
            List<String> lines = services.get(request.method()).apply(request);
            if (!lines.isEmpty()) {
                SipMessage.Draft draft = Answers.response(request, lines.getFirst(), token());
                for (String line : lines.subList(1, lines.size())) {
                    int colon = line.indexOf(':');
                    draft.add(
                            line.substring(0, colon), line.substring(colon + 1).strip());
                }
                respond(request, peer, draft.done());
            }
        } else {
            boolean alive = request.toTag().isEmpty() && request.method().equals("OPTIONS");
            respond(
                    request,
                    peer,
                    Answers.response(request, alive ? "200 OK" : "481 No such call", token())
                            .done());
        }
    }

    private void onResponse(SipMessage response, boolean repeat) {
        Asked transaction = asked.get(key(response));
        if (transaction != null) {
            if (response.status() >= 200) {
                asked.remove(key(response));
            }
            if (response.status() >= 200 || response.cseqMethod().equals("INVITE")) {
                transaction.stop();
            }
        }
        FarCall call = calls.get(response.callId());
        if (response.cseqMethod().equals("INVITE") && call != null) {
            call.onInviteResponse(response, repeat);
        } else if (transaction != null && !repeat) {
            transaction.answer.accept(response);
        }
    }

    @Override
    public void close() {
        wire.close();
        synchronized (monitor) {
            timers.shutdownNow();
            calls.values().forEach(FarCall::releaseMedia);
            if (silence != null) {
                silence.close();
            }
        }
    }
}
