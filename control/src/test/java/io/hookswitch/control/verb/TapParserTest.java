package io.hookswitch.control.verb;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand.Mix;
import io.hookswitch.control.Json;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What {@code listen} and {@code transcribe} may say, alone and nested. */
class TapParserTest {
    private static VerbDocument parse(String verb) {
        return VerbParser.parse(Json.parse("[" + verb + "]"));
    }

    private static String dial(String members) {
        return "{\"verb\":\"dial\",\"target\":[{\"type\":\"phone\",\"number\":\"1\"}]," + members + "}";
    }

    private static List<String> faults(String verb) {
        return ((VerbDocument.Faulty) parse(verb)).faults();
    }

    @Test
    void shouldReadAListenWithAllItSays() {
        VerbDocument.Application read = (VerbDocument.Application) parse("""
                {"verb":"listen","id":"l","url":"wss://x.test/a?b=c","wsAuth":{"username":"u","password":"p"},
                 "sampleRate":16000,"mixType":"stereo","metadata":{"a":1},"passDtmf":true,"finishOnKey":"#",
                 "maxLength":10,"channel":2,"earlyMedia":true,"actionHook":"/done",
                 "transcribe":{"transcriptionHook":"/said","recognizer":{"vendor":"custom","label":"x",
                   "language":"de-DE","interim":true,"hints":["a"],"hintsBoost":2,"vad":{"mode":1},
                   "customOptions":{"uri":"ws://y.test","authToken":"t","sampleRate":16000,"options":{"o":1}}}}}""");
        Verb.Listen listen = (Verb.Listen) read.verbs().getFirst();
        assertThat(listen)
                .isEqualTo(new Verb.Listen(
                        "l",
                        "wss://x.test/a?b=c",
                        "u",
                        "p",
                        16_000,
                        Mix.STEREO,
                        Map.of("a", 1L),
                        true,
                        '#',
                        10_000_000_000L,
                        2,
                        true,
                        listen.actionHook(),
                        listen.transcribe()));
        Verb.Recogniser recogniser = listen.transcribe().recogniser();
        assertThat(recogniser)
                .isEqualTo(new Verb.Recogniser(
                        "custom:x",
                        "de-DE",
                        true,
                        "ws://y.test",
                        "t",
                        16_000,
                        Map.of("o", 1L, "hints", List.of("a"), "hintsBoost", 2L)));
        assertThat(read.warnings()).isEmpty();
    }

    @Test
    void shouldTakeStreamAsAnotherNameOfListen() {
        assertThat(((VerbDocument.Application) parse("{\"stream\":{\"url\":\"/a\"}}")).verbs())
                .first()
                .isInstanceOf(Verb.Listen.class);
        Verb.Dial dial = (Verb.Dial) ((VerbDocument.Application) parse(dial("\"stream\":{\"url\":\"/a\"}")))
                .verbs()
                .getFirst();
        assertThat(dial.taps().listen().url()).isEqualTo("/a");
        assertThat(dial.taps().transcribe()).isNull();
        assertThat(faults(dial("\"stream\":{\"url\":\"/a\"},\"listen\":{\"url\":\"/a\"}")))
                .containsExactly("[0].dial.stream: is another name of listen: only one of them");
    }

    @Test
    void shouldNameEveryWrongMemberByItsPathWhenNestedInADial() {
        assertThat(faults(dial("""
                "listen":{"url":"ftp://x","wsAuth":{"password":7,"x":1},"sampleRate":11025,"mixType":"quad",
                  "metadata":[],"passDtmf":"yes","finishOnKey":"##","maxLength":-1,"channel":3,"actionHook":{},
                  "bidirectionalAudio":{"enabled":1},"transcribe":{"recognizer":{}},"colour":"red"},
                "transcribe":{"transcriptionHook":7,"channel":0,"recognizer":{"vendor":"custom:x","hints":"a",
                  "hintsBoost":"b","interim":0,"customOptions":{"uri":"http://a b","sampleRate":"8","options":[]}},
                  "x":1}""")))
                .containsExactlyInAnyOrder(
                        "[0].dial.listen.url: must be a ws, wss, http or https URL, or begin with /",
                        "[0].dial.listen.wsAuth.username: required",
                        "[0].dial.listen.wsAuth.password: must be a string",
                        "[0].dial.listen.wsAuth.x: unknown",
                        "[0].dial.listen.sampleRate: must be 8000 to 48000 in steps of 8000, or 64000",
                        "[0].dial.listen.mixType: must be mono, mixed or stereo",
                        "[0].dial.listen.metadata: must be an object",
                        "[0].dial.listen.passDtmf: must be true or false",
                        "[0].dial.listen.finishOnKey: must be one key of 0-9, *, # and A-D",
                        "[0].dial.listen.maxLength: must be from 0 to 31536000 seconds",
                        "[0].dial.listen.channel: must be an integer from 1 to 2",
                        "[0].dial.listen.actionHook.url: required",
                        "[0].dial.listen.bidirectionalAudio.enabled: must be true or false",
                        "[0].dial.listen.transcribe.recognizer.vendor: required",
                        "[0].dial.listen.colour: unknown",
                        "[0].dial.transcribe.transcriptionHook: must be a URL or an object with a url",
                        "[0].dial.transcribe.channel: must be an integer from 1 to 2",
                        "[0].dial.transcribe.recognizer.hints: must be an array of at most 1000",
                        "[0].dial.transcribe.recognizer.hintsBoost: must be a number",
                        "[0].dial.transcribe.recognizer.interim: must be true or false",
                        "[0].dial.transcribe.recognizer.customOptions.uri:"
                                + " must be a ws, wss, http or https URL, or begin with /",
                        "[0].dial.transcribe.recognizer.customOptions.sampleRate:"
                                + " must be 8000 to 48000 in steps of 8000, or 64000",
                        "[0].dial.transcribe.recognizer.customOptions.options: must be an object",
                        "[0].dial.transcribe.x: unknown");
        assertThat(faults(dial("\"listen\":7,\"transcribe\":\"x\"")))
                .containsExactlyInAnyOrder(
                        "[0].dial.listen: must be an object", "[0].dial.transcribe: must be an object");
        assertThat(faults(dial("\"listen\":{}"))).containsExactly("[0].dial.listen.url: required");
    }
}
