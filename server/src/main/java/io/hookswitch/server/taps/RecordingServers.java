package io.hookswitch.server.taps;

import io.hookswitch.control.ControlCommand.RecordingServer;
import io.hookswitch.control.ControlEvent.Resolution;
import io.hookswitch.sip.RecordingSession;
import java.net.InetAddress;
import java.util.function.Consumer;

/** How recorders reach servers that record. Any thread; nothing here waits. */
public interface RecordingServers {
    /**
     * Finds where a server is.
     *
     * @param account name of the account on whose behalf it is asked
     * @param done called exactly once, on any thread
     */
    void find(String account, RecordingServer server, Consumer<Resolution> done);

    /** Begins a session. @param listener is told on another thread @return null = there are as many as there may be */
    RecordingSession open(
            RecordingSession.Server server, RecordingSession.Offer offer, RecordingSession.Listener listener);

    /** @return the address that recordings are sent from. */
    InetAddress address();
}
