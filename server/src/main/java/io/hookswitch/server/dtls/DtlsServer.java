package io.hookswitch.server.dtls;

import io.hookswitch.rtp.srtp.SrtpSuite;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.List;
import java.util.Vector;
import org.bouncycastle.tls.AbstractTlsServer;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.CertificateRequest;
import org.bouncycastle.tls.CipherSuite;
import org.bouncycastle.tls.ClientCertificateType;
import org.bouncycastle.tls.ExporterLabel;
import org.bouncycastle.tls.HashAlgorithm;
import org.bouncycastle.tls.ProtocolVersion;
import org.bouncycastle.tls.SRTPProtectionProfile;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsCredentials;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsSRTPUtils;
import org.bouncycastle.tls.TlsUtils;
import org.bouncycastle.tls.UseSRTPData;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;

/**
 * Our side of one handshake: DTLS 1.2 only, with use_srtp (RFC 5764), and a certificate of the far end's that has the
 * fingerprint of its description (RFC 5763 section 5). Its virtual thread.
 */
final class DtlsServer extends AbstractTlsServer {
    private static final int[] CIPHER_SUITES = {
        CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384
    };

    private record Profile(int number, SrtpSuite suite) {}

    /** Best first. */
    private static final List<Profile> PROFILES = List.of(
            new Profile(SRTPProtectionProfile.SRTP_AES128_CM_HMAC_SHA1_80, SrtpSuite.AES_CM_128_HMAC_SHA1_80),
            new Profile(SRTPProtectionProfile.SRTP_AES128_CM_HMAC_SHA1_32, SrtpSuite.AES_CM_128_HMAC_SHA1_32));

    /** A message is put together from its parts before anybody is known: that memory is the far end's to ask for. */
    static final int MESSAGE_MAX = 8192;

    private final BcTlsCrypto crypto;
    private final DtlsIdentity identity;
    private final byte[] fingerprint;
    private Profile profile;
    private SrtpKeys keys;
    private DtlsFailure failure;

    /** @param fingerprint SHA-256 of the certificate that the far end described, 32 bytes */
    DtlsServer(BcTlsCrypto crypto, DtlsIdentity identity, byte[] fingerprint) {
        super(crypto);
        this.crypto = crypto;
        this.identity = identity;
        this.fingerprint = fingerprint;
    }

    /** @return what was agreed on; null before. */
    SrtpKeys keys() {
        return keys;
    }

    /** @return what we have found wrong ourselves; null = nothing, or the handshake as such. */
    DtlsFailure failure() {
        return failure;
    }

    private TlsFatalAlert failed(DtlsFailure kind, short alert) {
        failure = kind;
        return new TlsFatalAlert(alert, kind.text());
    }

    @Override
    protected ProtocolVersion[] getSupportedVersions() {
        return ProtocolVersion.DTLSv12.only();
    }

    @Override
    protected int[] getSupportedCipherSuites() {
        return CIPHER_SUITES;
    }

    @Override
    public int getMaxHandshakeMessageSize() {
        return MESSAGE_MAX;
    }

    /** RFC 7627 section 5.4: without it no keys may be exported. */
    @Override
    public boolean requiresExtendedMasterSecret() {
        return true;
    }

    @Override
    protected boolean allowCertificateStatus() {
        return false;
    }

    @Override
    @SuppressWarnings({"rawtypes", "unchecked"})
    public Hashtable getServerExtensions() throws IOException {
        profile = chosen(clientExtensions == null ? null : TlsSRTPUtils.getUseSRTPExtension(clientExtensions));
        if (profile == null) {
            throw failed(DtlsFailure.NO_PROFILE, AlertDescription.handshake_failure);
        }
        Hashtable extensions = super.getServerExtensions();
        // No MKI, whatever was offered (RFC 5764 section 4.1.3).
        TlsSRTPUtils.addUseSRTPExtension(
                extensions, new UseSRTPData(new int[] {profile.number()}, TlsUtils.EMPTY_BYTES));
        return extensions;
    }

    private static Profile chosen(UseSRTPData offered) {
        if (offered == null) {
            return null;
        }
        for (Profile ours : PROFILES) {
            if (Arrays.stream(offered.getProtectionProfiles()).anyMatch(theirs -> theirs == ours.number())) {
                return ours;
            }
        }
        return null;
    }

    @Override
    public TlsCredentials getCredentials() throws IOException {
        return identity.signer(context, crypto);
    }

    @Override
    public CertificateRequest getCertificateRequest() {
        Vector<SignatureAndHashAlgorithm> signatures = new Vector<>();
        for (short hash : new short[] {HashAlgorithm.sha256, HashAlgorithm.sha384, HashAlgorithm.sha512}) {
            signatures.add(SignatureAndHashAlgorithm.getInstance(hash, SignatureAlgorithm.ecdsa));
        }
        signatures.add(SignatureAndHashAlgorithm.rsa_pss_rsae_sha256);
        signatures.add(SignatureAndHashAlgorithm.rsa_pss_rsae_sha384);
        signatures.add(SignatureAndHashAlgorithm.rsa_pss_rsae_sha512);
        for (short hash : new short[] {HashAlgorithm.sha256, HashAlgorithm.sha384, HashAlgorithm.sha512}) {
            signatures.add(SignatureAndHashAlgorithm.getInstance(hash, SignatureAlgorithm.rsa));
        }
        short[] types = {ClientCertificateType.ecdsa_sign, ClientCertificateType.rsa_sign};
        return new CertificateRequest(types, signatures, new Vector<>());
    }

    @Override
    public void notifyClientCertificate(Certificate shown) throws IOException {
        if (shown == null || shown.isEmpty()) {
            throw failed(DtlsFailure.NO_CERTIFICATE, AlertDescription.handshake_failure);
        }
        byte[] digest = DtlsIdentity.sha256(shown.getCertificateAt(0).getEncoded());
        if (!MessageDigest.isEqual(digest, fingerprint)) {
            throw failed(DtlsFailure.FINGERPRINT, AlertDescription.bad_certificate);
        }
    }

    @Override
    public void notifyAlertReceived(short level, short description) {
        if (description == AlertDescription.close_notify && keys == null) {
            failure = DtlsFailure.CLOSED;
        }
    }

    @Override
    public void notifyHandshakeComplete() throws IOException {
        super.notifyHandshakeComplete();
        byte[] material = context.exportKeyingMaterial(ExporterLabel.dtls_srtp, null, SrtpKeys.MATERIAL_LENGTH);
        keys = SrtpKeys.of(profile.suite(), material, true);
        Arrays.fill(material, (byte) 0);
    }
}
