package io.hookswitch.rtp.codec;

import io.hookswitch.rtp.G711;
import org.agrona.DirectBuffer;

/** G.711 of one law: a byte a sample of 8 kHz, no memory. Any thread. */
public final class G711Decoder implements AudioDecoder {
    /** mu-law, PCMU. */
    public static final G711Decoder MU_LAW = new G711Decoder(true);
    /** A-law, PCMA. */
    public static final G711Decoder A_LAW = new G711Decoder(false);

    private final boolean isMuLaw;

    private G711Decoder(boolean isMuLaw) {
        this.isMuLaw = isMuLaw;
    }

    @Override
    public int sampleRate() {
        return 8000;
    }

    @Override
    public void reset() {
        // Nothing is remembered.
    }

    @Override
    public int decode(DirectBuffer from, int fromOffset, int length, short[] to, int toOffset) {
        if (length > to.length - toOffset) {
            return FAILED;
        }
        for (int i = 0; i < length; i++) {
            int code = from.getByte(fromOffset + i);
            to[toOffset + i] = isMuLaw ? G711.decodeMuLaw(code) : G711.decodeALaw(code);
        }
        return length;
    }

    @Override
    public int conceal(short[] to, int toOffset, int count) {
        return FAILED;
    }
}
