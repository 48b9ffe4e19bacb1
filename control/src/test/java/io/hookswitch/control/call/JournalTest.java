package io.hookswitch.control.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.ControlEvent.IncomingCall;
import io.hookswitch.control.ControlEvent.Origin;
import io.hookswitch.control.ControlEvent.Resolution;
import io.hookswitch.control.ControlEvent.Route;
import io.hookswitch.control.Directory;
import io.hookswitch.control.Json;
import io.hookswitch.control.journal.AskedDirectory;
import io.hookswitch.control.journal.CallJournal;
import io.hookswitch.control.journal.JournalDecoder;
import io.hookswitch.control.journal.JournalEntry;
import io.hookswitch.control.journal.JournalException;
import io.hookswitch.control.journal.Replay;
import io.hookswitch.engine.message.LegHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What stands in a journal and what never does. */
class JournalTest {
    private static final String INVITE = """
            INVITE sip:100@10.0.0.5 SIP/2.0\r
            Authorization: Digest username="bob", response="0123deadbeef"\r
            \r
            a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20\r
            a=ice-pwd:asd88fgpdd777uzjYhagZg\r
            """;
    private static final List<String> SECRETS = List.of(
            "0123deadbeef", "WVNfX19z", "asd88fgpdd777uzj", "hook-pass", "gateway-pass", "target-pass", "uri-pass");

    private final AskedDirectory asked = AskedDirectory.of(directory());
    private final Control control = new Control(World.SETTINGS, asked.directory());
    private final List<JournalEntry> entries = new ArrayList<>();
    private final List<ControlCommand> last = new ArrayList<>();
    private long nowNs;

    private static Directory directory() {
        ControlCommand.HookSpec hook =
                new ControlCommand.HookSpec("http://user:uri-pass@127.0.0.1/call", "POST", "user", "hook-pass");
        return Script.directory(Optional.of(new Directory.Application("app", "main", hook, hook)));
    }

    private void on(ControlEvent event) {
        long numbers = control.numbers();
        last.clear();
        nowNs += 1_000_000;
        control.on(event, nowNs, nowNs * 31, nowNs * 17, last);
        entries.add(new JournalEntry(
                control.concerned(),
                nowNs,
                numbers,
                nowNs * 31,
                nowNs * 17,
                event,
                asked.taken(),
                null,
                List.copyOf(last),
                control.isOver()));
    }

    private void offer(long leg) {
        on(new ControlEvent.Offered(
                leg,
                new IncomingCall(
                        "a@far",
                        "100",
                        "",
                        "far",
                        Script.TO,
                        "sip:x@y",
                        "udp:127.0.0.1:5090",
                        "udp:127.0.0.1:5060",
                        new Origin.Carrier("demo", "trunk"),
                        List.of(new Header("Authorization", "Digest response=\"0123deadbeef\"")),
                        INVITE,
                        INVITE.substring(INVITE.indexOf("a=crypto"))),
                true));
    }

    private <T extends ControlCommand> T sent(Class<T> type) {
        return last.stream()
                .filter(type::isInstance)
                .map(type::cast)
                .findFirst()
                .orElseThrow();
    }

    private void reply(long hook, String json) {
        on(new ControlEvent.HookAnswered(hook, new HookOutcome.Replied(200, json == null ? null : Json.parse(json))));
    }

    /** A call with every kind of secret in it: of its hook, of its gateway, of a target, of its caller; and keys. */
    private void callWithSecrets() {
        offer(World.CALLER);
        reply(sent(ControlCommand.CallHook.class).hook(), """
                [{"verb":"answer"},{"verb":"dtmf","dtmf":"4711w8#"},{"verb":"dial","actionHook":"/end","target":[
                  {"type":"sip","sipUri":"sip:bob:uri-pass@h","auth":{"username":"u","password":"target-pass"}}]}]
                """);
        ControlCommand.SendDigits keys = sent(ControlCommand.SendDigits.class);
        assertThat(keys.digits()).isEqualTo("4711w8#");
        on(new ControlEvent.DigitPressed(World.CALLER, '7', 100));
        on(new ControlEvent.DigitsSent(keys.reference(), true));
        on(new ControlEvent.TimerExpired(sent(ControlCommand.ArmTimer.class).timer()));
        long resolution = sent(ControlCommand.Resolve.class).resolution();
        Route way = new Route("sip:bob:uri-pass@h", "udp:127.0.0.1:6000", null, "u", "gateway-pass", "");
        on(new ControlEvent.Resolved(resolution, new Resolution.Routes(List.of(way))));
        assertThat(sent(ControlCommand.Dial.class).authPassword()).isEqualTo("gateway-pass");
        on(new ControlEvent.DialRefused(sent(ControlCommand.Dial.class).reference(), 503, ""));
        reply(sent(ControlCommand.CallHook.class).hook(), null);
        assertThat(control.pending()).isZero();
    }

