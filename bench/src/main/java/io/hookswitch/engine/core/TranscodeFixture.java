package io.hookswitch.engine.core;

import io.hookswitch.engine.message.Codec;
import io.hookswitch.rtp.RtpHeaderFlyweight;
import io.hookswitch.rtp.codec.AudioEncoder;
import io.hookswitch.rtp.codec.G711Encoder;
import io.hookswitch.rtp.codec.G722Encoder;
import io.hookswitch.rtp.codec.OpusEncoder;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;

/** One direction of a call whose legs have different codecs: packets of 20 ms that sound, one after the other. */
public final class TranscodeFixture {
    private static final int HEADER = RtpHeaderFlyweight.FIXED_LENGTH;
    private static final int PACKETS = 100;
    private static final int ROOM = 1500;
    private static final int MS = 20;

    private final UnsafeBuffer memory = new UnsafeBuffer(ByteBuffer.allocateDirect(HEADER + ROOM));
    private final RtpHeaderFlyweight header = new RtpHeaderFlyweight();
    private final Transcoder transcoder =
            new Transcoder(new short[Transcoder.WORK_LENGTH], new short[Transcoder.WORK_LENGTH]);
    private final byte[][] payloads;
    private final int ticks;
    private int sequence;

    /** Begins it; codecs are those of {@link Codec}. */
    public TranscodeFixture(int from, int to) {
        payloads = payloads(from);
        ticks = clock(from) / 1000 * MS;
        transcoder.begin(from, to, clock(from), clock(to));
    }

    private static int clock(int codec) {
        return codec == Codec.OPUS ? 48_000 : 8_000;
    }

    private static AudioEncoder encoder(int codec) {
        return switch (codec) {
            case Codec.PCMU -> G711Encoder.MU_LAW;
            case Codec.PCMA -> G711Encoder.A_LAW;
            case Codec.G722 -> new G722Encoder();
            default -> {
                OpusEncoder opus = OpusEncoder.create();
                opus.begin(16_000);
                yield opus;
            }
        };
    }

    /** Syllables of a voice's kind: harmonics of 120 Hz that come and go, in a little noise. */
    private static byte[][] payloads(int codec) {
        AudioEncoder encoder = encoder(codec);
        SplittableRandom random = new SplittableRandom(20);
        int count = encoder.sampleRate() / 1000 * MS;
        short[] audio = new short[count];
        UnsafeBuffer room = new UnsafeBuffer(new byte[ROOM]);
        byte[][] made = new byte[PACKETS][];
        for (int packet = 0; packet < PACKETS; packet++) {
            for (int i = 0; i < count; i++) {
                double seconds = (double) (packet * count + i) / encoder.sampleRate();
                double voice = 0;
                for (int harmonic = 1; harmonic < 20; harmonic++) {
                    voice += Math.sin(2 * Math.PI * 120 * harmonic * seconds) / harmonic;
                }
                double loudness = Math.max(0, Math.sin(2 * Math.PI * 4 * seconds));
                audio[i] = (short) (4000 * loudness * voice + random.nextInt(-50, 50));
            }
            made[packet] = Arrays.copyOf(room.byteArray(), encoder.encode(audio, 0, count, room, 0, ROOM));
        }
        return made;
    }

    /** Transcodes the next packet. @return bytes of its new payload */
    public int next() {
        byte[] payload = payloads[sequence % PACKETS];
        memory.putBytes(HEADER, payload);
        header.begin(memory, 0, HEADER + payload.length)
                .sequence(sequence & 0xFFFF)
                .timestamp(sequence * ticks)
                .ssrc(7);
        sequence++;
        if (!transcoder.onPacket(header, true)) {
            throw new IllegalStateException("packet " + sequence + " is taken for a late one");
        }
        int length = transcoder.transcode(header, header.sequence(), header.timestamp(), memory, ROOM, 0);
        if (length <= 0) {
            throw new IllegalStateException("packet " + sequence + " could not be transcoded");
        }
        return length;
    }
}
