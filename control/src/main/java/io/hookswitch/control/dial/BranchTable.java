package io.hookswitch.control.dial;

import io.hookswitch.control.dial.BranchEvent.Accepted;
import io.hookswitch.control.dial.BranchEvent.Dropped;
import io.hookswitch.control.dial.BranchEvent.Finished;
import io.hookswitch.control.dial.BranchEvent.Placed;
import io.hookswitch.control.dial.BranchEvent.Provisional;
import io.hookswitch.control.dial.BranchEvent.Refused;
import io.hookswitch.control.dial.BranchState.Connected;
import io.hookswitch.control.dial.BranchState.Inviting;
import io.hookswitch.control.dial.BranchState.Over;
import io.hookswitch.control.dial.BranchState.Placing;
import io.hookswitch.control.dial.BranchState.Ringing;
import io.hookswitch.control.dial.BranchState.Withdrawn;
import io.hookswitch.control.dial.BranchStep.Deed;

/** Branch states x events, every pair answered; the same table in words is docs/dial-fork.md. */
public final class BranchTable {
    private static final int LAST_RINGING = 183;
    private static final int FIRST_RINGING = 180;

    private record Pair(BranchState from, BranchEvent on) {}

    private BranchTable() {}

    /** @return what follows from an event in a state. */
    public static BranchStep next(BranchState from, BranchEvent on) {
        return switch (new Pair(from, on)) {
            case Pair(Placing _, Placed _) -> new BranchStep(new Inviting(), Deed.TRY);
            case Pair(Placing _, Refused _) -> new BranchStep(new Over(), Deed.FAIL);
            // There is no leg to end yet: the END waits for it.
            case Pair(Placing _, Dropped _) -> new BranchStep(new Withdrawn(), Deed.NONE);
            case Pair(Placing _, Provisional _) -> stay(from);
            case Pair(Placing _, Accepted _) -> stay(from);
            case Pair(Placing _, Finished _) -> stay(from);

            case Pair(Withdrawn _, Placed _) -> new BranchStep(new Over(), Deed.END);
            case Pair(Withdrawn _, Refused _) -> new BranchStep(new Over(), Deed.NONE);
            case Pair(Withdrawn _, Provisional _) -> stay(from);
            case Pair(Withdrawn _, Accepted _) -> stay(from);
            case Pair(Withdrawn _, Finished _) -> stay(from);
            case Pair(Withdrawn _, Dropped _) -> stay(from);

            case Pair(Inviting _, Provisional(int sipStatus, boolean media)) -> ring(from, false, sipStatus, media);
            case Pair(Inviting _, Accepted _) -> new BranchStep(new Connected(), Deed.CONNECT);
            case Pair(Inviting _, Finished _) -> new BranchStep(new Over(), Deed.FAIL);
            case Pair(Inviting _, Dropped _) -> new BranchStep(new Over(), Deed.END);
            case Pair(Inviting _, Placed _) -> stay(from);
            case Pair(Inviting _, Refused _) -> stay(from);

            case Pair(Ringing(boolean early), Provisional(int sipStatus, boolean media)) ->
                ring(from, early, sipStatus, media);
            case Pair(Ringing _, Accepted _) -> new BranchStep(new Connected(), Deed.CONNECT);
            case Pair(Ringing _, Finished _) -> new BranchStep(new Over(), Deed.FAIL);
            case Pair(Ringing _, Dropped _) -> new BranchStep(new Over(), Deed.END);
            case Pair(Ringing _, Placed _) -> stay(from);
            case Pair(Ringing _, Refused _) -> stay(from);

            case Pair(Connected _, Finished _) -> new BranchStep(new Over(), Deed.CLOSE);
            case Pair(Connected _, Dropped _) -> new BranchStep(new Over(), Deed.END);
            // A 1xx behind the 2xx, or the 2xx again, never takes a leg back.
            case Pair(Connected _, Provisional _) -> stay(from);
            case Pair(Connected _, Accepted _) -> stay(from);
            case Pair(Connected _, Placed _) -> stay(from);
            case Pair(Connected _, Refused _) -> stay(from);

            // Glare: the answer was on its way when the END was. An answered leg that nobody wants is ended, always.
            case Pair(Over _, Accepted _) -> new BranchStep(from, Deed.END);
            // A leg that nobody waits for, too.
            case Pair(Over _, Placed _) -> new BranchStep(from, Deed.END);
            case Pair(Over _, Refused _) -> stay(from);
            case Pair(Over _, Provisional _) -> stay(from);
            case Pair(Over _, Finished _) -> stay(from);
            case Pair(Over _, Dropped _) -> stay(from);
        };
    }

    private static BranchStep stay(BranchState state) {
        return new BranchStep(state, Deed.NONE);
    }

    /** 180..183 ring; others (199 early dialog terminated, RFC 6228) say nothing about a bell. */
    private static BranchStep ring(BranchState from, boolean early, int sipStatus, boolean media) {
        if (sipStatus < FIRST_RINGING || sipStatus > LAST_RINGING) {
            return stay(from);
        }
        return new BranchStep(new Ringing(early || media), media ? Deed.OFFER_MEDIA : Deed.RING);
    }
}
