package io.hookswitch.control.verb;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code amd} may say, in a dial and in a config. */
class AmdParserTest {
    private static VerbDocument config(String amd) {
        return VerbParser.parse(Json.parse("[{\"verb\":\"config\",\"amd\":" + amd.replace('\'', '"') + "}]"));
    }

    private static Verb.Amd read(String amd) {
        return ((Verb.Config) ((VerbDocument.Application) config(amd)).verbs().getFirst()).amd();
    }

    @Test
    void shouldWaitAsLongAsUsualWhenNothingIsSaid() {
        assertThat(read("{'actionHook':'/amd'}"))
                .isEqualTo(new Verb.Amd(
                        new HookSpec("/amd", "POST", null, null),
                        9,
                        5_000_000_000L,
                        15_000_000_000L,
                        20_000_000_000L,
                        2_000));
    }

    @Test
    void shouldReadAllItSaysAndWarnOfWhatHasNoEffect() {
        String amd = "{'actionHook':'/amd','thresholdWordCount':5,'digitCount':3,'recognizer':{'vendor':'google'},"
                + "'timers':{'noSpeechTimeoutMs':1000,'decisionTimeoutMs':2000,'toneTimeoutMs':3000,"
                + "'greetingCompletionTimeoutMs':400}}";
        assertThat(read(amd))
                .isEqualTo(new Verb.Amd(
                        new HookSpec("/amd", "POST", null, null),
                        5,
                        1_000_000_000L,
                        2_000_000_000L,
                        3_000_000_000L,
                        400));
        assertThat(((VerbDocument.Application) config(amd)).warnings()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|[0].config.amd.actionHook: required",
                "5|[0].config.amd: must be an object",
                "{'actionHook':7}|[0].config.amd.actionHook: must be a URL or an object with a url",
                "{'actionHook':'/a','thresholdWordCount':0}"
                        + "|[0].config.amd.thresholdWordCount: must be an integer from 1 to 1000",
                "{'actionHook':'/a','digitCount':'x'}|[0].config.amd.digitCount: must be an integer from 0 to 1000",
                "{'actionHook':'/a','recognizer':1}|[0].config.amd.recognizer: must be an object",
                "{'actionHook':'/a','timers':[]}|[0].config.amd.timers: must be an object",
                "{'actionHook':'/a','timers':{'toneTimeoutMs':-1}}"
                        + "|[0].config.amd.timers.toneTimeoutMs: must be an integer from 100 to 600000",
                "{'actionHook':'/a','timers':{'x':1}}|[0].config.amd.timers.x: unknown",
                "{'actionHook':'/a','mode':1}|[0].config.amd.mode: unknown",
            },
            quoteCharacter = '~')
    void shouldNameWhatIsWrongByItsPath(String amd, String fault) {
        assertThat(((VerbDocument.Faulty) config(amd)).faults()).containsExactly(fault);
    }

    @Test
    void shouldBeReadInADial() {
        VerbDocument read = VerbParser.parse(Json.parse("[{\"verb\":\"dial\",\"target\":[{\"type\":\"phone\","
                + "\"number\":\"1\"}],\"amd\":{\"actionHook\":\"/amd\"}}]"));
        Verb.Dial dial = (Verb.Dial) ((VerbDocument.Application) read).verbs().getFirst();
        assertThat(dial.amd().thresholdWords()).isEqualTo(9);
    }
}
