package io.hookswitch.engine.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpAddressTest {
    @ParameterizedTest
    @ValueSource(
            strings = {"127.0.0.1", "255.255.255.255", "0.0.0.0", "192.0.2.200", "::1", "2001:db8::ffff:1", "fe80::80"})
    void shouldKeepEveryByteWhenPackedAndUnpacked(String literal) {
        byte[] address = InetAddress.ofLiteral(literal).getAddress();
        long high = IpAddress.high(address, address.length);
        long low = IpAddress.low(address, address.length);
        byte[] back = new byte[16];
        int length = IpAddress.bytes(high, low, back);
        assertThat(Arrays.copyOf(back, length)).isEqualTo(address);
        assertThat(IpAddress.isIpv4(high, low)).isEqualTo(address.length == 4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "::1", "fe80::80", "2001:db8::1"})
    void shouldReadBackWhatWasWrittenWhenEncodedForTheKernel(String literal) {
        InetAddress address = InetAddress.ofLiteral(literal);
        boolean ipv6 = address.getAddress().length == 16;
        UnsafeBuffer memory = new UnsafeBuffer(new byte[64]);
        SocketAddressFlyweight far = new SocketAddressFlyweight(ipv6, 7).wrap(memory, 16);
        assertThat(far.encode(IpAddress.high(address), IpAddress.low(address), 65_534))
                .isEqualTo(ipv6 ? 28 : 16);
        assertThat(far.high()).isEqualTo(IpAddress.high(address));
        assertThat(far.low()).isEqualTo(IpAddress.low(address));
        assertThat(far.port()).isEqualTo(65_534);
        // RFC 4007 section 6: only a link-local address needs the interface.
        assertThat(memory.getInt(16 + 24)).isEqualTo(literal.startsWith("fe80") ? 7 : 0);
        assertThat(new SocketAddressFlyweight(!ipv6, 0)
                        .wrap(memory, 0)
                        .encode(IpAddress.high(address), IpAddress.low(address), 1))
                .isEqualTo(-Errno.EINVAL);
    }

    @ParameterizedTest
    @CsvSource({
        "9.255.255.255, false",
        "10.0.0.0, true",
        "10.255.255.255, true",
        "11.0.0.0, false",
        "100.63.255.255, false",
        "100.64.0.0, true",
        "100.127.255.255, true",
        "100.128.0.0, false",
        "127.0.0.1, true",
        "128.0.0.1, false",
        "169.254.1.1, true",
        "169.253.1.1, false",
        "172.15.255.255, false",
        "172.16.0.0, true",
        "172.31.255.255, true",
        "172.32.0.0, false",
        "192.168.0.1, true",
        "192.167.0.1, false",
        "203.0.113.9, false",
        "255.255.255.255, false",
        "::1, true",
        "::2, false",
        "fc00::1, true",
        "fdff::1, true",
        "fe00::1, false",
        "fe80::1, true",
        "febf::1, true",
        "fec0::1, false",
        "2001:db8::1, false"
    })
    void shouldKnowPrivateAddresses(String literal, boolean isPrivate) {
        InetAddress address = InetAddress.ofLiteral(literal);
        assertThat(IpAddress.isPrivate(IpAddress.high(address), IpAddress.low(address)))
                .isEqualTo(isPrivate);
    }
}
