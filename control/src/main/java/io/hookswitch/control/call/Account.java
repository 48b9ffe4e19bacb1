package io.hookswitch.control.call;

import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.Directory;

/**
 * On whose behalf a call runs.
 *
 * @param name in the settings
 * @param inboundTrunk carrier the call came from, "" = none
 * @param application null = nobody to ask: the call is refused
 */
record Account(String name, String sid, String inboundTrunk, Directory.Application application) {
    String applicationSid() {
        return application == null ? null : application.sid();
    }

    /** URL that relative hooks are resolved against. */
    String base() {
        return application.callHook().url();
    }

    /** Where statuses go, null = nowhere. */
    HookSpec statusHook() {
        return application == null ? null : application.callStatusHook();
    }
}
