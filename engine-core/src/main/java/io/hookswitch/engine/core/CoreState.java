package io.hookswitch.engine.core;

import io.hookswitch.engine.io.RtpTransport;

/** What the steps of one core's duty cycle share; made at start. */
record CoreState(
        CoreSettings settings,
        MediaSettings media,
        CoreRings rings,
        RtpTransport transport,
        LegTable legs,
        SocketOwners owners,
        CoreCounters counters,
        LatencyRecorder latency) {}
