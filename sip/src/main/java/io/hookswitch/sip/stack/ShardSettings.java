package io.hookswitch.sip.stack;

import io.hookswitch.sip.transport.WireSettings;
import java.util.Objects;

/**
 * One stack.
 *
 * @param name unique in the process
 * @param wire sockets and floods
 * @param serverTransactionsMax with so many a new request is answered 503; running dialogs go on
 * @param earlyDialogS an early dialog ends after this time; longer than any ring timeout, seconds
 * @param retryAfterS told with every 503, seconds
 */
public record ShardSettings(
        String name, WireSettings wire, int serverTransactionsMax, int earlyDialogS, int retryAfterS) {
    /** Checks ranges. */
    public ShardSettings {
        Objects.requireNonNull(name);
        Objects.requireNonNull(wire);
        if (serverTransactionsMax < 1) {
            throw new IllegalArgumentException("serverTransactionsMax: " + serverTransactionsMax + " is below 1");
        }
        if (earlyDialogS < 30 || earlyDialogS > 86_400) {
            throw new IllegalArgumentException("earlyDialogS: " + earlyDialogS + " is not 30..86400");
        }
        if (retryAfterS < 1 || retryAfterS > 3600) {
            throw new IllegalArgumentException("retryAfterS: " + retryAfterS + " is not 1..3600");
        }
    }

    /** @return the defaults of the reference configuration. */
    public static ShardSettings of(String name, WireSettings wire) {
        return new ShardSettings(name, wire, 200_000, 700, 5);
    }
}
