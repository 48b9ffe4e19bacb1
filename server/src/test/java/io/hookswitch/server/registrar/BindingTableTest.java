package io.hookswitch.server.registrar;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.server.registrar.BindingTable.Binding;
import io.hookswitch.server.registrar.BindingTable.Change;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class BindingTableTest {
    private static final String ALICE = "alice@demo.test";
    private static final String PHONE = "sip:alice@10.0.0.1:5060";
    private static final String LAPTOP = "sip:alice@10.0.0.2:5062;transport=tcp";

    private long nowNs = Long.MAX_VALUE - TimeUnit.SECONDS.toNanos(5);
    private final BindingTable table = new BindingTable(() -> nowNs);

    private boolean register(String contact, int expiresS, String callId, long cseq) {
        return table.register(ALICE, List.of(new Change(contact, expiresS)), "udp:192.0.2.7:4711", callId, cseq);
    }

    private List<String> contacts() {
        return table.bindings(ALICE).stream().map(Binding::uri).toList();
    }

    @Test
    void shouldKeepEveryContactWhenSeveralPhonesRegister() {
        register(PHONE, 60, "one", 1);
        register(LAPTOP, 120, "two", 1);

        assertThat(contacts()).containsExactly(PHONE, LAPTOP);
        assertThat(table.bindings(ALICE).getFirst().nextHop()).isEqualTo("udp:192.0.2.7:4711");
        assertThat(table.bindings("bob@demo.test")).isEmpty();
    }

    @Test // RFC 7118: nobody can connect to a browser
    void shouldForgetAContactWhenItsWebSocketEnds() {
        register(PHONE, 60, "one", 1);
        table.register(ALICE, List.of(new BindingTable.Change(LAPTOP, 60)), "ws:192.0.2.9:4000", "two", 1);
        table.register(ALICE, List.of(new BindingTable.Change(LAPTOP, 60)), "ws:192.0.2.9:4001", "two", 2);

        assertThat(table.gone("ws:192.0.2.9:4000")).isZero();
        assertThat(contacts()).containsExactly(PHONE, LAPTOP);
        assertThat(table.gone("ws:192.0.2.9:4001")).isEqualTo(1);
        assertThat(contacts()).containsExactly(PHONE);
        table.restore(ALICE, 60_000, new BindingTable.Binding(LAPTOP, "wss:192.0.2.9:4001", "two", 2, 0));
        assertThat(contacts()).containsExactly(PHONE);
    }

    @Test // the clock passes the end of long on the way: times are compared by difference
    void shouldForgetAContactWhenItsTimeIsOver() {
        register(PHONE, 60, "one", 1);
        register(LAPTOP, 120, "two", 1);

        nowNs += TimeUnit.SECONDS.toNanos(60) - 1;
        assertThat(contacts()).containsExactly(PHONE, LAPTOP);
        assertThat(table.bindings(ALICE).getFirst().secondsLeft(nowNs)).isEqualTo(1);
        nowNs += 1;
        assertThat(contacts()).containsExactly(LAPTOP);
        assertThat(table.sweep()).isEqualTo(1);
        nowNs += TimeUnit.SECONDS.toNanos(60);
        assertThat(table.sweep()).isZero();
    }

    @Test
    void shouldStartAnewWhenAContactRegistersAgain() {
        register(PHONE, 60, "one", 1);
        nowNs += TimeUnit.SECONDS.toNanos(59);

        assertThat(register(PHONE, 60, "one", 2)).isTrue();

        nowNs += TimeUnit.SECONDS.toNanos(59);
        assertThat(contacts()).containsExactly(PHONE);
    }

    @Test // RFC 3261 section 10.3, step 7
    void shouldChangeNothingWhenARegisterIsOlderThanTheBinding() {
        register(PHONE, 60, "one", 5);

        assertThat(register(PHONE, 0, "one", 5)).isFalse();
        assertThat(contacts()).containsExactly(PHONE);
        assertThat(register(PHONE, 0, "other", 1)).isTrue();
        assertThat(contacts()).isEmpty();
    }

    @Test
    void shouldForgetAllWhenAskedByAStar() {
        register(PHONE, 60, "one", 1);
        register(LAPTOP, 60, "two", 1);

        assertThat(table.removeAll(ALICE, "two", 1)).isFalse();
        assertThat(contacts()).hasSize(2);
        assertThat(table.removeAll(ALICE, "two", 2)).isTrue();
        assertThat(contacts()).isEmpty();
    }

    @Test
    void shouldDropTheOneThatExpiresFirstWhenThereAreTooMany() {
        for (int i = 0; i < BindingTable.CONTACTS_MAX; i++) {
            register("sip:alice@10.0.1." + i, i == 3 ? 30 : 60, "c" + i, 1);
        }
        register(LAPTOP, 60, "two", 1);

        assertThat(contacts())
                .hasSize(BindingTable.CONTACTS_MAX)
                .contains(LAPTOP)
                .doesNotContain("sip:alice@10.0.1.3");
    }
}
