package io.hookswitch.sip.ua;

import io.hookswitch.sip.stack.TableSizes;

/**
 * What a sip thread holds at a moment; legs and events are 0 when it rests, the stack's tables some 40 s later.
 *
 * @param legs not yet TERMINATED
 * @param heldEvents wait for room in the ring to the core
 * @param legTimers armed
 * @param stack transactions, dialogs, connections
 */
public record SipTables(int legs, int heldEvents, int legTimers, TableSizes stack) {
    /** @return whether no call has left anything behind. */
    public boolean isResting() {
        return legs + heldEvents + legTimers == 0 && stack.isResting();
    }
}
