package io.hookswitch.engine.io;

/** Why a kernel interface cannot be used on this machine. Start-up only. */
final class UnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    UnavailableException(String why) {
        super(why);
    }
}
