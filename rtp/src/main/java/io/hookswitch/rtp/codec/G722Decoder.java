package io.hookswitch.rtp.codec;

import org.agrona.DirectBuffer;

/** The other way of {@link G722Encoder}: two samples of 16 kHz for each byte. One stream, one thread at the time. */
public final class G722Decoder implements AudioDecoder {
    private final G722Filter filter = new G722Filter();
    private final G722Band lower = new G722Band(true);
    private final G722Band higher = new G722Band(false);

    @Override
    public int sampleRate() {
        return 16_000;
    }

    @Override
    public void reset() {
        filter.reset();
        lower.reset();
        higher.reset();
    }

    @Override
    public int decode(DirectBuffer from, int fromOffset, int length, short[] to, int toOffset) {
        if (length << 1 > to.length - toOffset) {
            return FAILED;
        }
        for (int i = 0; i < length; i++) {
            int code = from.getByte(fromOffset + i) & 0xFF;
            int low = lower(code & 63);
            int high = higher(code >> 6);
            filter.push(low + high, low - high);
            int at = toOffset + (i << 1);
            to[at] = (short) G722Band.saturated(filter.secondSum() >> 11);
            to[at + 1] = (short) G722Band.saturated(filter.firstSum() >> 11);
        }
        return length << 1;
    }

    private int lower(int code) {
        int sample = Math.clamp(lower.prediction() + lower.scaled(G722Tables.LOWER_OUTPUTS_6[code]), -16_384, 16_383);
        int known = code >> 2;
        lower.onDifference(lower.scaled(G722Tables.LOWER_OUTPUTS_4[known]), G722Tables.LOWER_LOG_STEPS[known]);
        return sample;
    }

    private int higher(int code) {
        int difference = higher.scaled(G722Tables.HIGHER_OUTPUTS[code]);
        int sample = Math.clamp(higher.prediction() + difference, -16_384, 16_383);
        higher.onDifference(difference, G722Tables.HIGHER_LOG_STEPS[code]);
        return sample;
    }

    @Override
    public int conceal(short[] to, int toOffset, int count) {
        return FAILED;
    }
}
