package io.hookswitch.sip.stack;

import gov.nist.javax.sip.header.CSeq;
import gov.nist.javax.sip.header.CallID;
import gov.nist.javax.sip.header.ContentLength;
import gov.nist.javax.sip.header.From;
import gov.nist.javax.sip.header.MaxForwards;
import gov.nist.javax.sip.header.RequestLine;
import gov.nist.javax.sip.header.StatusLine;
import gov.nist.javax.sip.header.To;
import gov.nist.javax.sip.header.Via;
import gov.nist.javax.sip.message.SIPMessage;
import gov.nist.javax.sip.message.SIPRequest;
import gov.nist.javax.sip.message.SIPResponse;
import gov.nist.javax.sip.parser.MessageParser;
import gov.nist.javax.sip.stack.SIPClientTransaction;
import gov.nist.javax.sip.stack.SIPServerTransaction;
import gov.nist.javax.sip.stack.SIPTransaction;
import gov.nist.javax.sip.stack.ServerRequestInterface;
import gov.nist.javax.sip.stack.ServerResponseInterface;
import io.hookswitch.sip.transport.Method;
import io.hookswitch.sip.transport.SipCounters;
import io.hookswitch.sip.transport.SourceBuckets;
import io.hookswitch.sip.transport.StatelessReply;
import io.hookswitch.sip.transport.StreamFlow;
import io.hookswitch.sip.transport.Transport;
import io.hookswitch.sip.transport.UdpEndpoint;
import io.hookswitch.sip.transport.Verdict;
import io.hookswitch.sip.transport.WireGuard;
import io.hookswitch.sip.transport.WireListener;
import io.hookswitch.sip.transport.WireSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.text.ParseException;
import java.util.ArrayDeque;
import java.util.IdentityHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import javax.sip.InvalidArgumentException;
import javax.sip.TransactionState;
import javax.sip.message.Request;
import org.agrona.DirectBuffer;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The way of a message from the socket into the stack: guard, tokens of its source, overload, parser, transaction. What
 * falls out on the way is answered from its bytes or dropped, and counted; nothing thrown behind it reaches the loop.
 * Sip thread.
 */
final class Intake implements WireListener {
    static final Object MADE_HERE = "made here";

    private static final int FAILED_MAX = 1024;
    private static final int MAX_FORWARDS = 70;
    private static final int BAD_REQUEST = 400;
    private static final int UNKNOWN_DIALOG = 481;
    private static final int UNAVAILABLE = 503;
    private static final int BAD_VERSION = 505;

    private final WireGuard guard;
    private final StatelessReply reply = new StatelessReply();
    private final SourceBuckets buckets;
    private final WireSettings wire;
    private final ShardSettings settings;
    private final SipCounters counters;
    private final ErrorHandler errors;
    private final NanoClock clock;
    private final SocketlessStack stack;
    private final MessageParser parser;
    private final Map<Object, ShardProcessor> processors = new IdentityHashMap<>();
    private final ArrayDeque<byte[]> failed = new ArrayDeque<>();
    private Consumer<StreamFlow> onClosed = _ -> {};
    private boolean overloaded;

    Intake(ShardSettings settings, WireGuard guard, SocketlessStack stack, Duty duty) {
        this.settings = settings;
        this.guard = guard;
        this.stack = stack;
        wire = settings.wire();
        counters = duty.counters();
        errors = duty.errors();
        clock = duty.clock();
        buckets = new SourceBuckets(wire.sourceRate(), wire.sourceBurst(), wire.sources());
        parser = stack.getMessageParserFactory().createMessageParser(stack);
    }

    /** What every part of a sip thread needs. */
    record Duty(NanoClock clock, SipCounters counters, ErrorHandler errors) {}

    void serves(Object endpoint, ShardProcessor processor) {
        processors.put(endpoint, processor);
    }

    void overloaded(boolean refuseNewRequests) {
        overloaded = refuseNewRequests;
    }

    @Override
    public void onDatagram(
            UdpEndpoint endpoint, DirectBuffer buffer, int offset, int length, InetSocketAddress source) {
        int verdict = guard.checkDatagram(buffer, offset, length, wire.datagramMaxBytes());
        int status = admit(verdict, buffer, source);
        if (status == 0) {
            int replyPort =
                    guard.topVia().rport() ? source.getPort() : guard.topVia().port();
            byte[] message = message(buffer);
            boolean request = !guard.isResponse();
            FlowChannel channel =
                    FlowChannel.from(processors.get(endpoint), source, request ? replyPort : source.getPort(), null);
            status = process(message, channel, source);
            if (!request) {
                return;
            }
        }
        if (status > 0) {
            int replyLength = makeReply(buffer, offset, length, status, source);
            if (replyLength > 0) {
                int port = reply.port(source);
                endpoint.send(reply.buffer(), replyLength, new InetSocketAddress(source.getAddress(), port));
            }
        }
    }

