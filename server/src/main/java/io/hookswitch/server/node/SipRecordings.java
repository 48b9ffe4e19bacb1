package io.hookswitch.server.node;

import io.hookswitch.control.ControlCommand.RecordingServer;
import io.hookswitch.control.ControlCommand.Resolve;
import io.hookswitch.control.ControlEvent.Resolution;
import io.hookswitch.control.DialTarget;
import io.hookswitch.server.routing.TargetResolver;
import io.hookswitch.server.taps.RecordingServers;
import io.hookswitch.sip.RecordingSession;
import io.hookswitch.sip.ua.SipAgent;
import java.net.InetAddress;
import java.util.function.Consumer;

/** Servers that record are found as SIP targets of a dial are, and spoken to on the sip thread. */
record SipRecordings(TargetResolver resolver, SipAgent sip, InetAddress address) implements RecordingServers {
    @Override
    public void find(String account, RecordingServer server, Consumer<Resolution> done) {
        DialTarget target = new DialTarget.Sip(server.sipUri(), server.authUser(), server.authPassword());
        resolver.resolve(new Resolve(0, account, "", target), done);
    }

    @Override
    public RecordingSession open(
            RecordingSession.Server server, RecordingSession.Offer offer, RecordingSession.Listener listener) {
        return sip.record(server, offer, listener);
    }
}
