package io.hookswitch.server.dtls;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.bouncycastle.tls.DTLSClientProtocol;
import org.bouncycastle.tls.DTLSServerProtocol;
import org.bouncycastle.tls.SRTPProtectionProfile;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;

/** Handshakes of ours with ourselves, without a core: the first of a process takes half a second, a later one ms. */
final class Rehearsal {
    /** Behind the third one there is little left to be gained. */
    private static final int ROUNDS = 3;

    private static final int DATAGRAMS_MAX = 64;
    private static final long MOST_S = 30;

    private Rehearsal() {}

    /** The caller is the far end. @throws IOException when the two do not come to terms */
    static void run(DtlsIdentity identity, SecureRandom random) throws IOException {
        BcTlsCrypto crypto = new BcTlsCrypto(random);
        for (int i = 0; i < ROUNDS; i++) {
            shakeHands(crypto, identity);
        }
    }

    private static void shakeHands(BcTlsCrypto crypto, DtlsIdentity identity) throws IOException {
        DatagramPipe[] ends = new DatagramPipe[2];
        ends[0] = new DatagramPipe(DATAGRAMS_MAX, datagram -> ends[1].offer(datagram));
        ends[1] = new DatagramPipe(DATAGRAMS_MAX, datagram -> ends[0].offer(datagram));
        DtlsServer server = new DtlsServer(crypto, identity, identity.fingerprintBytes());
        DtlsClient client = new DtlsClient(crypto, identity, SRTPProtectionProfile.SRTP_AES128_CM_HMAC_SHA1_80);
        CompletableFuture<SrtpKeys> keys = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try {
                new DTLSServerProtocol().accept(server, ends[0]);
                keys.complete(server.keys());
            } catch (IOException | RuntimeException e) {
                keys.completeExceptionally(e);
            }
        });
        try {
            new DTLSClientProtocol().connect(client, ends[1]);
            SrtpKeys ours = keys.get(MOST_S, TimeUnit.SECONDS);
            if (!Arrays.equals(ours.local(), client.keys().remote())
                    || !Arrays.equals(ours.remote(), client.keys().local())) {
                throw new IOException("DTLS: the keys of both sides differ");
            }
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException("DTLS: no handshake with ourselves", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while shaking hands with ourselves", e);
        } finally {
            ends[0].close();
            ends[1].close();
        }
    }
}
