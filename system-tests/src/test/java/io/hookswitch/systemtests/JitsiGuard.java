package io.hookswitch.systemtests;

import io.hookswitch.systemtests.farend.MediaGuard;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import org.jitsi.srtp.SrtpContextFactory;
import org.jitsi.srtp.SrtpCryptoContext;
import org.jitsi.srtp.SrtpErrorStatus;
import org.jitsi.srtp.SrtpPolicy;
import org.jitsi.utils.ByteArrayBuffer;
import org.jitsi.utils.logging2.LoggerImpl;

/** SRTP of a far end by another implementation than ours, which can also be made to send what it should not. */
final class JitsiGuard implements MediaGuard {
    private static final int KEY_LENGTH = 16;
    private static final int MASTER_LENGTH = 30;
    private static final String INLINE = "inline:";

    private final String suite;
    private final int tagLength;
    private final byte[] master = new byte[MASTER_LENGTH];
    private byte[] theirs = new byte[0];
    private SrtpCryptoContext sends;
    private SrtpCryptoContext receives;
    private byte[] last = new byte[0];
    private int toAlter;
    private int toRepeat;
    private int refused;
    private int keysReceived;

    /** @param tagLength 10 or 4 bytes */
    JitsiGuard(int tagLength) {
        this.tagLength = tagLength;
        suite = tagLength == 10 ? "AES_CM_128_HMAC_SHA1_80" : "AES_CM_128_HMAC_SHA1_32";
        rekey();
    }

    /** Makes a new key, which the next offer tells and all packets from now on have. */
    synchronized void rekey() {
        new SecureRandom().nextBytes(master);
        sends = null;
    }

    /** Alters a bit of each of the next packets. */
    synchronized void alter(int packets) {
        toAlter = packets;
    }

    /** Sends the last packet again in place of each of the next ones. */
    synchronized void repeat(int packets) {
        toRepeat = packets;
    }

    /** @return packets received that it did not believe. */
    synchronized int refused() {
        return refused;
    }

    /** @return different keys that the other side has given. */
    synchronized int keysReceived() {
        return keysReceived;
    }

    @Override
    public synchronized String offered() {
        return "1 " + suite + ' ' + INLINE + Base64.getEncoder().encodeToString(master) + "|2^31";
    }

    @Override
    public synchronized void onAnswer(String crypto) {
        String[] words = crypto.split(" ");
        if (words.length < 3 || !words[0].equals("1") || !words[1].equals(suite)) {
            throw new AssertionError("not an answer to " + suite + ": " + words.length + " words");
        }
        byte[] key = Base64.getDecoder().decode(words[2].substring(INLINE.length()));
        if (!Arrays.equals(key, theirs)) {
            theirs = key;
            receives = null;
            keysReceived++;
        }
    }

    @Override
    public synchronized int protect(byte[] packet, int length) {
        if (toRepeat > 0 && last.length > 0) {
            toRepeat--;
            System.arraycopy(last, 0, packet, 0, last.length);
            return last.length;
        }
        try {
            if (sends == null) {
                sends = factory(true, master).deriveContext(ssrc(packet), 0);
            }
            Bytes bytes = new Bytes(packet, length);
            if (sends.transformPacket(bytes) != SrtpErrorStatus.OK) {
                throw new AssertionError("cannot be protected");
            }
            last = Arrays.copyOf(packet, bytes.getLength());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
        if (toAlter > 0) {
            toAlter--;
            packet[20] ^= 1;
        }
        return last.length;
    }

    @Override
    public synchronized int unprotect(byte[] packet, int length) {
        if (theirs.length == 0) {
            return -1;
        }
        try {
            if (receives == null) {
                receives = factory(false, theirs).deriveContext(ssrc(packet), 0);
            }
            Bytes bytes = new Bytes(packet, length);
            if (receives.reverseTransformPacket(bytes, false) == SrtpErrorStatus.OK) {
                return bytes.getLength();
            }
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
        refused++;
        return -1;
    }

    private SrtpContextFactory factory(boolean isSender, byte[] key) {
        int aes = SrtpPolicy.AESCM_ENCRYPTION;
        int hmac = SrtpPolicy.HMACSHA1_AUTHENTICATION;
        return new SrtpContextFactory(
                isSender,
                Arrays.copyOf(key, KEY_LENGTH),
                Arrays.copyOfRange(key, KEY_LENGTH, MASTER_LENGTH),
                new SrtpPolicy(aes, KEY_LENGTH, hmac, 20, tagLength, 14),
                new SrtpPolicy(aes, KEY_LENGTH, hmac, 20, 10, 14),
                new LoggerImpl("far-end"));
    }

    private static int ssrc(byte[] packet) {
        return packet[8] << 24 | (packet[9] & 0xFF) << 16 | (packet[10] & 0xFF) << 8 | packet[11] & 0xFF;
    }

    /** A packet as the other implementation wants it. */
    private static final class Bytes implements ByteArrayBuffer {
        private final byte[] buffer;
        private int length;

        private Bytes(byte[] buffer, int length) {
            this.buffer = buffer;
            this.length = length;
        }

        @Override
        public byte[] getBuffer() {
            return buffer;
        }

        @Override
        public int getOffset() {
            return 0;
        }

        @Override
        public int getLength() {
            return length;
        }

        @Override
        public void setLength(int newLength) {
            length = newLength;
        }

        @Override
        public void setOffset(int newOffset) {
            throw new UnsupportedOperationException("a packet begins at 0");
        }

        @Override
        public boolean isInvalid() {
            return false;
        }

        @Override
        public void readRegionToBuff(int from, int count, byte[] target) {
            System.arraycopy(buffer, from, target, 0, count);
        }

        @Override
        public void grow(int more) {
            // There is room enough.
        }

        @Override
        public void append(byte[] more, int count) {
            System.arraycopy(more, 0, buffer, length, count);
            length += count;
        }

        @Override
        public void shrink(int less) {
            length -= less;
        }
    }
}
