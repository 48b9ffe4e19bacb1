package io.hookswitch.systemtests;

import static io.hookswitch.systemtests.Site.sipTarget;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import io.hookswitch.systemtests.farend.SipEntry;
import io.hookswitch.systemtests.farend.SipMessage;
import io.hookswitch.systemtests.hook.HookRequest;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** dial.md 3.18 and 1.4 over real sockets: whom the callee sees, which headers it gets, and what never reaches it. */
class DialIdentityWireTest {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final long SEED = Long.getLong("hookswitch.hostile.seed", 4711L);
    private static final int HOSTILE = Integer.getInteger("hookswitch.hostile.calls", 100);
    private static Site site;

    private final FarEnd caller = FarEnd.udp("caller", 440).mute();
    private final FarEnd bob = FarEnd.udp("bob", 660).mute().script(Script.rejecting(486));

    @BeforeAll
    static void start() {
        site = new Site(config -> config);
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    @AfterEach
    void close() {
        caller.close();
        bob.close();
    }

    private static Invite invite() {
        return Invite.to("100", site.sip()).mute();
    }

    /** The INVITE that the callee got. */
    private SipMessage dialled(String options, String target, Invite invite) {
        site.dials(
                options.isEmpty() ? "\"answerOnBridge\":true" : "\"answerOnBridge\":true," + options,
                "{\"type\":\"sip\",\"sipUri\":\"" + bob.uri("bob") + "\"" + (target.isEmpty() ? "" : "," + target)
                        + "}");
        FarCall a = caller.call(invite);
        assertThat(a.awaitFinal()).isEqualTo(603);
        return bob.awaitCall().invite();
    }

    @Test
    void shouldNameTheLegAndItsCallerInTheHeadersWhenItInvites() {
        SipMessage invite = dialled("", "", invite().from("+4930123", null));
        HookRequest call = site.hooks.await("/call");
        assertThat(invite.header("From")).startsWith("<sip:+4930123@127.0.0.1");
        assertThat(invite.header("X-CID")).isEqualTo(call.text("call_id"));
        assertThat(invite.header("X-Account-Sid")).isEqualTo(call.text("account_sid"));
        assertThat(invite.header("X-Application-Sid")).isEqualTo(call.text("application_sid"));
        assertThat(invite.header("X-Call-Sid"))
                .isEqualTo(site.awaitStatus(bob.uri("bob"), "busy").text("call_sid"));
        assertThat(invite.uri()).isEqualTo(bob.uri("bob"));
        assertThat(address(invite.header("To"))).isEqualTo(bob.uri("bob"));
    }

    @ParameterizedTest // target.from > callerId > the caller's own; the name is callerName's only
    @CsvSource(
            delimiter = '|',
            value = {
                "\"callerId\":\"+15551\" | | +15551 | 127.0.0.1",
                "\"callerId\":\"+15551\" | \"from\":{\"user\":\"desk\"} | desk | 127.0.0.1",
                "\"callerId\":\"bob.x\" | \"from\":{\"host\":\"pbx.test\"} | bob.x | pbx.test",
                "\"tag\":{} | \"from\":{\"user\":\"desk\",\"host\":\"pbx.test\"} | desk | pbx.test"
            })
    void shouldShowTheIdentityThatRanksHighestWhenSeveralAreGiven(
            String options, String target, String user, String host) {
        SipMessage invite = dialled(options, target == null ? "" : target, invite().named("Ann"));
        assertThat(invite.header("From")).startsWith("<sip:" + user + "@" + host);
        assertThat(site.awaitStatus(bob.uri("bob"), "busy").text("from")).isEqualTo(user);
    }

    @Test
    void shouldShowTheNameWhenTheDialGivesOne() {
        assertThat(dialled("\"callerName\":\"Ann \\\"A\\\" O\"", "", invite()).header("From"))
                .startsWith("\"Ann \\\"A\\\" O\" <sip:+16173331212@");
    }

    @Test
    void shouldAssertTheCallersIdentityUnlessTheDialForbidsIt() {
        Invite asserting = invite().header("P-Asserted-Identity", "<sip:+15085@trunk.test>")
                .header("Privacy", "id")
                .header("X-Trace-ID", "inside")
                .header("Session-Expires", "1800");
        SipMessage forwarded = dialled("", "", asserting);
        assertThat(forwarded.header("P-Asserted-Identity")).contains("sip:+15085@trunk.test");
        assertThat(forwarded.header("Privacy")).isEqualTo("id");
        assertThat(forwarded.headers("X-Trace-ID")).isEmpty();
        SipMessage hidden = dialled(
                "\"forwardPAI\":false",
                "",
                invite().header("P-Asserted-Identity", "<sip:+15085@trunk.test>")
                        .header("Privacy", "id"));
        assertThat(hidden.headers("P-Asserted-Identity")).isEmpty();
        assertThat(hidden.headers("Privacy")).isEmpty();
    }

    @Test // ours: RFC 3323
    void shouldShowNothingOfTheCallerWhenItsPresentationIsRestricted() {
        SipMessage invite = dialled(
                "\"callerIdPresentation\":\"restricted\",\"callerId\":\"+15551\"",
                "",
                invite().named("Ann").header("P-Asserted-Identity", "<sip:+15085@trunk.test>"));
        assertThat(invite.header("From")).startsWith("\"Anonymous\" <sip:anonymous@anonymous.invalid>");
        assertThat(invite.header("Privacy")).isEqualTo("id");
        assertThat(invite.toString()).doesNotContain("+15551", "+15085", "Ann ");
    }

    @Test
    void shouldPreferTheTargetsHeaderWhenTheDialHasItToo() {
        SipMessage invite = dialled(
                "\"headers\":{\"X-One\":\"dial\",\"X-Two\":\"dial\",\"X-CID\":\"mine\"}",
                "\"headers\":{\"x-two\":\"target\",\"X-Three\":3}",
                invite());
        assertThat(invite.headers("X-One")).containsExactly("dial");
        assertThat(invite.fields().stream()
                        .filter(field -> field.name().equalsIgnoreCase("x-two"))
                        .map(SipMessage.Field::value))
                .containsExactly("target");
        assertThat(invite.headers("X-Three")).containsExactly("3");
        assertThat(invite.headers("X-CID")).containsExactly("mine");
    }

    @Test
    void shouldKeepTheHeadersWhenTheInviteIsSentAgainWithAProof() {
        bob.script(Script.answering(0).challenging("carol", "right").byeAfter(50));
        site.dials(
                "\"answerOnBridge\":true,\"headers\":{\"X-One\":\"1\"}",
                "{\"type\":\"sip\",\"sipUri\":\"" + bob.uri("bob")
                        + "\",\"auth\":{\"user\":\"carol\",\"password\":\"right\"},\"headers\":{\"X-Two\":\"2\"}}");
        FarCall a = caller.call(invite()).awaitConnected();
        a.awaitReceived("BYE");
        List<SipMessage> invites = bob.log().stream()
                .filter(entry -> entry.isReceived("INVITE"))
                .map(SipEntry::message)
                .toList();
        assertThat(invites).hasSize(2).allSatisfy(invite -> {
            assertThat(invite.headers("X-One")).containsExactly("1");
            assertThat(invite.headers("X-Two")).containsExactly("2");
        });
    }

    @Test // section 1.4: every fault by its path, in one answer; nobody is dialled
    void shouldNameEveryFaultAndDialNobodyWhenTheDocumentIsWrong() {
        site.dials(
                "\"timeout\":-1,\"callerId\":\"a\\r\\nVia: x\",\"headers\":{\"Via\":\"x\",\"X-A\":\"b\\nc\"},"
                        + "\"answerOnBridge\":\"yes\",\"colour\":1",
                sipTarget(bob.uri("bob")),
                "{\"type\":\"phone\"}");
        FarCall a = caller.call(invite());
        assertThat(a.awaitFinal()).isEqualTo(480);
        String reason = a.awaitStatus(480).message().header("X-Reason");
        assertThat(reason)
                .contains(
                        "[0].dial.timeout",
                        "[0].dial.callerId",
                        "[0].dial.headers.Via",
                        "[0].dial.headers.X-A",
                        "[0].dial.answerOnBridge",
                        "[0].dial.colour",
                        "[0].dial.target[1].number");
        assertThat(bob.arrivedCalls()).isEmpty();
        assertThat(site.hooks.record(site.done())).isEmpty();
    }

    @Test // 3.18: what is refused or left out is either, never half of it; the generator's 100,000 are HostileTextTest
    void shouldPutNoLineOnTheWireWhenHeadersAndIdentitiesTryTo() {
        Random random = new Random(SEED);
        Set<String> usual = names(dialled("", "", invite()));
        usual.add("x-ours");
        usual.add("privacy");
        int invited = 0;
        for (int i = 0; i < HOSTILE; i++) {
            String hostile = hostile(random);
            site.forget();
            site.answers(hostile);
            FarCall a = caller.call(invite());
            assertThat(a.awaitFinal()).as(hostile).isIn(480, 603);
            if (bob.arrivedCalls().size() > invited + 1) {
                SipMessage invite = bob.arrivedCalls().getLast().invite();
                invited++;
                assertThat(usual).as(hostile + "\n" + invite).containsAll(names(invite));
                assertThat(invite.fields().stream().map(SipMessage.Field::name))
                        .as(hostile + "\n" + invite)
                        .doesNotContain("X-Injected");
                assertThat(names(invite)).hasSameSizeAs(invite.fields());
            }
        }
        assertThat(invited).as("of them some are harmless and dialled").isBetween(1, HOSTILE - 1);
    }

    private String hostile(Random random) {
        String value = HostileText.value(random);
        String name = random.nextInt(3) == 0 ? HostileText.name(random) : "X-Ours";
        String json = JSON.writeValueAsString(value);
        String headers = "\"headers\":{" + JSON.writeValueAsString(name) + ":" + json + "}";
        String options =
                switch (random.nextInt(4)) {
                    case 0 -> headers;
                    case 1 -> "\"callerId\":" + json;
                    case 2 -> "\"callerName\":" + json;
                    default -> "\"callerIdPresentation\":\"allowed\"";
                };
        String target =
                switch (random.nextInt(4)) {
                    case 0 -> headers;
                    case 1 -> "\"from\":{\"user\":" + json + "}";
                    case 2 -> "\"from\":{\"host\":" + json + "}";
                    default -> "\"auth\":{\"user\":" + json + ",\"password\":" + json + "}";
                };
        return "[{\"verb\":\"dial\",\"answerOnBridge\":true," + options + ",\"target\":[{\"type\":\"sip\",\"sipUri\":\""
                + bob.uri("bob") + "\"," + target + "}]}]";
    }

    private static String address(String value) {
        return value.substring(value.indexOf('<') + 1, value.indexOf('>'));
    }

    private static Set<String> names(SipMessage message) {
        return message.fields().stream()
                .map(field -> field.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