    @Override
    public void onFrame(StreamFlow flow, int verdict, DirectBuffer buffer, int offset, int length) {
        InetSocketAddress source = flow.remote();
        int status = admit(verdict, buffer, source);
        if (status == 0) {
            byte[] message = message(buffer);
            boolean request = !guard.isResponse();
            int replyPort = request ? guard.topVia().port() : source.getPort();
            FlowChannel channel = FlowChannel.from(processors.get(flow.endpoint()), source, replyPort, flow);
            int refused = process(message, channel, source);
            if (request && refused > 0) {
                UnsafeBuffer copy = new UnsafeBuffer(message);
                answer(flow, copy, 0, message.length, refused);
            }
        } else if (status > 0) {
            answer(flow, buffer, offset, length, status);
        }
    }

    private void answer(StreamFlow flow, DirectBuffer buffer, int offset, int length, int status) {
        int replyLength = makeReply(buffer, offset, length, status, flow.remote());
        if (replyLength > 0) {
            flow.trySend(reply.buffer(), replyLength);
        }
    }

    /** @return 0 = go on, else the status to answer, or -1 = drop. */
    private int admit(int verdict, DirectBuffer buffer, InetSocketAddress source) {
        counters.increment(SipCounters.RECEIVED);
        counters.increment(verdict);
        if (verdict == Verdict.KEEP_ALIVE) {
            return -1;
        }
        boolean response = verdict == Verdict.ACCEPT && guard.isResponse();
        if (response) {
            return isExpected(buffer, source) ? 0 : -1;
        }
        boolean known = verdict == Verdict.ACCEPT && isOfADialog(buffer);
        if (!known && verdict == Verdict.ACCEPT && guard.method() == Method.ACK) {
            // To an answer we gave without state, or to nothing: there is nobody to hear it, and no answer to an ACK.
            counters.increment(SipCounters.STRAY_ACK);
            return -1;
        }
        if (!known && !takeToken(source)) {
            return -1;
        }
        if (!known && verdict == Verdict.ACCEPT && guard.toTagLength() > 0) {
            // RFC 3261 section 12.2.2; the stack would say the same, and keep a transaction for half a minute.
            return UNKNOWN_DIALOG;
        }
        if (verdict == Verdict.BAD_VERSION) {
            return BAD_VERSION;
        }
        if (verdict != Verdict.ACCEPT) {
            return BAD_REQUEST;
        }
        return !known && isRefusedByLoad(buffer) ? UNAVAILABLE : 0;
    }

    private boolean takeToken(InetSocketAddress source) {
        int taken = buckets.take(source.getAddress(), clock.nanoTime());
        if (taken != SourceBuckets.TAKEN) {
            counters.increment(taken == SourceBuckets.EMPTY ? SipCounters.RATE_LIMITED : SipCounters.SOURCES_FULL);
        }
        return taken == SourceBuckets.TAKEN;
    }

    /** An invented tag is not believed: dialogs are looked up before anything is parsed. */
    private boolean isOfADialog(DirectBuffer buffer) {
        if (guard.toTagLength() == 0) {
            return false;
        }
        String key = text(buffer, guard.callIdAt(), guard.callIdLength())
                + ":"
                + text(buffer, guard.toTagAt(), guard.toTagLength())
                + ":"
                + text(buffer, guard.fromTagAt(), guard.fromTagLength());
        return stack.getDialog(key) != null || stack.serverTransaction(branch(buffer)) != null;
    }

    /** The stack keys its tables in lower case. */
    private static String text(DirectBuffer buffer, int at, int length) {
        return buffer.getStringWithoutLengthAscii(at, length).toLowerCase(Locale.ROOT);
    }

    /** A repeated request of a transaction that lives is not new, however full we are. */
    private boolean isRefusedByLoad(DirectBuffer buffer) {
        int method = guard.method();
        if (method == Method.CANCEL) {
            return false;
        }
        boolean full = overloaded || stack.serverTransactions() >= settings.serverTransactionsMax();
        return full && stack.serverTransaction(branch(buffer)) == null;
    }

    /**
     * The stack would compare a response nobody waits for with every transaction it has. Only a 2xx to an INVITE may
     * come behind the end of its transaction: repeated, or from another fork.
     */
    private boolean isExpected(DirectBuffer buffer, InetSocketAddress source) {
        int method = guard.method();
        String key = branch(buffer);
        if (stack.clientTransaction(method == Method.CANCEL ? key + ":cancel" : key) != null) {
            return true;
        }
        if (method == Method.INVITE && guard.status() / 100 == 2) {
            // Costs a parse whoever sent it: it is paid like a new request.
            return takeToken(source);
        }
        counters.increment(SipCounters.UNMATCHED_RESPONSE);
        return false;
    }

