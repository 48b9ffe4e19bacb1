package io.hookswitch.control.call;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * What a call has open in the world and what it owes: written where events come in and commands go out, apart from the
 * state that decides, so that it is true even when a decision broke off half-way. In the order of appearance.
 */
final class Ledger {
    /** Legs on the wire: announced, and neither ended by an event nor by a command. */
    final Set<Long> legs = new LinkedHashSet<>();
    /** Numbers under which something is awaited: timers, hooks, resolutions, keys, branches without a leg. */
    final Set<Long> awaited = new LinkedHashSet<>();
    /** Legs whose final status was not told. */
    final Set<Leg> untold = new LinkedHashSet<>();
    /** Dialled legs that were on the wire and have no record. */
    final Set<Branch> unrecorded = new LinkedHashSet<>();
    /** Whether the caller's record is owed. */
    boolean callerUnrecorded = true;

    /** @return whether nothing is open: no event will be about the call any more. */
    boolean isClosed() {
        return legs.isEmpty() && awaited.isEmpty();
    }
}
