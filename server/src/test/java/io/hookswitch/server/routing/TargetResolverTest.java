package io.hookswitch.server.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlCommand.Resolve;
import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.ControlEvent.Resolution;
import io.hookswitch.control.ControlEvent.Resolution.Nowhere;
import io.hookswitch.control.ControlEvent.Resolution.Routes;
import io.hookswitch.control.ControlEvent.Route;
import io.hookswitch.control.DialTarget;
import io.hookswitch.server.registrar.BindingTable;
import io.hookswitch.server.registrar.UserTable;
import io.hookswitch.server.settings.AccountSettings;
import io.hookswitch.server.settings.AccountSettings.Carrier;
import io.hookswitch.server.settings.SettingsException;
import io.hookswitch.server.settings.SettingsReader;
import io.hookswitch.server.settings.SipSettings.Transport;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TargetResolverTest {
    private static final String YAML = """
            accounts:
              - name: a
                sip_realm: a.test
                users: [ { name: alice, password: x } ]
                carriers:
                  - { name: inbound, gateways: [ { host: 10.0.0.9, inbound: true } ] }
                  - { name: asleep, is_active: false, gateways: [ { host: 10.0.0.8, outbound: true } ] }
                  - name: first
                    gateways:
                      - { host: 10.0.0.1, port: 5080, outbound: true }
                      - { host: 10.0.0.7, inbound: true }
                      - { host: 10.0.0.2, protocol: tcp, outbound: true }
                  - name: second
                    e164_leading_plus: true
                    tech_prefix: "99#"
                    register_username: me
                    register_password: pw
                    register_from_domain: from.test
                    gateways: [ { host: "2001:db8::1", port: 5070, outbound: true } ]
                  - { name: named, gateways: [ { host: gw.test, outbound: true } ] }
                numbers: [ { number: "1617*", carrier: second }, { number: "*", carrier: named } ]
              - { name: b, sip_realm: b.test, users: [ { name: bob, password: x } ] }
            """;

    private final BindingTable bindings = new BindingTable(() -> 0);
    private final CountDownLatch never = new CountDownLatch(1);
    private TargetResolver resolver;

    private final NameService names = new NameService() {
        @Override
        public List<Server> servers(String host, Transport transport) {
            return host.equals("srv.test") && transport == Transport.TCP
                    ? List.of(new Server(1, 1, 5090, "one.test"), new Server(2, 1, 5091, "two.test"))
                    : List.of();
        }

        @Override
        public List<InetAddress> addresses(String host) {
            if (host.equals("slow.test")) {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    return List.of();
                }
            }
            while (host.equals("stuck.test") && never.getCount() > 0) {
                // As the machine's resolver: an interrupt does not reach it.
                LockSupport.parkNanos(1_000_000);
                Thread.interrupted();
            }
            if (host.equals("broken.test")) {
                throw new IllegalStateException("broken");
            }
            String literal = Map.of("one.test", "192.0.2.1", "two.test", "192.0.2.2", "gw.test", "192.0.2.3")
                    .get(host);
            return literal == null ? List.of() : List.of(InetAddress.ofLiteral(literal));
        }
    };

    @BeforeEach
    void start() throws Exception {
        List<AccountSettings> accounts = SettingsReader.read(YAML).accounts();
        resolver = new TargetResolver(
                new CarrierChoice(accounts, new Random(1)), new UserTable(accounts), bindings, names, 200);
        resolver.listensOn(List.of(new InetSocketAddress("127.0.0.1", 5060)));
    }

    @AfterEach
    void stop() {
        never.countDown();
        resolver.close();
    }

    private Resolution ask(String inboundTrunk, DialTarget target) {
        CompletableFuture<Resolution> answer = new CompletableFuture<>();
        resolver.resolve(new Resolve(1, "a", inboundTrunk, target), found -> {
            assertThat(answer.complete(found)).as("answered once").isTrue();
        });
        return answer.orTimeout(5, TimeUnit.SECONDS).join();
    }

    @Test // a name server that hangs must not gather threads without end
    void shouldRefuseWhenTooManyLookupsThatWereGivenUpStillWait() {
        BlockingQueue<Resolution> answers = new LinkedBlockingQueue<>();
        Resolve stuck = new Resolve(1, "a", null, new DialTarget.Sip("sip:x@stuck.test", null, null));
        for (int i = 0; i < 256; i++) {
            resolver.resolve(stuck, answers::add);
        }
        for (int i = 0; i < 256; i++) {
            assertThat(answer(answers)).hasToString("Nowhere[sipStatus=503, reason=Name lookup took more than 200 ms]");
        }
        assertThat(sip("sip:x@one.test")).isEqualTo(new Nowhere(503, "Too many name lookups"));
        never.countDown();
        Resolution found = sip("sip:x@one.test");
        for (int i = 0; i < 2000 && !(found instanceof Routes); i++) {
            LockSupport.parkNanos(1_000_000);
            found = sip("sip:x@one.test");
        }
        assertThat(found).isInstanceOf(Routes.class);
    }

    private static Resolution answer(BlockingQueue<Resolution> answers) {
        try {
            return answers.poll(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private List<Route> phone(String number, String trunk, String callingNumber, String inboundTrunk) {
        return ((Routes) ask(inboundTrunk, new DialTarget.Phone(number, trunk, callingNumber))).routes();
    }

    private Resolution sip(String uri) {
        return ask(null, new DialTarget.Sip(uri, "u", "p"));
    }

    private Resolution user(String name) {
        return ask(null, new DialTarget.User(name));
    }

    @Test
    void shouldTryTheGatewaysOfACarrierInOrder() {
        assertThat(phone("+15083084809", "first", null, null))
                .extracting(Route::requestUri, Route::nextHop, Route::trunk, Route::authUser)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(
                                "sip:15083084809@10.0.0.1:5080;transport=udp", "udp:10.0.0.1:5080", "first", null),
                        org.assertj.core.groups.Tuple.tuple(
                                "sip:15083084809@10.0.0.2;transport=tcp", "tcp:10.0.0.2:5060", "first", null));
    }

    @Test
    void shouldWritePrefixPlusAndDigestWhenTheCarrierHasThem() {
        assertThat(phone("15083084809", "second", null, null))
                .containsExactly(new Route(
                        "sip:99%23+15083084809@[2001:db8::1]:5070;transport=udp",
                        "udp:[2001:db8:0:0:0:0:0:1]:5070", "from.test", "me", "pw", "second"));
        assertThat(phone("0123", "second", null, null).getFirst().requestUri()).startsWith("sip:99%230123@");
    }

    @Test
    void shouldChooseByTrunkThenCallingNumberThenInboundCarrierWhenSeveralCould() {
        assertThat(phone("1", "first", "16175551212", "named").getFirst().trunk())
                .isEqualTo("first");
        assertThat(phone("1", "unknown", "+16175551212", "named").getFirst().trunk())
                .isEqualTo("second");
        assertThat(phone("1", "", "4930", "named").getFirst().trunk()).isEqualTo("named");
    }

    @Test // dial.md 3.17, choice 5
    void shouldTakeAnyActiveCarrierWhenNothingElseSaysWhich() {
        Set<String> taken = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            taken.add(phone("1", "asleep", "4930", "inbound").getFirst().trunk());
        }
        assertThat(taken).containsExactlyInAnyOrder("first", "second", "named");
    }

    @Test // dial.md 3.17, choice 3
    void shouldTakeTheCheapestRouteThatMatchesWhenTheAccountHasRoutes() throws SettingsException {
        CarrierChoice choice = choice("""
                carriers:
                  - { name: uk, gateways: [ { host: 10.0.0.1, outbound: true } ] }
                  - { name: us, gateways: [ { host: 10.0.0.2, outbound: true } ] }
                  - { name: off, is_active: false, gateways: [ { host: 10.0.0.3, outbound: true } ] }
                  - { name: rest, gateways: [ { host: 10.0.0.4, outbound: true } ] }
                numbers: [ { number: "1617*", carrier: us } ]
                lcr:
                  - { pattern: ".*", priority: 9, carrier: rest }
                  - { pattern: "44", priority: 1, carrier: off }
                  - { pattern: "44", priority: 2, carrier: uk }
                  - { pattern: "1[2-9][0-9]{9}", priority: 1, carrier: us }
                """);
        for (String[] each : new String[][] {{"+442071234567", "uk"}, {"16175551212", "us"}, {"1617", "rest"}}) {
            assertThat(choice.choose("a", new DialTarget.Phone(each[0], null, "16170000000"), "uk"))
                    .get()
                    .extracting(Carrier::name)
                    .as(each[0])
                    .isEqualTo(each[1]);
        }
        assertThat(choice.choose("a", new DialTarget.Phone("442071234567", "us", null), null))
                .get()
                .extracting(Carrier::name)
                .isEqualTo("us");
    }

    @Test // dial.md 3.17
    void shouldTryPublicGatewaysBeforePrivateOnes() throws SettingsException {
        CarrierChoice choice = choice("""
                carriers:
                  - name: c
                    gateways:
                      - { host: 10.0.0.1, outbound: true }
                      - { host: 198.51.100.1, outbound: true }
                      - { host: 192.168.0.1, outbound: true }
                      - { host: gw.test, outbound: true }
                """);
        Carrier carrier =
                choice.choose("a", new DialTarget.Phone("1", null, null), null).orElseThrow();
        assertThat(CarrierChoice.outbound(carrier))
                .extracting(AccountSettings.Gateway::host)
                .containsExactly("198.51.100.1", "gw.test", "10.0.0.1", "192.168.0.1");
    }

    @Test // dial.md 3.17
    void shouldSendToTheProxyAndNameTheRealmAndDivertWhenTheCarrierWantsIt() throws SettingsException {
        List<AccountSettings> accounts = accounts("""
                carriers:
                  - name: c
                    register_username: u
                    register_password: p
                    register_sip_realm: sip.carrier.test
                    outbound_sip_proxy: "192.0.2.77:5099;transport=tcp"
                    diversion: "+15551234"
                    gateways: [ { host: gw.test, port: 5070, outbound: true } ]
                """);
        try (TargetResolver asked = new TargetResolver(
                new CarrierChoice(accounts, new Random(1)), new UserTable(accounts), bindings, names, 200)) {
            CompletableFuture<Resolution> answer = new CompletableFuture<>();
            asked.resolve(new Resolve(1, "a", null, new DialTarget.Phone("+49301", null, null)), answer::complete);
            Route route = ((Routes) answer.orTimeout(5, TimeUnit.SECONDS).join())
                    .routes()
                    .getFirst();
            assertThat(route.requestUri()).isEqualTo("sip:49301@sip.carrier.test;transport=udp");
            assertThat(route.nextHop()).isEqualTo("tcp:192.0.2.77:5099");
            assertThat(route.headers())
                    .containsExactly(
                            new Header("Diversion", "<sip:+15551234@gw.test>;reason=unknown;counter=1;privacy=off"));
        }
    }

    private static List<AccountSettings> accounts(String yaml) throws SettingsException {
        return SettingsReader.read("accounts:\n  - name: a\n" + yaml.indent(4)).accounts();
    }

    private static CarrierChoice choice(String yaml) throws SettingsException {
        return new CarrierChoice(accounts(yaml), new Random(1));
    }

    @Test // dial.md 3.16
    void shouldTryTheHostsOfTeamsInTurnInTheNameOfTheTenant() throws Exception {
        Path file = Files.createTempFile("tls", ".pem");
        String tls = "{ certificate: \"" + file + "\", key: \"" + file + "\" }";
        List<AccountSettings> accounts = SettingsReader.read("""
                sip: { listen: ["tls:127.0.0.1:5061"], tls: %s }
                accounts:
                  - name: a
                    teams: { tenant_fqdn: sbc.a.test, hosts: [ 192.0.2.1, 192.0.2.2, 192.0.2.3 ] }
                  - name: none
                """.formatted(tls)).accounts();
        Files.delete(file);
        try (TargetResolver asked = new TargetResolver(
                new CarrierChoice(accounts, new Random(1)),
                new UserTable(accounts),
                bindings,
                names,
                hop -> !hop.equals("tls:192.0.2.2:5061"),
                200)) {
            CompletableFuture<Resolution> answer = new CompletableFuture<>();
            asked.resolve(new Resolve(1, "a", null, new DialTarget.Teams("+1", null, true)), answer::complete);
            assertThat(((Routes) answer.join()).routes())
                    .extracting(Route::requestUri, Route::nextHop, Route::fromHost, Route::contact, Route::srtp)
                    .containsExactly(
                            tuple(
                                    "sip:+1@192.0.2.1;opaque=app:voicemail",
                                    "tls:192.0.2.1:5061",
                                    "sbc.a.test",
                                    "+1@sbc.a.test",
                                    ControlCommand.Srtp.SDES_WITH_ICE),
                            tuple(
                                    "sip:+1@192.0.2.3;opaque=app:voicemail",
                                    "tls:192.0.2.3:5061",
                                    "sbc.a.test",
                                    "+1@sbc.a.test",
                                    ControlCommand.Srtp.SDES_WITH_ICE));
            CompletableFuture<Resolution> none = new CompletableFuture<>();
            asked.resolve(new Resolve(1, "none", null, new DialTarget.Teams("+1", "t.test", false)), none::complete);
            assertThat(none.join()).isEqualTo(new Nowhere(500, "No Teams tenant"));
        }
    }

    @Test // dial.md 1.3
    void shouldSendASipTargetToItsProxyAndKeepItsUri() {
        Resolution found = ask(null, new DialTarget.Sip("sip:x@somewhere.test", null, null, "192.0.2.5:5066"));
        assertThat(((Routes) found).routes())
                .containsExactly(new Route("sip:x@somewhere.test", "udp:192.0.2.5:5066", null, null, null, ""));
        assertThat(((Routes) ask(null, new DialTarget.Sip("sip:alice@a.test", null, null, "sip:one.test")))
                        .routes()
                        .getFirst()
                        .nextHop())
                .isEqualTo("udp:192.0.2.1:5060");
        assertThat(ask(null, new DialTarget.Sip("sip:x@h.test", null, null, "not a host")))
                .isEqualTo(new Nowhere(500, "Bad proxy: not a SIP URI"));
        assertThat(ask(null, new DialTarget.Sip("sip:x@h.test", null, null, "127.0.0.1:5060")))
                .isEqualTo(new Nowhere(482, "Loop Detected"));
    }

    @Test // dial.md 1.3
    void shouldReplaceTheUserPartOfAContactWhenTheTargetSaysSo() {
        bindings.register(
                "alice@a.test",
                List.of(new BindingTable.Change("sip:alice@10.1.1.1:5062;ob", 60)),
                "udp:198.51.100.7:999",
                "c",
                1);
        assertThat(((Routes) ask(null, new DialTarget.User("alice", "500"))).routes())
                .extracting(Route::requestUri)
                .containsExactly("sip:500@10.1.1.1:5062;ob");
    }

    @Test
    void shouldFindNoCarrierWhenTheAccountHasNone() {
        CompletableFuture<Resolution> answer = new CompletableFuture<>();
        resolver.resolve(new Resolve(1, "b", null, new DialTarget.Phone("1", null, null)), answer::complete);

        assertThat(answer).isCompletedWithValue(new Nowhere(603, "No carrier"));
    }

    @Test
    void shouldLookTheGatewayUpWhenItHasAName() {
        assertThat(phone("1", "named", null, null))
                .extracting(Route::requestUri, Route::nextHop)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("sip:1@gw.test;transport=udp", "udp:192.0.2.3:5060"));
    }

    @Test
    void shouldReachEveryContactWhereItRegisteredFromWhenAUserIsDialled() {
        bindings.register(
                "alice@a.test",
                List.of(new BindingTable.Change("sip:alice@10.1.1.1", 60)),
                "udp:198.51.100.7:999",
                "c",
                1);
        Routes expected = new Routes(
                List.of(new Route("sip:alice@10.1.1.1", "udp:198.51.100.7:999", null, null, null, "")), true);

        assertThat(user("alice@A.test")).isEqualTo(expected);
        assertThat(user("alice")).isEqualTo(expected);
        assertThat(sip("sip:alice@a.test;transport=tcp")).isEqualTo(expected);
    }

    @Test
    void shouldBeNotFoundWhenTheUserIsUnknownOrElsewhereOrAway() {
        bindings.register(
                "bob@b.test", List.of(new BindingTable.Change("sip:bob@10.1.1.2", 60)), "udp:1.1.1.1:1", "c", 1);

        for (String name : List.of("alice", "carol@a.test", "bob@b.test", "alice@nowhere.test", "@", "")) {
            assertThat(user(name)).as(name).isEqualTo(new Nowhere(404, "Not registered"));
        }
        assertThat(sip("sip:bob@b.test")).isEqualTo(new Nowhere(404, "Not registered"));
    }

    @Test
    void shouldGoStraightWhenTheHostIsAnAddress() {
        assertThat(sip("sip:bob@192.0.2.9:5099;transport=TCP;x=y"))
                .isEqualTo(new Routes(List.of(new Route(
                        "sip:bob@192.0.2.9:5099;transport=TCP;x=y", "tcp:192.0.2.9:5099", null, "u", "p", ""))));
        assertThat(((Routes) sip("sip:[2001:db8::2]")).routes().getFirst().nextHop())
                .isEqualTo("udp:[2001:db8:0:0:0:0:0:2]:5060");
    }

    @Test
    void shouldBeALoopWhenItLeadsToOurselves() {
        assertThat(sip("sip:x@127.0.0.1")).isEqualTo(new Nowhere(482, "Loop Detected"));
        assertThat(sip("sip:x@127.0.0.1:5061")).isInstanceOf(Routes.class);
    }

    @Test // RFC 3263 section 4.2
    void shouldFollowSrvThenAddressesWhenTheHostIsAName() {
        assertThat(((Routes) sip("sip:x@srv.test;transport=tcp")).routes())
                .extracting(Route::nextHop)
                .containsExactly("tcp:192.0.2.1:5090", "tcp:192.0.2.2:5091");
        assertThat(((Routes) sip("sip:x@one.test")).routes())
                .extracting(Route::nextHop)
                .containsExactly("udp:192.0.2.1:5060");
        assertThat(((Routes) sip("sip:x@two.test:5077")).routes())
                .extracting(Route::nextHop)
                .containsExactly("udp:192.0.2.2:5077");
    }

    @Test
    void shouldAnswerOnceWhenDnsFindsNothingOrTakesTooLongOrBreaks() {
        assertThat(sip("sip:x@unknown.test")).isEqualTo(new Nowhere(503, "Host not found"));
        assertThat(sip("sip:x@slow.test")).isEqualTo(new Nowhere(503, "Name lookup took more than 200 ms"));
        assertThat(sip("sip:x@broken.test")).isEqualTo(new Nowhere(503, "Name lookup failed"));
    }

    @Test
    void shouldBeABadUriWhenItCannotBeUsed() {
        for (String uri : List.of(
                "",
                "bob",
                "tel:+1508",
                "sips:x@h",
                "sip:",
                "sip:@h",
                "sip:x@",
                "sip:x@300.1.1.1",
                "sip:x@h:0",
                "sip:x@h:70000",
                "sip:x@h;transport=sctp",
                "sip:x@h;maddr=1.2.3.4",
                "sip:x@h?Subject=y",
                "sip:x@h\r\nX: y",
                "sip:x y@h",
                "sip:x@[::g]",
                "sip:" + "x".repeat(2000) + "@h")) {
            assertThat(sip(uri)).as(uri).isInstanceOfSatisfying(Nowhere.class, nowhere -> assertThat(
                            nowhere.sipStatus())
                    .isEqualTo(500));
        }
    }
}
