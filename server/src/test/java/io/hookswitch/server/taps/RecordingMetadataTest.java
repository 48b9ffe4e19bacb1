package io.hookswitch.server.taps;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand.Participant;
import io.hookswitch.server.taps.RecordingMetadata.Speaker;
import java.io.StringReader;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

/** What far ends call themselves, in a document that any reader of XML takes. */
class RecordingMetadataTest {
    private static final Instant BEGAN = Instant.parse("2026-11-23T10:00:00.75Z");
    private static final String SID = "00112233-4455-6677-8899-aabbccddeeff";

    private static Document read(String text) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        return factory.newDocumentBuilder().parse(new InputSource(new StringReader(text)));
    }

    private static RecordingMetadata metadata(Map<String, Object> told) {
        return new RecordingMetadata(told, List.of("1", "2"), BEGAN, new SplittableRandom(7));
    }

    private static Element first(Document document, String name) {
        return (Element) document.getElementsByTagNameNS("*", name).item(0);
    }

    @Test
    void shouldEscapeWhatAFarEndIsCalled() throws Exception {
        String name = "]]>\"<b a='1'>&amp; \u0000\u0007\uFFFE é 𝄞";
        Document document = read(
                metadata(Map.of()).text(List.of(new Speaker(new Participant(SID, "sip:a\"<>&@b", name), "1", BEGAN))));
        assertThat(first(document, "name").getTextContent()).isEqualTo("]]>\"<b a='1'>&amp; ??? é 𝄞");
        assertThat(first(document, "nameID").getAttribute("aor")).isEqualTo("sip:a\"<>&@b");
        assertThat(first(document, "participant").getAttribute("participant_id"))
                .isEqualTo("ABEiM0RVZneImaq7zN3u/w==");
        assertThat(first(document, "start-time").getTextContent()).isEqualTo("2026-11-23T10:00:00Z");
    }

    @Test
    void shouldKeepItsIdsAndLeaveOutWhatIsUnknown() {
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("call_sid", SID);
        told.put("trace_id", null);
        RecordingMetadata metadata = metadata(told);
        Speaker one = new Speaker(new Participant(SID, "sip:a@b", ""), "1", BEGAN);
        String alone = metadata.text(List.of(one));
        assertThat(alone)
                .contains(">" + SID + "</call_sid>")
                .doesNotContain("trace_id", "<name>", "<recv>", "<label>2<");
        assertThat(metadata.text(List.of(one))).isEqualTo(alone);
    }
}
