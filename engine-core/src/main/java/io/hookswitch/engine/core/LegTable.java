package io.hookswitch.engine.core;

import io.hookswitch.engine.message.LegHandle;
import io.hookswitch.engine.message.MediaFlyweight;
import io.hookswitch.rtp.RtcpLegReports;
import io.hookswitch.rtp.RtpReceiveStatistics;
import io.hookswitch.rtp.RtpStreamRewrite;
import io.hookswitch.rtp.TelephoneEventReceiver;
import org.agrona.BitUtil;
import org.agrona.BufferUtil;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * The legs of one core as columns off-heap, made at start. A row is a leg; one cache line of it is read for every
 * packet:
 *
 * <pre>
 *  0 int state (constants)     24 long expected source, bytes 0-7     48 byte codec (Codec)
 *  4 int generation            32 long expected source, bytes 8-15    49 byte payload type of the codec
 *  8 int peer row or -1        40 int  expected source port           50 byte payload type of telephone events, -1 =
 * none
 * 12 int RTP socket or -1      44 int  flags (constants)              51 byte gain, dB
 * 16 int RTCP socket or -1                                            52 int  telephone event clock rate, Hz
 * 20 int port pair or -1                                              56 int  codec clock rate, Hz     60 int 0
 * </pre>
 *
 * <p>Beside it control's numbers of call and branch (two longs), and a record each: stream rewrite toward this leg's
 * far end, receive statistics, telephone event, presses told, keys to send, recording played, tracks mixed in, RTCP
 * reports, the far end's media description, source learning. Core thread.
 */
final class LegTable {
    /** Row not in use. */
    static final int FREE = 0;
    /** Inbound, not answered. */
    static final int OFFERED = 1;
    /** Outbound, not answered. */
    static final int INVITING = 2;
    /** Answered in either direction. */
    static final int ANSWERED = 3;
    /** Over for control; the sip side settles the wire. */
    static final int ENDING = 4;

    /** Flag: the far end's description is known. */
    static final int HAS_MEDIA = 1;
    /** Flag: offer and answer are settled: one codec each way. */
    static final int NEGOTIATED = 2;
    /** Flag: the source is locked, its RTP socket is connected. */
    static final int LOCKED = 4;
    /** Flag: the far end wants to be sent to. */
    static final int MAY_SEND = 8;
    /** Flag: the far end says that it sends. */
    static final int MAY_RECEIVE = 16;
    /** Flag: the far end's description names an address and a port: there is a place to send to. */
    static final int REACHABLE = 32;
    /** Flag: a dialled leg whose INVITE is out: control knows its handle. */
    static final int INVITED = 64;

    /** Flag: a key of control's sounds toward the far end; what is forwarded there stays behind. */
    static final int KEY_SOUNDS = 256;
    /** Flag: this far end tells its keys by SIP INFO alone, whatever its description says. */
    static final int KEYS_BY_INFO = 2048;
    /** Flag: the press of this far end is made anew for the peer's; its packets stay behind. */
    static final int KEYS_MADE_ANEW = 512;

    /** Flag: the far end tells no keys but in its audio, which is listened to. */
    static final int KEYS_IN_BAND = 4096;
    /** Flag: a key is heard in the far end's audio; the tone stays behind. */
    static final int KEY_HEARD = 8192;
    /** Flag: the far end's audio is not for its peer to hear. */
    static final int MUTED = 1 << 16;
    /** Flag: the far end's audio is made louder or softer for its peer. */
    static final int GAINED = 1 << 17;
    /** Flag: what goes to the far end is transcoded ({@link Transcoders}). */
    static final int TRANSCODED = 1 << 18;
    /** Flag: tracks are mixed into what the far end hears ({@link TrackMixer}). */
    static final int DUBBED = 1 << 19;
    /** Flag: a recording is played to the far end; what is forwarded there stays behind. */
    static final int PLAYING = 16384;
    /** Flag: what the far end sends is copied for somebody who listens. */
    static final int TAPPED = 1 << 20;
    /** Flag: the far end is found by ICE ({@link IceStep}). */
    static final int ICE = 1 << 21;
    /** Flag: what goes to the far end and comes from it is SRTP. */
    static final int SECURE = 1024;

    /** No row. */
    static final int NONE = -1;

