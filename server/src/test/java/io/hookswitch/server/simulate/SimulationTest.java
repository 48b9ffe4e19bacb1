package io.hookswitch.server.simulate;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.server.Launcher;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code simulate}, with the example of docs/replay.md and with what can be wrong in it. */
class SimulationTest {
    private static final Path DOC = Path.of("").toAbsolutePath().getParent().resolve("docs/replay.md");

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int simulate(String document, String script) throws Exception {
        Path json = directory.resolve("dial.json");
        Path yaml = directory.resolve("far-ends.yaml");
        Files.writeString(json, document);
        Files.writeString(yaml, script);
        return new CommandLine(new Launcher())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute("simulate", json.toString(), "--script", yaml.toString());
    }

    private static String example(String language) throws Exception {
        String text = Files.readString(DOC);
        String fence = "```" + language + "\n";
        int start = text.indexOf(fence) + fence.length();
        return text.substring(start, text.indexOf("```", start));
    }

    private List<String> lines() {
        return out.toString().lines().map(String::strip).toList();
    }

    @Test
    void shouldTellWhoWonAndWhyTheOthersLostWhenTheExampleOfTheDocumentRuns() throws Exception {
        int exit = simulate(example("json"), example("yaml"));

        assertThat(err.toString()).isEmpty();
        assertThat(exit).isZero();
        assertThat(lines())
                .anySatisfy(line -> assertThat(line).startsWith("+0.150").endsWith("<- B1 180 Ringing"))
                .anySatisfy(line -> assertThat(line).startsWith("+0.080").contains("ended: 503"))
                .anySatisfy(line -> assertThat(line).startsWith("+2.580").contains("200 OK, ACK sent"))
                .anySatisfy(line -> assertThat(line).startsWith("+2.580").contains("target 2 (phone) answered first"))
                .anySatisfy(line -> assertThat(line).startsWith("+2.580").contains("B1 end: 487"))
                .anySatisfy(line -> assertThat(line).startsWith("+11.580").contains("-> POST /dial-end"))
                .anySatisfy(line ->
                        assertThat(line).startsWith("+11.615").contains("/dial-end took 35 ms: 200, verbs hangup"));
        assertThat(lines().subList(lines().indexOf("outcome"), lines().size()))
                .anySatisfy(line -> assertThat(line)
                        .startsWith("target 1 (user bob@demo.test): ")
                        .endsWith("another target won"))
                .anySatisfy(line ->
                        assertThat(line).startsWith("target 2 (phone): ").contains("trying the next way", "hung up"))
                .anySatisfy(
                        line -> assertThat(line).startsWith("target 3 (sip): ").contains("404"))
                .anySatisfy(line -> assertThat(line).startsWith("dial: completed 200 at +11.580"))
                .anySatisfy(line -> assertThat(line).contains("caller +15551230001", "talked 9 s"))
                .anySatisfy(line -> assertThat(line).startsWith("nothing is open any more"));
    }

    @Test
    void shouldTellTheSameWhenItRunsTwice() throws Exception {
        simulate(example("json"), example("yaml"));
        String first = out.toString();
        out.getBuffer().setLength(0);

        simulate(example("json"), example("yaml"));

        assertThat(out.toString()).isEqualTo(first).isNotEmpty();
    }

    @Test
    void shouldNameTheTimerWhenNobodyAnswers() throws Exception {
        simulate(
                "{\"verb\":\"dial\",\"timeout\":5,\"target\":[{\"type\":\"phone\",\"number\":\"1\"}]}",
                "targets: { '*': { ring_after_ms: 10 } }");

        assertThat(lines())
                .anySatisfy(line ->
                        assertThat(line).startsWith("+5.000").contains("timer of 5000 ms, armed at +0.000, expired"))
                .anySatisfy(line -> assertThat(line).startsWith("dial: no-answer 487 at +5.000"));
    }

    @Test
    void shouldCancelWhenTheCallerHangsUpWhileItRings() throws Exception {
        simulate(
                "{\"verb\":\"dial\",\"answerOnBridge\":true,\"target\":[{\"type\":\"phone\",\"number\":\"1\"}]}",
                "{ caller: { hang_up_after_ms: 700 }, targets: { '1': { ring_after_ms: 10, answer_after_ms: 701 } } }");

        assertThat(lines())
                .anySatisfy(line -> assertThat(line).startsWith("+0.700").contains("A ended: 487"))
                .anySatisfy(line ->
                        assertThat(line).startsWith("target 1 (phone): ").endsWith("cancelled, the caller is gone"));
    }

