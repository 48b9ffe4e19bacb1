package io.hookswitch.control;

import java.util.Optional;

/** What control must know of accounts before it can ask anybody: an immutable snapshot taken from the settings. */
public interface Directory {
    /** @return the application that handles a call from a carrier to a number; empty = none configured. */
    Optional<Application> applicationForCarrier(String account, String carrier, String number);

    /** @return the application of a registered user ({@code user@realm}); empty = none configured. */
    Optional<Application> applicationForUser(String account, String user);

    /** @return the account's identifier as sent to applications. */
    String accountSid(String account);

    /**
     * An application: where its hooks are.
     *
     * @param callStatusHook null = no status callbacks
     */
    record Application(
            String sid, String name, ControlCommand.HookSpec callHook, ControlCommand.HookSpec callStatusHook) {}
}
