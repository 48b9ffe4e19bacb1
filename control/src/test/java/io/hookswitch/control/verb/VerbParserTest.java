package io.hookswitch.control.verb;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.DialTarget;
import io.hookswitch.control.Json;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** dial.md section 1, verbs.md section 1: what is run, what is refused, and how it is said. */
class VerbParserTest {
    private static final String PHONE = "[{\"type\":\"phone\",\"number\":\"+15083084809\"}]";

    private static List<String> faults(String json) {
        return switch (VerbParser.parse(Json.parse(json))) {
            case VerbDocument.Faulty(List<String> faults) -> faults;
            case VerbDocument.Application _, VerbDocument.Nothing _ -> List.of();
        };
    }

    private static VerbDocument.Application application(String json) {
        VerbDocument document = VerbParser.parse(Json.parse(json));
        assertThat(document).isInstanceOf(VerbDocument.Application.class);
        return (VerbDocument.Application) document;
    }

    private static Verb verb(String json) {
        return application(json).verbs().getFirst();
    }

    private static Verb.Dial dial(String options) {
        return (Verb.Dial) verb("[{\"verb\":\"dial\",\"target\":" + PHONE + options + "}]");
    }

    @Test // the example of the seed, less what later issues bring
    void shouldReadTheSeedsExampleWhenItAsksForWhatIsThere() {
        Verb.Dial dial = (Verb.Dial) verb("""
                [{"verb":"dial","actionHook":"/outdial","callerId":"+16173331212","answerOnBridge":true,
                  "target":[{"type":"phone","number":"+15083084809"},
                    {"type":"sip","sipUri":"sip:1617333456@sip.trunk1.com","auth":{"user":"foo","password":"bar"}},
                    {"type":"user","name":"spike@sip.example.com"}]}]""");
        assertThat(dial.actionHook()).isEqualTo(new HookSpec("/outdial", "POST", null, null));
        assertThat(dial.answerOnBridge()).isTrue();
        assertThat(dial.timeoutNs()).isEqualTo(60_000_000_000L);
        assertThat(dial.timeLimitNs()).isZero();
        assertThat(dial.forwardIdentity()).isTrue();
        assertThat(dial.destinations())
                .extracting(Verb.Destination::target)
                .containsExactly(
                        new DialTarget.Phone("+15083084809", null, null),
                        new DialTarget.Sip("sip:1617333456@sip.trunk1.com", "foo", "bar"),
                        new DialTarget.User("spike@sip.example.com"));
    }

    @Test // verbs.md fact 14
    void shouldMeanTheSameWhenAVerbIsWrittenInEitherForm() {
        assertThat(verb("[{\"dial\":{\"target\":" + PHONE + ",\"id\":\"x\"}}]"))
                .isEqualTo(verb("[{\"verb\":\"dial\",\"target\":" + PHONE + ",\"id\":\"x\"}]"));
        assertThat(verb("[{\"pause\":{\"length\":0.5}}]")).isEqualTo(new Verb.Pause(null, 500_000_000L));
        assertThat(verb("[{\"answer\":{}}]")).isEqualTo(new Verb.Answer(null));
    }

    @Test // verbs.md dtmf
    void shouldReadTheKeysWhenTheVerbIsDtmf() {
        assertThat(verb("[{\"verb\":\"dtmf\",\"dtmf\":\"09*#ADwW\",\"duration\":250,\"id\":\"x\"}]"))
                .isEqualTo(new Verb.Dtmf("x", "09*#ADwW", 250_000_000L));
        assertThat(verb("[{\"dtmf\":{\"dtmf\":\"1\"}}]")).isEqualTo(new Verb.Dtmf(null, "1", 500_000_000L));
        assertThat(faults("[{\"verb\":\"dtmf\"}]")).containsExactly("[0].dtmf.dtmf: required");
        assertThat(faults("[{\"verb\":\"dtmf\",\"dtmf\":\"\"}]")).containsExactly("[0].dtmf.dtmf: must not be empty");
        assertThat(faults("[{\"verb\":\"dtmf\",\"dtmf\":12}]")).containsExactly("[0].dtmf.dtmf: must be a string");
        assertThat(faults("[{\"verb\":\"dtmf\",\"dtmf\":\"1x\",\"duration\":\"long\",\"gap\":1}]"))
                .containsExactly(
                        "[0].dtmf.dtmf: must be of 0-9, *, #, A-D, w and W",
                        "[0].dtmf.duration: must be an integer from 40 to 10000",
                        "[0].dtmf.gap: unknown");
        assertThat(faults("[{\"verb\":\"dtmf\",\"dtmf\":\"" + "1".repeat(65) + "\",\"duration\":10001}]"))
                .containsExactly(
                        "[0].dtmf.dtmf: must be at most 64 keys",
                        "[0].dtmf.duration: must be an integer from 40 to 10000");
    }

