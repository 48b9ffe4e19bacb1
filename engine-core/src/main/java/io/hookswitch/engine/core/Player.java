package io.hookswitch.engine.core;

import io.hookswitch.engine.io.RtpTransport;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.PlayFlyweight;
import io.hookswitch.engine.message.PlayResult;
import io.hookswitch.engine.message.RecordingFlyweight;
import io.hookswitch.engine.ring.SlotRing;
import io.hookswitch.rtp.G711;
import io.hookswitch.rtp.RtcpLegReports;
import io.hookswitch.rtp.RtpHeaderFlyweight;
import io.hookswitch.rtp.RtpStreamRewrite;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Recordings on their way to far ends, a frame every 20 ms by {@link PacedStep}. They go out in the stream that is
 * forwarded to that far end otherwise: one SSRC, numbers without a hole, timestamps that follow the clock, a marker
 * where sound begins anew. What the peer sends meanwhile stays behind ({@link LegTable#PLAYING}); its next packet goes
 * out as soon as the recording is over. While the far end does not want to be sent to, or a key of ours sounds there,
 * the recording waits where it is.
 *
 * <p>A pass follows another one sample by sample where the codec has a byte a sample, so that a loop has no gap
 * whatever its length. G.711 that is stopped in the middle is faded out in one more frame, sent at once: without a
 * click, and in front of what the peer sends next.
 *
 * <pre>
 *  0 byte state (constants)                 24 long bytes of the recording
 *  1 byte result, once it is over           32 long AWAITING: since when, ns; else due time of the next frame
 *  2 byte 1 = in a pass behind the first    40 long samples sent
 *  4 int  next sample of the recording      48 int  passes to go, this one included; 0 = for ever
 *  8 long control's reference               52 int 0; 56 long 0
 * 16 long address of the recording
 * </pre>
 *
 * <p>One record a leg, all zero = idle. Each playout is told to control exactly once. Core thread.
 */
final class Player implements PacedSource {
    /** Bytes of a record. */
    static final int RECORD_LENGTH = 64;

    private static final int RESULT = 1;
    private static final int AGAIN = 2;
    private static final int POSITION = 4;
    private static final int REFERENCE = 8;
    private static final int ADDRESS = 16;
    private static final int LENGTH = 24;
    private static final int TIME_NS = 32;
    private static final int SENT_SAMPLES = 40;
    private static final int PASSES = 48;

    private static final byte IDLE = 0;
    private static final byte AWAITING = 1;
    private static final byte ON = 2;
    /** Over, but control's ring was full. */
    private static final byte OVER = 3;

    private static final long PACE_NS = PacedStep.PACE_NS;
    private static final int FRAMES_PER_S = 50;
    private static final int FRAME_SAMPLES = RecordingFlyweight.FRAME_SAMPLES;
    /** How long media may take to be agreed on. */
    private static final long MOST_AWAITED_NS = 4_000_000_000L;

    private static final byte G722_SILENCE = (byte) 0xFA;
    private static final int HEAD = RtpHeaderFlyweight.FIXED_LENGTH;

    private final LegTable legs;
    private final RtpTransport transport;
    private final UnsafeBuffer memory;
    private final RtpSender sender;
    private final PacedStep pace;
    private final CoreCounters counters;
    private final SlotRing events;
    private final UnsafeBuffer records;
    private final PlayFlyweight order = new PlayFlyweight();
    private final RecordingFlyweight recording = new RecordingFlyweight();
    private final RtpHeaderFlyweight header = new RtpHeaderFlyweight();
    private final RtpStreamRewrite stream = new RtpStreamRewrite();
    private final RtcpLegReports reports = new RtcpLegReports();
    private int active;

    Player(CoreState core, RtpSender sender, PacedStep pace) {
        legs = core.legs();
        transport = core.transport();
        memory = transport.memory();
        counters = core.counters();
        events = core.rings().events();
        records = legs.playouts();
        this.sender = sender;
        this.pace = pace;
        pace.source(PacedStep.PLAYOUT, this);
    }

    private static int at(int row) {
        return row * RECORD_LENGTH;
    }

    /** @return playouts that control has not been told the end of: each may need a place in its ring at any time. */
    int active() {
        return active;
    }

    /** Takes a command PLAY; control's ring has room for two. @param row {@link LegTable#NONE} = the leg is over */
    void play(int row, MessageFlyweight command, long nowNs) {
        long firstNs = nowNs + PacedStep.TICK_NS;
        if (row != LegTable.NONE && records.getByte(at(row)) != IDLE) {
            // What goes on behind it keeps its step.
            firstNs = Math.max(firstNs, cut(row, at(row), nowNs));
            end(row, nowNs);
        }
        if (row == LegTable.NONE || !order.wrap(command) || !recording.wrap(order.address(), order.lengthBytes())) {
            counters.increment(CoreCounters.PLAYOUTS_FAILED);
            claim(command.leg(), command.call(), command.reference(), nowNs).cause(PlayResult.FAILED);
            events.publish();
            return;
        }
        int at = at(row);
        records.putByte(at, AWAITING);
        records.putLong(at + REFERENCE, command.reference());
        records.putLong(at + ADDRESS, order.address());
        records.putLong(at + LENGTH, order.lengthBytes());
        records.putInt(at + POSITION, (int) Math.min(order.offsetSamples(), recording.samples()));
        records.putInt(at + PASSES, order.passes());
        records.putLong(at + TIME_NS, nowNs);
        active++;
        legs.flags(row, LegTable.PLAYING, 0);
        counters.increment(CoreCounters.PLAYOUTS);
        pace.start(PacedStep.PLAYOUT, row, firstNs);
    }

    /** Takes a command STOP_PLAY; one of what is over already means nothing. Control's ring has room. */
    void stop(int row, long reference, long nowNs) {
        int at = at(row);
        if (records.getByte(at) != IDLE && records.getLong(at + REFERENCE) == reference) {
            cut(row, at, nowNs);
            end(row, nowNs);
        }
    }

    /** The leg is over, or what is played to it: control is told, its ring has room. */
    void end(int row, long nowNs) {
        int at = at(row);
        byte state = records.getByte(at);
        if (state == IDLE) {
            return;
        }
        pace.stop(PacedStep.PLAYOUT, row);
        tell(row, at, state == OVER ? records.getByte(at + RESULT) : PlayResult.STOPPED, nowNs);
    }

    @Override
    public long onDue(int row, long dueNs, long nowNs) {
        int at = at(row);
        return switch (records.getByte(at)) {
            case AWAITING -> awaitMedia(row, at, dueNs, nowNs);
            case ON -> goOn(row, at, inTime(dueNs, nowNs), nowNs);
            case OVER -> over(row, at, records.getByte(at + RESULT), dueNs, nowNs);
            default -> NEVER;
        };
    }

    /**
     * @return the last time due: a core that was held up goes on with what it would have sent then, so that nothing is
     *     left out and nothing comes with a timestamp long past
     */
    private long inTime(long dueNs, long nowNs) {
        long missed = (nowNs - dueNs) / PACE_NS;
        if (missed > 0) {
            counters.add(CoreCounters.PACED_SKIPPED, missed);
        }
        return dueNs + missed * PACE_NS;
    }

    private long awaitMedia(int row, int at, long dueNs, long nowNs) {
        if (legs.has(row, LegTable.NEGOTIATED)) {
            records.putByte(at, ON);
            records.putLong(at + TIME_NS, 0);
            legs.stream(stream, row).sourceChanged();
            return goOn(row, at, dueNs, nowNs);
        }
        boolean isVain = dueNs - records.getLong(at + TIME_NS) > MOST_AWAITED_NS;
        return isVain ? over(row, at, PlayResult.FAILED, dueNs, nowNs) : dueNs + PACE_NS;
    }

    private long goOn(int row, int at, long dueNs, long nowNs) {
        if (!recording.wrap(records.getLong(at + ADDRESS), records.getLong(at + LENGTH))) {
            return over(row, at, PlayResult.FAILED, dueNs, nowNs);
        }
        if (isThrough(at)) {
            return over(row, at, PlayResult.COMPLETED, dueNs, nowNs);
        }
        if (!recording.has(legs.codec(row))) {
            return over(row, at, PlayResult.FAILED, dueNs, nowNs);
        }
        boolean isBroken = !isPaused(row) && !sendNext(row, at, dueNs);
        return isBroken ? over(row, at, PlayResult.FAILED, dueNs, nowNs) : dueNs + PACE_NS;
    }

    /** @return whether the last pass has been sent; begins the next one otherwise where this one is over. */
    private boolean isThrough(int at) {
        if (records.getInt(at + POSITION) < recording.samples()) {
            return false;
        }
        int passes = records.getInt(at + PASSES);
        if (passes == 1) {
            return true;
        }
        records.putInt(at + PASSES, passes == PlayFlyweight.FOR_EVER ? passes : passes - 1);
        records.putByte(at + AGAIN, (byte) 1);
        records.putInt(at + POSITION, 0);
        return false;
    }

    private boolean isPaused(int row) {
        return !legs.has(row, LegTable.MAY_SEND | LegTable.REACHABLE | LegTable.NEGOTIATED)
                || legs.has(row, LegTable.KEY_SOUNDS);
    }

    /** @return false when the recording has no such frame. */
    private boolean sendNext(int row, int at, long dueNs) {
        int buffer = transport.tryClaim();
        if (buffer < 0) {
            counters.increment(CoreCounters.PLAYOUT_STARVED);
            return true;
        }
        int offset = transport.offset(buffer);
        int length = copyNext(at, legs.codec(row), offset + HEAD);
        if (length < 0) {
            transport.release(buffer);
            return false;
        }
        boolean isMarked = records.getLong(at + TIME_NS) != dueNs;
        send(row, buffer, length, isMarked, dueNs);
        records.putLong(at + TIME_NS, dueNs + PACE_NS);
        return true;
    }

    private void send(int row, int buffer, int length, boolean isMarked, long dueNs) {
        int offset = transport.offset(buffer);
        legs.stream(stream, row);
        int timestamp = stream.nextTimestamp(dueNs);
        header.begin(memory, offset, HEAD + length)
                .payloadType(legs.payloadType(row))
                .marker(isMarked)
                .sequence(stream.insert(dueNs))
                .timestamp(timestamp)
                .ssrc(stream.ssrc());
        stream.covered(timestamp, stream.clockRate() / FRAMES_PER_S, dueNs);
        legs.reports(reports, row).onSent(length);
        sender.send(row, buffer, offset, HEAD + length);
        counters.increment(CoreCounters.PLAYOUT_PACKETS);
    }

    /** Copies what comes next and moves on. @return bytes of it, negative = there is no such frame */
    private int copyNext(int at, int codec, int to) {
        return RecordingFlyweight.isFixed(codec) ? copySamples(at, codec, to) : copyFrame(at, codec, to);
    }

    private int copyFrame(int at, int codec, int to) {
        int position = records.getInt(at + POSITION);
        boolean isAgain = records.getByte(at + AGAIN) != 0;
        int most = transport.payloadBytes() - HEAD;
        int length = recording.copyFrame(codec, isAgain, position / FRAME_SAMPLES, memory, to, most);
        int next = Math.min(recording.samples(), position / FRAME_SAMPLES * FRAME_SAMPLES + FRAME_SAMPLES);
        records.putInt(at + POSITION, next);
        records.putLong(at + SENT_SAMPLES, records.getLong(at + SENT_SAMPLES) + next - position);
        return length;
    }

    /** A frame may hold the end of one pass and the beginning of the next. */
    private int copySamples(int at, int codec, int to) {
        if (transport.payloadBytes() - HEAD < FRAME_SAMPLES) {
            return RecordingFlyweight.NO_FRAME;
        }
        int copied = 0;
        while (copied < FRAME_SAMPLES && !isThrough(at)) {
            int position = records.getInt(at + POSITION);
            boolean isAgain = records.getByte(at + AGAIN) != 0;
            int count = recording.copySamples(codec, isAgain, position, FRAME_SAMPLES - copied, memory, to + copied);
            records.putInt(at + POSITION, position + count);
            copied += count;
        }
        records.putLong(at + SENT_SAMPLES, records.getLong(at + SENT_SAMPLES) + copied);
        if (copied < FRAME_SAMPLES) {
            memory.setMemory(to + copied, FRAME_SAMPLES - copied, silenceOf(codec));
        }
        return FRAME_SAMPLES;
    }

    private static byte silenceOf(int codec) {
        return switch (codec) {
            case Codec.PCMU -> G711.MU_LAW_SILENCE;
            case Codec.PCMA -> G711.A_LAW_SILENCE;
            default -> G722_SILENCE;
        };
    }

    /**
     * Ends the sound of a recording that is stopped while it sounds.
     *
     * @return when what comes next may begin, ns; 0 = now
     */
    private long cut(int row, int at, long nowNs) {
        long nextNs = records.getByte(at) == ON ? records.getLong(at + TIME_NS) : 0;
        // A step late is still in the middle of it; later is not: it waits for something.
        if (nextNs == 0 || nowNs - nextNs > PACE_NS) {
            return 0;
        }
        int codec = legs.codec(row);
        long sent = records.getLong(at + SENT_SAMPLES);
        int position = records.getInt(at + POSITION);
        boolean isOn = Codec.isG711(codec)
                && !isPaused(row)
                && recording.wrap(records.getLong(at + ADDRESS), records.getLong(at + LENGTH))
                && recording.has(codec)
                && !isThrough(at);
        int buffer = isOn ? transport.tryClaim() : -1;
        if (buffer < 0) {
            return nextNs;
        }
        int to = transport.offset(buffer) + HEAD;
        copySamples(at, codec, to);
        // Nobody hears it for what it is: it does not count as played.
        records.putLong(at + SENT_SAMPLES, sent);
        records.putInt(at + POSITION, position);
        fade(codec, to);
        send(row, buffer, FRAME_SAMPLES, false, nextNs);
        return nextNs + PACE_NS;
    }

    private void fade(int codec, int to) {
        for (int i = 0; i < FRAME_SAMPLES; i++) {
            int code = memory.getByte(to + i);
            int rest = FRAME_SAMPLES - 1 - i;
            byte faded = codec == Codec.PCMU
                    ? G711.encodeMuLaw(G711.decodeMuLaw(code) * rest / FRAME_SAMPLES)
                    : G711.encodeALaw(G711.decodeALaw(code) * rest / FRAME_SAMPLES);
            memory.putByte(to + i, faded);
        }
    }

    private long over(int row, int at, int result, long dueNs, long nowNs) {
        legs.flags(row, 0, LegTable.PLAYING);
        if (events.free() == 0) {
            records.putByte(at, OVER);
            records.putByte(at + RESULT, (byte) result);
            return dueNs + PACE_NS;
        }
        tell(row, at, result, nowNs);
        return NEVER;
    }

    private void tell(int row, int at, int result, long nowNs) {
        if (result == PlayResult.FAILED) {
            counters.increment(CoreCounters.PLAYOUTS_FAILED);
        }
        claim(legs.handle(row), legs.call(row), records.getLong(at + REFERENCE), nowNs)
                .cause(result)
                .durationNs(records.getLong(at + SENT_SAMPLES) * RecordingFlyweight.SAMPLE_NS)
                .status(records.getInt(at + POSITION));
        events.publish();
        records.setMemory(at, RECORD_LENGTH, (byte) 0);
        legs.flags(row, 0, LegTable.PLAYING);
        active--;
    }

    private MessageFlyweight claim(long leg, long call, long reference, long nowNs) {
        return events.tryClaim(CoreEvent.PLAYED)
                .leg(leg)
                .call(call)
                .reference(reference)
                .timeNs(nowNs);
    }
}
