package io.hookswitch.server.taps;

import io.hookswitch.control.ControlCommand.TapMode;
import io.hookswitch.engine.message.TapFlyweight;
import java.util.Map;

/** Who hears a call: a server of the customer's, or a detector of ours. Thread {@code taps}. */
interface Hearer {
    /** A leg said something. */
    void hear(TapFlyweight record);

    /** Does what is due. */
    void tick(long nowNs);

    /** Ends it, in its own way. */
    void stop();

    /** Ends it because something of ours failed. */
    void fail(String detail);

    /** Ends it because the node does. */
    void shutDown();

    /** Tells it something of the call. */
    void tell(Map<String, Object> message);

    /** Changes what it hears. */
    void steer(TapMode to);
}
