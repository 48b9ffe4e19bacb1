package io.hookswitch.server.dtls;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** Our certificate, as the JDK reads it. */
class DtlsIdentityTest {
    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private static X509Certificate read(DtlsIdentity identity) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(identity.certificate()));
    }

    @Test // RFC 8827 section 6.5
    void shouldBeSignedByItselfWithP256WhenMade() throws Exception {
        X509Certificate certificate = read(DtlsIdentity.create(new SecureRandom(), NOW));

        certificate.verify(certificate.getPublicKey());
        assertThat(certificate.getSigAlgName()).isEqualTo("SHA256withECDSA");
        assertThat(certificate.getPublicKey()).isInstanceOfSatisfying(ECPublicKey.class, key -> assertThat(
                        key.getParams().toString())
                .contains("secp256r1"));
        assertThat(certificate.getNotBefore()).isEqualTo(NOW.minus(Duration.ofDays(1)));
        assertThat(certificate.getNotAfter()).isEqualTo(NOW.plus(Duration.ofDays(365)));
        assertThat(certificate.getSerialNumber().signum()).isOne();
    }

    @Test // RFC 8122 section 5
    void shouldSayTheDigestOfTheCertificateWhenAskedForItsFingerprint() throws Exception {
        DtlsIdentity identity = DtlsIdentity.create(new SecureRandom(), NOW);

        byte[] digest =
                MessageDigest.getInstance("SHA-256").digest(read(identity).getEncoded());

        assertThat(identity.fingerprintBytes()).isEqualTo(digest);
        assertThat(identity.fingerprint()).matches("[0-9A-F]{2}(:[0-9A-F]{2}){31}");
        assertThat(HexFormat.ofDelimiter(":").parseHex(identity.fingerprint())).isEqualTo(digest);
    }

    @Test
    void shouldDifferInKeyAndSerialWhenMadeTwice() throws Exception {
        SecureRandom random = new SecureRandom();
        X509Certificate one = read(DtlsIdentity.create(random, NOW));
        X509Certificate other = read(DtlsIdentity.create(random, NOW));

        assertThat(one.getPublicKey()).isNotEqualTo(other.getPublicKey());
        assertThat(one.getSerialNumber()).isNotEqualTo(other.getSerialNumber());
    }
}
