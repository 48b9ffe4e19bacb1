package io.hookswitch.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.io.ScriptedTransport.Sent;
import io.hookswitch.rtp.srtp.SrtpContext;
import io.hookswitch.rtp.srtp.SrtpSuite;
import io.hookswitch.rtp.srtp.SrtpTransform;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;

/** What a far end with SRTP knows: the key it sends with and ours. */
final class SrtpFarEnd {
    static final SrtpSuite SUITE = SrtpSuite.AES_CM_128_HMAC_SHA1_80;

    final byte[] ours = new byte[SrtpSuite.MASTER_LENGTH];
    final byte[] theirs = new byte[SrtpSuite.MASTER_LENGTH];
    private final SrtpTransform transform = new SrtpTransform(1500);
    private final SrtpContext out = new SrtpContext();
    private final SrtpContext in = new SrtpContext();

    SrtpFarEnd(int seed) {
        Arrays.fill(ours, (byte) seed);
        sendKey(seed + 1);
        in.key(SUITE, ours, 0);
    }

    void sendKey(int seed) {
        Arrays.fill(theirs, (byte) seed);
        out.key(SUITE, theirs, 0);
    }

    byte[] protect(byte[] plain) {
        byte[] bytes = Arrays.copyOf(plain, plain.length + SrtpTransform.MAX_GROWTH);
        int length = transform.protectRtp(out, new UnsafeBuffer(bytes), 0, plain.length);
        return Arrays.copyOf(bytes, length);
    }

    byte[] unprotect(Sent sent) {
        byte[] bytes = sent.bytes().clone();
        int length = transform.unprotectRtp(in, new UnsafeBuffer(bytes), 0, bytes.length);
        assertThat(length).as("answer of the far end's transform").isPositive();
        return Arrays.copyOf(bytes, length);
    }

    byte[] unprotectReport(Sent sent) {
        byte[] bytes = sent.bytes().clone();
        int length = transform.unprotectRtcp(in, new UnsafeBuffer(bytes), 0, bytes.length);
        assertThat(length).as("answer of the far end's transform").isPositive();
        return Arrays.copyOf(bytes, length);
    }
}