    private static final int HOT_LENGTH = 64;
    private static final int BRANCH_LENGTH = 2 * Long.BYTES;
    private static final int GENERATION_OFFSET = 4;
    private static final int PEER_OFFSET = 8;
    private static final int RTP_SOCKET_OFFSET = 12;
    private static final int RTCP_SOCKET_OFFSET = 16;
    private static final int PAIR_OFFSET = 20;
    private static final int SOURCE_HIGH_OFFSET = 24;
    private static final int SOURCE_LOW_OFFSET = 32;
    private static final int SOURCE_PORT_OFFSET = 40;
    private static final int FLAGS_OFFSET = 44;
    private static final int CODEC_OFFSET = 48;
    private static final int PAYLOAD_TYPE_OFFSET = 49;
    private static final int EVENT_TYPE_OFFSET = 50;
    private static final int GAIN_OFFSET = 51;
    private static final int EVENT_CLOCK_OFFSET = 52;
    private static final int CLOCK_OFFSET = 56;

    private final int core;
    private final int rows;
    private final UnsafeBuffer hot;
    private final UnsafeBuffer streams;
    private final UnsafeBuffer statistics;
    private final UnsafeBuffer events;
    private final UnsafeBuffer presses;
    private final UnsafeBuffer keys;
    private final UnsafeBuffer playouts;
    private final UnsafeBuffer tracks;
    private final UnsafeBuffer reports;
    private final UnsafeBuffer media;
    private final UnsafeBuffer learning;
    private final UnsafeBuffer branches;
    private final int[] freeRows;
    private int freeCount;

    LegTable(int core, int rows) {
        this.core = core;
        this.rows = rows;
        hot = records(rows, HOT_LENGTH);
        streams = records(rows, RtpStreamRewrite.RECORD_LENGTH);
        statistics = records(rows, RtpReceiveStatistics.RECORD_LENGTH);
        events = records(rows, TelephoneEventReceiver.RECORD_LENGTH);
        presses = records(rows, DigitDeduplicator.RECORD_LENGTH);
        keys = records(rows, DigitSender.RECORD_LENGTH);
        playouts = records(rows, Player.RECORD_LENGTH);
        tracks = records(rows, TrackMixer.TRACKS * TrackMixer.RECORD_LENGTH);
        reports = records(rows, RtcpLegReports.RECORD_LENGTH);
        media = records(rows, MediaFlyweight.LENGTH);
        learning = records(rows, SourceLatch.RECORD_LENGTH);
        branches = records(rows, BRANCH_LENGTH);
        freeRows = new int[rows];
        // Lowest row first, so that a small load stays in few pages.
        for (int row = rows - 1; row >= 0; row--) {
            hot.putInt(at(row) + GENERATION_OFFSET, 1);
            hot.putInt(at(row) + PEER_OFFSET, NONE);
            freeRows[freeCount++] = row;
        }
    }

    private static UnsafeBuffer records(int rows, int length) {
        // Aligned, so that a record of a cache line's length is in one line and not in two.
        return new UnsafeBuffer(
                BufferUtil.allocateDirectAligned(Math.multiplyExact(rows, length), BitUtil.CACHE_LINE_LENGTH));
    }

    /** Bytes of off-heap memory that one leg takes, all records together. */
    static int bytesPerLeg() {
        return HOT_LENGTH
                + RtpStreamRewrite.RECORD_LENGTH
                + RtpReceiveStatistics.RECORD_LENGTH
                + TelephoneEventReceiver.RECORD_LENGTH
                + DigitDeduplicator.RECORD_LENGTH
                + DigitSender.RECORD_LENGTH
                + Player.RECORD_LENGTH
                + TrackMixer.TRACKS * TrackMixer.RECORD_LENGTH
                + RtcpLegReports.RECORD_LENGTH
                + MediaFlyweight.LENGTH
                + SourceLatch.RECORD_LENGTH
                + BRANCH_LENGTH;
    }

    private static int at(int row) {
        return row * HOT_LENGTH;
    }

    /** @return rows not free. */
    int inUse() {
        return rows - freeCount;
    }

