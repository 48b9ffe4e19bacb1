package io.hookswitch.control.call;

import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.verb.Verb;
import java.util.List;

/** A leg that is up, on which verbs run beside the call's own application: it neither dials, hangs up nor declines. */
abstract class AnsweredParty implements Party {
    private final Call call;
    private final Leg leg;
    private final long handle;

    AnsweredParty(Call.LegParty party) {
        call = party.call();
        leg = party.leg();
        handle = party.handle();
    }

    @Override
    public final Call call() {
        return call;
    }

    @Override
    public final Leg leg() {
        return leg;
    }

    @Override
    public final long handle() {
        return handle;
    }

    @Override
    public final boolean unanswered() {
        return false;
    }

    /** The leg is answered. */
    @Override
    public final void answer() {}

    /** The leg is answered. */
    @Override
    public final void passEarlyMedia() {}

    /** The leg is answered. */
    @Override
    public final void alert(String message) {}

    @Override
    public void dial(Verb.Dial dial) {
        throw new IllegalStateException("a leg that is up does not dial");
    }

    @Override
    public void hangUp(List<Header> headers) {
        throw new IllegalStateException("nothing is hung up from here");
    }

    @Override
    public void decline(Verb.SipDecline decline) {
        throw new IllegalStateException("a leg that is up is not declined");
    }
}
