package io.hookswitch.sip.transport;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.File;
import java.nio.file.Path;
import javax.net.ssl.SSLException;

/**
 * TLS of connections, accepted and made: version 1.2 or 1.3. A far end that we connect to must have a certificate of
 * the
 * name that we call it by (RFC 5922 section 4), or of its address when we know no name.
 */
public final class TlsSettings {
    private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

    private final SslContext server;
    private final SslContext client;

    private TlsSettings(SslContext server, SslContext client) {
        this.server = server;
        this.client = client;
    }

    /**
     * Reads certificate and key.
     *
     * @param certificate PEM: ours first, then those that lead to its root
     * @param key PEM, PKCS#8, not encrypted
     * @param trust PEM of the roots that far ends' certificates lead to; null = those of the JDK
     * @throws IllegalArgumentException that names what cannot be used
     */
    public static TlsSettings of(Path certificate, Path key, Path trust) {
        File chain = certificate.toFile();
        try {
            SslContext server = SslContextBuilder.forServer(chain, key.toFile())
                    .sslProvider(SslProvider.JDK)
                    .protocols(PROTOCOLS)
                    .build();
            SslContextBuilder client = SslContextBuilder.forClient()
                    .sslProvider(SslProvider.JDK)
                    .protocols(PROTOCOLS)
                    .keyManager(chain, key.toFile());
            return new TlsSettings(server, (trust == null ? client : client.trustManager(trust.toFile())).build());
        } catch (SSLException | RuntimeException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new IllegalArgumentException(
                    certificate + ", " + key + (trust == null ? "" : ", " + trust) + ": " + cause.getMessage(), e);
        }
    }

    SslContext server() {
        return server;
    }

    SslContext client() {
        return client;
    }
}
