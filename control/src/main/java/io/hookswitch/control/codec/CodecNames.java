package io.hookswitch.control.codec;

import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.MediaFlyweight;
import java.util.List;

/** Codecs as applications name them: PCMU, PCMA, G722, OPUS. Any thread. */
public final class CodecNames {
    /** What an application is told of a list with a name that is none; the account's owner is alerted. */
    public static final String VOIDED = "no codec known here, the list is left out";

    private static final List<String> NAMES = List.of("PCMU", "PCMA", "G722", "OPUS");

    private CodecNames() {}

    /** @return whether it is the name of a codec, in capitals. */
    public static boolean isKnown(String name) {
        return NAMES.contains(name);
    }

    /** Writes codecs in order; payload types are the core's to choose. */
    static void write(List<String> names, MediaFlyweight media) {
        if (names.isEmpty()) {
            return;
        }
        media.begin();
        for (String name : names) {
            int codec = Codec.PCMU + NAMES.indexOf(name);
            media.addCodec(codec, 0, -1, codec == Codec.OPUS ? 48_000 : 8000);
        }
    }
}
