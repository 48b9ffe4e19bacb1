package io.hookswitch.rtp.codec;

import io.hookswitch.rtp.G711;
import org.agrona.MutableDirectBuffer;

/** G.711 of one law: a byte a sample of 8 kHz, no memory. Any thread. */
public final class G711Encoder implements AudioEncoder {
    /** mu-law, PCMU. */
    public static final G711Encoder MU_LAW = new G711Encoder(true);
    /** A-law, PCMA. */
    public static final G711Encoder A_LAW = new G711Encoder(false);

    /** Linear audio has 16 bits, mu-law tells 14 of them apart, A-law 13: both tables are looked up by 14. */
    private static final int SHIFT = 2;

    private static final byte[] MU_LAW_CODES = new byte[1 << Short.SIZE - SHIFT];
    private static final byte[] A_LAW_CODES = new byte[1 << Short.SIZE - SHIFT];

    static {
        for (int i = 0; i < MU_LAW_CODES.length; i++) {
            MU_LAW_CODES[i] = G711.encodeMuLaw((short) (i << SHIFT));
            A_LAW_CODES[i] = G711.encodeALaw((short) (i << SHIFT));
        }
    }

    private final boolean isMuLaw;

    private G711Encoder(boolean isMuLaw) {
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
    public int encode(short[] samples, int from, int count, MutableDirectBuffer to, int toOffset, int most) {
        if (count > most) {
            return FAILED;
        }
        byte[] codes = isMuLaw ? MU_LAW_CODES : A_LAW_CODES;
        for (int i = 0; i < count; i++) {
            to.putByte(toOffset + i, codes[(samples[from + i] & 0xFFFF) >> SHIFT]);
        }
        return count;
    }
}
