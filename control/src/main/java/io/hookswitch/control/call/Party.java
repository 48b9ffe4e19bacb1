package io.hookswitch.control.call;

import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.verb.Verb;
import java.util.List;

/** Whose leg an application runs on: the caller's, or a callee's that is screened. */
interface Party {
    /** The call that the leg belongs to. */
    Call call();

    /** The leg as the application sees it. */
    Leg leg();

    /** Handle of the leg. */
    long handle();

    /** Whether nobody answered this caller yet. */
    boolean unanswered();

    /** Makes the leg an answered one, if it is not. */
    void answer();

    /** Gives an unanswered caller media without an answer. */
    void passEarlyMedia();

    /** Tells an unanswered caller something (RFC 3261 section 20.4); nobody else is told. */
    void alert(String message);

    /** Runs a dial; {@link VerbRunner#goOn} or {@link VerbRunner#ask} follows when it is over. */
    void dial(Verb.Dial dial);

    /** The application hangs up; it is over. */
    void hangUp(List<Header> headers);

    /** The application refuses an unanswered caller; it is over. */
    void decline(Verb.SipDecline decline);

    /** @return why this party does not run a verb, null = it does. */
    String refuses(Verb verb);

    /** Nothing is left to run. */
    void runOut();

    /** The application cannot go on. */
    void fail(String why);
}
