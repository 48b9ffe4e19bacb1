package io.hookswitch.rtp.srtp;

import static io.hookswitch.rtp.srtp.SrtpTransform.BAD_LENGTH;
import static io.hookswitch.rtp.srtp.SrtpTransform.NOT_AUTHENTIC;
import static io.hookswitch.rtp.srtp.SrtpTransform.REPLAYED;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.agrona.concurrent.UnsafeBuffer;
import org.jitsi.srtp.SrtcpCryptoContext;
import org.jitsi.srtp.SrtpContextFactory;
import org.jitsi.srtp.SrtpCryptoContext;
import org.jitsi.srtp.SrtpErrorStatus;
import org.jitsi.srtp.SrtpPolicy;
import org.jitsi.utils.logging2.LoggerImpl;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against the vectors of RFC 3711 and against another implementation, in both directions. */
class SrtpTransformTest {
    private static final int OFFSET = 48;
    private static final int SSRC = 0xCAFEBABE;
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private final SplittableRandom random = new SplittableRandom(4711);
    private final byte[] master = new byte[SrtpSuite.MASTER_LENGTH];
    private final UnsafeBuffer buffer =
            new UnsafeBuffer(ByteBuffer.allocateDirect(4096).order(ByteOrder.nativeOrder()));
    private final SrtpTransform transform = new SrtpTransform(1600);
    private final SrtpContext sender = new SrtpContext();
    private final SrtpContext receiver = new SrtpContext();

    @BeforeEach
    void keys() {
        random.nextBytes(master);
        key(SrtpSuite.AES_CM_128_HMAC_SHA1_80);
    }

    private void key(SrtpSuite suite) {
        sender.key(suite, master, 0);
        receiver.key(suite, master, 0);
    }

