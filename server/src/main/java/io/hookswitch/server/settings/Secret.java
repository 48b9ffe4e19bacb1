package io.hookswitch.server.settings;

import java.util.Objects;

/** A password or key: it can be used, but it does not print. */
public record Secret(String value) {
    /** No secret. */
    public static final Secret NONE = new Secret("");

    /** Refuses null. */
    public Secret {
        Objects.requireNonNull(value);
    }

    /** @return whether there is none. */
    public boolean isEmpty() {
        return value.isEmpty();
    }

    @Override
    public String toString() {
        return value.isEmpty() ? "" : "***";
    }
}
