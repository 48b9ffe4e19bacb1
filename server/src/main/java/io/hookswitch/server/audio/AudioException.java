package io.hookswitch.server.audio;

/** Why a file cannot be played, in one line. */
final class AudioException extends Exception {
    private static final long serialVersionUID = 1L;

    AudioException(String message) {
        super(message);
    }
}