    @ParameterizedTest
    @CsvSource({"sdes,0", "dtls,0", "none,1", "SDES,1"})
    void shouldTakeBothWordsOfSrtpEncryptionAndNoOther(String word, int faults) {
        assertThat(faults("[{\"verb\":\"dial\",\"target\":" + PHONE + ",\"srtpEncryption\":\"" + word + "\"}]"))
                .hasSize(faults);
    }

    @Test // dial.md 1.2, 3.16
    void shouldTakeBothWordsForTheVoicemailOfTeams() {
        Verb.Dial dial = (Verb.Dial) ((VerbDocument.Application) VerbParser.parse(Json.parse("""
                [{"verb":"dial","target":[{"type":"teams","number":"+1"},
                  {"type":"teams","number":"+2","tenant":"t.test","voicemail":true},
                  {"type":"teams","number":"+3","vmail":true}]}]""")))
                .verbs()
                .getFirst();
        assertThat(dial.destinations())
                .extracting(Verb.Destination::target)
                .containsExactly(
                        new DialTarget.Teams("+1", null, false),
                        new DialTarget.Teams("+2", "t.test", true),
                        new DialTarget.Teams("+3", null, true));
    }

    @ParameterizedTest // dial.md 1.3
    @CsvSource(
            delimiter = '|',
            value = {
                "'[\"G722\",\"pcmu\",\"G722\"]' | G722,PCMU | ''",
                "'[\"G722\",\"GSM\"]' | '' | [0].dial.codecs[1]: no codec known here, the list is left out",
                "[7] | '' | [0].dial.codecs[0]: no codec known here, the list is left out"
            })
    void shouldVoidTheListOfCodecsWhenOneIsNotKnown(String list, String kept, String warning) {
        VerbDocument.Application application = (VerbDocument.Application)
                VerbParser.parse(Json.parse("[{\"verb\":\"dial\",\"target\":" + PHONE + ",\"codecs\":" + list + "}]"));
        assertThat(String.join(",", ((Verb.Dial) application.verbs().getFirst()).codecs()))
                .isEqualTo(kept);
        assertThat(application.warnings()).isEqualTo(warning.isEmpty() ? List.of() : List.of(warning));
        assertThat(faults("[{\"verb\":\"dial\",\"target\":" + PHONE + ",\"codecs\":\"G722\"}]"))
                .containsExactly("[0].dial.codecs: must be an array of codec names");
    }

    @Test // dial.md 1.3
    void shouldSendSipTargetsToTheDialsProxyUnlessTheyNameTheirOwn() {
        Verb.Dial dial = (Verb.Dial) ((VerbDocument.Application) VerbParser.parse(Json.parse("""
                [{"verb":"dial","proxy":"edge.test","target":[{"type":"sip","sipUri":"sip:a@b"},
                  {"type":"sip","sipUri":"sip:c@d","proxy":"sip:other.test:5070"},
                  {"type":"user","name":"u@r","overrideTo":"500"}]}]""")))
                .verbs()
                .getFirst();
        assertThat(dial.destinations())
                .extracting(Verb.Destination::target)
                .containsExactly(
                        new DialTarget.Sip("sip:a@b", null, null, "edge.test"),
                        new DialTarget.Sip("sip:c@d", null, null, "sip:other.test:5070"),
                        new DialTarget.User("u@r", "500"));
    }

