package io.hookswitch.engine.core;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.agrona.concurrent.AtomicBuffer;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * What a core has and what it has done, as longs off-heap. The core is the only writer (ordered writes); any thread may
 * read a
 * value at any time, it may be a moment old.
 */
public final class CoreCounters {
    /** Legs in use now, ending ones included. */
    public static final int LEGS = 0;
    /** Bridges now. */
    public static final int BRIDGES = 1;
    /** Call timers armed now. */
    public static final int TIMERS = 2;
    /** Port pairs in use now. */
    public static final int PORTS = 3;
    /** Calls offered by the sip side since start. */
    public static final int OFFERED = 4;
    /** Legs dialled since start. */
    public static final int DIALLED = 5;
    /** Offers refused because rows, ports or control's ring were used up. */
    public static final int OFFERS_REFUSED = 6;
    /** Dials refused because rows or ports were used up. */
    public static final int DIALS_REFUSED = 7;
    /** RTP packets of known legs received. */
    public static final int RTP_RECEIVED = 8;
    /** RTP packets forwarded to a peer's far end. */
    public static final int RTP_FORWARDED = 9;
    /** Packets on a port that no leg owns. */
    public static final int DROPPED_NO_LEG = 10;
    /** Packets that are neither RTP nor RTCP. */
    public static final int DROPPED_NOT_RTP = 11;
    /** Packets from an address that was not negotiated. */
    public static final int DROPPED_SOURCE = 12;
    /** Duplicates. */
    public static final int DROPPED_DUPLICATE = 13;
    /** Packets of a leg that is not joined, or whose peer has no media yet. */
    public static final int DROPPED_NOT_JOINED = 14;
    /** Packets towards a far end that asked not to be sent any, or from one that said it sends none. */
    public static final int DROPPED_HELD = 15;
    /** Packets of a payload type that the other far end did not negotiate. */
    public static final int DROPPED_UNMAPPED = 16;
    /** Stragglers from before a switch of the source. */
    public static final int DROPPED_LATE = 17;
    /** RTCP packets received. */
    public static final int RTCP_RECEIVED = 18;
    /** RTCP packets sent. */
    public static final int RTCP_SENT = 19;
    /** RTCP packets that are not valid. */
    public static final int RTCP_INVALID = 20;
    /** Keys pressed. */
    public static final int DIGITS = 21;
    /** Key presses that control's ring had no room for. */
    public static final int DIGITS_LOST = 22;
    /** Commands that named a leg which is gone, or not fit for it. */
    public static final int COMMANDS_REFUSED = 23;
    /** Messages that make no sense in the leg's state. */
    public static final int BAD_STEPS = 24;
    /** Steps that failed unexpectedly: a bug of ours, one leg ended each. */
    public static final int FAILED_STEPS = 25;
    /** Timers expired. */
    public static final int TIMERS_EXPIRED = 26;
    /** Sources locked after learning (far end behind a NAT). */
    public static final int SOURCES_LEARNT = 27;
    /** Packets that stayed behind because telephone events or recordings of ours took their place. */
    public static final int WITHHELD = 28;
    /** Keys sent to far ends as telephone events of our own. */
    public static final int DIGITS_SENT = 29;
    /** Telephone-event packets of our own. */
    public static final int EVENTS_SENT = 30;
    /** Presses that could not go on to the peer's far end: too many keys were waiting there. */
    public static final int DIGITS_NOT_SENT = 31;
    /** Packets of a steady stream left out because the core was held up. */
    public static final int PACED_SKIPPED = 32;
    /** SRTP and SRTCP packets whose tag is wrong. */
    public static final int SRTP_NOT_AUTHENTIC = 33;
    /** SRTP and SRTCP packets that came before, or too late to tell; our own whose number was used already. */
    public static final int SRTP_REPLAYED = 34;
    /** Packets too short to be SRTP or SRTCP, or too long to be protected. */
    public static final int SRTP_BAD_LENGTH = 35;
    /** Recordings begun to be played. */
    public static final int PLAYOUTS = 36;
    /** Recordings that could not be played, or not on. */
    public static final int PLAYOUTS_FAILED = 37;
    /** Packets of recordings sent. */
    public static final int PLAYOUT_PACKETS = 38;
    /** Times that a recording had to wait for want of a free buffer. */
    public static final int PLAYOUT_STARVED = 39;
    /** Packets copied for taps. */
    public static final int TAPPED = 40;
    /** Packets that were not copied for taps: their ring was full. */
    public static final int TAPS_DROPPED = 41;
    /** Transcoders in use: one for each direction of a bridge whose codecs differ by more than the law of G.711. */
    public static final int TRANSCODERS = 42;
    /** Bridges that could not be made, or carry no audio: no transcoder was free, or there is none for the codecs. */
    public static final int NOT_TRANSCODED = 43;
    /** Packets forwarded in another codec. */
    public static final int TRANSCODED = 44;
    /** Packets made up in place of missing ones, where they are transcoded. */
    public static final int CONCEALED = 45;
    /** Packets whose payload is none of their codec, or too long to be transcoded. */
    public static final int DROPPED_UNDECODABLE = 46;
    /** Answered legs that were ended because their far end had fallen silent. */
    public static final int MEDIA_TIMEOUTS = 47;
    /** ICE checks answered. */
    public static final int STUN_ANSWERED = 48;
    /** STUN messages that are no check, or do not know the password. */
    public static final int STUN_REFUSED = 49;
    /** DTLS datagrams, of either direction, for which there was no room. */
    public static final int DTLS_DROPPED = 50;
    /** Legs that got their keys from a DTLS handshake. */
    public static final int DTLS_KEYED = 51;
    /** Legs that were ended because their far end did not shake hands as it should. */
    public static final int DTLS_FAILED = 52;
    /** Packets of either direction of a leg whose keys are still to come. */
    public static final int SRTP_NOT_KEYED = 53;
    /** How many counters there are. */
    public static final int COUNT = 54;