    private String branch(DirectBuffer buffer) {
        return text(buffer, guard.topVia().branchAt(), guard.topVia().branchLength());
    }

    private byte[] message(DirectBuffer buffer) {
        byte[] message = new byte[guard.messageLength()];
        buffer.getBytes(guard.messageAt(), message);
        return message;
    }

    private int makeReply(DirectBuffer buffer, int offset, int length, int status, InetSocketAddress source) {
        int replyLength = reply.make(buffer, offset, length, status, settings.retryAfterS(), source);
        if (replyLength == 0) {
            counters.increment(SipCounters.REFUSED_SILENTLY);
        } else {
            counters.increment(
                    switch (status) {
                        case UNKNOWN_DIALOG -> SipCounters.UNKNOWN_DIALOG_ANSWERED;
                        case UNAVAILABLE -> SipCounters.OVERLOAD_ANSWERED;
                        case BAD_VERSION -> SipCounters.VERSION_ANSWERED;
                        default -> SipCounters.BAD_REQUEST_ANSWERED;
                    });
        }
        return replyLength;
    }

    /** @return 0 = done, else the status that a request is answered with. */
    private int process(byte[] bytes, FlowChannel channel, InetSocketAddress source) {
        SIPMessage message = parse(bytes);
        if (message == null || message instanceof SIPRequest request && !isComplete(request, channel)) {
            return BAD_REQUEST;
        }
        if (message instanceof SIPRequest prack && prack.getMethod().equals(Request.PRACK) && !stack.awaits(prack)) {
            return UNKNOWN_DIALOG;
        }
        try {
            if (message instanceof SIPRequest request) {
                // What came, byte for byte: a new call shows it to whoever decides.
                request.setApplicationData(bytes);
                tellSource(request, source);
                address(message, channel, source);
                onRequest(request, channel);
            } else {
                address(message, channel, source);
                onResponse((SIPResponse) message, channel);
            }
        } catch (StackOverflowError e) {
            // One message too deep for the stack's recursion: not the end of the process, as other such errors are.
            counters.increment(SipCounters.PROCESSING_FAILED);
            errors.onError(new IllegalStateException("a message nested too deep", e));
        } catch (RuntimeException | OutOfMemoryError | ParseException e) {
            counters.increment(SipCounters.PROCESSING_FAILED);
            errors.onError(e);
        }
        return 0;
    }

    /** What the stack or its listener would throw on later, when half of the work is done. */
    private boolean isComplete(SIPRequest request, FlowChannel channel) {
        try {
            if (request.getMaxForwards() == null) {
                // RFC 3261 section 16.3 lets a proxy go on without it; so do we.
                request.setHeader(new MaxForwards(MAX_FORWARDS));
            }
            request.checkHeaders();
            if (isOf(channel, request.getTopmostVia().getTransport())) {
                return true;
            }
            // The answer would take a way that the request did not come.
        } catch (ParseException | InvalidArgumentException | RuntimeException e) {
            // Counted below: a refusal is not a failure of ours.
        }
        counters.increment(SipCounters.PARSER_REFUSED);
        return false;
    }

    /** A browser writes WSS into its Via, and something in front of us may have ended the TLS. */
    private static boolean isOf(FlowChannel channel, String named) {
        boolean isWebSocket = channel.kind().isWebSocket();
        Transport transport = Transport.of(named);
        return channel.kind() == transport || isWebSocket && transport != null && transport.isWebSocket();
    }

