package io.hookswitch.server.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.Directory.Application;
import io.hookswitch.server.settings.SettingsReader;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AccountDirectoryTest {
    private AccountDirectory directory;

    @BeforeEach
    void read() throws Exception {
        directory = new AccountDirectory(SettingsReader.read("""
                        accounts:
                          - name: a
                            sid: a-sid
                            sip_realm: a.test
                            applications:
                              - { name: main, call_hook: { url: "http://h/main", username: u, password: p } }
                              - { name: special, call_hook: { url: "http://h/special" } }
                              - { name: prefix, call_hook: { url: "http://h/prefix" } }
                              - { name: long, call_hook: { url: "http://h/long" } }
                            users: [ { name: alice, password: x, application: special }, { name: bob, password: x } ]
                            carriers:
                              - { name: trunk, application: main, gateways: [ { host: 10.0.0.1, inbound: true } ] }
                              - { name: other, gateways: [ { host: 10.0.0.2, inbound: true } ] }
                            numbers:
                              - { number: "15*", carrier: trunk, application: prefix }
                              - { number: "1508*", carrier: trunk, application: long }
                              - { number: "+15083084809", carrier: trunk, application: special }
                              - { number: "44*", carrier: other, application: long }
                              - { number: "1600*", carrier: trunk }
                        """).accounts());
    }

    private String carrierCall(String carrier, String number) {
        return directory
                .applicationForCarrier("a", carrier, number)
                .map(Application::name)
                .orElse("none");
    }

    @Test
    void shouldTakeTheNarrowestEntryWhenSeveralFitTheNumber() {
        assertThat(carrierCall("trunk", "15083084809")).isEqualTo("special");
        assertThat(carrierCall("trunk", "+15083084809")).isEqualTo("special");
        assertThat(carrierCall("trunk", "15083084800")).isEqualTo("long");
        assertThat(carrierCall("trunk", "15")).isEqualTo("prefix");
    }

    @Test
    void shouldFallBackToTheCarriersApplicationWhenNoNumberNamesOne() {
        assertThat(carrierCall("trunk", "4930123")).isEqualTo("main");
        assertThat(carrierCall("trunk", "16001")).isEqualTo("main");
        assertThat(carrierCall("other", "4930123")).isEqualTo("none");
        assertThat(carrierCall("other", "15083084809")).isEqualTo("none");
        assertThat(carrierCall("nope", "1")).isEqualTo("none");
    }

    @Test
    void shouldTakeTheUsersApplicationWhenAUserCalls() {
        assertThat(directory.applicationForUser("a", "alice@a.test").map(Application::name))
                .contains("special");
        assertThat(directory.applicationForUser("a", "bob@a.test")).isEmpty();
        assertThat(directory.applicationForUser("b", "alice@a.test")).isEmpty();
    }

    @Test
    void shouldTellHooksAndIdentifiersWhenControlAsks() {
        Application main =
                directory.applicationForCarrier("a", "trunk", "4930123").orElseThrow();

        assertThat(main.callHook().url()).isEqualTo("http://h/main");
        assertThat(main.callHook().username()).isEqualTo("u");
        assertThat(main.callStatusHook()).isNull();
        assertThat(main.sid()).matches("[0-9a-f-]{36}");
        assertThat(directory.accountSid("a")).isEqualTo("a-sid");
    }
}
