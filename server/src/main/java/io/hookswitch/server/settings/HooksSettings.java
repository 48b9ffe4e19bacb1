package io.hookswitch.server.settings;

import java.util.List;

/**
 * Requests to applications.
 *
 * @param allow loopback and private blocks that hooks may reach; public addresses need no entry
 */
public record HooksSettings(List<Cidr> allow) {
    /** Keeps its own copy. */
    public HooksSettings {
        allow = List.copyOf(allow);
    }
}