    @Test
    void shouldSayThatAHookTimedOutWhenItIsSilent() throws Exception {
        simulate(
                "{\"verb\":\"dial\",\"actionHook\":\"/end\",\"target\":[{\"type\":\"phone\",\"number\":\"1\"}]}",
                "{ targets: { '1': { reject: 486 } }, hooks: { /end: { silent: true, after_ms: 10000 } } }");

        assertThat(lines())
                .anySatisfy(line -> assertThat(line)
                        .startsWith("+10.000")
                        .contains("/end took 10000 ms: no answer within 10000 ms"))
                .anySatisfy(line -> assertThat(line).startsWith("dial: busy 486"));
    }

    @Test
    void shouldAskTheCalleeWhenTheDialHasAConfirmHook() throws Exception {
        simulate("""
                {"verb":"dial","answerOnBridge":true,"confirmHook":"/confirm",
                 "target":[{"type":"phone","number":"1"},{"type":"phone","number":"2"}]}""", """
                caller: { hang_up_after_ms: 20000 }
                targets:
                  "1": { answer_after_ms: 1000, press: [ { after_ms: 3000, key: "1" } ] }
                  "2": { answer_after_ms: 2000, press: [ { after_ms: 4000, key: "9" } ] }
                files: { "*": 2000 }
                hooks:
                  /confirm:
                    after_ms: 20
                    reply: [ { verb: gather, numDigits: 1, actionHook: /key, play: { url: /p.wav } } ]
                  /key: [ { after_ms: 10, reply: [ { verb: hangup } ] }, { after_ms: 10 } ]
                """);

        assertThat(lines())
                .anySatisfy(line -> assertThat(line).startsWith("+1.020").contains("/confirm took 20 ms"))
                .anySatisfy(line -> assertThat(line).startsWith("+4.010").contains("B1 end: "))
                .anySatisfy(line -> assertThat(line).startsWith("+6.010").contains("B2 joined"))
                .anySatisfy(line -> assertThat(line).startsWith("dial: completed 200 at +20.000"));
    }

    @Test
    void shouldEndTheTargetWhenItIsHungUpFromOutside() throws Exception {
        simulate("{\"verb\":\"dial\",\"target\":[{\"type\":\"phone\",\"number\":\"1\"}]}", """
                targets: { "1": { answer_after_ms: 100 } }
                updates: [ { after_ms: 5000, leg: "1", update: { call_status: completed } } ]
                """);

        assertThat(lines())
                .anySatisfy(line -> assertThat(line).startsWith("+5.000").contains("B1 end: "))
                .anySatisfy(line -> assertThat(line).startsWith("dial: completed 200 at +5.000"));
    }

    @Test
    void shouldNameEveryFaultByItsPathWhenTheDocumentIsWrong() throws Exception {
        int exit = simulate(
                "[{\"verb\":\"dial\",\"timeout\":\"x\",\"target\":[{\"type\":\"fax\"}]}]", "targets: { '*': {} }");

        assertThat(exit).isEqualTo(1);
        assertThat(err.toString()).contains("timeout: ", "target[0].type: ");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void shouldNameEveryFaultByItsPathWhenTheScriptIsWrong() throws Exception {
        int exit = simulate(example("json"), """
                caller: { hang_up_after_ms: soon }
                targets:
                  a: { answer_after_ms: 1, reject: 486 }
                  b: { hang_up_after_ms: 5 }
                  c: { ways: [ { ring_after: 5 } ] }
                  d: { answer_after_ms: 5, press: [ { key: "xx" } ] }
                  e: { reject: 200 }
                hooks:
                  /x: [ { status: 20 } ]
                """);

        assertThat(exit).isEqualTo(1);
        assertThat(err.toString())
                .contains(
                        "caller.hang_up_after_ms: ",
                        "targets.a: ",
                        "targets.b.hang_up_after_ms: ",
                        "targets.c.ways[0].ring_after: ",
                        "targets.d.press[0].key: ",
                        "targets.e.reject: ",
                        "hooks./x[0].status: ");
    }
}
