package io.hookswitch.server.registrar;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.server.settings.AccountSettings;
import io.hookswitch.server.settings.SettingsReader;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AdmissionTablesTest {
    private static final String YAML = """
            accounts:
              - name: a
                sip_realm: a.test
                users: [ { name: alice, password: one } ]
                carriers:
                  - { name: wide, gateways: [ { host: 10.0.0.0, netmask: 8, inbound: true } ] }
                  - { name: out, gateways: [ { host: 10.9.9.9, outbound: true } ] }
              - name: b
                sip_realm: b.test
                users: [ { name: alice, password: two } ]
                carriers:
                  - { name: block, gateways: [ { host: 10.1.2.0, netmask: 24, inbound: true } ] }
                  - name: single
                    gateways: [ { host: 10.1.2.3, inbound: true }, { host: "2001:db8::1", netmask: 64, inbound: true } ]
                  - { name: asleep, is_active: false, gateways: [ { host: 192.168.0.1, inbound: true } ] }
            """;

    private static List<AccountSettings> accounts() throws Exception {
        return SettingsReader.read(YAML).accounts();
    }

    private static Optional<GatewayTable.Owner> ownerOf(String address) throws Exception {
        return new GatewayTable(accounts()).ownerOf(InetAddress.ofLiteral(address));
    }

    @Test
    void shouldBelongToTheNarrowestBlockWhenSeveralHoldTheAddress() throws Exception {
        assertThat(ownerOf("10.1.2.3")).contains(new GatewayTable.Owner("b", "single"));
        assertThat(ownerOf("10.1.2.4")).contains(new GatewayTable.Owner("b", "block"));
        assertThat(ownerOf("10.1.3.4")).contains(new GatewayTable.Owner("a", "wide"));
        assertThat(ownerOf("2001:db8::ffff")).contains(new GatewayTable.Owner("b", "single"));
    }

    @Test
    void shouldBelongToNobodyWhenNoInboundGatewayOfAnActiveCarrierHoldsTheAddress() throws Exception {
        assertThat(ownerOf("11.0.0.1")).isEmpty();
        assertThat(ownerOf("192.168.0.1")).isEmpty();
        assertThat(ownerOf("2001:db9::1")).isEmpty();
        assertThat(ownerOf("10.9.9.9")).contains(new GatewayTable.Owner("a", "wide"));
    }

    @Test
    void shouldKeepUsersOfTheSameNameApartWhenRealmsDiffer() throws Exception {
        UserTable users = new UserTable(accounts());

        assertThat(users.user("alice", "A.test").orElseThrow().password().value())
                .isEqualTo("one");
        assertThat(users.user("alice", "b.test").orElseThrow().password().value())
                .isEqualTo("two");
        assertThat(users.user("Alice", "a.test")).isEmpty();
        assertThat(users.user("alice", "c.test")).isEmpty();
        assertThat(users.accountOf("B.TEST")).contains("b");
        assertThat(users.realmOf("a")).contains("a.test");
    }
}