    /** Takes a row. @return it, cleared, or {@link #NONE}. */
    int allocate(int state) {
        if (freeCount == 0) {
            return NONE;
        }
        int row = freeRows[--freeCount];
        int at = at(row);
        int generation = hot.getInt(at + GENERATION_OFFSET);
        hot.setMemory(at, HOT_LENGTH, (byte) 0);
        hot.putInt(at, state);
        hot.putInt(at + GENERATION_OFFSET, generation);
        hot.putInt(at + PEER_OFFSET, NONE);
        hot.putInt(at + RTP_SOCKET_OFFSET, NONE);
        hot.putInt(at + RTCP_SOCKET_OFFSET, NONE);
        hot.putInt(at + PAIR_OFFSET, NONE);
        hot.putByte(at + EVENT_TYPE_OFFSET, (byte) -1);
        statistics.setMemory(row * RtpReceiveStatistics.RECORD_LENGTH, RtpReceiveStatistics.RECORD_LENGTH, (byte) 0);
        events.setMemory(row * TelephoneEventReceiver.RECORD_LENGTH, TelephoneEventReceiver.RECORD_LENGTH, (byte) 0);
        presses.setMemory(row * DigitDeduplicator.RECORD_LENGTH, DigitDeduplicator.RECORD_LENGTH, (byte) 0);
        keys.setMemory(row * DigitSender.RECORD_LENGTH, DigitSender.RECORD_LENGTH, (byte) 0);
        playouts.setMemory(row * Player.RECORD_LENGTH, Player.RECORD_LENGTH, (byte) 0);
        int tracksLength = TrackMixer.TRACKS * TrackMixer.RECORD_LENGTH;
        tracks.setMemory(row * tracksLength, tracksLength, (byte) 0);
        reports.setMemory(row * RtcpLegReports.RECORD_LENGTH, RtcpLegReports.RECORD_LENGTH, (byte) 0);
        media.setMemory(row * MediaFlyweight.LENGTH, MediaFlyweight.LENGTH, (byte) 0);
        learning.setMemory(row * SourceLatch.RECORD_LENGTH, SourceLatch.RECORD_LENGTH, (byte) 0);
        branch(row, 0, 0);
        return row;
    }

    /** Gives a row back: every handle to it is stale from now on. */
    void free(int row) {
        int at = at(row);
        hot.putInt(at, FREE);
        // Seen by others before anything that the row's next leg writes: LegFigures relies on it.
        hot.putIntVolatile(at + GENERATION_OFFSET, LegHandle.nextGeneration(hot.getInt(at + GENERATION_OFFSET)));
        freeRows[freeCount++] = row;
    }

    /** @return the handle of a row now. */
    long handle(int row) {
        return LegHandle.of(core, hot.getInt(at(row) + GENERATION_OFFSET), row);
    }

    /** @return the row that a handle names, or {@link #NONE} when it is stale or not ours. */
    int row(long handle) {
        int row = LegHandle.row(handle);
        if (handle <= 0 || row < 0 || row >= rows || LegHandle.core(handle) != core) {
            return NONE;
        }
        int at = at(row);
        boolean isCurrent =
                hot.getInt(at) != FREE && hot.getIntVolatile(at + GENERATION_OFFSET) == LegHandle.generation(handle);
        return isCurrent ? row : NONE;
    }

    int state(int row) {
        return hot.getInt(at(row));
    }

    void state(int row, int state) {
        hot.putInt(at(row), state);
    }

    /** @return the row that this one is joined to, or {@link #NONE}. */
    int peer(int row) {
        return hot.getInt(at(row) + PEER_OFFSET);
    }

    void peer(int row, int peer) {
        hot.putInt(at(row) + PEER_OFFSET, peer);
    }

    int rtpSocket(int row) {
        return hot.getInt(at(row) + RTP_SOCKET_OFFSET);
    }

    int rtcpSocket(int row) {
        return hot.getInt(at(row) + RTCP_SOCKET_OFFSET);
    }

    int pair(int row) {
        return hot.getInt(at(row) + PAIR_OFFSET);
    }

    void ports(int row, int pair, int rtpSocket, int rtcpSocket) {
        int at = at(row);
        hot.putInt(at + PAIR_OFFSET, pair);
        hot.putInt(at + RTP_SOCKET_OFFSET, rtpSocket);
        hot.putInt(at + RTCP_SOCKET_OFFSET, rtcpSocket);
    }

    long sourceHigh(int row) {
        return hot.getLong(at(row) + SOURCE_HIGH_OFFSET);
    }

    long sourceLow(int row) {
        return hot.getLong(at(row) + SOURCE_LOW_OFFSET);
    }

    int sourcePort(int row) {
        return hot.getInt(at(row) + SOURCE_PORT_OFFSET);
    }

