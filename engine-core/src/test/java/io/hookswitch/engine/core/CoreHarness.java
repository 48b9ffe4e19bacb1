package io.hookswitch.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.io.IdleMode;
import io.hookswitch.engine.io.RtpTransport;
import io.hookswitch.engine.io.TransportKind;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.engine.message.SipEvent;
import io.hookswitch.engine.ring.SlotRing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.agrona.concurrent.EpochNanoClock;
import org.agrona.concurrent.NanoClock;

/** A core stepped by the test, which plays the sip thread and control; RTP comes from real sockets on loopback. */
final class CoreHarness implements AutoCloseable {
    /** A message taken out of a ring. */
    record Message(
            int type,
            long leg,
            long otherLeg,
            long reference,
            int status,
            int cause,
            long durationNs,
            int port,
            int[] codecs,
            String reason) {}

    final CoreAgent core;
    final CoreRings rings;
    final List<Throwable> errors = new ArrayList<>();
    private final Queue<Message> sipCommands = new ArrayDeque<>();
    private final Queue<Message> events = new ArrayDeque<>();
    private long nextSipLeg = 1;

    CoreHarness(int legs, int firstPort, int lastPort, long quarantineNs) {
        this(
                TransportKind.EPOLL,
                legs,
                new MediaSettings(InetAddress.getLoopbackAddress(), firstPort, lastPort, quarantineNs, 50_000_000L));
    }

    /** A core on real sockets of a kind. */
    CoreHarness(TransportKind kind, int legs, MediaSettings media) {
        CoreSettings settings = new CoreSettings(0, legs, 64, IdleMode.BALANCED, kind, 256, 4096, 0);
        rings = CoreRings.of(settings);
        core = new CoreAgent(settings, media, rings, System::nanoTime, () -> 0, 7, errors::add);
        core.onStart();
    }

    /** A core over a transport of the test's, with the test's clock. */
    CoreHarness(CoreSettings settings, MediaSettings media, NanoClock clock, RtpTransport transport) {
        rings = CoreRings.of(settings);
        EpochNanoClock wallClock = () -> 1_700_000_000_000_000_000L + clock.nanoTime();
        CoreAgent like = new CoreAgent(settings, media, rings, clock, wallClock, 7, errors::add);
        core = new CoreAgent(like, () -> transport);
        core.onStart();
    }

    void step() {
        core.doWork();
        rings.sipCommands().poll(message -> sipCommands.add(copy(message)), 100);
        rings.events().poll(message -> events.add(copy(message)), 100);
    }

    /** Steps until nothing has been done for a few cycles. */
    void settle() {
        int idle = 0;
        while (idle < 3) {
            // A cycle that waits is idle; keep it short by publishing nothing and waiting on nothing.
            idle = core.doWork() > 0 ? 0 : idle + 1;
            rings.sipCommands().poll(message -> sipCommands.add(copy(message)), 100);
            rings.events().poll(message -> events.add(copy(message)), 100);
            core.waker().wake();
        }
    }

    private static Message copy(MessageFlyweight message) {
        int[] codecs = new int[message.media().codecCount()];
        for (int i = 0; i < codecs.length; i++) {
            codecs[i] = message.media().codec(i);
        }
        return new Message(
                message.type(),
                message.leg(),
                message.otherLeg(),
                message.reference(),
                message.status(),
                message.cause(),
                message.durationNs(),
                message.media().rtpPort(),
                codecs,
                message.text(Field.REASON));
    }

    Message sipCommand(int type) {
        return next(sipCommands, type);
    }

    Message event(int type) {
        return next(events, type);
    }

    boolean hasEvent() {
        settle();
        return !events.isEmpty();
    }

    private Message next(Queue<Message> queue, int type) {
        settle();
        Message message = queue.poll();
        assertThat(message).isNotNull();
        assertThat(message.type()).isEqualTo(type);
        return message;
    }

    /** Writes a message of the sip side. */
    void sip(int type, long leg, java.util.function.Consumer<MessageFlyweight> more) {
        publish(rings.sipEvents(), type, leg, more);
    }

    void command(int type, long leg, java.util.function.Consumer<MessageFlyweight> more) {
        publish(rings.commands(), type, leg, more);
    }

    private void publish(SlotRing ring, int type, long leg, java.util.function.Consumer<MessageFlyweight> more) {
        MessageFlyweight message = ring.tryClaim(type);
        message.leg(leg);
        more.accept(message);
        ring.publish();
        settle();
    }

    static void media(MessageFlyweight message, DatagramSocket far, int codec, int payloadType) {
        media(message, address(far), codec, payloadType);
    }

