package io.hookswitch.engine.core;

import io.hookswitch.engine.io.RtpTransport;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.ring.SlotRing;
import io.hookswitch.rtp.DtmfToneGenerator;
import io.hookswitch.rtp.RtcpLegReports;
import io.hookswitch.rtp.RtpClock;
import io.hookswitch.rtp.RtpHeaderFlyweight;
import io.hookswitch.rtp.RtpStreamRewrite;
import io.hookswitch.rtp.TelephoneEventFlyweight;
import io.hookswitch.rtp.TelephoneEventReceiver;
import org.agrona.MutableDirectBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Telephone events of our own toward a leg's far end (RFC 4733 section 2.5.1): keys that control has sent, and presses
 * of the peer that cannot pass as they came. A packet every 20 ms from the moment of the press, its timestamp the
 * press's start, the duration growing, the first one marked, the last one three times; presses longer than the duration
 * field go on in segments. Sequence, timestamp and SSRC go on with the stream that is forwarded to this far end; while
 * a
 * key of control's sounds, what would be forwarded stays behind ({@link LegTable#KEY_SOUNDS}), whereas beside a peer's
 * press its audio goes on if that far end sends any: that is the far end's choice.
 *
 * <pre>
 *  0 byte state (constants)                 16 long due time of the first packet, ns
 *  1 byte event                             24 long length of the press, ns; FOREVER = not released
 *  2 byte volume, -dBm0                     32 int  event ticks of the segments before the present one
 *  3 byte end packets still to send         36 int  peer whose press it is, -1 = control's
 *  4 short keys waiting, 6 byte their volume 40 long pause behind a key, ns
 *  8 int  next of them                      48 long length of a waiting key, ns
 * 12 int  timestamp of the segment          56 long control's reference, 0 = nobody waits
 * 64 64 bytes: keys waiting, in order
 * </pre>
 *
 * <p>One record a leg, all zero = idle. Core thread.
 */
final class DigitSender implements PacedSource {
    /** Bytes of a record. */
    static final int RECORD_LENGTH = 128;
    /** Most keys of one command, pauses included. */
    static final int MAX_KEYS = 64;
    /** Status of a command that could not be carried out: the far end takes no telephone events. */
    static final int NOT_ACCEPTABLE = 488;

    private static final int EVENT = 1;
    private static final int VOLUME = 2;
    private static final int ENDS = 3;
    private static final int WAITING = 4;
    private static final int KEY_VOLUME = 6;
    private static final int NEXT = 8;
    private static final int TIMESTAMP = 12;
    private static final int START_NS = 16;
    private static final int LENGTH_NS = 24;
    private static final int SEGMENTS = 32;
    private static final int PEER = 36;
    private static final int PAUSE_NS = 40;
    private static final int KEY_NS = 48;
    private static final int REFERENCE = 56;
    private static final int KEYS = 64;

    private static final byte IDLE = 0;
    private static final byte PAUSING = 1;
    private static final byte SOUNDING = 2;
    private static final byte ENDING = 3;
    private static final byte AWAITING = 4;

    /** Levels of the tones; ITU-T Q.23 lets the higher one be up to 3 dB stronger, against what lines take from it. */
    private static final double LOW_DBM0 = -9;

    private static final double HIGH_DBM0 = -7;
    private static final int TONE_SAMPLES = 160;
    private static final long NS_PER_SAMPLE = 125_000L;

    private static final long FOREVER = Long.MAX_VALUE;
    private static final long PACE_NS = PacedStep.PACE_NS;
    private static final long NS_PER_MS = 1_000_000L;
    private static final int REPEATS = 2;
    private static final int MAX_SEGMENT = 0xFFFF;
    private static final int PACKET_BYTES = RtpHeaderFlyweight.FIXED_LENGTH + TelephoneEventFlyweight.LENGTH;
    private static final byte USUAL_VOLUME = 10;
    private static final int MAX_VOLUME = 63;
    /** A press of a peer's that has to wait sounds this long, and this long is the pause behind it. */
    private static final long USUAL_KEY_NS = 100_000_000L;

    private static final long USUAL_PAUSE_NS = 60_000_000L;
    /** How long keys wait for media to be agreed on, and then for the far end to be ready. */
    private static final long MOST_AWAITED_NS = 4_000_000_000L;

