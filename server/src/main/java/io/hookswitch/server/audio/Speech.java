package io.hookswitch.server.audio;

import java.net.URI;
import java.net.URISyntaxException;

/**
 * A text to be spoken, named by a URI of its own so that it is kept like a file.
 *
 * @param voice name that the speaker knows, "" = by the language
 * @param language BCP 47, "" = the speaker's own
 */
record Speech(String voice, String language, String text) {
    private static final String SCHEME = "speech";

    /** @return the URI that names it. */
    URI uri() {
        try {
            return new URI(SCHEME, voice + "\n" + language + "\n" + text, null);
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    /** @return whether a URI names a text. */
    static boolean isSpeech(URI uri) {
        return SCHEME.equals(uri.getScheme());
    }

    /** @return the text that a URI names. */
    static Speech of(URI uri) {
        String[] parts = uri.getSchemeSpecificPart().split("\n", 3);
        return new Speech(parts[0], parts[1], parts[2]);
    }
}
