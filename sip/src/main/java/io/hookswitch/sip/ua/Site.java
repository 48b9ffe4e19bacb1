package io.hookswitch.sip.ua;

import io.hookswitch.sip.SipSettings;
import io.hookswitch.sip.stack.ShardStack;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.NanoClock;

/** What every leg of a sip thread works with. */
record Site(
        SipSettings settings,
        ShardStack stack,
        Messages messages,
        CoreEvents events,
        LegTimers timers,
        Ids ids,
        NanoClock clock,
        ErrorHandler errors) {}
