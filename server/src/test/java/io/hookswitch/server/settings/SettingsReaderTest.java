package io.hookswitch.server.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsReaderTest {
    static final String CONTRACT = """
            sip:   { listen: ["udp:127.0.0.1:5060", "tcp:127.0.0.1:5060"] }
            media: { address: 127.0.0.1, ports: 20000-29999 }
            http:  { listen: 127.0.0.1:8080 }
            engine: { cores: 1, legs: 20000, idle: balanced }
            hooks: { allow: ["127.0.0.0/8"] }
            accounts:
              - name: demo
                sip_realm: demo.test
                api_key: "token"
                webhook_secret: "wh_secret_1"
                applications:
                  - name: main
                    call_hook: { url: "http://127.0.0.1:9000/call", method: POST }
                    call_status_hook: { url: "http://127.0.0.1:9000/status" }
                users:    [ { name: alice, password: secret, application: main } ]
                carriers:
                  - name: trunk
                    application: main
                    e164_leading_plus: true
                    gateways: [ { host: 127.0.0.1, port: 5080, inbound: true, outbound: true } ]
                numbers:  [ { number: "*", carrier: trunk, application: main } ]
            """;

    private static List<String> faultsOf(String yaml) {
        SettingsException thrown = catchThrowableOfType(SettingsException.class, () -> SettingsReader.read(yaml));
        assertThat(thrown).as("faults of\n" + yaml).isNotNull();
        return thrown.faults().stream().map(Fault::toString).toList();
    }

    @Test
    void shouldReadEveryConcernWhenTheContractsExampleIsGiven() throws Exception {
        Settings settings = SettingsReader.read(CONTRACT);

        assertThat(settings.sip().listen()).hasToString("[udp:127.0.0.1:5060, tcp:127.0.0.1:5060]");
        assertThat(settings.media().firstPort()).isEqualTo(20_000);
        assertThat(settings.media().lastPort()).isEqualTo(29_999);
        assertThat(settings.http().listen().orElseThrow().getPort()).isEqualTo(8080);
        assertThat(settings.engine())
                .isEqualTo(new EngineSettings(
                        1, 20_000, EngineSettings.Idle.BALANCED, EngineSettings.Scheduling.USUAL, 512));
        assertThat(settings.hooks().allow()).hasToString("[127.0.0.0/8]");
        AccountSettings account = settings.accounts().getFirst();
        assertThat(account.sipRealm()).isEqualTo("demo.test");
        assertThat(account.applications().getFirst().callStatusHook().method()).isEqualTo("POST");
        assertThat(account.carriers().getFirst().leadingPlus()).isTrue();
        assertThat(account.carriers().getFirst().gateways())
                .containsExactly(new AccountSettings.Gateway(
                        "127.0.0.1", 5080, 32, SipSettings.Transport.UDP, true, true, false, false, false));
        assertThat(account.numbers().getFirst().matches("+15083084809")).isTrue();
    }

    @Test
    void shouldHoldTheDefaultsWhenTheFileIsEmpty() throws Exception {
        Settings settings = SettingsReader.read("");

        assertThat(settings).isEqualTo(SettingsReader.read("# nothing\n"));
        assertThat(settings.sip().listen()).hasSize(2);
        assertThat(settings.engine().legs()).isEqualTo(20_000);
        assertThat(settings.hooks().allow()).isEmpty();
        assertThat(settings.accounts()).isEmpty();
    }

    @Test
    void shouldListEveryFaultWithItsPathWhenSeveralAreMade() {
        String yaml = """
                sip: { listen: ["udp:nowhere:5060", 7], listn: [] }
                media: { address: 0.0.0.0, ports: 100-200 }
                engine: { cores: 1.5, legs: 1, idle: lazy, transcoders: -1 }
                hooks: { allow: ["10.0.0.0/40"] }
                accounts:
                  - name: demo
                    users: [ { name: alice, password: 1234, application: nope } ]
                    carriers:
                      - name: trunk
                        gateways:
                          - { host: 127.0.0.1, port: 5080, inbound: true }
                          - { host: 127.0.0.2, port: 99999, outbound: yes }
                    numbers: [ { number: "15x", carrier: other } ]
                """;

        assertThat(faultsOf(yaml))
                .contains("accounts[0].carriers[0].gateways[1].port: 99999 is not in 1..65535")
                .anyMatch(
                        fault -> fault.startsWith("sip.listn: is not a key known here; known are listen, register_min"))
                .contains("sip.listen[0]: udp:nowhere:5060 is not udp:, tcp:, tls:, ws: or wss: and ADDRESS:PORT")
                .contains("sip.listen[1]: must be text, but is the number 7")
                .contains("media.address: 0.0.0.0: name one address of this machine; it is written into SDP")
                .contains("media.ports: 100-200 is not in 1024..65535")
                .contains("engine.cores: must be a whole number, but is the number 1.5")
                .contains("engine.legs: 1 is not in 2..1000000")
                .contains("engine.idle: lazy is not one of latency, balanced, quiet")
                .contains("engine.transcoders: -1 is not in 0..100000")
                .contains("hooks.allow[0]: 10.0.0.0/40 is not a block of IP addresses")
                .contains("accounts[0].users[0].password: must be text: put it in quotes")
                .contains("accounts[0].users[0].application: nope is the name of none; there are: ")
                .contains("accounts[0].sip_realm: is required when there are users")
                .contains(
                        "accounts[0].carriers[0].gateways[1].outbound: must be true or false, but is the text \"yes\"")
                .contains("accounts[0].numbers[0].number: 15x is not digits with an optional * at the end")
                .contains("accounts[0].numbers[0].carrier: other is the name of none; there are: trunk");
    }

    @Test
    void shouldRefuseTheSecondWhenNamesAreUsedTwice() {
        String yaml = """
                accounts:
                  - { name: a, sip_realm: same.test }
                  - name: a
                    sip_realm: SAME.test
                    applications:
                      - { name: main, call_hook: { url: "http://h/" } }
                      - { name: main, call_hook: { url: "ftp://h/" } }
                    users: [ { name: u, password: p }, { name: u, password: p } ]
                """;

        assertThat(faultsOf(yaml))
                .contains("accounts[1].name: a is used already at accounts[0]")
                .contains("accounts[1].sip_realm: same.test is used already at accounts[0]")
                .contains("accounts[1].applications[1].name: main is used already at accounts[1].applications[0]")
                .contains("accounts[1].users[1].name: u is used already at accounts[1].users[0]")
                .contains("accounts[1].applications[1].call_hook.url: ftp://h/ is not an absolute http or https URL");
    }

    @Test
    void shouldRefuseTheSecondWhenTwoCarriersClaimTheSameCallers() {
        String yaml = """
                accounts:
                  - name: a
                    carriers: [ { name: one, gateways: [ { host: 10.1.2.3, netmask: 24, inbound: true } ] } ]
                  - name: b
                    carriers:
                      - name: two
                        gateways: [ { host: 10.1.2.77, netmask: 24, inbound: true }, { host: 10.1.2.9, inbound: true } ]
                """;

        assertThat(faultsOf(yaml))
                .containsExactly("accounts[1].carriers[0].gateways[0].host: 10.1.2.0/24 overlaps the gateway of carrier"
                        + " a/one at accounts[0].carriers[0].gateways[0]: a caller from there would be two carriers'");
    }

    @Test
    void shouldRefuseAnInboundGatewayWhenItIsKnownByNameOnly() {
        assertThat(faultsOf(
                        "accounts: [ { name: a, carriers: [ { name: c, gateways: [ { host: gw.test, inbound: true },"
                                + " { host: gw2.test }, { host: 300.1.1.1, outbound: true } ] } ] } ]"))
                .containsExactly(
                        "accounts[0].carriers[0].gateways[0].host: gw.test: an inbound gateway is known by its IP"
                                + " address, not by name",
                        "accounts[0].carriers[0].gateways[1].inbound: or outbound must be true: this gateway does"
                                + " nothing",
                        "accounts[0].carriers[0].gateways[2].host: 300.1.1.1 is neither an IP address nor a host name");
    }

    @Test
    void shouldSayWhereWhenItIsNotYaml() {
        assertThat(faultsOf("sip: { listen: ["))
                .singleElement()
                .asString()
                .startsWith("not YAML:")
                .contains("line");
        assertThat(faultsOf("sip: {}\nsip: {}")).singleElement().asString().contains("duplicate key");
        assertThat(faultsOf("[]")).containsExactly("must be a mapping of keys, but is a list");
    }

    @Test
    void shouldNotPrintSecretsWhenSettingsAreLogged() throws Exception {
        assertThat(SettingsReader.read(CONTRACT).toString())
                .doesNotContain("secret")
                .doesNotContain("token");
    }

    @Test
    void shouldSayTheFileWhenItCannotBeRead(@TempDir Path folder) throws Exception {
        Path missing = folder.resolve("none.yaml");
        Path binary = Files.write(folder.resolve("binary.yaml"), new byte[] {(byte) 0xFF, (byte) 0xFE, 'a'});

        assertThat(catchThrowableOfType(SettingsException.class, () -> SettingsReader.read(missing)))
                .hasMessageContaining("there is no file");
        assertThat(catchThrowableOfType(SettingsException.class, () -> SettingsReader.read(binary)))
                .hasMessageContaining("not UTF-8");
    }

    @Test
    void shouldContainByPrefixWhenBlocksAreCompared() {
        Cidr block = Cidr.parse("10.1.2.77/20").orElseThrow();

        assertThat(block).hasToString("10.1.0.0/20");
        assertThat(block.contains(Addresses.literal("10.1.15.255").orElseThrow()))
                .isTrue();
        assertThat(block.contains(Addresses.literal("10.1.16.0").orElseThrow())).isFalse();
        assertThat(block.contains(Addresses.literal("::1").orElseThrow())).isFalse();
        assertThat(Cidr.parse("0.0.0.0/0")
                        .orElseThrow()
                        .contains(Addresses.literal("9.9.9.9").orElseThrow()))
                .isTrue();
        assertThat(Cidr.parse("1.2.3.4/")).isEmpty();
        assertThat(Cidr.parse("host/8")).isEmpty();
    }
}