    private static InetSocketAddress address(DatagramSocket far) {
        return new InetSocketAddress(far.getLocalAddress(), far.getLocalPort());
    }

    static void media(MessageFlyweight message, InetSocketAddress far, int codec, int payloadType) {
        message.media()
                .begin()
                .address(far.getAddress().getAddress())
                .ports(far.getPort(), far.getPort() + 1)
                .telephoneEvent(101, 8000)
                .addCodec(codec, payloadType, -1, codec == Codec.OPUS ? 48_000 : 8000);
    }

    /** An offered leg, bound; returns its handle. */
    long offer(DatagramSocket far, int codec, int payloadType) {
        return offer(address(far), codec, payloadType);
    }

    long offer(InetSocketAddress far, int codec, int payloadType) {
        long sipLeg = nextSipLeg++;
        sip(SipEvent.OFFERED, 0, message -> {
            message.otherLeg(sipLeg);
            media(message, far, codec, payloadType);
            message.put(Field.CALL_ID, "a@test");
        });
        Message bind = sipCommand(SipCommand.BIND);
        assertThat(bind.otherLeg()).isEqualTo(sipLeg);
        assertThat(event(CoreEvent.OFFERED).leg()).isEqualTo(bind.leg());
        return bind.leg();
    }

    /** Offered and answered; returns handle and our RTP port. */
    Message answered(DatagramSocket far, int codec, int payloadType) {
        return answered(address(far), codec, payloadType);
    }

    Message answered(InetSocketAddress far, int codec, int payloadType) {
        long leg = offer(far, codec, payloadType);
        command(CoreCommand.ANSWER, leg, message -> {});
        Message answer = sipCommand(SipCommand.ANSWER);
        sip(SipEvent.MEDIA_CHANGED, leg, message -> media(message, far, codec, payloadType));
        return answer;
    }

    /** Dialled and answered; returns the INVITE with handle and our RTP port. */
    Message dialled(DatagramSocket far, int codec, int payloadType, long like) {
        return dialled(address(far), codec, payloadType, like);
    }

    Message dialled(InetSocketAddress far, int codec, int payloadType, long like) {
        command(CoreCommand.DIAL, 0, message -> message.reference(77).call(5).otherLeg(like));
        Message invite = sipCommand(SipCommand.INVITE);
        sip(SipEvent.INVITED, invite.leg(), message -> {});
        assertThat(event(CoreEvent.INVITED).reference()).isEqualTo(77);
        sip(SipEvent.ANSWERED, invite.leg(), message -> {
            message.status(200);
            media(message, far, codec, payloadType);
        });
        assertThat(event(CoreEvent.ANSWERED).status()).isEqualTo(200);
        return invite;
    }

    void end(long leg) {
        command(CoreCommand.END, leg, message -> message.status(603));
        assertThat(sipCommand(SipCommand.END).status()).isEqualTo(603);
        sip(SipEvent.TERMINATED, leg, message -> {});
    }

    long counter(int counter) {
        return core.counters().value(counter);
    }

    static DatagramSocket far() {
        return far("127.0.0.1");
    }

    static DatagramSocket far(String address) {
        try {
            DatagramSocket socket = new DatagramSocket(new InetSocketAddress(address, 0));
            socket.setSoTimeout(20);
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] rtp(int payloadType, int sequence, int timestamp, int ssrc, byte... payload) {
        ByteBuffer packet = ByteBuffer.allocate(12 + payload.length);
        packet.put((byte) 0x80)
                .put((byte) payloadType)
                .putShort((short) sequence)
                .putInt(timestamp)
                .putInt(ssrc);
        return packet.put(payload).array();
    }

    void send(DatagramSocket from, int port, byte[] packet) {
        try {
            InetAddress to =
                    from.getLocalAddress() instanceof Inet6Address six ? six : InetAddress.getLoopbackAddress();
            from.send(new DatagramPacket(packet, packet.length, to, port));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        settle();
    }

    /** The next datagram at a far end, or null. */
    static ByteBuffer received(DatagramSocket at) {
        DatagramPacket packet = new DatagramPacket(new byte[2048], 2048);
        try {
            at.receive(packet);
            return ByteBuffer.wrap(packet.getData(), 0, packet.getLength()).slice();
        } catch (SocketTimeoutException e) {
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The next message of control's ring, whatever it is, or null. */
    Message anyEvent() {
        settle();
        return events.poll();
    }

    /** The next message of the sip thread's ring, whatever it is, or null. */
    Message anySipCommand() {
        settle();
        return sipCommands.poll();
    }

    @Override
    public void close() {
        core.onClose();
        assertThat(errors).isEmpty();
    }

    static int pcmu() {
        return Codec.PCMU;
    }
}
