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
import io.hookswitch.rtp.codec.RateConverter;
import java.util.Arrays;
import java.util.function.IntConsumer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Recordings mixed into what a far end hears of its peer: two tracks a leg, each with a gain of its own. They move on
 * with the audio that is forwarded to that far end, sample by sample; while the peer sends none they go out alone, a
 * frame every 20 ms. While a recording of {@link Player}'s or a key of ours sounds there, or the far end does not want
 * to be sent to, they wait where they are. One that is stopped fades out within 20 ms.
 *
 * <p>Where the far end hears G.711 its packets are mixed in place; with any other codec a {@link Transcoder} serves the
 * leg as long as a track is on, also beside a peer of the same codec.
 *
 * <pre>
 *  0 byte state (constants)          16 long address of the recording
 *  1 byte result, once it is over    24 long bytes of the recording
 *  2 short gain, dB                  32 long samples heard
 *  4 int  next sample                40 int  passes to go, this one included; 0 = for ever
 *  8 long control's reference        44 int  samples left of the fade
 * </pre>
 *
 * <p>{@link #TRACKS} records a leg, all zero = idle. The end of each is told to control exactly once. Core thread.
 */
final class TrackMixer implements PacedSource {
    /** Tracks of a leg. */
    static final int TRACKS = 2;
    /** Bytes of a track's record. */
    static final int RECORD_LENGTH = 48;

    private static final int RESULT = 1;
    private static final int GAIN = 2;
    private static final int POSITION = 4;
    private static final int REFERENCE = 8;
    private static final int ADDRESS = 16;
    private static final int LENGTH = 24;
    private static final int HEARD = 32;
    private static final int PASSES = 40;
    private static final int FADE = 44;

    private static final byte IDLE = 0;
    private static final byte ON = 1;
    private static final byte FADING = 2;
    /** Over, but control has not been told. */
    private static final byte OVER = 3;

    private static final long PACE_NS = PacedStep.PACE_NS;
    /** Behind this time without audio of the peer the tracks go out alone: longer than 60 ms and their jitter. */
    private static final long ALONE_NS = 100_000_000L;

    private static final int FRAME = RecordingFlyweight.FRAME_SAMPLES;
    private static final int FRAMES_PER_S = 50;
    private static final int HEAD = RtpHeaderFlyweight.FIXED_LENGTH;
    private static final int AT = RateConverter.HISTORY;
    /** Bytes at the end of a buffer that belong to SRTP. */
    private static final int TRAILER = 16;

    private final LegTable legs;
    private final RtpTransport transport;
    private final UnsafeBuffer memory;
    private final RtpSender sender;
    private final PacedStep pace;
    private final CoreCounters counters;
    private final SlotRing events;
    private final UnsafeBuffer records;
    /** Columns, row = leg: when audio was last sent with tracks in it, and whether they have gone alone since. */
    private final long[] mixedNs;

    private final boolean[] isAlone;

    /** Where the core adds its tracks up. */
    private final short[] sum = new short[Transcoder.WORK_LENGTH];

    private final short[] wide = new short[Transcoder.WORK_LENGTH];
    private final UnsafeBuffer piece = new UnsafeBuffer(new byte[Transcoder.MOST_SAMPLES]);
    private final PlayFlyweight order = new PlayFlyweight();
    private final RecordingFlyweight recording = new RecordingFlyweight();
    private final RtpHeaderFlyweight header = new RtpHeaderFlyweight();
    private final RtpStreamRewrite stream = new RtpStreamRewrite();
    private final RtcpLegReports reports = new RtcpLegReports();
    private Transcoders transcoders;
    private IntConsumer changed;
    private int active;

    TrackMixer(CoreState core, RtpSender sender, PacedStep pace) {
        legs = core.legs();
        transport = core.transport();
        memory = transport.memory();
        counters = core.counters();
        events = core.rings().events();
        records = legs.tracks();
        mixedNs = new long[core.settings().legs()];
        isAlone = new boolean[core.settings().legs()];
        this.sender = sender;
        this.pace = pace;
        pace.source(PacedStep.TRACKS, this);
    }

    /**
     * Says who encodes for legs that hear another codec than G.711, and who is told that a leg has its first track, or
     * none any more. Start-up.
     */
    void serves(Transcoders all, IntConsumer onChanged) {
        transcoders = all;
        changed = onChanged;
    }

    private static int at(int row, int track) {
        return (row * TRACKS + track) * RECORD_LENGTH;
    }

    /** @return tracks that control has not been told the end of: each may need a place in its ring at any time. */
    int active() {
        return active;
    }

    /** @return whether a command PLAY is for a track. */
    boolean isTrack(MessageFlyweight command) {
        return order.wrap(command) && order.track() != PlayFlyweight.IN_PLACE;
    }

    /** Takes a command PLAY of a track; control's ring has room for two. @param row {@link LegTable#NONE} = none */
    void play(int row, MessageFlyweight command, long nowNs) {
        int track = order.wrap(command) ? order.track() - 1 : TRACKS;
        boolean isFit = row != LegTable.NONE
                && track >= 0
                && track < TRACKS
                && Loudness.isGain(order.gainDb())
                && recording.wrap(order.address(), order.lengthBytes())
                && recording.has(Codec.PCMU);
        if (isFit && records.getByte(at(row, track)) != IDLE) {
            tell(row, at(row, track), PlayResult.STOPPED, nowNs);
        }
        if (!isFit || !isServed(row, nowNs)) {
            counters.increment(CoreCounters.PLAYOUTS_FAILED);
            claim(command.leg(), command.call(), command.reference(), nowNs).cause(PlayResult.FAILED);
            events.publish();
            return;
        }
        int at = at(row, track);
        records.putByte(at, ON);
        records.putShort(at + GAIN, (short) order.gainDb());
        records.putInt(at + POSITION, (int) Math.min(order.offsetSamples(), recording.samples()));
        records.putLong(at + REFERENCE, command.reference());
        records.putLong(at + ADDRESS, order.address());
        records.putLong(at + LENGTH, order.lengthBytes());
        records.putInt(at + PASSES, order.passes());
        active++;
        counters.increment(CoreCounters.PLAYOUTS);
        pace.start(PacedStep.TRACKS, row, nowNs + PacedStep.TICK_NS);
    }

    /** @return whether the leg can hear a track; it is one with tracks from now on. */
    private boolean isServed(int row, long nowNs) {
        if (!legs.has(row, LegTable.DUBBED)) {
            legs.flags(row, LegTable.DUBBED, 0);
            mixedNs[row] = nowNs;
            isAlone[row] = false;
            changed.accept(row);
        }
        boolean isSettled = legs.has(row, LegTable.NEGOTIATED) && legs.peer(row) != LegTable.NONE;
        if (isSettled && !Codec.isG711(legs.codec(row)) && !transcoders.has(row)) {
            release(row);
            return false;
        }
        return true;
    }

    /** Takes a command STOP_PLAY; one of what is over already means nothing. */
    void stop(int row, long reference) {
        for (int track = 0; track < TRACKS; track++) {
            int at = at(row, track);
            if (records.getByte(at) == ON && records.getLong(at + REFERENCE) == reference) {
                records.putByte(at, FADING);
                records.putInt(at + FADE, FRAME);
            }
        }
    }

    /** The leg is over: control is told, its ring has room for all of them. */
    void end(int row, long nowNs) {
        if (!legs.has(row, LegTable.DUBBED)) {
            return;
        }
        pace.stop(PacedStep.TRACKS, row);
        for (int track = 0; track < TRACKS; track++) {
            int at = at(row, track);
            if (records.getByte(at) != IDLE) {
                tell(row, at, resultOf(at), nowNs);
            }
        }
        legs.flags(row, 0, LegTable.DUBBED);
    }

    private int resultOf(int at) {
        return records.getByte(at) == OVER ? records.getByte(at + RESULT) : PlayResult.STOPPED;
    }

    /** Mixes what comes next of a leg's tracks into a payload of G.711 on its way to the far end, in place. */
    void mix(int row, int offset, int length, int codec, long nowNs) {
        onForwarded(row, nowNs);
        int count = Math.min(length, Transcoder.MOST_SAMPLES);
        if (!next(row, count)) {
            return;
        }
        for (int i = 0; i < count; i++) {
            int code = memory.getByte(offset + i);
            memory.putByte(
                    offset + i,
                    codec == Codec.PCMU
                            ? G711.encodeMuLaw(clamped(G711.decodeMuLaw(code) + sum[AT + i]))
                            : G711.encodeALaw(clamped(G711.decodeALaw(code) + sum[AT + i])));
        }
    }

    /** Audio of the peer goes out to the far end now. */
    void onForwarded(int row, long nowNs) {
        mixedNs[row] = nowNs;
        isAlone[row] = false;
    }

    /**
     * Mixes what comes next of a leg's tracks into samples.
     *
     * @param doubling makes 16 kHz of the tracks' 8 kHz for this leg; null = the samples are of 8 kHz
     */
    void mix(int row, short[] samples, int from, int count, RateConverter doubling) {
        int narrow = doubling == null ? count : count >> 1;
        if (!next(row, narrow)) {
            return;
        }
        short[] more = sum;
        if (doubling != null) {
            doubling.doubled(sum, AT, narrow, wide, AT);
            more = wide;
        }
        for (int i = 0; i < count; i++) {
            samples[from + i] = (short) clamped(samples[from + i] + more[AT + i]);
        }
    }

    private static int clamped(int sample) {
        return Math.clamp(sample, Short.MIN_VALUE, Short.MAX_VALUE);
    }

    /** Adds up so many samples of the leg's tracks. @return whether there are any */
    private boolean next(int row, int count) {
        boolean isAny = false;
        for (int track = 0; track < TRACKS; track++) {
            int at = at(row, track);
            byte state = records.getByte(at);
            if (state == ON || state == FADING) {
                if (!isAny) {
                    Arrays.fill(sum, AT, AT + count, (short) 0);
                    isAny = true;
                }
                add(at, count);
            }
        }
        return isAny;
    }

    private void add(int at, int count) {
        if (!recording.wrap(records.getLong(at + ADDRESS), records.getLong(at + LENGTH))) {
            over(at, PlayResult.FAILED);
            return;
        }
        int wanted = records.getByte(at) == FADING ? Math.min(count, records.getInt(at + FADE)) : count;
        int done = 0;
        while (done < wanted && !isThrough(at)) {
            int position = records.getInt(at + POSITION);
            int copied = recording.copySamples(Codec.PCMU, false, position, wanted - done, piece, 0);
            add(at, done, copied);
            records.putInt(at + POSITION, position + copied);
            done += copied;
        }
        records.putLong(at + HEARD, records.getLong(at + HEARD) + done);
        if (records.getByte(at) == FADING && records.getInt(at + FADE) == 0) {
            over(at, PlayResult.STOPPED);
        } else if (done < wanted) {
            over(at, PlayResult.COMPLETED);
        }
    }

    private void add(int at, int done, int copied) {
        int factor = Loudness.factor(records.getShort(at + GAIN));
        boolean isFading = records.getByte(at) == FADING;
        int fade = records.getInt(at + FADE);
        for (int i = 0; i < copied; i++) {
            int sample = Loudness.scaled(G711.decodeMuLaw(piece.getByte(i)), factor);
            int place = AT + done + i;
            sum[place] = (short) clamped(sum[place] + (isFading ? sample * --fade / FRAME : sample));
        }
        records.putInt(at + FADE, isFading ? fade : 0);
    }

    /** @return whether the last pass has been heard; begins the next one otherwise where this one is over. */
    private boolean isThrough(int at) {
        if (records.getInt(at + POSITION) < recording.samples()) {
            return false;
        }
        int passes = records.getInt(at + PASSES);
        if (passes == 1) {
            return true;
        }
        records.putInt(at + PASSES, passes == PlayFlyweight.FOR_EVER ? passes : passes - 1);
        records.putInt(at + POSITION, 0);
        return false;
    }

    private void over(int at, int result) {
        records.putByte(at, OVER);
        records.putByte(at + RESULT, (byte) result);
    }

    /** Tells what is over, and sends the tracks alone when nothing else is sent. */
    @Override
    public long onDue(int row, long dueNs, long nowNs) {
        boolean isOn = false;
        for (int track = 0; track < TRACKS; track++) {
            int at = at(row, track);
            if (records.getByte(at) == OVER && events.free() > 0) {
                tell(row, at, records.getByte(at + RESULT), nowNs);
            }
            isOn |= records.getByte(at) != IDLE;
        }
        if (!isOn) {
            release(row);
            return NEVER;
        }
        if (nowNs - mixedNs[row] > ALONE_NS && !(maySound(row) && isSentAlone(row, dueNs))) {
            dropFading(row);
        }
        return dueNs + PACE_NS;
    }

    /** What was stopped and is not heard has nothing to fade. */
    private void dropFading(int row) {
        for (int track = 0; track < TRACKS; track++) {
            if (records.getByte(at(row, track)) == FADING) {
                over(at(row, track), PlayResult.STOPPED);
            }
        }
    }

    private void release(int row) {
        legs.flags(row, 0, LegTable.DUBBED);
        changed.accept(row);
    }

    private boolean maySound(int row) {
        return legs.has(row, LegTable.MAY_SEND | LegTable.REACHABLE | LegTable.NEGOTIATED)
                && !legs.has(row, LegTable.KEY_SOUNDS)
                && !legs.has(row, LegTable.PLAYING);
    }

    private boolean isSentAlone(int row, long dueNs) {
        int codec = legs.codec(row);
        Transcoder transcoder = Codec.isG711(codec) ? null : transcoders.of(row);
        int buffer = Codec.isG711(codec) || transcoder != null ? transport.tryClaim() : -1;
        if (buffer < 0) {
            return false;
        }
        int payload = transport.offset(buffer) + HEAD;
        int most = transport.payloadBytes() - HEAD - TRAILER;
        int length = transcoder == null ? alone(row, payload, codec) : transcoder.silence(memory, payload, most);
        if (length <= 0) {
            transport.release(buffer);
            return false;
        }
        send(row, buffer, length, dueNs);
        return true;
    }

    private int alone(int row, int payload, int codec) {
        if (!next(row, FRAME)) {
            return 0;
        }
        for (int i = 0; i < FRAME; i++) {
            memory.putByte(
                    payload + i, codec == Codec.PCMU ? G711.encodeMuLaw(sum[AT + i]) : G711.encodeALaw(sum[AT + i]));
        }
        return FRAME;
    }

    private void send(int row, int buffer, int length, long dueNs) {
        legs.stream(stream, row);
        boolean isFirst = !isAlone[row];
        if (isFirst) {
            isAlone[row] = true;
            // The peer's next packet goes on behind ours, wherever its own timestamps are by then.
            stream.sourceChanged();
        }
        int offset = transport.offset(buffer);
        int timestamp = stream.nextTimestamp(dueNs);
        header.begin(memory, offset, HEAD + length)
                .payloadType(legs.payloadType(row))
                .marker(isFirst)
                .sequence(stream.insert(dueNs))
                .timestamp(timestamp)
                .ssrc(stream.ssrc());
        stream.covered(timestamp, stream.clockRate() / FRAMES_PER_S, dueNs);
        legs.reports(reports, row).onSent(length);
        sender.send(row, buffer, offset, HEAD + length);
        counters.increment(CoreCounters.PLAYOUT_PACKETS);
    }

    private void tell(int row, int at, int result, long nowNs) {
        if (result == PlayResult.FAILED) {
            counters.increment(CoreCounters.PLAYOUTS_FAILED);
        }
        claim(legs.handle(row), legs.call(row), records.getLong(at + REFERENCE), nowNs)
                .cause(result)
                .durationNs(records.getLong(at + HEARD) * RecordingFlyweight.SAMPLE_NS)
                .status(records.getInt(at + POSITION));
        events.publish();
        records.setMemory(at, RECORD_LENGTH, (byte) 0);
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
