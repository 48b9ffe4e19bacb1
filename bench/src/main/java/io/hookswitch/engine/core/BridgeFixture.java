package io.hookswitch.engine.core;

import io.hookswitch.engine.io.IdleMode;
import io.hookswitch.engine.io.IpAddress;
import io.hookswitch.engine.io.MemoryTransport;
import io.hookswitch.engine.io.TransportKind;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.engine.message.SipEvent;
import io.hookswitch.engine.ring.SlotRing;
import java.net.InetAddress;
import java.nio.ByteOrder;

/** Bridged calls on one core over a transport without a kernel; packets of their far ends, in turn. */
public final class BridgeFixture {
    private static final int PACKET_BYTES = 172;
    private static final int FAR_PORT = 4000;
    private static final int EVENT_TYPE = 101;
    private static final int EVENT_PACKET_BYTES = 16;
    /** Five packets while a key is down, the last of them three times. */
    private static final int PACKETS_OF_A_PRESS = 7;

    private static final byte[] LOOPBACK = {127, 0, 0, 1};

    private final MemoryTransport transport = new MemoryTransport();
    private final CoreAgent core;
    private final CoreRings rings;
    private final int legs;
    private final int[] sequence;
    private final int farPayloadType;
    private final SlotRing.Reader ignored = event -> {};
    private long bound;
    private int next;

    /** Joins calls; {@code converted}: A speaks mu-law and B A-law. */
    public BridgeFixture(int calls, boolean converted) {
        this(calls, converted, 5_000_000_000L);
    }

    /** As the other one; each leg reports about every {@code reportIntervalNs}. */
    BridgeFixture(int calls, boolean converted, long reportIntervalNs) {
        legs = 2 * calls;
        sequence = new int[legs];
        farPayloadType = 0;
        CoreSettings settings =
                new CoreSettings(0, Math.max(2, legs), 64, IdleMode.BALANCED, TransportKind.AUTO, 64, 4096, 0);
        MediaSettings media = new MediaSettings(InetAddress.getLoopbackAddress(), 1024, 65535, 0, reportIntervalNs);
        rings = CoreRings.of(settings);
        CoreAgent like = new CoreAgent(settings, media, rings, System::nanoTime, () -> 0, 1, BridgeFixture::rethrow);
        core = new CoreAgent(like, () -> transport);
        core.onStart();
        for (int i = 0; i < calls; i++) {
            long a = offer();
            sip(SipEvent.MEDIA_CHANGED, a, Codec.PCMU, 0);
            long b = offer();
            sip(SipEvent.MEDIA_CHANGED, b, converted ? Codec.PCMA : Codec.PCMU, converted ? 8 : 0);
            MessageFlyweight join = rings.commands().tryClaim(CoreCommand.JOIN);
            join.leg(a).otherLeg(b);
            rings.commands().publish();
            settle();
        }
    }

    private static void rethrow(Throwable failure) {
        throw new IllegalStateException(failure);
    }

    private long offer() {
        sip(SipEvent.OFFERED, 0, Codec.PCMU, 0);
        return bound;
    }

    private void sip(int type, long leg, int codec, int payloadType) {
        MessageFlyweight message = rings.sipEvents().tryClaim(type);
        message.leg(leg);
        message.media()
                .begin()
                .address(LOOPBACK)
                .ports(FAR_PORT, FAR_PORT + 1)
                .telephoneEvent(EVENT_TYPE, 8000)
                .addCodec(codec, payloadType, -1, 8000);
        rings.sipEvents().publish();
        settle();
    }

    private void settle() {
        core.doWork();
        rings.sipCommands().poll(this::onSipCommand, 64);
        rings.events().poll(ignored, 64);
    }

    private void onSipCommand(MessageFlyweight command) {
        if (command.type() == SipCommand.BIND) {
            bound = command.leg();
        } else if (command.type() == SipCommand.REFUSE) {
            throw new IllegalStateException("no room for the leg");
        }
    }

    /** One cycle of the core with as many packets, each of another A leg. @return packets forwarded since the start. */
    public long forward(int packets) {
        long nowNs = System.nanoTime();
        for (int i = 0; i < packets; i++) {
            int leg = next;
            next = next + 2 >= legs ? 0 : next + 2;
            int number = ++sequence[leg];
            arrive(leg, PACKET_BYTES, farPayloadType, number * 160, nowNs);
        }
        core.doWork();
        return core.counters().value(CoreCounters.RTP_FORWARDED);
    }

    private int arrive(int leg, int length, int payloadType, int timestamp, long nowNs) {
        int at = transport.arrive(2 * leg, length, nowNs, 0, IpAddress.ofIpv4(0x7F000001), FAR_PORT);
        transport.memory().putByte(at, (byte) 0x80);
        transport.memory().putByte(at + 1, (byte) payloadType);
        transport.memory().putShort(at + 2, (short) sequence[leg], ByteOrder.BIG_ENDIAN);
        transport.memory().putInt(at + 4, timestamp, ByteOrder.BIG_ENDIAN);
        transport.memory().putInt(at + 8, 0x1000 + leg, ByteOrder.BIG_ENDIAN);
        return at;
    }

    /** As {@link #forward}, the packets being those of keys that are pressed one after the other. */
    public long press(int packets) {
        long nowNs = System.nanoTime();
        for (int i = 0; i < packets; i++) {
            int leg = next;
            next = next + 2 >= legs ? 0 : next + 2;
            int number = sequence[leg]++;
            int press = number / PACKETS_OF_A_PRESS;
            int place = number % PACKETS_OF_A_PRESS;
            int payload = arrive(leg, EVENT_PACKET_BYTES, EVENT_TYPE, press * 4800, nowNs) + 12;
            transport.memory().putByte(payload, (byte) (press & 0xF));
            transport.memory().putByte(payload + 1, (byte) (place < 4 ? 10 : 0x8A));
            transport.memory().putShort(payload + 2, (short) (160 * Math.min(place + 1, 5)), ByteOrder.BIG_ENDIAN);
        }
        core.doWork();
        rings.events().poll(ignored, 64);
        return core.counters().value(CoreCounters.RTP_FORWARDED);
    }

    /** Arms a timer of control's that expires within the next cycles. */
    void armTimer(long reference) {
        rings.commands().tryClaim(CoreCommand.ARM_TIMER).reference(reference).durationNs(1_000_000L);
        rings.commands().publish();
    }

    long counter(int counter) {
        return core.counters().value(counter);
    }

    /** @return presses told to control since the start. */
    public long digits() {
        return core.counters().value(CoreCounters.DIGITS);
    }
}
