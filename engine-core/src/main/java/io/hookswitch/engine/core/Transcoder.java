package io.hookswitch.engine.core;

import io.hookswitch.engine.message.Codec;
import io.hookswitch.rtp.RtpHeaderFlyweight;
import io.hookswitch.rtp.SequenceMath;
import io.hookswitch.rtp.codec.AudioDecoder;
import io.hookswitch.rtp.codec.AudioEncoder;
import io.hookswitch.rtp.codec.Concealment;
import io.hookswitch.rtp.codec.G711Decoder;
import io.hookswitch.rtp.codec.G711Encoder;
import io.hookswitch.rtp.codec.G722Decoder;
import io.hookswitch.rtp.codec.G722Encoder;
import io.hookswitch.rtp.codec.OpusDecoder;
import io.hookswitch.rtp.codec.OpusEncoder;
import io.hookswitch.rtp.codec.RateConverter;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * One direction of a bridge whose legs have different codecs: what it remembers of codecs, of audio before a loss, and
 * of the source's numbers. Each packet becomes one packet, whatever time it holds. There is no jitter buffer: packets
 * are decoded as they come, one that comes behind a later one is dropped, and a gap is filled when the packet behind it
 * comes. Made at start, used again and again. Core thread.
 */
final class Transcoder {
    /** Samples of the longest packet, 60 ms of 16 kHz. */
    static final int MOST_SAMPLES = 960;
    /** Length of an array that audio is worked on in. */
    static final int WORK_LENGTH = RateConverter.HISTORY + MOST_SAMPLES;

    private static final int AT = RateConverter.HISTORY;
    /** Longest gap that is filled, ms: behind it there would be silence. */
    private static final int MOST_CONCEALED_MS = 60;

    private static final int MOST_GAP = 6;
    /** A step of the sequence this wide is another stream. */
    private static final int MOST_STEP = 3000;
    /** Beyond this many ticks the origin of the timestamps is moved up. */
    private static final int MOST_TICKS = 1 << 26;

    private static final int WIDE = 16_000;
    private static final int FRAMES_PER_S = 50;

    private final short[] decoded;
    private final short[] converted;
    private final G722Encoder g722Encoder = new G722Encoder();
    private final G722Decoder g722Decoder = new G722Decoder();
    private final OpusEncoder opusEncoder = OpusEncoder.create();
    private final OpusDecoder opusDecoder = OpusDecoder.create();
    private final RateConverter rates = new RateConverter();
    private final RateConverter trackRates = new RateConverter();
    private final Concealment concealment = new Concealment();

    private AudioDecoder decoder = G711Decoder.MU_LAW;
    private AudioEncoder encoder = G711Encoder.MU_LAW;
    /** What is mixed in, null = nothing; into what the far end of this row hears. */
    private TrackMixer tracks;

    private int trackRow;
    private int from;
    private int to;
    private int inClock;
    private int outClock;

    private boolean hasSource;
    private int ssrc;
    private int lastSequence;
    private int inOrigin;
    private int outOrigin;

    /** Of the last packet of audio: its timestamp at the outgoing clock, and its samples as decoded. */
    private int lastTimestamp;

    private int lastSamples;
    private int lastAudioSequence;

    /** @param decoded, converted where all transcoders of a core work, {@link #WORK_LENGTH} each */
    Transcoder(short[] decoded, short[] converted) {
        this.decoded = decoded;
        this.converted = converted;
    }

    /** @return whether there are both codecs here, and a way between them. */
    static boolean isPossible(int from, int to) {
        return isHere(from) && isHere(to);
    }

    private static boolean isHere(int codec) {
        return codec == Codec.PCMU || codec == Codec.PCMA || codec == Codec.G722 || codec == Codec.OPUS;
    }

    /** Begins a direction; what was before is forgotten. Clocks are those of the RTP timestamps. */
    void begin(int fromCodec, int toCodec, int fromClock, int toClock) {
        from = fromCodec;
        to = toCodec;
        inClock = fromClock;
        outClock = toClock;
        decoder = decoderOf(fromCodec);
        encoder = encoderOf(toCodec);
        // Opus takes and gives the other's rate: nothing is converted.
        if (decoder == opusDecoder) {
            opusDecoder.begin(rateBeside(toCodec));
        }
        if (encoder == opusEncoder) {
            opusEncoder.begin(rateBeside(fromCodec));
        }
        encoder.reset();
        hasSource = false;
        forget();
    }

    private static int rateBeside(int codec) {
        return Codec.isG711(codec) ? WIDE / 2 : WIDE;
    }

    private AudioDecoder decoderOf(int codec) {
        return switch (codec) {
            case Codec.PCMU -> G711Decoder.MU_LAW;
            case Codec.PCMA -> G711Decoder.A_LAW;
            case Codec.OPUS -> opusDecoder;
            default -> g722Decoder;
        };
    }

    private AudioEncoder encoderOf(int codec) {
        return switch (codec) {
            case Codec.PCMU -> G711Encoder.MU_LAW;
            case Codec.PCMA -> G711Encoder.A_LAW;
            case Codec.OPUS -> opusEncoder;
            default -> g722Encoder;
        };
    }

    /** What the far end sends begins anew: what it sent before has nothing to do with it. */
    private void forget() {
        decoder.reset();
        rates.reset();
        concealment.reset(decoder.sampleRate());
        lastSamples = 0;
    }

