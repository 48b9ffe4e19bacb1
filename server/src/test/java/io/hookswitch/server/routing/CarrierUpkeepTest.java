package io.hookswitch.server.routing;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.server.settings.Settings;
import io.hookswitch.server.settings.SettingsException;
import io.hookswitch.server.settings.SettingsReader;
import io.hookswitch.server.settings.SipSettings.Transport;
import io.hookswitch.sip.Peers;
import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Which far ends the settings ask the sip thread to care for. */
class CarrierUpkeepTest {
    private final CountDownLatch asked = new CountDownLatch(1);

    private final NameService names = new NameService() {
        @Override
        public List<Server> servers(String host, Transport transport) {
            return List.of();
        }

        @Override
        public List<InetAddress> addresses(String host) {
            asked.countDown();
            return host.equals("gw.test") ? List.of(InetAddress.ofLiteral("192.0.2.7")) : List.of();
        }
    };

    private CarrierUpkeep upkeep(String carriers) throws SettingsException {
        Settings settings = SettingsReader.read(
                "sip: { options_interval: 5, options_failures: 2 }\naccounts:\n  - name: a\n    carriers:\n"
                        + carriers.indent(6));
        return new CarrierUpkeep(settings.accounts(), settings.sip(), names);
    }

    @Test
    void shouldWantNobodyWhenNoCarrierAsksForIt() throws SettingsException {
        try (CarrierUpkeep upkeep = upkeep("- { name: c, gateways: [ { host: 192.0.2.1, outbound: true } ] }")) {
            assertThat(upkeep.peers()).isSameAs(Peers.NONE);
        }
    }

    @Test
    void shouldAskOnlyTheGatewaysThatWantItAndLeaveTheDeadOut() throws SettingsException {
        try (CarrierUpkeep upkeep = upkeep("""
                - name: c
                  gateways:
                    - { host: 192.0.2.1, outbound: true, send_options_ping: true }
                    - { host: 192.0.2.2, outbound: true }
                - { name: off, is_active: false,
                    gateways: [ { host: 192.0.2.3, outbound: true, send_options_ping: true } ] }
                """)) {
            upkeep.start();
            Peers.Probe probe = new Peers.Probe("udp:192.0.2.1:5060", "sip:192.0.2.1;transport=udp", "", 5_000, 2);
            assertThat(upkeep.peers().probes()).containsExactly(probe);
            upkeep.onHealth(probe, false);
            assertThat(upkeep.isAlive("udp:192.0.2.1:5060")).isFalse();
            assertThat(upkeep.isAlive("udp:192.0.2.2:5060")).isTrue();
            assertThat(upkeep.counters()).containsEntry("gateways_asked", 1L).containsEntry("gateways_dead", 1L);
            upkeep.onHealth(probe, true);
            assertThat(upkeep.isAlive("udp:192.0.2.1:5060")).isTrue();
        }
    }

    @Test // dial.md 3.17
    void shouldRegisterAtTheRealmByWayOfTheGatewaysWhenTheCarrierRequiresIt() throws Exception {
        try (CarrierUpkeep upkeep = upkeep("""
                - name: c
                  requires_register: true
                  register_username: "me#1"
                  register_password: secret
                  register_sip_realm: realm.test
                  register_from_domain: from.test
                  gateways:
                    - { host: 10.0.0.1, outbound: true }
                    - { host: gw.test, port: 5070, protocol: tcp, outbound: true }
                """)) {
            upkeep.start();
            assertThat(asked.await(5, TimeUnit.SECONDS)).isTrue();
            long began = System.nanoTime();
            while (upkeep.enrolments().isEmpty() && System.nanoTime() - began < 5_000_000_000L) {
                Thread.onSpinWait();
            }
            assertThat(upkeep.enrolments())
                    .containsExactly(new Peers.Enrolment(
                            "a/c",
                            List.of("tcp:192.0.2.7:5070", "udp:10.0.0.1:5060"),
                            "sip:realm.test",
                            "sip:me%231@from.test",
                            "me#1",
                            "secret",
                            3600));
            assertThat(upkeep.enrolments().toString()).doesNotContain("secret");
            upkeep.onEnrolled("a/c", true);
            assertThat(upkeep.counters()).containsEntry("carriers_registered", 1L);
        }
    }
}
