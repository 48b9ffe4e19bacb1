package io.hookswitch.sip.ua;

import io.hookswitch.rtp.srtp.SrtpSuite;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Unique tokens that nobody can guess: tags, Call-IDs, branches, client nonces. One seed gives one sequence. */
final class Ids {
    private static final String MAC = "HmacSHA256";
    private static final int TOKEN_BYTES = 12;

    private final Mac mac;
    private final byte[] key;
    private final RandomGenerator keys;
    private long count;

    /** @param keys makes the keys of media: they are guessed from no seed */
    Ids(long seed, RandomGenerator keys) {
        this.keys = keys;
        key = ByteBuffer.allocate(Long.BYTES).putLong(seed).array();
        try {
            mac = Mac.getInstance(MAC);
            mac.init(new SecretKeySpec(key, MAC));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK has no " + MAC, e);
        }
    }

    /** @return 24 characters 0-9a-f, another one at each call. */
    String next() {
        return HexFormat.of().formatHex(Arrays.copyOf(bytes(), TOKEN_BYTES));
    }

    /** @return a positive number for the o= line of a session description, below 2^62 as far ends can read it. */
    long nextSessionId() {
        return ByteBuffer.wrap(bytes()).getLong() >>> 2 | 1;
    }

    /** @return a master key and salt for SRTP. */
    byte[] nextMasterKey() {
        byte[] master = new byte[SrtpSuite.MASTER_LENGTH];
        keys.nextBytes(master);
        return master;
    }

    /** @return 32 bytes. */
    byte[] bytes() {
        return mac.doFinal(ByteBuffer.allocate(Long.BYTES).putLong(++count).array());
    }
}
