package io.hookswitch.server.dtls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hookswitch.rtp.srtp.SrtpSuite;
import io.hookswitch.server.dtls.CoreWithFarEnds.FarEnd;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** OpenSSL as the far end, through real rings: none of our code, with a certificate of its own making. */
class OpensslTest {
    private static final Path OPENSSL = Path.of("/usr/bin/openssl");
    private static final long MOST_S = 20;

    @TempDir
    private Path directory;

    private Process start(List<String> arguments) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(arguments)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("out").toFile());
        builder.command().addFirst(OPENSSL.toString());
        return builder.start();
    }

    private byte[] certificate(String key) throws Exception {
        Process making = start(new ArrayList<>(
                List.of(("req -x509 -nodes -newkey " + key + " -keyout key.pem -out cert.pem -days 2 -subj /CN=far")
                        .split(" "))));
        assertThat(making.waitFor(MOST_S, TimeUnit.SECONDS)).isTrue();
        assertThat(making.exitValue())
                .as(Files.readString(directory.resolve("out")))
                .isZero();
        try (var in = Files.newInputStream(directory.resolve("cert.pem"))) {
            byte[] der = CertificateFactory.getInstance("X.509")
                    .generateCertificate(in)
                    .getEncoded();
            return MessageDigest.getInstance("SHA-256").digest(der);
        }
    }

    private static byte[] concat(SrtpKeys keys) {
        // RFC 5764 section 4.2: the client's key, ours, the client's salt, ours.
        ByteBuffer all = ByteBuffer.allocate(SrtpKeys.MATERIAL_LENGTH);
        all.put(keys.remote(), 0, SrtpSuite.KEY_LENGTH).put(keys.local(), 0, SrtpSuite.KEY_LENGTH);
        all.put(keys.remote(), SrtpSuite.KEY_LENGTH, SrtpSuite.SALT_LENGTH);
        return all.put(keys.local(), SrtpSuite.KEY_LENGTH, SrtpSuite.SALT_LENGTH)
                .array();
    }

    @ParameterizedTest // RFC 5764 section 4.2
    @CsvSource({
        "ec -pkeyopt ec_paramgen_curve:P-256, SRTP_AES128_CM_SHA1_80, AES_CM_128_HMAC_SHA1_80, 1400",
        "ec -pkeyopt ec_paramgen_curve:P-256, SRTP_AES128_CM_SHA1_32, AES_CM_128_HMAC_SHA1_32, 300",
        "rsa:2048, SRTP_AES128_CM_SHA1_32:SRTP_AES128_CM_SHA1_80, AES_CM_128_HMAC_SHA1_80, 500"
    })
    void shouldExportTheSameKeysWhenTheFarEndIsOpenssl(String key, String profiles, SrtpSuite suite, int mtu)
            throws Exception {
        assumeTrue(Files.isExecutable(OPENSSL), "no openssl here");
        byte[] fingerprint = certificate(key);
        try (CoreWithFarEnds core = new CoreWithFarEnds();
                DatagramChannel socket = DatagramChannel.open()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .configureBlocking(false);
            int port = ((InetSocketAddress) socket.getLocalAddress()).getPort();
            FarEnd farEnd = core.farEnd(7);
            farEnd.fingerprint = fingerprint;
            SocketAddress[] from = new SocketAddress[1];
            farEnd.down = (index, datagram) -> {
                send(socket, datagram, from[0]);
                return List.of();
            };
            Process client = start(new ArrayList<>(List.of(("s_client -dtls1_2 -connect 127.0.0.1:" + port
                            + " -mtu " + mtu + " -use_srtp " + profiles
                            + " -cert cert.pem -key key.pem -keymatexport EXTRACTOR-dtls_srtp -keymatexportlen 60")
                    .split(" "))));
            try {
                ByteBuffer read = ByteBuffer.allocate(2048);
                core.await("keys of both", () -> {
                    pump(socket, read, from, farEnd);
                    return !farEnd.keyed.isEmpty() && said().contains("Keying material: ");
                });
            } finally {
                client.destroy();
                client.waitFor(MOST_S, TimeUnit.SECONDS);
            }

            assertThat(farEnd.failed).isEmpty();
            assertThat(farEnd.keyed.getFirst().suite()).isEqualTo(suite);
            assertThat(said())
                    .contains("Keying material: "
                            + HexFormat.of().withUpperCase().formatHex(concat(farEnd.keyed.getFirst())));
            assertThat(core.errors).isEmpty();
        }
    }

    private String said() {
        try {
            return Files.readString(directory.resolve("out"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void send(DatagramChannel socket, byte[] datagram, SocketAddress to) {
        try {
            socket.send(ByteBuffer.wrap(datagram), to);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void pump(DatagramChannel socket, ByteBuffer read, SocketAddress[] from, FarEnd farEnd) {
        try {
            for (SocketAddress sender = socket.receive(read.clear());
                    sender != null;
                    sender = socket.receive(read.clear())) {
                from[0] = sender;
                byte[] datagram = new byte[read.flip().remaining()];
                read.get(datagram);
                farEnd.sends(datagram);
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