    @Test // design section 8: secrets, SRTP keys and digits do not appear in journals
    void shouldHoldNoSecretAndNoKeyWhenACallHadThem() {
        callWithSecrets();

        String file = new String(JournalExplorationTest.file(entries, false), StandardCharsets.ISO_8859_1);

        assertThat(file).doesNotContain(SECRETS.toArray(String[]::new)).doesNotContain("4711");
        assertThat(file).contains("0000w0#", "Authorization: *", "inline:*|2^20", "sip:bob:*@h");
        // The test must be able to fail: they were all there.
        assertThat(entries.toString()).contains(SECRETS).contains("4711w8#");
    }

    @Test
    void shouldRepeatEveryCommandWhenTheJournalIsMasked() {
        callWithSecrets();

        CallJournal call = JournalExplorationTest.journaled(entries, false);

        assertThat(call.ending()).isEqualTo(new CallJournal.Ending.Whole());
        assertThat(Replay.of(call)).isInstanceOf(Replay.Result.Same.class);
    }

    @Test
    void shouldHoldTheKeysWhenTheAccountLetsThem() {
        callWithSecrets();

        String file = new String(JournalExplorationTest.file(entries, true), StandardCharsets.ISO_8859_1);

        assertThat(file).contains("4711w8#").doesNotContain(SECRETS.toArray(String[]::new));
        assertThat(Replay.of(JournalExplorationTest.journaled(entries, true))).isInstanceOf(Replay.Result.Same.class);
    }

    @Test // numbers are given to all calls in turn: each call's journal still repeats its own
    void shouldRepeatEachCallAloneWhenCallsRanTogether() {
        offer(World.CALLER);
        long firstHook = sent(ControlCommand.CallHook.class).hook();
        offer(LegHandle.of(3, 1, 8));
        long secondHook = sent(ControlCommand.CallHook.class).hook();
        String pause = "[{\"verb\":\"answer\"},{\"verb\":\"pause\",\"length\":1}]";
        reply(secondHook, pause);
        long secondTimer = sent(ControlCommand.ArmTimer.class).timer();
        reply(firstHook, pause);
        on(new ControlEvent.TimerExpired(sent(ControlCommand.ArmTimer.class).timer()));
        on(new ControlEvent.TimerExpired(secondTimer));
        assertThat(control.pending()).isZero();

        Map<Long, List<JournalEntry>> calls = new TreeMap<>();
        entries.forEach(entry ->
                calls.computeIfAbsent(entry.call(), _ -> new ArrayList<>()).add(entry));

        assertThat(calls).hasSize(2);
        calls.values().forEach(call -> assertThat(Replay.of(JournalExplorationTest.journaled(call, false)))
                .isInstanceOf(Replay.Result.Same.class));
    }

    @Test
    void shouldReadEveryWholeEntryWhenTheFileIsCutOffAnywhere() {
        callWithSecrets();
        byte[] file = JournalExplorationTest.file(entries, false);
        int before = 0;
        for (int length = 0; length < file.length; length++) {
            JournalDecoder decoder = new JournalDecoder();
            byte[] part = Arrays.copyOf(file, length);
            decoder.read(part);
            int steps = decoder.calls().isEmpty()
                    ? 0
                    : decoder.calls().getFirst().steps().size();
            assertThat(steps).isGreaterThanOrEqualTo(before);
            before = steps;
        }
        assertThat(before).isEqualTo(entries.size());
    }

    @Test
    void shouldReadOrRefuseAndNothingElseWhenBytesAreDamaged() {
        callWithSecrets();
        byte[] file = JournalExplorationTest.file(entries, false);
        int refused = 0;
        for (int at = 0; at < file.length; at += 3) {
            byte[] damaged = file.clone();
            damaged[at] ^= (byte) (1 << at % 8);
            JournalDecoder decoder = new JournalDecoder();
            try {
                decoder.read(damaged);
                decoder.calls().forEach(Replay::of);
            } catch (JournalException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(file.length / 30);
    }

    @Test
    void shouldSaySoWhenTheBytesAreNoJournal() {
        byte[] file = JournalExplorationTest.file(List.of(), false);
        file[13]++;

        assertThatThrownBy(() -> new JournalDecoder().read(file))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("layout");
        assertThatThrownBy(() -> new JournalDecoder().read("no journal at all".getBytes(StandardCharsets.US_ASCII)))
                .isInstanceOf(JournalException.class)
                .hasMessageContaining("not a journal");
    }
}
