package io.hookswitch.rtp.codec;

import io.github.jaredmdobson.concentus.OpusApplication;
import io.github.jaredmdobson.concentus.OpusException;
import io.github.jaredmdobson.concentus.OpusSignal;
import org.agrona.MutableDirectBuffer;

/** By Concentus, where there is no libopus: it allocates with every packet. */
final class ConcentusEncoder extends OpusEncoder {
    private final byte[] payload = new byte[1275];
    private io.github.jaredmdobson.concentus.OpusEncoder encoder;

    @Override
    public void reset() {
        try {
            encoder = new io.github.jaredmdobson.concentus.OpusEncoder(
                    sampleRate(), 1, OpusApplication.OPUS_APPLICATION_VOIP);
        } catch (OpusException e) {
            throw new AssertionError("the codec has this rate", e);
        }
        encoder.setBitrate(BITRATE);
        encoder.setComplexity(COMPLEXITY);
        encoder.setSignalType(OpusSignal.OPUS_SIGNAL_VOICE);
    }

    @Override
    public int encode(short[] samples, int from, int count, MutableDirectBuffer to, int toOffset, int most) {
        if (encoder == null || !hasFrame(count) || most <= 0) {
            return FAILED;
        }
        try {
            int bytes = encoder.encode(samples, from, count, payload, 0, Math.min(most, payload.length));
            if (bytes <= 0) {
                return FAILED;
            }
            to.putBytes(toOffset, payload, 0, bytes);
            return bytes;
        } catch (OpusException e) {
            // Audio that the codec cannot hold in so few bytes.
            return FAILED;
        }
    }
}