    private static final long SETTLE_NS = 100_000_000L;
    private static final long SHORT_WAIT_NS = 500_000_000L;
    private static final long LONG_WAIT_NS = 1_000_000_000L;

    private final LegTable legs;
    private final RtpTransport transport;
    private final RtpSender sender;
    private final PacedStep pace;
    private final CoreCounters counters;
    private final SlotRing events;
    private final UnsafeBuffer records;
    private final RtpHeaderFlyweight header = new RtpHeaderFlyweight();
    private final TelephoneEventFlyweight payload = new TelephoneEventFlyweight();
    private final TelephoneEventReceiver receiver = new TelephoneEventReceiver();
    private final RtpStreamRewrite stream = new RtpStreamRewrite();
    private final DtmfToneGenerator tones = new DtmfToneGenerator(LOW_DBM0, HIGH_DBM0);
    private final RtcpLegReports reports = new RtcpLegReports();

    DigitSender(CoreState core, RtpSender sender, PacedStep pace) {
        legs = core.legs();
        transport = core.transport();
        counters = core.counters();
        events = core.rings().events();
        records = legs.keys();
        this.sender = sender;
        this.pace = pace;
        pace.source(PacedStep.DIGITS, this);
    }

    private static int at(int row) {
        return row * RECORD_LENGTH;
    }

    /**
     * Takes control's command.
     *
     * @return false when it cannot be taken: a command is under way, or there are more keys than fit
     */
    boolean command(int row, MessageFlyweight command, long nowNs) {
        int at = at(row);
        int field = command.firstField();
        while (field >= 0 && command.fieldTag(field) != Field.DIGITS) {
            field = command.nextField(field);
        }
        int count = field < 0 ? 0 : command.fieldLength(field);
        int waiting = records.getShort(at + WAITING);
        if (records.getLong(at + REFERENCE) != 0 || count + waiting > MAX_KEYS) {
            return false;
        }
        records.putLong(at + REFERENCE, command.reference());
        records.putLong(at + KEY_NS, Math.max(PACE_NS, command.durationNs()));
        records.putLong(at + PAUSE_NS, Math.max(USUAL_PAUSE_NS, command.status() * NS_PER_MS));
        records.putByte(at + KEY_VOLUME, (byte) Math.clamp(command.cause(), 0, MAX_VOLUME));
        for (int i = 0; i < count; i++) {
            enqueue(at, command.buffer(), command.fieldBytes(field) + i);
        }
        if (records.getByte(at) == IDLE) {
            records.putByte(at, AWAITING);
            records.putLong(at + START_NS, nowNs);
            pace.start(PacedStep.DIGITS, row, nowNs + PacedStep.TICK_NS);
        }
        return true;
    }

    private void enqueue(int at, MutableDirectBuffer keys, int index) {
        int waiting = records.getShort(at + WAITING);
        int place = (records.getInt(at + NEXT) + waiting) % MAX_KEYS;
        records.putByte(at + KEYS + place, keys.getByte(index));
        records.putShort(at + WAITING, (short) (waiting + 1));
    }

    /** @return whether a leg's far end takes telephone events or hears tones, and can be sent to. */
    boolean isPossible(int row) {
        return (legs.eventPayloadType(row) >= 0 || isSounded(row))
                && legs.has(row, LegTable.NEGOTIATED | LegTable.REACHABLE);
    }

    /** @return whether keys toward a leg's far end are tones in its audio: it has G.711 and no telephone events. */
    private boolean isSounded(int row) {
        return legs.has(row, LegTable.KEYS_IN_BAND);
    }

    /** @return power of a key that nobody told the power of, -dBm0. */
    int usualVolume() {
        return USUAL_VOLUME;
    }

    /** @return whether keys are being sent to a leg's far end, so that a press of its peer cannot just pass. */
    boolean isBusy(int row) {
        return records.getByte(at(row)) != IDLE;
    }

