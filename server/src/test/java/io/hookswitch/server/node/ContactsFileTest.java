package io.hookswitch.server.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.server.settings.Settings;
import io.hookswitch.server.settings.SettingsReader;
import io.hookswitch.sip.digest.DigestClient;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A phone that has registered is reached after a restart of the whole node. */
class ContactsFileTest {
    private static final Pattern CHALLENGE = Pattern.compile("WWW-Authenticate: ([^\r]*)\r\n");

    @TempDir
    Path directory;

    @Test
    void shouldKnowThePhoneWhenTheNodeHasBeenRestarted() throws Exception {
        Settings settings = SettingsReader.read("""
                sip: { listen: ["udp:127.0.0.1:0"], contacts_file: "%s" }
                http: { listen: "off" }
                media: { ports: 23000-23031 }
                engine: { legs: 8 }
                accounts: [ { name: a, sip_realm: a.test, users: [ { name: alice, password: x } ] } ]
                """.formatted(directory.resolve("contacts")));
        try (DatagramSocket phone = new DatagramSocket(0, InetAddress.getByName("127.0.0.1"))) {
            phone.setSoTimeout(5_000);
            try (Hookswitch node = Hookswitch.start(settings, null)) {
                Matcher challenge = CHALLENGE.matcher(register(phone, node, 1, ""));
                assertThat(challenge.find()).isTrue();
                DigestClient client = new DigestClient("alice", "x", () -> "c0ffee");
                client.challenged(List.of(challenge.group(1)));
                String proof = "Authorization: " + client.authorization("REGISTER", "sip:a.test") + "\r\n";
                assertThat(register(phone, node, 2, proof)).startsWith("SIP/2.0 200");
                assertThat(node.counters()).containsEntry("registered_contacts", 1L);
            }
            try (Hookswitch node = Hookswitch.start(settings, null)) {
                assertThat(node.counters()).containsEntry("registered_contacts", 1L);
            }
        }
    }

    private static String register(DatagramSocket phone, Hookswitch node, int cseq, String more) throws Exception {
        byte[] request = ("REGISTER sip:a.test SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:" + phone.getLocalPort()
                        + ";branch=z9hG4bK" + cseq + ";rport\r\nMax-Forwards: 70\r\nFrom: <sip:alice@a.test>;tag=1\r\n"
                        + "To: <sip:alice@a.test>\r\nCall-ID: r\r\nCSeq: " + cseq
                        + " REGISTER\r\nContact: <sip:alice@127.0.0.1:"
                        + phone.getLocalPort() + ">\r\n" + more + "Content-Length: 0\r\n\r\n")
                .getBytes(StandardCharsets.UTF_8);
        phone.send(new DatagramPacket(request, request.length, node.sip()));
        DatagramPacket answer = new DatagramPacket(new byte[4096], 4096);
        phone.receive(answer);
        return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
    }
}
