package io.hookswitch.control.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent.Header;
import org.junit.jupiter.api.Test;

/** dial.md 3.18: who a dialled far end believes is calling, and what it is told besides. */
class IdentityTest {
    private static Script dial(Script script, String options, String target) {
        return script.callsAndRuns("[{\"verb\":\"dial\"" + options + ",\"target\":[" + target + "]}]")
                .placed();
    }

    private static final String PHONE = "{\"type\":\"phone\",\"number\":\"1\"}";

    @Test
    void shouldShowTheCallersNumberAndNoNameWhenNothingElseIsAsked() {
        ControlCommand.Dial invite = dial(new Script(), "", PHONE).dial(1);
        assertThat(invite.fromUser()).isEqualTo("+16173331212");
        assertThat(invite.fromDisplay()).isEmpty();
        assertThat(invite.fromHost()).isNull();
        assertThat(dial(new Script().fromUser(""), "", PHONE).dial(1).fromUser())
                .isEqualTo("anonymous");
    }

    @Test
    void shouldPreferTheTargetsFromThenTheCallerIdWhenTheyAreGiven() {
        String options = ",\"callerId\":\"+44\",\"callerName\":\"Bob\"";
        ControlCommand.Dial invite = dial(new Script(), options, PHONE).dial(1);
        assertThat(invite.fromUser()).isEqualTo("+44");
        assertThat(invite.fromDisplay()).isEqualTo("Bob");
        String target = "{\"type\":\"phone\",\"number\":\"1\",\"from\":{\"user\":\"7\",\"host\":\"x.example\"}}";
        ControlCommand.Dial own = dial(new Script(), options, target).dial(1);
        assertThat(own.fromUser()).isEqualTo("7");
        assertThat(own.fromHost()).isEqualTo("x.example");
    }

    @Test
    void shouldOfferTheCodecsAskedForToEveryCallee() {
        ControlCommand.Dial invite =
                dial(new Script(), ",\"codecs\":[\"G722\",\"PCMA\"]", PHONE).dial(1);
        assertThat(invite.codecs()).containsExactly("G722", "PCMA");
        assertThat(dial(new Script(), "", PHONE).dial(1).codecs()).isEmpty();
        assertThat(dial(new Script(), ",\"codecs\":[\"G722\",\"GSM\"]", PHONE).commands(ControlCommand.Alert.class))
                .singleElement()
                .extracting(ControlCommand.Alert::type)
                .isEqualTo("unknown-codec");
    }

    @Test
    void shouldLetTheTargetsHeadersWinOverTheDialsAndTheseOverTheDefaults() {
        String target = "{\"type\":\"phone\",\"number\":\"1\",\"headers\":{\"x-b\":\"target\",\"X-C\":3}}";
        ControlCommand.Dial invite = dial(
                        new Script(), ",\"headers\":{\"X-A\":\"dial\",\"X-B\":\"dial\",\"X-CID\":\"mine\"}", target)
                .dial(1);
        assertThat(Script.header(invite, "X-A")).isEqualTo("dial");
        assertThat(Script.header(invite, "X-B")).isEqualTo("target");
        assertThat(Script.header(invite, "X-C")).isEqualTo("3");
        assertThat(Script.header(invite, "X-CID")).isEqualTo("mine");
        assertThat(invite.headers().stream()
                        .filter(header -> header.name().equalsIgnoreCase("x-b"))
                        .count())
                .isEqualTo(1);
    }

    @Test
    void shouldSendTheIdentifiersOfTheCallWhenNothingOverridesThem() {
        Script call = dial(new Script(), "", PHONE);
        ControlCommand.Dial invite = call.dial(1);
        assertThat(Script.header(invite, "X-CID")).isEqualTo("a-call-id@far");
        assertThat(Script.header(invite, "X-Account-Sid")).isEqualTo("acc-demo");
        assertThat(Script.header(invite, "X-Application-Sid")).isEqualTo("app-1");
        assertThat(Script.header(invite, "X-Call-Sid"))
                .isEqualTo(call.status("B1", "trying").get("call_sid"));
    }

    @Test
    void shouldCopyTheAssertedIdentityUnlessToldNotTo() {
        Header[] headers = {
            new Header("P-Asserted-Identity", "<sip:a@b>"),
            new Header("P-Asserted-Identity", "<tel:+1>"),
            new Header("Privacy", "id"),
            new Header("Allow", "INVITE")
        };
        ControlCommand.Dial invite =
                dial(new Script().callerHeaders(headers), "", PHONE).dial(1);
        assertThat(Script.header(invite, "P-Asserted-Identity")).isEqualTo("<sip:a@b>, <tel:+1>");
        assertThat(Script.header(invite, "Privacy")).isEqualTo("id");
        assertThat(Script.header(invite, "Allow")).isNull();
        ControlCommand.Dial without = dial(new Script().callerHeaders(headers), ",\"forwardPAI\":false", PHONE)
                .dial(1);
        assertThat(Script.header(without, "P-Asserted-Identity")).isNull();
        assertThat(Script.header(without, "Privacy")).isNull();
    }

    @Test
    void shouldGiveTheTagAsCustomerDataOfTheChildrenOnlyWhenTheDialHasOne() {
        Script call = dial(new Script(), ",\"actionHook\":\"/e\",\"tag\":{\"fooBar\":1}", PHONE);
        assertThat(call.status("B1", "trying").get("customerData")).hasToString("{fooBar=1}");
        assertThat(call.status("A", "trying")).doesNotContainKey("customerData");
    }

    @Test
    void shouldNeverSayNumbersOrAddressesWhenItExplains() {
        Script call = dial(
                new Script(),
                ",\"callerId\":\"+4912345\"",
                "{\"type\":\"phone\",\"number\":\"+15083084809\"},"
                        + "{\"type\":\"sip\",\"sipUri\":\"sip:bob:secret@h\","
                        + "\"auth\":{\"user\":\"u\",\"password\":\"geheim\"}}");
        call.rings(1).answers(2).hangsUp(2);
        for (ControlCommand.Explain explain : call.commands(ControlCommand.Explain.class)) {
            assertThat(explain.text()).doesNotContain("5083084809", "secret", "geheim", "4912345", "6173331212");
        }
    }
}