    /** A key went down at the peer: it goes down here, at once unless another one sounds or waits. */
    void press(int row, int peer, int event, int volume, long nowNs) {
        int at = at(row);
        if (records.getByte(at) == SOUNDING || records.getShort(at + WAITING) > 0) {
            later(at, event);
            return;
        }
        while (records.getByte(at + ENDS) > 0) {
            // The next key does not wait for the last one's repeated ends.
            repeatEnd(row, at, nowNs);
        }
        pace.stop(PacedStep.DIGITS, row);
        records.putByte(at + VOLUME, (byte) volume);
        begin(row, event, peer, FOREVER, nowNs, nowNs);
        pace.start(PacedStep.DIGITS, row, nowNs + PACE_NS);
    }

    private void later(int at, int event) {
        int waiting = records.getShort(at + WAITING);
        if (waiting == MAX_KEYS) {
            counters.increment(CoreCounters.DIGITS_NOT_SENT);
            return;
        }
        int place = (records.getInt(at + NEXT) + waiting) % MAX_KEYS;
        records.putByte(at + KEYS + place, (byte) TelephoneEventFlyweight.digitOf(event));
        records.putShort(at + WAITING, (short) (waiting + 1));
    }

    /** The key is up at the peer after {@code durationNs}; it ends here with the next packet when it lasted as long. */
    void release(int row, int peer, long durationNs, long nowNs) {
        int at = at(row);
        boolean isPeers = records.getByte(at) == SOUNDING && records.getInt(at + PEER) == peer;
        if (isPeers && records.getLong(at + LENGTH_NS) == FOREVER) {
            long saidNs = (nowNs - records.getLong(at + START_NS)) / PACE_NS * PACE_NS + PACE_NS;
            records.putLong(at + LENGTH_NS, Math.max(saidNs, durationNs));
        }
    }

    /** The leg is over: nothing more is sent, nobody is told. */
    void stop(int row) {
        pace.stop(PacedStep.DIGITS, row);
        records.setMemory(at(row), RECORD_LENGTH, (byte) 0);
        legs.flags(row, 0, LegTable.KEY_SOUNDS);
    }

    @Override
    public long onDue(int row, long dueNs, long nowNs) {
        int at = at(row);
        return switch (records.getByte(at)) {
            case SOUNDING -> sound(row, at, dueNs, nowNs);
            case ENDING -> end(row, at, dueNs, nowNs);
            case AWAITING -> awaitMedia(row, at, dueNs, nowNs);
            case PAUSING -> next(row, at, dueNs, nowNs);
            default -> NEVER;
        };
    }

    /** A leg just answered has no media for a moment, and its far end not yet an open ear. */
    private long awaitMedia(int row, int at, long dueNs, long nowNs) {
        boolean isFirst = dueNs - records.getLong(at + START_NS) <= PacedStep.TICK_NS;
        if (isPossible(row)) {
            records.putByte(at, PAUSING);
            return isFirst ? next(row, at, dueNs, nowNs) : dueNs + SETTLE_NS;
        }
        boolean isVain = legs.has(row, LegTable.NEGOTIATED) || dueNs - records.getLong(at + START_NS) > MOST_AWAITED_NS;
        if (isVain && tell(row, records.getLong(at + REFERENCE), NOT_ACCEPTABLE, nowNs)) {
            records.setMemory(at, RECORD_LENGTH, (byte) 0);
            return NEVER;
        }
        return dueNs + PACE_NS;
    }

    private long next(int row, int at, long dueNs, long nowNs) {
        if (records.getShort(at + WAITING) == 0) {
            return finish(row, at, dueNs, nowNs);
        }
        int peer = legs.peer(row);
        boolean isPassing = peer != LegTable.NONE && legs.events(receiver, peer).isPressed();
        if (isPassing && !legs.has(peer, LegTable.KEYS_MADE_ANEW)) {
            // A press of the peer's is on its way through: two keys at once would be one muddle.
            return dueNs + PACE_NS;
        }
        char key = (char) records.getByte(at + KEYS + records.getInt(at + NEXT));
        records.putInt(at + NEXT, (records.getInt(at + NEXT) + 1) % MAX_KEYS);
        records.putShort(at + WAITING, (short) (records.getShort(at + WAITING) - 1));
        int event = TelephoneEventFlyweight.eventOf(key);
        if (event < 0) {
            return dueNs + (key == 'W' ? LONG_WAIT_NS : SHORT_WAIT_NS);
        }
        long lengthNs = records.getLong(at + KEY_NS);
        boolean isCommanded = records.getLong(at + REFERENCE) != 0;
        records.putByte(at + VOLUME, isCommanded ? records.getByte(at + KEY_VOLUME) : USUAL_VOLUME);
        begin(row, event, LegTable.NONE, lengthNs == 0 ? USUAL_KEY_NS : lengthNs, dueNs, nowNs);
        return dueNs + PACE_NS;
    }

