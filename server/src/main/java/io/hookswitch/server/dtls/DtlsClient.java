package io.hookswitch.server.dtls;

import io.hookswitch.rtp.srtp.SrtpSuite;
import java.io.IOException;
import java.util.Arrays;
import java.util.Hashtable;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.DefaultTlsClient;
import org.bouncycastle.tls.ExporterLabel;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.SRTPProtectionProfile;
import org.bouncycastle.tls.TlsAuthentication;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsSRTPUtils;
import org.bouncycastle.tls.TlsServerCertificate;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.UseSRTPData;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;

/** A far end as we would like them, for rehearsals: DTLS 1.2 with use_srtp. Whoever shakes hands. */
class DtlsClient extends DefaultTlsClient {
    private static final int TIMEOUT_MS = 20_000;

    private final BcTlsCrypto crypto;
    private final DtlsIdentity identity;
    private final int[] profiles;
    private SrtpSuite suite;
    private SrtpKeys keys;
    private byte[] serverFingerprint;

    /**
     * One handshake.
     *
     * @param identity null = shows no certificate
     * @param profiles offered, of {@link SRTPProtectionProfile}; none = no use_srtp
     */
    DtlsClient(BcTlsCrypto crypto, DtlsIdentity identity, int... profiles) {
        super(crypto);
        this.crypto = crypto;
        this.identity = identity;
        this.profiles = profiles;
    }

    /** @return what was agreed on; null before. */
    SrtpKeys keys() {
        return keys;
    }

    /** @return SHA-256 of what the server has shown; null before. */
    byte[] serverFingerprint() {
        return serverFingerprint;
    }

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
        return ProtocolVersion.DTLSv12.only();
    }

    @Override
    public int getHandshakeTimeoutMillis() {
        return TIMEOUT_MS;
    }

    @Override
    @SuppressWarnings({"rawtypes", "unchecked"})
    public Hashtable getClientExtensions() throws IOException {
        Hashtable extensions = super.getClientExtensions();
        if (profiles.length > 0) {
            TlsSRTPUtils.addUseSRTPExtension(extensions, new UseSRTPData(profiles, TlsUtils.EMPTY_BYTES));
        }
        return extensions;
    }

    @Override
    @SuppressWarnings("rawtypes")
    public void processServerExtensions(Hashtable extensions) throws IOException {
        super.processServerExtensions(extensions);
        UseSRTPData chosen = TlsSRTPUtils.getUseSRTPExtension(extensions);
        if (chosen != null) {
            boolean isLong = chosen.getProtectionProfiles()[0] == SRTPProtectionProfile.SRTP_AES128_CM_HMAC_SHA1_80;
            suite = isLong ? SrtpSuite.AES_CM_128_HMAC_SHA1_80 : SrtpSuite.AES_CM_128_HMAC_SHA1_32;
        }
    }

    @Override
    public TlsAuthentication getAuthentication() {
        return new TlsAuthentication() {
            @Override
            public void notifyServerCertificate(TlsServerCertificate shown) throws IOException {
                serverFingerprint = DtlsIdentity.sha256(
                        shown.getCertificate().getCertificateAt(0).getEncoded());
            }

            @Override
            public TlsCredentials getClientCredentials(CertificateRequest request) throws IOException {
                return identity == null ? null : identity.signer(context, crypto);
            }
        };
    }

    @Override
    public void notifyHandshakeComplete() throws IOException {
        super.notifyHandshakeComplete();
        if (suite != null) {
            byte[] material = context.exportKeyingMaterial(ExporterLabel.dtls_srtp, null, SrtpKeys.MATERIAL_LENGTH);
            keys = SrtpKeys.of(suite, material, false);
            Arrays.fill(material, (byte) 0);
        }
    }
}
