package io.hookswitch.control.verb;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.CallUpdate;
import io.hookswitch.control.ControlCommand.RecordingServer;
import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.Json;
import io.hookswitch.control.verb.CallUpdateParser.Parsed;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code record} in requests and configs: every fault by its path. */
class RecordingParserTest {
    private static Parsed parse(String members) {
        return CallUpdateParser.parse(Json.parse("{\"record\":{" + members.replace('\'', '"') + "}}"));
    }

    private static Verb.Recording good(String members) {
        return ((CallUpdate.Recording) ((Parsed.Good) parse(members)).update()).change();
    }

    private static List<String> faults(String members) {
        return ((Parsed.Bad) parse(members)).faults();
    }

    @Test
    void shouldReadAStartWithAllThatItMayHave() {
        assertThat(good("'action':'startCallRecording','type':'siprec','recordingID':'r 1',"
                        + "'siprecServerURL':['sip:a@192.0.2.1','sips:u:p@b.test;transport=tls'],"
                        + "'headers':{'X-A':'b'}"))
                .isEqualTo(new Verb.Recording(
                        Verb.RecordingAction.START,
                        List.of(
                                new RecordingServer("sip:a@192.0.2.1", null, null),
                                new RecordingServer("sips:u@b.test;transport=tls", "u", "p")),
                        "r 1",
                        List.of(new Header("X-A", "b"))));
        assertThat(good("'action':'startCallRecording','siprecServerURL':'sip:[2001:db8::1]:5070'")
                        .servers())
                .containsExactly(new RecordingServer("sip:[2001:db8::1]:5070", null, null));
    }

    @ParameterizedTest
    @CsvSource({"stopCallRecording,STOP", "pauseCallRecording,PAUSE", "resumeCallRecording,RESUME"})
    void shouldNeedNoServerForWhatRunsAlready(String action, Verb.RecordingAction read) {
        assertThat(good("'action':'" + action + "'")).isEqualTo(new Verb.Recording(read, List.of(), null, List.of()));
    }

    @Test
    void shouldListEveryFaultByItsPath() {
        assertThat(faults("")).containsExactly("body.record.action: required");
        assertThat(faults("'action':'startCallRecording'")).containsExactly("body.record.siprecServerURL: required");
        assertThat(faults("'action':'startCallRecording','type':'cloud'"))
                .containsExactly("body.record.type: cloud is not supported: cloud recording needs a store");
        assertThat(faults("'action':'erase','type':'tape','siprecServerURL':5,'recordingID':7,'volume':1"))
                .containsExactly(
                        "body.record.action: must be startCallRecording, stopCallRecording, pauseCallRecording or"
                                + " resumeCallRecording",
                        "body.record.type: must be siprec or cloud",
                        "body.record.siprecServerURL: must be a SIP URI or an array of 1 to 8",
                        "body.record.recordingID: must be a string",
                        "body.record.volume: unknown");
        assertThat(faults("'action':'startCallRecording','siprecServerURL':[]"))
                .containsExactly("body.record.siprecServerURL: must be a SIP URI or an array of 1 to 8");
        assertThat(faults("'action':'startCallRecording','siprecServerURL':['http://x','sip:',3,'sip:a b@c']"))
                .containsExactly(
                        "body.record.siprecServerURL[0]: must be a sip or sips URI",
                        "body.record.siprecServerURL[1]: must be a sip or sips URI",
                        "body.record.siprecServerURL[2]: must be a string",
                        "body.record.siprecServerURL[3]: must not contain blanks, quotes, brackets or control"
                                + " characters");
    }

    @Test
    void shouldRefuseWhatWouldBreakTheInvite() {
        String start = "'action':'startCallRecording','siprecServerURL':'sip:a@192.0.2.1',";
        assertThat(faults(start + "'headers':{'Require':'x','X-A':'b\\r\\nVia: c','X-B':'a\\nb'}"))
                .containsExactly(
                        "body.record.headers.Require: must not be set by an application",
                        "body.record.headers.X-A: must not contain CR, LF or NUL",
                        "body.record.headers.X-B: must not contain CR, LF or NUL");
        assertThat(faults(start + "'recordingID':'a\\r\\nb'"))
                .containsExactly("body.record.recordingID: must not contain CR, LF or NUL");
        assertThat(faults(start + "'recordingID':'" + "x".repeat(257) + "'"))
                .containsExactly(
                        "body.record.recordingID: must be of at most 256 characters, none of them for control");
    }

    @Test
    void shouldNameTheFaultsOfAConfig() {
        Findings findings = new Findings();
        VerbParser.check(
                (List<?>) Json.parse("[{\"verb\":\"config\",\"record\":{\"action\":\"startCallRecording\"}}]"),
                "verbs",
                findings);
        assertThat(findings.faults()).singleElement().asString().endsWith("record.siprecServerURL: required");
    }
}
