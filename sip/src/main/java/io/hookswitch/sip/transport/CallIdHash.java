package io.hookswitch.sip.transport;

/** Which sip thread a call lives on: FNV-1a over the bytes of its Call-ID, the same for bytes and for text. */
public final class CallIdHash {
    static final int SEED = 0x811C9DC5;
    private static final int PRIME = 0x01000193;

    private CallIdHash() {}

    static int step(int hash, byte b) {
        return (hash ^ (b & 0xFF)) * PRIME;
    }

    /** @return the hash of a Call-ID of our own, which is ASCII. */
    public static int of(CharSequence callId) {
        int hash = SEED;
        for (int i = 0; i < callId.length(); i++) {
            hash = step(hash, (byte) callId.charAt(i));
        }
        return hash;
    }

    /** @return 0..shards-1. */
    public static int shard(int hash, int shards) {
        // The low bits of FNV are its weakest: fold the high ones in.
        return Integer.remainderUnsigned(hash ^ (hash >>> 16), shards);
    }
}
