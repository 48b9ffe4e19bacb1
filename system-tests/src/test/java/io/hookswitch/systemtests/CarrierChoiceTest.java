package io.hookswitch.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.engine.EngineConfig;
import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which carrier a number is called through (dial.md 3.17), by the gateway whose telephone rings. */
class CarrierChoiceTest {
    private static final String LOCAL = "127.0.0.6";
    private static final String OF_NOBODY = "4930";

    private static FarEnd uk;
    private static FarEnd us;
    private static FarEnd local;
    private static FarEnd asleep;
    /** Without and with least-cost routes. */
    private static Site plain;

    private static Site routed;

    @BeforeAll
    static void start() {
        uk = FarEnd.udp("uk", 440);
        us = FarEnd.udp("us", 550);
        asleep = FarEnd.udp("asleep", 660);
        local = FarEnd.open("local", "udp", LOCAL, 0, 770);
        plain = new Site(carriers());
        routed = new Site(config -> carriers()
                .apply(config)
                .route("{ pattern: \".*\", priority: 9, carrier: local }")
                .route("{ pattern: \"44\", priority: 1, carrier: asleep }")
                .route("{ pattern: \"44\", priority: 2, carrier: uk }")
                .route("{ pattern: \"1[2-9][0-9]{9}\", priority: 1, carrier: us }"));
    }

    private static UnaryOperator<EngineConfig> carriers() {
        return config -> config.carrier("{ name: uk, gateways: [ " + gateway(uk) + " ] }")
                .carrier("{ name: us, gateways: [ " + gateway(us) + " ] }")
                .carrier("{ name: asleep, is_active: false, gateways: [ " + gateway(asleep) + " ] }")
                .carrier("{ name: local, application: main, gateways: [ { host: " + LOCAL + ", inbound: true }, "
                        + gateway(local) + " ] }")
                .number("{ number: \"1617*\", carrier: us }");
    }

    private static String gateway(FarEnd farEnd) {
        return "{ host: " + farEnd.address().getAddress().getHostAddress() + ", port: "
                + farEnd.address().getPort() + ", outbound: true }";
    }

    @AfterAll
    static void stop() {
        plain.close();
        routed.close();
        List.of(uk, us, asleep, local).forEach(FarEnd::close);
    }

    @BeforeEach
    void forget() {
        List.of(uk, us, asleep, local)
                .forEach(each -> each.script(Script.rejecting(486)).forget());
    }

    /** @return the name of the gateway that was called. */
    private static String called(Site site, FarEnd caller, String number, String from, String trunk) {
        List.of(uk, us, asleep, local).forEach(FarEnd::forget);
        String named = trunk.isEmpty() ? "" : ",\"trunk\":\"" + trunk + "\"";
        site.dials("\"callerId\":\"" + from + "\"", "{\"type\":\"phone\",\"number\":\"" + number + "\"" + named + "}");
        FarCall call = caller.call(Invite.to("100", site.sip()).mute());
        assertThat(site.awaitDone().number("dial_sip_status")).isEqualTo(486);
        call.awaitEnded();
        List<FarEnd> those = List.of(uk, us, asleep, local).stream()
                .filter(each -> !each.arrivedCalls().isEmpty())
                .toList();
        assertThat(those).hasSize(1);
        return those.getFirst().name();
    }

    @ParameterizedTest // choices 1 and 2: by its name; of an unknown name, or none, whose the calling number is
    @CsvSource({"uk, 16175551212, uk", "nobody, +16175551212, us", "'', 16175551212, us", "asleep, 16175551212, us"})
    void shouldTakeTheTrunkThatIsNamedElseTheOneThatOwnsTheCallingNumber(String trunk, String from, String wanted) {
        try (FarEnd caller = FarEnd.udp("caller", 440)) {
            assertThat(called(plain, caller, "+15083084809", from, trunk)).isEqualTo(wanted);
        }
    }

    @ParameterizedTest // choice 3
    @CsvSource({"+442071234567, uk", "16175551212, us", "+1617, local"})
    void shouldTakeTheFirstRouteThatMatchesWhenThereAreRoutes(String number, String wanted) {
        try (FarEnd caller = FarEnd.udp("caller", 440)) {
            assertThat(called(routed, caller, number, "16175550000", "")).isEqualTo(wanted);
        }
    }

    @Test // choice 4
    void shouldTakeTheCarrierThatTheCallerCameThrough() {
        for (int i = 0; i < 5; i++) {
            assertThat(called(plain, local, "+15083084809", OF_NOBODY, "")).isEqualTo("local");
        }
    }

    @Test // choice 5: 24 times the same of three, by chance: once in 10^11 runs
    void shouldTakeAnyActiveCarrierWhenNothingElseSaysWhich() {
        Set<String> taken = new HashSet<>();
        try (FarEnd caller = FarEnd.udp("caller", 440)) {
            for (int i = 0; i < 24; i++) {
                taken.add(called(plain, caller, "+15083084809", OF_NOBODY, ""));
            }
        }
        assertThat(taken).hasSizeGreaterThan(1).doesNotContain("asleep");
    }
}
