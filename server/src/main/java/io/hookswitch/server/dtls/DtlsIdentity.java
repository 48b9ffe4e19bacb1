package io.hookswitch.server.dtls;

import java.io.IOException;
import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HexFormat;
import org.bouncycastle.asn1.sec.SECObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.cert.bc.BcX509v3CertificateBuilder;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.generators.ECKeyPairGenerator;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.ECKeyGenerationParameters;
import org.bouncycastle.crypto.params.ECNamedDomainParameters;
import org.bouncycastle.operator.DefaultDigestAlgorithmIdentifierFinder;
import org.bouncycastle.operator.DefaultSignatureAlgorithmIdentifierFinder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.bc.BcECContentSignerBuilder;
import org.bouncycastle.tls.Certificate;
import org.bouncycastle.tls.HashAlgorithm;
import org.bouncycastle.tls.SignatureAlgorithm;
import org.bouncycastle.tls.SignatureAndHashAlgorithm;
import org.bouncycastle.tls.TlsContext;
import org.bouncycastle.tls.TlsCredentialedSigner;
import org.bouncycastle.tls.crypto.TlsCertificate;
import org.bouncycastle.tls.crypto.TlsCryptoParameters;
import org.bouncycastle.tls.crypto.impl.bc.BcDefaultTlsCredentialedSigner;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCertificate;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;

/**
 * A certificate of our own for DTLS on the media path, self-signed, ECDSA with P-256 (RFC 8827 section 6.5), and its
 * key. Nobody checks its name or its dates: the fingerprint in SDP says that it is ours. Immutable.
 */
public final class DtlsIdentity {
    /** For clocks that are behind ours. */
    private static final Duration BEFORE = Duration.ofDays(1);
    /** The longest that Chromium makes its own; a node that runs longer keeps its certificate all the same. */
    private static final Duration AFTER = Duration.ofDays(365);

    private static final X500Name NAME = new X500Name("CN=hookswitch");
    private static final int SERIAL_BITS = 127;

    private final AsymmetricKeyParameter key;
    private final byte[] certificate;
    private final byte[] fingerprint;

    private DtlsIdentity(AsymmetricKeyParameter key, byte[] certificate) {
        this.key = key;
        this.certificate = certificate;
        this.fingerprint = sha256(certificate);
    }

    /** Makes a key and its certificate, valid from a day before {@code now} for a year. */
    public static DtlsIdentity create(SecureRandom random, Instant now) {
        ECKeyPairGenerator generator = new ECKeyPairGenerator();
        // By name: a certificate that spells the curve out is refused by browsers.
        generator.init(
                new ECKeyGenerationParameters(ECNamedDomainParameters.lookup(SECObjectIdentifiers.secp256r1), random));
        AsymmetricCipherKeyPair pair = generator.generateKeyPair();
        AlgorithmIdentifier signature = new DefaultSignatureAlgorithmIdentifierFinder().find("SHA256withECDSA");
        AlgorithmIdentifier digest = new DefaultDigestAlgorithmIdentifierFinder().find("SHA-256");
        BigInteger serial = new BigInteger(SERIAL_BITS, random).add(BigInteger.ONE);
        try {
            byte[] certificate = new BcX509v3CertificateBuilder(
                            NAME,
                            serial,
                            Date.from(now.minus(BEFORE)),
                            Date.from(now.plus(AFTER)),
                            NAME,
                            pair.getPublic())
                    .build(new BcECContentSignerBuilder(signature, digest)
                            .setSecureRandom(random)
                            .build(pair.getPrivate()))
                    .getEncoded();
            return new DtlsIdentity(pair.getPrivate(), certificate);
        } catch (IOException | OperatorCreationException e) {
            throw new IllegalStateException("a certificate of our own cannot be made", e);
        }
    }

    /** @return SHA-256 of the certificate as SDP has it, {@code AA:BB:...} in upper case (RFC 8122 section 5). */
    public String fingerprint() {
        return HexFormat.ofDelimiter(":").withUpperCase().formatHex(fingerprint);
    }

    /** @return SHA-256 of the certificate, 32 bytes, a copy. */
    public byte[] fingerprintBytes() {
        return fingerprint.clone();
    }

    /** @return the certificate in DER, a copy. */
    public byte[] certificate() {
        return certificate.clone();
    }

    /** @return what signs for us in one handshake. */
    TlsCredentialedSigner signer(TlsContext context, BcTlsCrypto crypto) throws IOException {
        return new BcDefaultTlsCredentialedSigner(
                new TlsCryptoParameters(context),
                crypto,
                key,
                new Certificate(new TlsCertificate[] {new BcTlsCertificate(crypto, certificate)}),
                SignatureAndHashAlgorithm.getInstance(HashAlgorithm.sha256, SignatureAlgorithm.ecdsa));
    }

    static byte[] sha256(byte[] der) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(der);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