    private long finish(int row, int at, long dueNs, long nowNs) {
        long reference = records.getLong(at + REFERENCE);
        if (reference != 0 && !tell(row, reference, 0, nowNs)) {
            return dueNs + PACE_NS;
        }
        records.setMemory(at, RECORD_LENGTH, (byte) 0);
        return NEVER;
    }

    /** @return whether control's ring had room. */
    private boolean tell(int row, long reference, int status, long nowNs) {
        MessageFlyweight out = events.tryClaim(CoreEvent.DIGITS_SENT);
        if (out == null) {
            return false;
        }
        out.leg(legs.handle(row))
                .call(legs.call(row))
                .reference(reference)
                .status(status)
                .timeNs(nowNs);
        events.publish();
        return true;
    }

    private void begin(int row, int event, int peer, long lengthNs, long startNs, long nowNs) {
        int at = at(row);
        records.putByte(at, SOUNDING);
        records.putByte(at + EVENT, (byte) event);
        records.putByte(at + ENDS, (byte) 0);
        records.putLong(at + START_NS, startNs);
        records.putLong(at + LENGTH_NS, lengthNs);
        records.putInt(at + SEGMENTS, 0);
        records.putInt(at + PEER, peer);
        legs.stream(stream, row);
        records.putInt(at + TIMESTAMP, stream.nextTimestamp(nowNs));
        if (peer == LegTable.NONE || isSounded(row)) {
            legs.flags(row, LegTable.KEY_SOUNDS, 0);
        }
        counters.increment(CoreCounters.DIGITS_SENT);
        sayDuration(row, at, true, PACE_NS, nowNs);
    }

    private long sound(int row, int at, long dueNs, long nowNs) {
        long soFarNs = dueNs - records.getLong(at + START_NS) + PACE_NS;
        int peer = records.getInt(at + PEER);
        if (peer != LegTable.NONE && legs.peer(row) != peer) {
            // Parted meanwhile: nobody will say when that key comes up.
            records.putLong(at + LENGTH_NS, Math.min(records.getLong(at + LENGTH_NS), soFarNs));
        }
        sayDuration(row, at, false, soFarNs, nowNs);
        return dueNs + PACE_NS;
    }

    /** One packet of a press that has lasted so far; when that is its whole length, the first that says its end. */
    private void sayDuration(int row, int at, boolean isFirst, long soFarNs, long nowNs) {
        long lengthNs = records.getLong(at + LENGTH_NS);
        boolean isEnd = soFarNs >= lengthNs;
        if (isSounded(row)) {
            tone(row, at, isFirst, soFarNs, nowNs);
            if (isEnd) {
                records.putByte(at, ENDING);
                records.putByte(at + ENDS, (byte) 1);
            }
            return;
        }
        int clockRate = legs.eventClockRate(row);
        long ticks = RtpClock.ticksLong(Math.min(soFarNs, lengthNs), clockRate) - records.getInt(at + SEGMENTS);
        while (ticks > MAX_SEGMENT) {
            for (int i = 0; i <= REPEATS; i++) {
                packet(row, at, false, false, MAX_SEGMENT, nowNs);
            }
            long segmentNs = MAX_SEGMENT * 1_000_000_000L / clockRate;
            int streamTicks = RtpClock.ticks(segmentNs, legs.stream(stream, row).clockRate());
            records.putInt(at + SEGMENTS, records.getInt(at + SEGMENTS) + MAX_SEGMENT);
            int step = stream.clockRate() == clockRate ? MAX_SEGMENT : streamTicks;
            records.putInt(at + TIMESTAMP, records.getInt(at + TIMESTAMP) + step);
            ticks -= MAX_SEGMENT;
        }
        packet(row, at, isFirst, isEnd, (int) ticks, nowNs);
        if (isEnd) {
            records.putByte(at, ENDING);
            records.putByte(at + ENDS, (byte) REPEATS);
        }
    }