    private SIPMessage parse(byte[] bytes) {
        try {
            SIPMessage message = parser.parseSIPMessage(bytes, true, false, Intake::onBadHeader);
            // The guard has seen all of them; that the parser read the same is not taken for granted.
            if (message != null
                    && message.getTopmostVia() != null
                    && message.getFrom() != null
                    && message.getTo() != null
                    && message.getCallId() != null
                    && message.getCSeq() != null) {
                return message;
            }
            counters.increment(SipCounters.PARSER_REFUSED);
        } catch (ParseException e) {
            counters.increment(SipCounters.PARSER_REFUSED);
        } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
            counters.increment(SipCounters.PARSER_FAILED);
        }
        return null;
    }

    /** Headers the stack works with must be right; of the others the text is kept. */
    private static void onBadHeader(
            ParseException fault, SIPMessage message, Class<?> header, String text, String whole)
            throws ParseException {
        if (header == From.class
                || header == To.class
                || header == CSeq.class
                || header == Via.class
                || header == CallID.class
                || header == ContentLength.class
                || header == RequestLine.class
                || header == StatusLine.class) {
            throw fault;
        }
        message.addUnparsed(text);
    }

    /** RFC 3261 section 18.2.1, RFC 3581 section 4. */
    private static void tellSource(SIPRequest request, InetSocketAddress source) throws ParseException {
        Via via = request.getTopmostVia();
        String address = source.getAddress().getHostAddress();
        boolean rport = via.hasParameter(Via.RPORT);
        if (rport || !via.getHost().equals(address)) {
            via.setParameter(Via.RECEIVED, address);
        }
        if (rport) {
            via.setParameter(Via.RPORT, Integer.toString(source.getPort()));
        }
    }

    private static void address(SIPMessage message, FlowChannel channel, InetSocketAddress source) {
        message.setRemoteAddress(source.getAddress());
        message.setRemotePort(channel.getPeerPort());
        message.setLocalAddress(channel.getMessageProcessor().getIpAddress());
        message.setLocalPort(channel.getPort());
        message.setPeerPacketSourceAddress(source.getAddress());
        message.setPeerPacketSourcePort(source.getPort());
    }

    private void onRequest(SIPRequest request, FlowChannel channel) {
        ServerRequestInterface server = stack.newSIPServerRequest(request, channel);
        if (server == null) {
            return;
        }
        try {
            server.processRequest(request, channel);
        } finally {
            if (server instanceof SIPServerTransaction transaction && !transaction.passToListener()) {
                transaction.releaseSem();
            }
        }
    }

    private void onResponse(SIPResponse response, FlowChannel channel) throws ParseException {
        response.checkHeaders();
        SIPTransaction waiting = stack.clientTransaction(response.getTransactionId());
        // A terminated one is in the table for a tick more: it acknowledges its own 2xx again, and would lose another
        // fork's. One that has had its 487 would lose a 2xx that crossed the CANCEL somewhere on the way.
        boolean otherFork = waiting != null
                && (waiting.getState() == TransactionState.TERMINATED
                        || waiting.getState() == TransactionState.COMPLETED)
                && response.getStatusCode() / 100 == 2
                && stack.getDialog(response.getDialogId(false)) == null;
        if (waiting == null || otherFork) {
            ServerResponseInterface dialogs = stack.withoutTransaction(response, channel);
            if (dialogs != null) {
                dialogs.processResponse(response, channel);
            }
            return;
        }
        ServerResponseInterface client = stack.newSIPServerResponse(response, channel);
        if (client == null) {
            return;
        }
        try {
            if (client instanceof SIPClientTransaction transaction && !transaction.checkFromTag(response)) {
                return;
            }
            client.processResponse(response, channel);
        } finally {
            if (client instanceof SIPTransaction transaction && !transaction.passToListener()) {
                transaction.releaseSem();
            }
        }
    }

    void closed(Consumer<StreamFlow> listener) {
        onClosed = listener;
    }

    @Override
    public void onClosed(StreamFlow flow) {
        onClosed.accept(flow);
    }

    @Override
    public void onSendFailed(byte[] message) {
        if (failed.size() < FAILED_MAX) {
            failed.add(message);
        }
    }

    boolean hasFailed() {
        return !failed.isEmpty();
    }

    /** RFC 3261 section 8.1.3.1: a request that could not be sent is treated as if a 503 had come back. */
    int settleFailed() {
        int settled = 0;
        for (byte[] request = failed.poll(); request != null; request = failed.poll()) {
            settled++;
            UnsafeBuffer bytes = new UnsafeBuffer(request);
            InetSocketAddress self = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            int length = reply.make(bytes, 0, request.length, UNAVAILABLE, 0, self);
            if (length == 0) {
                continue;
            }
            byte[] response = new byte[length];
            reply.buffer().getBytes(0, response);
            SIPMessage message = parse(response);
            if (message instanceof SIPResponse unavailable) {
                unavailable.setApplicationData(MADE_HERE);
                feed(unavailable);
            }
        }
        return settled;
    }

    private void feed(SIPResponse unavailable) {
        SIPTransaction transaction = stack.clientTransaction(unavailable.getTransactionId());
        if (transaction == null || !(transaction.getMessageChannel() instanceof FlowChannel channel)) {
            return;
        }
        try {
            address(unavailable, channel, new InetSocketAddress(channel.getPeerInetAddress(), channel.getPeerPort()));
            onResponse(unavailable, channel);
        } catch (RuntimeException | StackOverflowError | ParseException e) {
            counters.increment(SipCounters.PROCESSING_FAILED);
            errors.onError(e);
        }
    }
}