    /** Has a leg's tracks mixed in from now on. @param mixer null = none are */
    void mixes(TrackMixer mixer, int row) {
        if (tracks == null) {
            trackRates.reset();
        }
        tracks = mixer;
        trackRow = row;
    }

    /** Makes the payload of 20 ms in which nobody says anything: what is mixed in alone. @return as {@link #conceal} */
    int silence(UnsafeBuffer bytes, int offset, int most) {
        int count = decoder.sampleRate() / FRAMES_PER_S;
        Arrays.fill(decoded, AT, AT + count, (short) 0);
        return encode(count, bytes, offset, most, 0);
    }

    boolean isOf(int fromCodec, int toCodec) {
        return from == fromCodec && to == toCodec;
    }

    /**
     * Takes note of any packet of the source, audio or not, and gives it a timestamp of the outgoing clock.
     *
     * @return false when it comes too late to be decoded
     */
    boolean onPacket(RtpHeaderFlyweight packet, boolean isAudio) {
        int sequence = packet.sequence();
        int ahead = SequenceMath.distance(lastSequence, sequence);
        if (!hasSource || packet.ssrc() != ssrc || Math.abs(ahead) > MOST_STEP) {
            if (hasSource) {
                forget();
            }
            hasSource = true;
            ssrc = packet.ssrc();
            inOrigin = packet.timestamp();
            outOrigin = packet.timestamp();
        } else if (ahead <= 0) {
            return false;
        }
        lastSequence = sequence;
        if (!isAudio) {
            // Its number is none of audio's: nothing is missing because of it.
            lastSamples = 0;
        }
        if (inClock != outClock) {
            packet.timestamp(timestamp(packet.timestamp()));
        }
        return true;
    }

    private int timestamp(int in) {
        int passed = in - inOrigin;
        int out = outOrigin + (int) ((long) passed * outClock / inClock);
        if (Math.abs(passed) > MOST_TICKS) {
            // Whole seconds: nothing is rounded.
            int whole = passed / inClock;
            inOrigin += whole * inClock;
            outOrigin += whole * outClock;
        }
        return out;
    }

    /**
     * @param packet of audio that has just come
     * @return packets that are missing right before it and are to be made up, 0 = none
     */
    int missing(RtpHeaderFlyweight packet) {
        int gap = SequenceMath.distance(lastAudioSequence, packet.sequence()) - 1;
        if (lastSamples == 0 || gap <= 0 || gap > MOST_GAP || gap * lastMs() > MOST_CONCEALED_MS) {
            return 0;
        }
        // Silence that was not sent, or keys in between, are no loss of audio.
        return packet.timestamp() - lastTimestamp == (gap + 1) * ticks() ? gap : 0;
    }

    private int lastMs() {
        return lastSamples * 1000 / decoder.sampleRate();
    }

    private int ticks() {
        return (int) ((long) lastSamples * outClock / decoder.sampleRate());
    }

    /** Number of the packet to be made up next. */
    int missingSequence() {
        return SequenceMath.next(lastAudioSequence);
    }

    /** Its timestamp, outgoing clock. */
    int missingTimestamp() {
        return lastTimestamp + ticks();
    }

    /**
     * Makes up the payload of a packet that never came.
     *
     * @param db louder by so much; {@link Loudness#MUTE} = silent
     * @return bytes of it, or negative: there is none
     */
    int conceal(UnsafeBuffer bytes, int offset, int most, int db) {
        int count = lastSamples;
        if (decoder.conceal(decoded, AT, count) != count) {
            concealment.conceal(decoded, AT, count);
        }
        lastAudioSequence = missingSequence();
        lastTimestamp = missingTimestamp();
        return encode(count, bytes, offset, most, db);
    }

    /**
     * Makes the payload of a packet one of the other codec, in place.
     *
     * @param header of the packet, its timestamp still the one that {@link #onPacket} gave it
     * @param sequence, timestamp of the packet before its stream was rewritten
     * @param most bytes that there is room for
     * @return bytes of the new payload, or negative: the packet is of no use
     */
    int transcode(RtpHeaderFlyweight header, int sequence, int timestamp, UnsafeBuffer bytes, int most, int db) {
        int offset = header.payloadOffset();
        int count = decoder.decode(bytes, offset, header.payloadLength(), decoded, AT);
        if (count <= 0) {
            return AudioDecoder.FAILED;
        }
        concealment.onAudio(decoded, AT, count);
        lastAudioSequence = sequence;
        lastTimestamp = timestamp;
        lastSamples = count;
        return encode(count, bytes, offset, most, db);
    }

    private int encode(int samples, UnsafeBuffer bytes, int offset, int most, int db) {
        Loudness.apply(decoded, AT, samples, db);
        int rateIn = decoder.sampleRate();
        int rateOut = encoder.sampleRate();
        short[] heard = rateIn == rateOut ? decoded : converted;
        int count = samples;
        if (rateIn != rateOut && rateOut == WIDE) {
            if (samples * 2 > MOST_SAMPLES) {
                return AudioEncoder.FAILED;
            }
            rates.doubled(decoded, AT, samples, converted, AT);
            count = samples * 2;
        } else if (rateIn != rateOut) {
            rates.halved(decoded, AT, samples, converted, AT);
            count = samples >> 1;
        }
        if (tracks != null) {
            tracks.mix(trackRow, heard, AT, count, rateOut == WIDE ? trackRates : null);
        }
        return encoder.encode(heard, AT, count, bytes, offset, most);
    }
}