    private long end(int row, int at, long dueNs, long nowNs) {
        repeatEnd(row, at, nowNs);
        if (records.getByte(at + ENDS) > 0) {
            return dueNs + PACE_NS;
        }
        records.putByte(at, PAUSING);
        long pauseNs = records.getLong(at + PAUSE_NS);
        long upNs = records.getLong(at + START_NS) + records.getLong(at + LENGTH_NS);
        return Math.max(dueNs + PACE_NS, upNs + (pauseNs == 0 ? USUAL_PAUSE_NS : pauseNs));
    }

    private void repeatEnd(int row, int at, long nowNs) {
        // The packet before covered the time up to this one.
        legs.flags(row, 0, LegTable.KEY_SOUNDS);
        records.putByte(at + ENDS, (byte) (records.getByte(at + ENDS) - 1));
        if (isSounded(row)) {
            return;
        }
        long ticks = RtpClock.ticksLong(records.getLong(at + LENGTH_NS), legs.eventClockRate(row));
        packet(row, at, false, true, (int) ticks - records.getInt(at + SEGMENTS), nowNs);
    }

    /** The last 20 ms of a press that has lasted so far, as audio. */
    private void tone(int row, int at, boolean isFirst, long soFarNs, long nowNs) {
        char key = TelephoneEventFlyweight.digitOf(records.getByte(at + EVENT));
        boolean isAllowed = legs.has(row, LegTable.MAY_SEND) && isPossible(row) && DtmfToneGenerator.hasTones(key);
        int buffer = isAllowed ? transport.tryClaim() : -1;
        if (buffer < 0) {
            return;
        }
        int offset = transport.offset(buffer);
        int from = (int) ((soFarNs - PACE_NS) / NS_PER_SAMPLE);
        long lengthNs = records.getLong(at + LENGTH_NS);
        int total = lengthNs == FOREVER ? DtmfToneGenerator.UNKNOWN : (int) (lengthNs / NS_PER_SAMPLE);
        legs.stream(stream, row);
        header.begin(transport.memory(), offset, RtpHeaderFlyweight.FIXED_LENGTH + TONE_SAMPLES)
                .payloadType(legs.payloadType(row))
                .marker(isFirst)
                .sequence(stream.insert(nowNs))
                .timestamp(records.getInt(at + TIMESTAMP) + from)
                .ssrc(stream.ssrc());
        boolean isALaw = legs.codec(row) == Codec.PCMA;
        tones.fill(transport.memory(), header.payloadOffset(), TONE_SAMPLES, key, from, total, isALaw);
        legs.reports(reports, row).onSent(TONE_SAMPLES);
        sender.send(row, buffer, offset, RtpHeaderFlyweight.FIXED_LENGTH + TONE_SAMPLES);
        counters.increment(CoreCounters.EVENTS_SENT);
    }

    private void packet(int row, int at, boolean isFirst, boolean isEnd, int ticks, long nowNs) {
        // Held or moved out of reach meanwhile: the press goes on in time, unheard.
        boolean isAllowed = legs.has(row, LegTable.MAY_SEND) && isPossible(row);
        int buffer = isAllowed ? transport.tryClaim() : -1;
        if (buffer < 0) {
            return;
        }
        int offset = transport.offset(buffer);
        legs.stream(stream, row);
        header.begin(transport.memory(), offset, PACKET_BYTES)
                .payloadType(legs.eventPayloadType(row))
                .marker(isFirst)
                .sequence(stream.insert(nowNs))
                .timestamp(records.getInt(at + TIMESTAMP))
                .ssrc(stream.ssrc());
        payload.wrap(transport.memory(), header.payloadOffset(), TelephoneEventFlyweight.LENGTH);
        payload.encode(records.getByte(at + EVENT), isEnd, records.getByte(at + VOLUME), ticks);
        legs.reports(reports, row).onSent(TelephoneEventFlyweight.LENGTH);
        sender.send(row, buffer, offset, PACKET_BYTES);
        counters.increment(CoreCounters.EVENTS_SENT);
    }
}
