package io.hookswitch.server.settings;

import java.util.List;

/**
 * Requests to applications.
 *
 * @param allow loopback and private blocks that hooks may reach; public addresses need no entry
 */
public record HookSettings(List<Cidr> allow) {
    /** Keeps its own copy. */
    public HookSettings {
        allow = List.copyOf(allow);
    }
}
