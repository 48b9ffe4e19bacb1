package io.hookswitch.sip.stack;

/**
 * What a stack holds at this moment; all zero when it rests, timers included.
 *
 * @param clientTransactions not terminated
 * @param serverTransactions not terminated
 * @param dialogs established and early ones with a tag
 * @param earlyDialogs of INVITEs not answered
 * @param flows connections open or being made; far ends may keep theirs
 * @param timers tasks scheduled
 * @param routes addresses learnt for Call-IDs
 */
public record TableSizes(
        int clientTransactions,
        int serverTransactions,
        int dialogs,
        int earlyDialogs,
        int flows,
        int timers,
        int routes) {
    /** @return whether no call has left anything behind; connections may stay. */
    public boolean isResting() {
        return clientTransactions + serverTransactions + dialogs + earlyDialogs + timers + routes == 0;
    }
}
