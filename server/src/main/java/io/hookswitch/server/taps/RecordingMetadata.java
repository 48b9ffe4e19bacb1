package io.hookswitch.server.taps;

import io.hookswitch.control.ControlCommand.Participant;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.random.RandomGenerator;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * What a server is told of a recording in XML (RFC 7865): always all of it as it is now. What that has no place for,
 * names as in hooks, stands in the session in a namespace of ours. Thread {@code taps}.
 */
final class RecordingMetadata {
    private static final String SPACE = "urn:ietf:params:xml:ns:recording:1";
    private static final String OURS = "urn:x-hookswitch:call";
    private static final XMLOutputFactory WRITERS = XMLOutputFactory.newDefaultFactory();

    /**
     * One who takes part, and the stream of what he says.
     *
     * @param label of the stream in the description
     * @param since when he came
     */
    record Speaker(Participant who, String label, Instant since) {}

    private final String session;
    private final Map<String, Object> told;
    private final Instant began;
    private final Map<String, String> streams;

    /** @param labels of all streams that there may be */
    RecordingMetadata(Map<String, Object> told, List<String> labels, Instant began, RandomGenerator random) {
        this.told = told;
        this.began = began;
        session = id(random);
        Map<String, String> ids = new HashMap<>();
        labels.forEach(label -> ids.put(label, id(random)));
        streams = Map.copyOf(ids);
    }

    private static String id(RandomGenerator random) {
        return base64(random.nextLong(), random.nextLong());
    }

    private static String base64(long high, long low) {
        ByteBuffer bytes = ByteBuffer.allocate(2 * Long.BYTES).putLong(high).putLong(low);
        return Base64.getEncoder().encodeToString(bytes.array());
    }

    /** RFC 7865 section 6.10: 128 bits in base64, here those of the call's sid. */
    private static String id(Participant who) {
        UUID sid = UUID.fromString(who.callSid());
        return base64(sid.getMostSignificantBits(), sid.getLeastSignificantBits());
    }

    /** @return the document; of two who take part each hears the other. */
    String text(List<Speaker> speakers) {
        StringWriter text = new StringWriter();
        try {
            XMLStreamWriter xml = WRITERS.createXMLStreamWriter(text);
            xml.writeStartDocument("UTF-8", "1.0");
            xml.writeStartElement("recording");
            xml.writeDefaultNamespace(SPACE);
            element(xml, "datamode", "complete");
            session(xml);
            for (Speaker speaker : speakers) {
                participant(xml, speaker.who());
            }
            for (Speaker speaker : speakers) {
                xml.writeStartElement("stream");
                xml.writeAttribute("stream_id", streams.get(speaker.label()));
                xml.writeAttribute("session_id", session);
                element(xml, "label", speaker.label());
                xml.writeEndElement();
            }
            xml.writeStartElement("sessionrecordingassoc");
            xml.writeAttribute("session_id", session);
            element(xml, "associate-time", time(began));
            xml.writeEndElement();
            associations(xml, speakers);
            xml.writeEndElement();
            xml.writeEndDocument();
            xml.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("text can always be written", e);
        }
        return text.toString();
    }

    private void session(XMLStreamWriter xml) throws XMLStreamException {
        xml.writeStartElement("session");
        xml.writeAttribute("session_id", session);
        element(xml, "start-time", time(began));
        xml.writeStartElement("call");
        xml.writeDefaultNamespace(OURS);
        for (Map.Entry<String, Object> each : told.entrySet()) {
            if (each.getValue() != null) {
                element(xml, each.getKey(), each.getValue().toString());
            }
        }
        xml.writeEndElement();
        xml.writeEndElement();
    }

    private static void participant(XMLStreamWriter xml, Participant who) throws XMLStreamException {
        xml.writeStartElement("participant");
        xml.writeAttribute("participant_id", id(who));
        xml.writeStartElement("nameID");
        xml.writeAttribute("aor", legal(who.address()));
        if (!who.name().isEmpty()) {
            element(xml, "name", who.name());
        }
        xml.writeEndElement();
        xml.writeEndElement();
    }

    private void associations(XMLStreamWriter xml, List<Speaker> speakers) throws XMLStreamException {
        for (Speaker speaker : speakers) {
            xml.writeStartElement("participantsessionassoc");
            xml.writeAttribute("participant_id", id(speaker.who()));
            xml.writeAttribute("session_id", session);
            element(xml, "associate-time", time(speaker.since()));
            xml.writeEndElement();
        }
        for (Speaker speaker : speakers) {
            xml.writeStartElement("participantstreamassoc");
            xml.writeAttribute("participant_id", id(speaker.who()));
            element(xml, "send", streams.get(speaker.label()));
            for (Speaker other : speakers) {
                if (other != speaker) {
                    element(xml, "recv", streams.get(other.label()));
                }
            }
            xml.writeEndElement();
        }
    }

    private static void element(XMLStreamWriter xml, String name, String value) throws XMLStreamException {
        xml.writeStartElement(name);
        xml.writeCharacters(legal(value));
        xml.writeEndElement();
    }

    /** XML 1.0 section 2.2: what a far end may have put into its name, and XML cannot say. */
    private static String legal(String text) {
        return text.codePoints()
                .map(c -> c == '\t' || c >= ' ' && c <= 0xD7FF || c >= 0xE000 && c <= 0xFFFD || c > 0xFFFF ? c : '?')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private static String time(Instant at) {
        return at.truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