    /** RFC 3711 appendix B.3. */
    @Test
    void shouldDeriveTheKeysOfTheRfcWhenGivenItsMasterKey() throws Exception {
        byte[] given = HEX.parseHex("E1F97A0D3E018BE0D64FA32C06DE41390EC675AD498AFEEBB6960B3AABE6");
        Cipher derivation = Cipher.getInstance("AES/ECB/NoPadding");
        derivation.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(given, 0, 16, "AES"));
        assertThat(HEX.formatHex(SrtpContext.expand(derivation, given, 16, 0, 16)))
                .isEqualTo("C61E7A93744F39EE10734AFE3FF7A087");
        assertThat(HEX.formatHex(SrtpContext.expand(derivation, given, 16, 2, 14)))
                .isEqualTo("30CBBC08863D8C85D49DB34A9AE1");
        assertThat(HEX.formatHex(SrtpContext.expand(derivation, given, 16, 1, 20)))
                .isEqualTo("CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4");
    }

    @ParameterizedTest
    @EnumSource(SrtpSuite.class)
    void shouldBeUnderstoodByAnotherImplementationWhenProtectingRtp(SrtpSuite suite) throws Exception {
        key(suite);
        SrtpCryptoContext other = factory(suite, false).deriveContext(SSRC, 0);
        // Twice around the sequence numbers, with all lengths and headers.
        for (int i = 0; i < 140_000; i += 1 + random.nextInt(40)) {
            byte[] plain = rtp(i & 0xFFFF, random.nextInt(0, 400));
            OracleBytes packet = new OracleBytes(protectRtp(plain));
            assertThat(packet.getLength()).isEqualTo(plain.length + suite.tagLength());
            assertThat(other.reverseTransformPacket(packet, false)).isEqualTo(SrtpErrorStatus.OK);
            assertThat(packet.content()).isEqualTo(plain);
        }
    }

    @ParameterizedTest
    @EnumSource(SrtpSuite.class)
    void shouldUnderstandAnotherImplementationWhenUnprotectingRtp(SrtpSuite suite) throws Exception {
        key(suite);
        SrtpCryptoContext other = factory(suite, true).deriveContext(SSRC, 0);
        for (int i = 65_000; i < 200_000; i += 1 + random.nextInt(40)) {
            byte[] plain = rtp(i & 0xFFFF, random.nextInt(0, 400));
            OracleBytes packet = new OracleBytes(plain);
            assertThat(other.transformPacket(packet)).isEqualTo(SrtpErrorStatus.OK);
            assertThat(unprotectRtp(packet.content())).isEqualTo(plain.length);
            assertThat(content(plain.length)).isEqualTo(plain);
        }
    }

    @ParameterizedTest
    @EnumSource(SrtpSuite.class)
    void shouldAgreeWithAnotherImplementationWhenItIsRtcp(SrtpSuite suite) throws Exception {
        key(suite);
        SrtcpCryptoContext reads = factory(suite, false).deriveControlContext(SSRC);
        SrtcpCryptoContext writes = factory(suite, true).deriveControlContext(SSRC);
        for (int i = 0; i < 300; i++) {
            byte[] plain = rtcp(4 * random.nextInt(5, 60));
            buffer.putBytes(OFFSET, plain);
            int length = transform.protectRtcp(sender, buffer, OFFSET, plain.length);
            assertThat(length).isEqualTo(plain.length + SrtpTransform.MAX_GROWTH);
            OracleBytes ours = new OracleBytes(content(length));
            assertThat(reads.reverseTransformPacket(ours)).isEqualTo(SrtpErrorStatus.OK);
            assertThat(ours.content()).isEqualTo(plain);

            OracleBytes theirs = new OracleBytes(plain);
            assertThat(writes.transformPacket(theirs)).isEqualTo(SrtpErrorStatus.OK);
            buffer.putBytes(OFFSET, theirs.content());
            assertThat(transform.unprotectRtcp(receiver, buffer, OFFSET, theirs.getLength()))
                    .isEqualTo(plain.length);
            assertThat(content(plain.length)).isEqualTo(plain);
            buffer.putBytes(OFFSET, theirs.content());
            assertThat(transform.unprotectRtcp(receiver, buffer, OFFSET, theirs.getLength()))
                    .isEqualTo(REPLAYED);
        }
    }

    @Test
    void shouldTakeEachPacketOnceWhenTheyComeReorderedAroundTheWrap() {
        int count = 1000;
        byte[][] packets = new byte[count][];
        int[] order = new int[count];
        for (int i = 0; i < count; i++) {
            packets[i] = protectRtp(rtp(65_536 - count / 2 + i & 0xFFFF, 160));
            order[i] = i;
        }
        for (int i = 0; i + 100 < count; i++) {
            int with = i + random.nextInt(60);
            int kept = order[i];
            order[i] = order[with];
            order[with] = kept;
        }
        int highest = -1;
        for (int i : order) {
            boolean isTooOld = i <= highest - PacketIndex.WINDOW;
            assertThat(unprotectRtp(packets[i]))
                    .as("packet %d behind %d", i, highest)
                    .isEqualTo(isTooOld ? REPLAYED : 172);
            highest = Math.max(highest, i);
            assertThat(unprotectRtp(packets[i])).isEqualTo(REPLAYED);
        }
        for (byte[] packet : packets) {
            assertThat(unprotectRtp(packet)).isEqualTo(REPLAYED);
        }
    }

    @ParameterizedTest
    @EnumSource(SrtpSuite.class)
    void shouldRefuseAndChangeNothingWhenAnyBitIsAltered(SrtpSuite suite) {
        key(suite);
        byte[] plain = rtp(7, 40);
        byte[] good = protectRtp(plain);
        for (int bit = 0; bit < good.length * 8; bit++) {
            byte[] bad = good.clone();
            bad[bit / 8] ^= (byte) (1 << bit % 8);
            buffer.putBytes(OFFSET, bad);
            int answer = transform.unprotectRtp(receiver, buffer, OFFSET, bad.length);
            assertThat(answer).as("bit %d", bit).isIn(NOT_AUTHENTIC, BAD_LENGTH);
            assertThat(content(bad.length)).isEqualTo(bad);
        }
        assertThat(unprotectRtp(good)).isEqualTo(plain.length);
    }

    @Test
    void shouldRefuseWhenPacketsAreCutOrTooLong() {
        byte[] good = protectRtp(rtp(7, 0));
        for (int length = 0; length < 12 + 10; length++) {
            buffer.putBytes(OFFSET, good);
            assertThat(transform.unprotectRtp(receiver, buffer, OFFSET, length)).isEqualTo(BAD_LENGTH);
            assertThat(transform.unprotectRtcp(receiver, buffer, OFFSET, length))
                    .isEqualTo(BAD_LENGTH);
        }
        assertThat(transform.protectRtp(sender, buffer, OFFSET, 11)).isEqualTo(BAD_LENGTH);
        assertThat(transform.protectRtcp(sender, buffer, OFFSET, 7)).isEqualTo(BAD_LENGTH);
        byte[] claimsMore = new byte[32];
        claimsMore[0] = (byte) 0x90;
        claimsMore[14] = 0x7F;
        buffer.putBytes(OFFSET, claimsMore);
        assertThat(transform.protectRtp(sender, buffer, OFFSET, claimsMore.length))
                .isEqualTo(BAD_LENGTH);
        assertThat(transform.protectRtp(sender, buffer, OFFSET, 1600 + 20)).isEqualTo(BAD_LENGTH);
    }

    @Test // RFC 3711 section 9.1
    void shouldRefuseToSendUnderANumberThatWentOutAlready() {
        protectRtp(rtp(7, 160));
        protectRtp(rtp(9, 160));
        byte[] again = rtp(7, 160);
        buffer.putBytes(OFFSET, again);
        assertThat(transform.protectRtp(sender, buffer, OFFSET, again.length)).isEqualTo(REPLAYED);
        assertThat(content(again.length)).isEqualTo(again);
        assertThat(protectRtp(rtp(8, 160))).as("a straggler").hasSize(172 + 10);
    }

    @Test
    void shouldForgetWhatCameWhenKeyedAnew() {
        byte[] first = protectRtp(rtp(9, 160));
        assertThat(unprotectRtp(first)).isEqualTo(172);
        random.nextBytes(master);
        key(SrtpSuite.AES_CM_128_HMAC_SHA1_32);
        assertThat(unprotectRtp(first)).isEqualTo(NOT_AUTHENTIC);
        assertThat(unprotectRtp(protectRtp(rtp(9, 160)))).isEqualTo(172);
    }

    @Test
    void shouldKeepSourcesApartWhenAFarEndHasSeveral() {
        byte[][] packets = new byte[3][];
        for (int source = 0; source < packets.length; source++) {
            byte[] plain = rtp(100, 160);
            plain[11] = (byte) source;
            packets[source] = protectRtp(plain);
        }
        for (byte[] packet : packets) {
            assertThat(unprotectRtp(packet)).isEqualTo(172);
        }
        for (byte[] packet : packets) {
            assertThat(unprotectRtp(packet)).isEqualTo(REPLAYED);
        }
    }

    @Test
    void shouldAllocateNothingWhenPacketsPass() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        byte[] plain = rtp(0, 160);
        for (int round = 0; round < 5; round++) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 20_000; i++) {
                buffer.putBytes(OFFSET, plain);
                buffer.putShort(OFFSET + 2, (short) (round * 20_000 + i), ByteOrder.BIG_ENDIAN);
                int length = transform.protectRtp(sender, buffer, OFFSET, plain.length);
                if (transform.unprotectRtp(receiver, buffer, OFFSET, length) != plain.length) {
                    throw new AssertionError("packet " + i);
                }
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).as("bytes for 20,000 packets").isLessThan(1024);
    }

    private SrtpContextFactory factory(SrtpSuite suite, boolean sends) {
        int aes = SrtpPolicy.AESCM_ENCRYPTION;
        int hmac = SrtpPolicy.HMACSHA1_AUTHENTICATION;
        return new SrtpContextFactory(
                sends,
                Arrays.copyOf(master, 16),
                Arrays.copyOfRange(master, 16, 30),
                new SrtpPolicy(aes, 16, hmac, 20, suite.tagLength(), 14),
                new SrtpPolicy(aes, 16, hmac, 20, 10, 14),
                new LoggerImpl("srtp"));
    }

    /** A packet of random content; those of 160 bytes have a plain header, others random sources and extensions. */
    private byte[] rtp(int sequence, int payload) {
        boolean isPlain = payload == 160;
        int sources = isPlain ? 0 : random.nextInt(0, 4);
        boolean isExtended = !isPlain && random.nextBoolean();
        int words = isExtended ? random.nextInt(0, 4) : 0;
        byte[] packet = new byte[12 + 4 * sources + (isExtended ? 4 + 4 * words : 0) + payload];
        random.nextBytes(packet);
        packet[0] = (byte) (0x80 | sources | (isExtended ? 0x10 : 0));
        UnsafeBuffer view = new UnsafeBuffer(packet);
        view.putShort(2, (short) sequence, ByteOrder.BIG_ENDIAN);
        view.putInt(8, SSRC, ByteOrder.BIG_ENDIAN);
        if (isExtended) {
            view.putShort(12 + 4 * sources + 2, (short) words, ByteOrder.BIG_ENDIAN);
        }
        return packet;
    }

    private byte[] rtcp(int length) {
        byte[] packet = new byte[length];
        random.nextBytes(packet);
        packet[0] = (byte) 0x80;
        packet[1] = (byte) 200;
        new UnsafeBuffer(packet).putInt(4, SSRC, ByteOrder.BIG_ENDIAN);
        return packet;
    }

    private byte[] protectRtp(byte[] plain) {
        buffer.putBytes(OFFSET, plain);
        return content(transform.protectRtp(sender, buffer, OFFSET, plain.length));
    }

    private int unprotectRtp(byte[] packet) {
        buffer.putBytes(OFFSET, packet);
        return transform.unprotectRtp(receiver, buffer, OFFSET, packet.length);
    }

    private byte[] content(int length) {
        byte[] bytes = new byte[length];
        buffer.getBytes(OFFSET, bytes);
        return bytes;
    }
}