    /** Sets the only address that packets are taken from, and sent to. */
    void source(int row, long high, long low, int port) {
        int at = at(row);
        hot.putLong(at + SOURCE_HIGH_OFFSET, high);
        hot.putLong(at + SOURCE_LOW_OFFSET, low);
        hot.putInt(at + SOURCE_PORT_OFFSET, port);
    }

    boolean isSource(int row, long high, long low, int port) {
        int at = at(row);
        return hot.getLong(at + SOURCE_LOW_OFFSET) == low
                && hot.getInt(at + SOURCE_PORT_OFFSET) == port
                && hot.getLong(at + SOURCE_HIGH_OFFSET) == high;
    }

    boolean has(int row, int flags) {
        return (hot.getInt(at(row) + FLAGS_OFFSET) & flags) == flags;
    }

    void flags(int row, int set, int cleared) {
        int at = at(row) + FLAGS_OFFSET;
        hot.putInt(at, hot.getInt(at) & ~cleared | set);
    }

    int codec(int row) {
        return hot.getByte(at(row) + CODEC_OFFSET);
    }

    int payloadType(int row) {
        return hot.getByte(at(row) + PAYLOAD_TYPE_OFFSET);
    }

    int clockRate(int row) {
        return hot.getInt(at(row) + CLOCK_OFFSET);
    }

    void codec(int row, int codec, int payloadType, int clockRate) {
        int at = at(row);
        hot.putByte(at + CODEC_OFFSET, (byte) codec);
        hot.putByte(at + PAYLOAD_TYPE_OFFSET, (byte) payloadType);
        hot.putInt(at + CLOCK_OFFSET, clockRate);
    }

    int eventPayloadType(int row) {
        return hot.getByte(at(row) + EVENT_TYPE_OFFSET);
    }

    /** How much louder the far end's audio is made, dB. */
    int gain(int row) {
        return hot.getByte(at(row) + GAIN_OFFSET);
    }

    void gain(int row, int db) {
        hot.putByte(at(row) + GAIN_OFFSET, (byte) db);
    }

    int eventClockRate(int row) {
        return hot.getInt(at(row) + EVENT_CLOCK_OFFSET);
    }

    void telephoneEvent(int row, int payloadType, int clockRate) {
        int at = at(row);
        hot.putByte(at + EVENT_TYPE_OFFSET, (byte) payloadType);
        hot.putInt(at + EVENT_CLOCK_OFFSET, clockRate);
    }

    RtpStreamRewrite stream(RtpStreamRewrite view, int row) {
        return view.wrap(streams, row * RtpStreamRewrite.RECORD_LENGTH);
    }

    RtpReceiveStatistics statistics(RtpReceiveStatistics view, int row) {
        return view.wrap(statistics, row * RtpReceiveStatistics.RECORD_LENGTH);
    }

    TelephoneEventReceiver events(TelephoneEventReceiver view, int row) {
        return view.wrap(events, row * TelephoneEventReceiver.RECORD_LENGTH);
    }

    DigitDeduplicator presses(DigitDeduplicator view, int row) {
        return view.wrap(presses, row * DigitDeduplicator.RECORD_LENGTH);
    }

    /** Keys on their way to far ends, records of DigitSender. */
    UnsafeBuffer keys() {
        return keys;
    }

    /** What is played to far ends, records of Player. */
    UnsafeBuffer playouts() {
        return playouts;
    }

    UnsafeBuffer tracks() {
        return tracks;
    }

    RtcpLegReports reports(RtcpLegReports view, int row) {
        return view.wrap(reports, row * RtcpLegReports.RECORD_LENGTH);
    }

    /** The far end's media description. */
    MediaFlyweight media(MediaFlyweight view, int row) {
        return view.wrap(media, row * MediaFlyweight.LENGTH);
    }

    /** @return control's number of the call that a dialled leg belongs to, 0 for an inbound leg. */
    long call(int row) {
        return branches.getLong(row * BRANCH_LENGTH);
    }

    /** @return control's number of the branch, 0 for an inbound leg. */
    long reference(int row) {
        return branches.getLong(row * BRANCH_LENGTH + Long.BYTES);
    }

    void branch(int row, long call, long reference) {
        branches.putLong(row * BRANCH_LENGTH, call);
        branches.putLong(row * BRANCH_LENGTH + Long.BYTES, reference);
    }

    UnsafeBuffer learning() {
        return learning;
    }
}
