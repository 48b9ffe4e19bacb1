package io.hookswitch.server.audio;

import java.io.ByteArrayInputStream;
import java.util.Arrays;
import javazoom.jl.decoder.Bitstream;
import javazoom.jl.decoder.BitstreamException;
import javazoom.jl.decoder.Decoder;
import javazoom.jl.decoder.DecoderException;
import javazoom.jl.decoder.Header;
import javazoom.jl.decoder.JavaLayerException;
import javazoom.jl.decoder.SampleBuffer;

/**
 * Reads an MP3 file. A damaged frame is silence; a file of which most frames are damaged is refused. The samples that
 * encoder and decoder add are cut off where the file says how many there are, so that it can be played round and round.
 * One thread.
 */
final class Mp3Source implements PcmSource {
    private static final float FULL_SCALE = 32_768f;

    static {
        warmUp();
    }

    private final Mp3Frames frames;
    private final DecodeLimits limits;
    private final Bitstream stream;
    private final Decoder decoder = new Decoder();
    private int taken;
    private int damaged;
    private long skip;
    private long left;

    /** @param file whose bytes are overwritten */
    Mp3Source(byte[] file, DecodeLimits limits) throws AudioException {
        this.limits = limits;
        frames = Mp3Frames.of(file, limits);
        stream = new Bitstream(new ByteArrayInputStream(file, 0, frames.length()));
        skip = frames.skip();
        left = frames.most();
    }

    /**
     * The decoder fills tables that all share when it is first used, and guards them by nothing: that is done here, by
     * one thread, with a frame of silence (MPEG-1, 128 kbit/s, 44.1 kHz, joint stereo).
     */
    private static void warmUp() {
        byte[] frames = new byte[2 * 417];
        for (int at = 0; at < frames.length; at += 417) {
            frames[at] = (byte) 0xFF;
            frames[at + 1] = (byte) 0xFB;
            frames[at + 2] = (byte) 0x90;
            frames[at + 3] = 0x40;
        }
        try {
            Bitstream silence = new Bitstream(new ByteArrayInputStream(frames));
            new Decoder().decodeFrame(silence.readFrame(), silence);
        } catch (JavaLayerException e) {
            throw new IllegalStateException("a frame of silence", e);
        }
    }

    @Override
    public int sampleRate() {
        return frames.sampleRate();
    }

    @Override
    public int read(float[] into) throws AudioException {
        limits.step();
        if (taken > frames.count() || left == 0) {
            return end();
        }
        taken++;
        int count = frame(into);
        int cut = (int) Math.min(skip, count);
        skip -= cut;
        count = (int) Math.min(count - cut, left);
        System.arraycopy(into, cut, into, 0, count);
        left -= left == Long.MAX_VALUE ? 0 : count;
        return count;
    }

    private int end() throws AudioException {
        if (damaged * 2 > frames.count()) {
            throw new AudioException("MP3: " + damaged + " of " + frames.count() + " frames are damaged");
        }
        return -1;
    }

    /** @return samples of the next frame, silence when it is damaged. */
    private int frame(float[] into) {
        if (taken > frames.count()) {
            // What the decoder holds back comes out with one more, empty, frame.
            Arrays.fill(into, 0, frames.samplesPerFrame(), 0);
            return left == Long.MAX_VALUE ? 0 : frames.samplesPerFrame();
        }
        try {
            Header header = stream.readFrame();
            if (header != null) {
                SampleBuffer decoded = (SampleBuffer) decoder.decodeFrame(header, stream);
                stream.closeFrame();
                return mixed(decoded, into);
            }
        } catch (BitstreamException | DecoderException | RuntimeException e) {
            // The decoder's tables are indexed by what the frame says: hostile frames end here, and the next is tried.
            stream.closeFrame();
        }
        damaged++;
        Arrays.fill(into, 0, frames.samplesPerFrame(), 0);
        return frames.samplesPerFrame();
    }

    private int mixed(SampleBuffer decoded, float[] into) {
        short[] samples = decoded.getBuffer();
        int channels = decoded.getChannelCount();
        int count = Math.min(decoded.getBufferLength() / channels, frames.samplesPerFrame());
        for (int i = 0; i < count; i++) {
            int sum = 0;
            for (int channel = 0; channel < channels; channel++) {
                sum += samples[i * channels + channel];
            }
            into[i] = sum / (FULL_SCALE * channels);
        }
        return count;
    }
}