    @Test
    void shouldNameEveryFaultOfADocumentInOneAnswer() {
        assertThat(faults("""
                [{"verb":"dial","answerOnBridge":"yes","timeout":-1,"timeLimit":"3","dialMusic":7,"colour":"red",
                  "actionHook":{"method":"PUT","x":1},
                  "target":[{"type":"phone"},{"type":"fax","number":"1"},{"type":"teams","number":"1","tenant":"a b"},
                            {"type":"sip","sipUri":"","auth":{}},{"number":"1"},7,
                            {"type":"user","name":"a b","trunk":"t"}]},
                 {"verb":"conference","name":"x"},
                 {"verb":"frobnicate"},
                 "hangup",
                 {"verb":"pause"},
                 {"verb":"sip:decline","status":200},
                 {"verb":"answer","x":1},
                 {"a":{},"b":{}},
                 {"verb":3},
                 {"dial":[]}]"""))
                .containsExactlyInAnyOrder(
                        "[0].dial.answerOnBridge: must be true or false",
                        "[0].dial.timeout: must be from 0 to 31536000 seconds",
                        "[0].dial.timeLimit: must be a number of seconds",
                        "[0].dial.dialMusic: must be a string",
                        "[0].dial.colour: unknown",
                        "[0].dial.actionHook.url: required",
                        "[0].dial.actionHook.method: must be GET or POST",
                        "[0].dial.actionHook.x: unknown",
                        "[0].dial.target[0].number: required",
                        "[0].dial.target[1].type: must be phone, sip, user or teams",
                        "[0].dial.target[2].tenant: not a host",
                        "[0].dial.target[3].sipUri: must not be empty",
                        "[0].dial.target[3].auth.user: required",
                        "[0].dial.target[3].auth.password: required",
                        "[0].dial.target[4].type: required",
                        "[0].dial.target[5]: must be an object",
                        "[0].dial.target[6].name: must not contain blanks, quotes, brackets or control characters",
                        "[0].dial.target[6].trunk: unknown",
                        "[1].conference: not supported yet",
                        "[2].frobnicate: not a verb",
                        "[3]: a verb must be an object",
                        "[4].pause.length: required",
                        "[5].sip:decline.status: must be an integer from 300 to 699",
                        "[6].answer.x: unknown",
                        "[7]: must have a member verb, or one member named after its verb",
                        "[8].verb: must be a string",
                        "[9].dial: must be an object");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"{\"verb\":\"dial\"}", "{\"verb\":\"dial\",\"target\":[]}", "{\"verb\":\"dial\",\"target\":{}}"})
    void shouldRefuseADialWithoutTargets(String json) {
        assertThat(faults("[" + json + "]")).singleElement().asString().startsWith("[0].dial.target: ");
    }

    @Test // dial.md 1.1
    void shouldTakeTheDefaultWhenTheTimeoutIsZero() {
        assertThat(dial(",\"timeout\":0").timeoutNs()).isEqualTo(60_000_000_000L);
        assertThat(dial(",\"timeout\":2.5").timeoutNs()).isEqualTo(2_500_000_000L);
        assertThat(dial(",\"timeLimit\":3").timeLimitNs()).isEqualTo(3_000_000_000L);
    }

    @Test // dial.md 1.1
    void shouldDropDuplicatesAndIgnoreTheEleventhTargetWithAWarning() {
        StringBuilder targets = new StringBuilder("{\"type\":\"phone\",\"number\":\"0\"}");
        for (int i = 0; i < 12; i++) {
            targets.append(",{\"type\":\"phone\",\"number\":\"").append(i).append("\"}");
        }
        VerbDocument.Application application = application("[{\"dial\":{\"target\":[" + targets + "]}}]");
        assertThat(((Verb.Dial) application.verbs().getFirst()).destinations()).hasSize(10);
        assertThat(application.warnings())
                .containsExactly(
                        "[0].dial.target[1]: the same target again, left out",
                        "[0].dial.target[11]: more than 10 targets, left out",
                        "[0].dial.target[12]: more than 10 targets, left out");
    }

    @Test // dial.md 1.1
    void shouldPassAnyLegalCallerIdAndWarnWhenItIsNoE164() {
        assertThat(application("[{\"dial\":{\"callerId\":\"bob\",\"target\":" + PHONE + "}}]")
                        .warnings())
                .containsExactly("[0].dial.callerId: not an E.164 number");
        assertThat(application("[{\"dial\":{\"callerId\":\"+16173331212\",\"target\":" + PHONE + "}}]")
                        .warnings())
                .isEmpty();
        assertThat(faults("[{\"dial\":{\"callerId\":\"a@b\\r\\nX: y\",\"target\":" + PHONE + "}}]"))
                .containsExactly("[0].dial.callerId: not legal as the user part of a SIP address");
    }

    @Test // dial.md 3.18
    void shouldRefuseHeadersThatBreakOrSteerTheMessage() {
        assertThat(faults("""
                [{"dial":{"headers":{"Via":"x","call-id":"x","CSEQ":"x","Max-Forwards":"x","Content-Length":"1",
                  "Content-Type":"x","Contact":"x","Route":"x","Record-Route":"x","i":"x","From":"x",
                  "X-A":"a\\r\\nVia: b","X-B":"a\\0b","X C":"x","":"x","X-D":{}},
                  "target":[{"type":"phone","number":"1","headers":{"X-E":"a\\nb"}}]}}]"""))
                .hasSize(17)
                .contains(
                        "[0].dial.headers.Via: must not be set by an application",
                        "[0].dial.headers.i: must not be set by an application",
                        "[0].dial.headers.X-A: must not contain CR, LF or NUL",
                        "[0].dial.headers.X-B: must not contain CR, LF or NUL",
                        "[0].dial.headers.X C: not a header name",
                        "[0].dial.headers.X-D: must be a string",
                        "[0].dial.target[0].headers.X-E: must not contain CR, LF or NUL");
    }

    @ParameterizedTest // the sip side would leave it out, or not send the INVITE at all: who wrote it hears of it
    @ValueSource(strings = {"Require", "k", "Session-Expires", "Authorization", "proxy-authenticate", "RSeq", "Allow"})
    void shouldRefuseHeadersThatOnlyTheProtocolSets(String name) {
        assertThat(faults("[{\"verb\":\"sip:decline\",\"status\":486,\"headers\":{\"" + name + "\":\"x\"}}]"))
                .containsExactly("[0].sip:decline.headers." + name + ": must not be set by an application");
        assertThat(faults("[{\"hangup\":{\"headers\":{\"" + name + "\":\"x\"}}}]"))
                .containsExactly("[0].hangup.headers." + name + ": must not be set by an application");
    }

    @Test
    void shouldRefuseHeadersThatCannotBeWritten() {
        assertThat(faults("[{\"hangup\":{\"headers\":{\"X-A\":\"a\1b\",\"X-B\":\"a\tb\",\"X-C\":\"" + "c".repeat(3_996)
                        + "\"}}}]"))
                .containsExactly(
                        "[0].hangup.headers.X-A: must not contain control characters",
                        "[0].hangup.headers.X-C: is longer than 4000 characters");
    }

    @Test // dial.md 3.18
    void shouldLeaveOutHeadersThatAreNeverSentAndKeepTheOthers() {
        VerbDocument.Application application = application(
                "[{\"dial\":{\"headers\":{\"X-Jambonz-Routing\":\"x\",\"X-MS-Teams-Tenant\":\"x\",\"X-Ok\":1.5},"
                        + "\"target\":"
                        + PHONE + "}}]");
        assertThat(((Verb.Dial) application.verbs().getFirst()).headers()).containsExactly(new Header("X-Ok", "1.5"));
        assertThat(application.warnings()).hasSize(2);
    }

    @Test
    void shouldRefuseANumberOrAnAddressThatWouldBreakTheMessage() {
        assertThat(faults("""
                [{"dial":{"callerName":"a\\rb","target":[{"type":"phone","number":"1@evil"},
                  {"type":"sip","sipUri":"sip:a@b>;x"},{"type":"user","name":"a\\r\\nb"},
                  {"type":"phone","number":"2","from":{"user":"a b","host":"x y","z":1}}]}}]""")).hasSize(7);
    }

    @Test // dial.md 1.2
    void shouldTakeEitherNameOfTheCredentialsAndPreferUsername() {
        assertThat(((Verb.Dial) verb("""
                [{"dial":{"target":[{"type":"sip","sipUri":"sip:a@b",
                  "auth":{"user":"u","username":"n","password":"p"}}]}}]""")).destinations().getFirst().target())
                .isEqualTo(new DialTarget.Sip("sip:a@b", "n", "p"));
    }

    @Test // dial.md 1.3: arrays and strings ignored
    void shouldTakeAnObjectAsTagOnly() {
        assertThat(dial(",\"tag\":{\"a\":1}").tag()).isEqualTo(Map.of("a", 1L));
        assertThat(dial(",\"tag\":[1]").tag()).isNull();
        assertThat(dial(",\"tag\":\"x\"").tag()).isNull();
        assertThat(faults("[{\"dial\":{\"tag\":3,\"target\":" + PHONE + "}}]"))
                .containsExactly("[0].dial.tag: must be an object");
    }

    @Test // webhooks.md 1.1
    void shouldReadAHookInEveryForm() {
        assertThat(dial(",\"actionHook\":{\"url\":\"/x\",\"method\":\"get\",\"username\":\"u\",\"password\":\"p\"}")
                        .actionHook())
                .isEqualTo(new HookSpec("/x", "GET", "u", "p"));
        assertThat(dial(",\"actionHook\":{\"url\":\"/x\",\"basicAuth\":{\"username\":\"u\",\"password\":\"p\"}}")
                        .actionHook())
                .isEqualTo(new HookSpec("/x", "POST", "u", "p"));
        assertThat(dial("").actionHook()).isNull();
        assertThat(faults("[{\"dial\":{\"actionHook\":3,\"target\":" + PHONE + "}}]"))
                .containsExactly("[0].dial.actionHook: must be a URL or an object with a url");
    }

    @Test // webhooks.md 1.5
    void shouldBeNothingWhenTheAnswerIsNoArrayOrAnEmptyOne() {
        for (String json : new String[] {"{}", "[]", "null", "3", "\"x\"", "{\"verb\":\"answer\"}"}) {
            assertThat(VerbParser.parse(Json.parse(json))).isEqualTo(new VerbDocument.Nothing());
        }
    }

    @Test
    void shouldNameEveryFaultOfTheVerbsThatAreHeardOrListen() {
        assertThat(faults("""
                [{"verb":"play","url":[],"loop":"often","seekOffset":-1,"timeoutSecs":"x","volume":1},
                 {"verb":"play"},
                 {"verb":"say","text":["",7]},
                 {"verb":"gather","input":["digits","smell"],"numDigits":"2","finishOnKey":"##",
                  "play":{"url":"a"},"say":{"text":"b","x":1}},
                 {"verb":"redirect"},
                 {"verb":"tag","data":"x"}]"""))
                .containsExactlyInAnyOrder(
                        "[0].play.url: must be a string or an array of 1 to 100 strings",
                        "[0].play.loop: must be an integer from 0 to 1000000",
                        "[0].play.seekOffset: must be a whole number from 0 to 999999999",
                        "[0].play.timeoutSecs: must be a whole number from 0 to 999999999",
                        "[0].play.volume: unknown",
                        "[1].play.url: required",
                        "[2].say.text[0]: must be a string that is not empty",
                        "[2].say.text[1]: must be a string that is not empty",
                        "[3].gather.input[1]: must be digits or speech",
                        "[3].gather.numDigits: must be an integer from 0 to 256",
                        "[3].gather.finishOnKey: must be one key of 0-9, *, #, A-D",
                        "[3].gather.say: must not stand beside play",
                        "[3].gather.say.x: unknown",
                        "[4].redirect.actionHook: required",
                        "[5].tag.data: must be an object");
    }

    @Test
    void shouldNameEveryFaultOfADialsOptions() {
        assertThat(faults("""
                [{"verb":"dial","strategy":"random","finalOn":[200,"7xx",486],"confirmFailure":"maybe",
                  "callerIdPresentation":"hidden","dtmfHook":"/k","dtmfCapture":["", "A", "*2"],
                  "confirmHook":{"url":"/c","deadline":"soon","fallback":[{"verb":"nonsense"}]},
                  "target":[{"type":"phone","number":"1","delay":-1,"timeout":"x","group":-1,"sendDigits":"1x",
                             "url":"","method":"PUT"}]}]"""))
                .containsExactlyInAnyOrder(
                        "[0].dial.strategy: must be parallel, sequential or staggered",
                        "[0].dial.finalOn[0]: must be 300 to 699, or 3xx, 4xx, 5xx, 6xx",
                        "[0].dial.finalOn[1]: must be 300 to 699, or 3xx, 4xx, 5xx, 6xx",
                        "[0].dial.confirmFailure: must be reject or bridge",
                        "[0].dial.callerIdPresentation: must be allowed or restricted",
                        "[0].dial.dtmfCapture[0]: must be 1 to 32 of 0-9, * and #",
                        "[0].dial.dtmfCapture[1]: must be 1 to 32 of 0-9, * and #",
                        "[0].dial.confirmHook.deadline: must be a number of seconds",
                        "[0].dial.confirmHook.fallback[0].nonsense: not a verb",
                        "[0].dial.target[0].delay: must be from 0 to 31536000 seconds",
                        "[0].dial.target[0].timeout: must be a number of seconds",
                        "[0].dial.target[0].group: must be an integer from 0 to 1000",
                        "[0].dial.target[0].sendDigits: must be of 0-9, *, #, A-D, w and W",
                        "[0].dial.target[0].url: must not be empty",
                        "[0].dial.target[0].method: must be GET or POST");
    }
}
