package io.hookswitch.control.verb;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand.Voice;
import io.hookswitch.control.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code dub} may say, alone, in a dial and in a request. */
class DubParserTest {
    private static VerbDocument verb(String dub) {
        return VerbParser.parse(Json.parse("[{\"dub\":" + dub.replace('\'', '"') + "}]"));
    }

    private static VerbDocument dial(String dub) {
        String target = "[{\"type\":\"phone\",\"number\":\"+1\"}]";
        return VerbParser.parse(
                Json.parse("[{\"verb\":\"dial\",\"target\":" + target + ",\"dub\":" + dub.replace('\'', '"') + "}]"));
    }

    private static Verb.Dub read(String dub) {
        return (Verb.Dub) ((VerbDocument.Application) verb(dub)).verbs().getFirst();
    }

    @Test
    void shouldReadAFileAndWords() {
        assertThat(read("{'action':'addTrack','track':'music','play':'/a.mp3','loop':true,'gain':'-6 dB'}"))
                .isEqualTo(new Verb.Dub(null, Verb.DubAction.ADD, "music", "/a.mp3", null, true, -6));
        Verb.Say hello = new Verb.Say(null, List.of("hello"), null, 1, false);
        assertThat(read("{'id':'d','action':'sayOnTrack','track':'v','say':'hello'}"))
                .isEqualTo(new Verb.Dub("d", Verb.DubAction.SAY, "v", null, hello, false, 0));
        Verb.Say spoken = new Verb.Say(null, List.of("hello"), new Voice("x", "en", null), 1, false);
        assertThat(read("{'action':'sayOnTrack','track':'v','say':{'text':'hello',"
                                + "'synthesizer':{'vendor':'x','language':'en'}}}")
                        .say())
                .isEqualTo(spoken);
        assertThat(read("{'action':'removeTrack','track':'v'}").action()).isEqualTo(Verb.DubAction.REMOVE);
        assertThat(read("{'action':'silenceTrack','track':'v'}").action()).isEqualTo(Verb.DubAction.SILENCE);
    }

    @Test
    void shouldReadThoseOfADialInOrder() {
        VerbDocument read = dial("[{'action':'addTrack','track':'a'},{'verb':'dub','action':'playOnTrack',"
                + "'track':'a','play':'/a.wav'}]");
        Verb.Dial dial = (Verb.Dial) ((VerbDocument.Application) read).verbs().getFirst();
        assertThat(dial.dubs()).extracting(Verb.Dub::action).containsExactly(Verb.DubAction.ADD, Verb.DubAction.PLAY);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'track':'a'}|[0].dub.action: required",
                "{'action':'addTrack'}|[0].dub.track: required",
                "{'action':'mix','track':'a'}"
                        + "|[0].dub.action: must be addTrack, removeTrack, silenceTrack, playOnTrack or sayOnTrack",
                "{'action':'playOnTrack','track':'a'}|[0].dub.play: required by playOnTrack",
                "{'action':'sayOnTrack','track':'a'}|[0].dub.say: required by sayOnTrack",
                "{'action':'addTrack','track':'a','play':'/a','say':'b'}|[0].dub.say: must not stand beside play",
                "{'action':'addTrack','track':'a','say':5}|[0].dub.say: must be an object",
                "{'action':'addTrack','track':'a','say':{}}|[0].dub.say.text: required",
                "{'action':'addTrack','track':'a','gain':99}"
                        + "|[0].dub.gain: must be a number of decibels from -40 to 40, or a text like 6 dB",
                "{'action':'addTrack','track':'a','loop':'yes'}|[0].dub.loop: must be true or false",
                "{'action':'addTrack','track':'a','louder':1}|[0].dub.louder: unknown",
            })
    void shouldNameWhatIsWrong(String dub, String fault) {
        assertThat(((VerbDocument.Faulty) verb(dub)).faults()).containsExactly(fault);
    }

    @Test
    void shouldNameWhatIsWrongInADialByItsPlace() {
        assertThat(((VerbDocument.Faulty) dial("{}")).faults())
                .containsExactly("[0].dial.dub: must be an array of dub objects");
        assertThat(((VerbDocument.Faulty) dial("[7,{'action':'addTrack'}]")).faults())
                .containsExactly("[0].dial.dub[0]: must be an object", "[0].dial.dub[1].track: required");
    }
}
