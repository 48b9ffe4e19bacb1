package io.hookswitch.server.hooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HookUrlTest {
    @ParameterizedTest
    @CsvSource({
        "http://h:3000/a/b, /x, http://h:3000/x",
        "https://h:8/a/b?q=1, /x?y=2, https://h:8/x?y=2",
        "http://h/a, https://other/y, https://other/y",
        "https://h/a, /x#rc=3, https://h:443/x"
    })
    void shouldDropTheBasesPathWhenRelative(String base, String url, String expected) throws HookUrl.Unusable {
        assertThat(HookUrl.resolve(base, url).uri()).hasToString(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"foo", "../x", "ftp://h/x", "http:///x", "http://u:p@h/x", "http://h/a b", ""})
    void shouldRefuseWhenNeitherRelativeToTheRootNorAbsoluteHttp(String url) {
        assertThatThrownBy(() -> HookUrl.resolve("http://h/", url)).isInstanceOf(HookUrl.Unusable.class);
    }

    @Test
    void shouldReadTheRetryPolicyFromTheFragment() throws HookUrl.Unusable {
        HookUrl url = HookUrl.resolve("http://h", "https://h/x#rc=9&rp=ct,5xx");
        assertThat(url.retries()).isEqualTo(5);
        assertThat(url.retryOn()).isEqualTo(new HookUrl.RetryOn(true, false, false, true));
        assertThat(HookUrl.resolve("http://h", "/x#rc=1&rp=all").retryOn()).isEqualTo(HookUrl.RetryOn.ALL);
        assertThat(HookUrl.resolve("http://h", "/x").retries()).isZero();
        assertThat(HookUrl.resolve("http://h", "/x#rc=2").retryOn()).isEqualTo(HookUrl.RetryOn.CONNECT);
    }

    @Test
    void shouldAppendThePayloadAsQueryWhenGet() throws HookUrl.Unusable {
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("call_sid", "a b");
        payload.put("sip", Map.of("x", 1L));
        payload.put("n", 5L);
        payload.put("customerData", Map.of("k", List.of(1L)));
        payload.put("gone", null);
        assertThat(HookUrl.resolve("http://h", "/x?own=1").withQuery(payload).uri())
                .hasToString("http://h:80/x?own=1&call_sid=a+b&n=5&customerData=%7B%22k%22%3A%5B1%5D%7D");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "10.1.2.3",
                "192.168.0.1",
                "172.16.0.1",
                "169.254.169.254",
                "0.0.0.0",
                "100.64.0.1",
                "224.0.0.1",
                "::1",
                "fe80::1",
                "fd00::1",
                "255.255.255.255",
                "::ffff:127.0.0.1"
            })
    void shouldDenyWhatIsNotPublicWhenNotAllowed(String address) throws UnknownHostException {
        assertThat(new AddressGuard(List.of()).permits(InetAddress.getByName(address)))
                .isFalse();
    }

    @Test
    void shouldPermitPublicAddressesAndAllowedRanges() throws UnknownHostException {
        AddressGuard guard = new AddressGuard(List.of(AddressGuard.AddressRange.parse("127.0.0.0/9")));
        assertThat(guard.permits(InetAddress.getByName("8.8.8.8"))).isTrue();
        assertThat(guard.permits(InetAddress.getByName("2606:4700::1111"))).isTrue();
        assertThat(guard.permits(InetAddress.getByName("127.127.255.255"))).isTrue();
        assertThat(guard.permits(InetAddress.getByName("127.128.0.0"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/x", "host/8", "", "10.0.0/8/8"})
    void shouldSayWhatIsWrongWhenARangeIsNotOne(String text) {
        assertThatThrownBy(() -> AddressGuard.AddressRange.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(text);
    }
}
