package io.hookswitch.control.verb;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.CallUpdate;
import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.Json;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code sip:request} and {@code sip_request} may say. */
class SipRequestParserTest {
    private static VerbDocument verb(String request) {
        return VerbParser.parse(Json.parse("[{\"sip:request\":" + request.replace('\'', '"') + "}]"));
    }

    private static CallUpdateParser.Parsed update(String request) {
        return CallUpdateParser.parse(Json.parse("{\"sip_request\":" + request.replace('\'', '"') + "}"));
    }

    @Test
    void shouldReadAVerbWithABodyAndWithout() {
        assertThat(((VerbDocument.Application) verb("{'method':'options'}")).verbs())
                .containsExactly(new Verb.SipRequest(null, "OPTIONS", null, null, List.of(), null));
        String info = "{'method':'INFO','body':'x','headers':{'X-A':'b','CONTENT-TYPE':'a/b;c=d'}}";
        assertThat(((VerbDocument.Application) verb(info)).verbs())
                .containsExactly(
                        new Verb.SipRequest(null, "INFO", "a/b;c=d", "x", List.of(new Header("X-A", "b")), null));
        assertThat(((VerbDocument.Application) verb("{'method':'INFO','body':'x'}")).verbs())
                .containsExactly(new Verb.SipRequest(null, "INFO", "text/plain", "x", List.of(), null));
    }

    @Test
    void shouldReadARequest() {
        assertThat(update("{'method':'INFO','content_type':'application/json','content':'{}'}"))
                .isEqualTo(new CallUpdateParser.Parsed.Good(
                        new CallUpdate.SipRequest("INFO", "application/json", "{}", List.of())));
        assertThat(update("{'method':'INFO','content_type':'a/b','content':''}"))
                .isEqualTo(new CallUpdateParser.Parsed.Good(new CallUpdate.SipRequest("INFO", null, "", List.of())));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|[0].sip:request.method: required",
                "{'method':'BYE'}|[0].sip:request.method: must be INFO, MESSAGE, NOTIFY or OPTIONS",
                "{'method':'INFO','headers':{'Content-Type':'x\\r\\nVia: y'}}"
                        + "|[0].sip:request.headers.Content-Type: must be a media type, as application/json",
                "{'method':'INFO','headers':{'Via':'x'}}"
                        + "|[0].sip:request.headers.Via: must not be set by an application",
                "{'method':'INFO','body':5}|[0].sip:request.body: must be a string",
                "{'method':'INFO','to':'x'}|[0].sip:request.to: unknown",
            })
    void shouldNameWhatIsWrongInAVerb(String request, String fault) {
        assertThat(((VerbDocument.Faulty) verb(request)).faults()).containsExactly(fault);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'content_type':'a/b','content':'x'}|body.sip_request.method: required",
                "{'method':'INFO','content':'x'}|body.sip_request.content_type: required",
                "{'method':'INFO','content_type':'a/b'}|body.sip_request.content: required",
                "{'method':'INFO','content_type':'ab','content':'x'}"
                        + "|body.sip_request.content_type: must be a media type, as application/json",
                "{'method':'INFO','content_type':'a/b','content':'x','more':1}|body.sip_request.more: unknown",
            })
    void shouldNameWhatIsWrongInARequest(String request, String fault) {
        assertThat(((CallUpdateParser.Parsed.Bad) update(request)).faults()).containsExactly(fault);
    }
}
