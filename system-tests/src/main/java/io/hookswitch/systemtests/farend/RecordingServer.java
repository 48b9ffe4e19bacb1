package io.hookswitch.systemtests.farend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A server that records (RFC 7866 section 3, SRS), written against the RFC alone: it takes one recording session, hears
 * each stream at a port of its own, and keeps every message.
 */
public final class RecordingServer implements AutoCloseable {
    private static final InetAddress HOST = InetAddress.getLoopbackAddress();

    private final Object monitor = new Object();
    private final SipWire wire;
    private final String tag = FarEnd.token();
    private final List<SipMessage> log = new ArrayList<>();
    private final Map<String, SipMessage> served = new HashMap<>();
    private final List<RtpEnd> streams = new ArrayList<>();
    private final int refusal;
    private final int codec;
    private final Challenge challenge;
    private InetSocketAddress peer;
    private int version;
    private int cseq;

    private RecordingServer(int refusal, int codec, Challenge challenge) {
        this.refusal = refusal;
        this.codec = codec;
        this.challenge = challenge;
        try {
            wire = SipWire.open("udp", HOST.getHostAddress(), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        wire.start(this::onMessage);
    }

    /** @return one that takes recordings in one codec, 0 PCMU or 8 PCMA. */
    public static RecordingServer taking(int codec) {
        return new RecordingServer(0, codec, null);
    }

    /** @return one that wants to know who records (RFC 3261 section 22). */
    public static RecordingServer challenging(String user, String password) {
        return new RecordingServer(0, 0, new Challenge(user, password));
    }

    /** @return one that takes none. */
    public static RecordingServer refusing(int status) {
        return new RecordingServer(status, 0, null);
    }

    /** @return where it is, {@code user@host:port}. */
    public String address() {
        return "rec@" + HOST.getHostAddress() + ":" + wire.local().getPort();
    }

    private void onMessage(byte[] bytes, int length, InetSocketAddress from) {
        SipMessage message = SipMessage.parse(bytes, length);
        if (message == null) {
            return;
        }
        synchronized (monitor) {
            SipMessage again = served.get(message.branch() + message.method());
            if (message.isRequest() && again != null) {
                send(again, from);
                return;
            }
            log.add(message);
            monitor.notifyAll();
            if (message.isRequest() && !message.method().equals("ACK")) {
                peer = from;
                SipMessage answer = answer(message);
                served.put(message.branch() + message.method(), answer);
                send(answer, from);
            }
        }
    }

    private SipMessage answer(SipMessage request) {
        if (!request.method().equals("INVITE")) {
            return Answers.response(request, "200 OK", tag).done();
        }
        if (refusal != 0) {
            return Answers.response(request, refusal + " No", tag).done();
        }
        if (challenge != null && request.toTag().isEmpty() && !challenge.isMetBy(request)) {
            return challenge.made(request, tag);
        }
        return Answers.response(request, "200 OK", tag)
                .add("Contact", "<sip:" + address() + ">;+sip.srs")
                .sdp(description(offered(request), "recvonly"))
                .done();
    }

    private String description(List<String> offered, String wish) {
        String at = "IN IP4 " + HOST.getHostAddress();
        StringBuilder text =
                new StringBuilder("v=0\r\no=srs 1 " + ++version + " " + at + "\r\ns=-\r\nc=" + at + "\r\nt=0 0\r\n");
        for (int i = 0; i < offered.size(); i++) {
            if (i == streams.size()) {
                streams.add(open());
            }
            boolean inactive = offered.get(i).contains("a=inactive");
            text.append("m=audio ")
                    .append(streams.get(i).port())
                    .append(" RTP/AVP ")
                    .append(codec)
                    .append("\r\na=label:")
                    .append(label(offered.get(i)))
                    .append(inactive ? "\r\na=inactive\r\n" : "\r\na=" + wish + "\r\n");
        }
        return text.toString();
    }

    private static RtpEnd open() {
        try {
            RtpEnd end = new RtpEnd(HOST, 0);
            end.start();
            return end;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return the part of a type in an INVITE's body, without its own headers; "" = none. */
    public static String part(SipMessage invite, String type) {
        String boundary = SipMessage.parameter(invite.header("Content-Type"), "boundary");
        for (String part : invite.body().split("--" + boundary)) {
            if (part.contains("Content-Type: " + type)) {
                return part.substring(part.indexOf("\r\n\r\n") + 4);
            }
        }
        return "";
    }

    /** @return the streams of an offer, each from its {@code m=} line on. */
    public static List<String> offered(SipMessage invite) {
        String[] sections = part(invite, "application/sdp").split("(?m)^m=");
        return List.of(sections).subList(1, sections.length);
    }

    private static String label(String stream) {
        return stream.replaceFirst("(?s).*a=label:(\\S+).*", "$1");
    }

    private void send(SipMessage message, InetSocketAddress to) {
        try {
            wire.send(message.encode(), to);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** @return every message so far that a client has sent, repeats not counted. */
    public List<SipMessage> log() {
        synchronized (monitor) {
            return List.copyOf(log);
        }
    }

    /** Waits for so many requests with a method. @return the last of them */
    public SipMessage await(String method, int count) {
        return await(count + " " + method, () -> {
            List<SipMessage> those = log.stream()
                    .filter(each -> each.isRequest() && each.method().equals(method))
                    .toList();
            return those.size() < count ? null : those.get(count - 1);
        });
    }

    private <T> T await(String what, Supplier<T> found) {
        long endNs = System.nanoTime() + FarEnd.PATIENCE.toNanos();
        synchronized (monitor) {
            for (T result = found.get(); ; result = found.get()) {
                if (result != null) {
                    return result;
                }
                long leftMs = (endNs - System.nanoTime()) / 1_000_000;
                if (leftMs <= 0) {
                    throw new AssertionError("the recording server waited for " + what + "; it saw:\n" + log);
                }
                try {
                    monitor.wait(leftMs);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new AssertionError(e);
                }
            }
        }
    }

    /** @return what it hears of a stream; 0 = the first. */
    public RtpEnd stream(int number) {
        synchronized (monitor) {
            return streams.get(number);
        }
    }

    /** Ends the session. @return the answer to its BYE */
    public SipMessage hangUp() {
        return ask("BYE", "");
    }

    /** Offers every stream anew, as {@code inactive} or {@code recvonly} (RFC 7866 section 7.2). @return the answer */
    public SipMessage reoffer(String wish) {
        synchronized (monitor) {
            return ask("INVITE", description(offered(invite()), wish));
        }
    }

    private SipMessage invite() {
        return log.stream()
                .filter(each -> each.isRequest() && each.method().equals("INVITE"))
                .reduce((_, last) -> last)
                .orElseThrow();
    }

    private SipMessage ask(String method, String description) {
        synchronized (monitor) {
            SipMessage invite = invite();
            int number = ++cseq;
            SipMessage request = inDialog(invite, method, number, description);
            send(request, peer);
            SipMessage answer = await("an answer to " + method, () -> log.stream()
                    .filter(each -> !each.isRequest() && each.cseq() == number && each.status() >= 200)
                    .findFirst()
                    .orElse(null));
            if (method.equals("INVITE")) {
                send(inDialog(invite, "ACK", number, ""), peer);
            }
            return answer;
        }
    }

    private SipMessage inDialog(SipMessage invite, String method, int number, String description) {
        String us = "127.0.0.1:" + wire.local().getPort();
        SipMessage.Draft draft = new SipMessage.Draft(
                        method + " " + SipMessage.addressOf(invite.header("Contact")) + " SIP/2.0")
                .add("Via", "SIP/2.0/UDP " + us + ";rport;branch=" + FarEnd.branch())
                .add("Max-Forwards", "70")
                .add("From", invite.header("To").replaceFirst(";tag=.*", "") + ";tag=" + tag)
                .add("To", invite.header("From"))
                .add("Call-ID", invite.callId())
                .add("CSeq", number + " " + method)
                .add("Contact", "<sip:" + address() + ">;+sip.srs");
        return (description.isEmpty() ? draft : draft.sdp(description)).done();
    }

    @Override
    public void close() {
        wire.close();
        synchronized (monitor) {
            streams.forEach(RtpEnd::close);
        }
    }
}
