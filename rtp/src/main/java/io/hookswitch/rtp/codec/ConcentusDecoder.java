package io.hookswitch.rtp.codec;

import io.github.jaredmdobson.concentus.OpusException;
import org.agrona.DirectBuffer;

/** By Concentus, where there is no libopus: it allocates with every packet. */
final class ConcentusDecoder extends OpusDecoder {
    private final byte[] payload = new byte[MOST_BYTES];
    private io.github.jaredmdobson.concentus.OpusDecoder decoder;

    @Override
    public void reset() {
        try {
            decoder = new io.github.jaredmdobson.concentus.OpusDecoder(sampleRate(), 1);
        } catch (OpusException e) {
            throw new AssertionError("the codec has this rate", e);
        }
    }

    @Override
    public int decode(DirectBuffer from, int fromOffset, int length, short[] to, int toOffset) {
        if (decoder == null || length <= 0 || length > MOST_BYTES) {
            return FAILED;
        }
        from.getBytes(fromOffset, payload, 0, length);
        return decode(length, to, toOffset, Math.min(mostSamples(), to.length - toOffset));
    }

    @Override
    public int conceal(short[] to, int toOffset, int count) {
        if (decoder == null || count > Math.min(mostSamples(), to.length - toOffset)) {
            return FAILED;
        }
        return decode(0, to, toOffset, count);
    }

    private int decode(int length, short[] to, int toOffset, int most) {
        try {
            int samples = decoder.decode(length == 0 ? null : payload, 0, length, to, toOffset, most, false);
            return samples > 0 ? samples : FAILED;
        } catch (OpusException | RuntimeException e) {
            // What a far end sent is no Opus; the library says so in either way.
            return FAILED;
        }
    }
}
