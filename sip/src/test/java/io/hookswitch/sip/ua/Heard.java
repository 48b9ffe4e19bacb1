package io.hookswitch.sip.ua;

import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.MediaFlyweight;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.SipEvent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;

/** One event as the core heard it. */
record Heard(
        String type,
        long leg,
        long otherLeg,
        long reference,
        int status,
        int cause,
        long durationNs,
        List<String> fields,
        MediaFlyweight media) {
    static Heard of(MessageFlyweight message) {
        List<String> fields = new ArrayList<>();
        for (int field = message.firstField(); field >= 0; field = message.nextField(field)) {
            fields.add(message.fieldTag(field) + "=" + message.fieldText(field));
        }
        MediaFlyweight media = new MediaFlyweight();
        media.wrap(new UnsafeBuffer(ByteBuffer.allocateDirect(MediaFlyweight.LENGTH)), 0);
        media.copyFrom(message.media());
        return new Heard(
                name(message.type()),
                message.leg(),
                message.otherLeg(),
                message.reference(),
                message.status(),
                message.cause(),
                message.durationNs(),
                fields,
                media);
    }

    private static String name(int type) {
        return switch (type) {
            case SipEvent.OFFERED -> "OFFERED";
            case SipEvent.INVITED -> "INVITED";
            case SipEvent.PROGRESSED -> "PROGRESSED";
            case SipEvent.ANSWERED -> "ANSWERED";
            case SipEvent.MEDIA_CHANGED -> "MEDIA_CHANGED";
            case SipEvent.ENDED -> "ENDED";
            case SipEvent.TERMINATED -> "TERMINATED";
            case SipEvent.INFO_DIGIT -> "INFO_DIGIT";
            case SipEvent.REFERRED -> "REFERRED";
            case SipEvent.REQUESTED -> "REQUESTED";
            case SipEvent.REQUEST_ANSWERED -> "REQUEST_ANSWERED";
            default -> "type " + type;
        };
    }

    String text(int tag) {
        return fields.stream()
                .filter(field -> field.startsWith(tag + "="))
                .findFirst()
                .map(field -> field.substring(field.indexOf('=') + 1))
                .orElse(null);
    }

    List<String> headers() {
        return fields.stream()
                .filter(field -> field.startsWith(Field.HEADER + "="))
                .map(field -> field.substring(field.indexOf('=') + 1))
                .toList();
    }

    /** @return address:port/rtcp codec@type... event direction, as one text to compare. */
    String mediaText() {
        if (!media.present()) {
            return "none";
        }
        byte[] address = new byte[16];
        int length = media.copyAddress(address);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(i == 0 ? "" : ".").append(address[i] & 0xFF);
        }
        text.append(':').append(media.rtpPort());
        for (int i = 0; i < media.codecCount(); i++) {
            text.append(' ').append(codec(media.codec(i))).append('@').append(media.payloadType(i));
        }
        text.append(" event@").append(media.telephoneEventPayloadType());
        return text.append((media.direction() & MediaFlyweight.SEND) != 0 ? " send" : "")
                .append((media.direction() & MediaFlyweight.RECEIVE) != 0 ? " receive" : "")
                .toString();
    }

    private static String codec(int codec) {
        return switch (codec) {
            case Codec.PCMU -> "PCMU";
            case Codec.PCMA -> "PCMA";
            case Codec.G722 -> "G722";
            case Codec.OPUS -> "OPUS";
            default -> "?";
        };
    }

    @Override
    public String toString() {
        return type + (status == 0 ? "" : " " + status);
    }
}