    private static final String[] NAMES = {
        "legs",
        "bridges",
        "timers",
        "ports",
        "offered",
        "dialled",
        "offers_refused",
        "dials_refused",
        "rtp_received",
        "rtp_forwarded",
        "dropped_no_leg",
        "dropped_not_rtp",
        "dropped_source",
        "dropped_duplicate",
        "dropped_not_joined",
        "dropped_held",
        "dropped_unmapped",
        "dropped_late",
        "rtcp_received",
        "rtcp_sent",
        "rtcp_invalid",
        "digits",
        "digits_lost",
        "commands_refused",
        "bad_steps",
        "failed_steps",
        "timers_expired",
        "sources_learnt",
        "withheld",
        "digits_sent",
        "events_sent",
        "digits_not_sent",
        "paced_skipped",
        "srtp_not_authentic",
        "srtp_replayed",
        "srtp_bad_length",
        "playouts",
        "playouts_failed",
        "playout_packets",
        "playout_starved",
        "tapped",
        "taps_dropped",
        "transcoders",
        "not_transcoded",
        "transcoded",
        "concealed",
        "dropped_undecodable",
        "media_timeouts",
        "stun_answered",
        "stun_refused",
        "dtls_dropped",
        "dtls_keyed",
        "dtls_failed",
        "srtp_not_keyed"
    };

    private final AtomicBuffer values =
            new UnsafeBuffer(ByteBuffer.allocateDirect(COUNT * Long.BYTES).order(ByteOrder.nativeOrder()));

    /** @return a counter's name, lower case with underscores. */
    public static String name(int counter) {
        return NAMES[counter];
    }

    /**
     * @return whether a counter is a present number (LEGS, BRIDGES, TIMERS, PORTS, TRANSCODERS) and not a sum since
     * start.
     */
    public static boolean isGauge(int counter) {
        return counter <= PORTS || counter == TRANSCODERS;
    }

    /** @return a counter's value. Any thread. */
    public long value(int counter) {
        return values.getLongVolatile(counter * Long.BYTES);
    }

    /** Copies all counters, one after the other. Any thread. @param into of at least {@link #COUNT} places */
    public void snapshot(long[] into) {
        for (int counter = 0; counter < COUNT; counter++) {
            into[counter] = value(counter);
        }
    }

    void increment(int counter) {
        add(counter, 1);
    }

    void add(int counter, long amount) {
        int at = counter * Long.BYTES;
        values.putLongOrdered(at, values.getLong(at) + amount);
    }

    void set(int counter, long value) {
        values.putLongOrdered(counter * Long.BYTES, value);
    }

    void reset() {
        for (int counter = 0; counter < COUNT; counter++) {
            set(counter, 0);
        }
    }
}
