package io.hookswitch.sip.stack;

import gov.nist.javax.sip.header.CallID;
import gov.nist.javax.sip.stack.HopImpl;
import io.hookswitch.sip.transport.Transport;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.ListIterator;
import java.util.Map;
import javax.sip.SipException;
import javax.sip.SipStack;
import javax.sip.address.Hop;
import javax.sip.address.Router;
import javax.sip.address.SipURI;
import javax.sip.address.URI;
import javax.sip.header.CallIdHeader;
import javax.sip.header.RouteHeader;
import javax.sip.message.Request;

/**
 * Where a request goes: the first Route when that is an IP address, else the address learnt for its Call-ID, else the
 * Request-URI when that is an IP address. Never asks DNS: names were resolved before the request was made. Made by the
 * stack, by name.
 */
public final class LiteralRouter implements Router {
    private final Map<String, Hop> learnt = new HashMap<>();

    /** Made by the stack, by name; there is no outbound proxy. */
    public LiteralRouter(SipStack stack, String outboundProxy) {}

    /**
     * Names the address for requests of a call: a gateway in front of the Request-URI, a far end behind a NAT, a name
     * that was resolved.
     */
    void learn(String callId, Transport transport, InetSocketAddress address) {
        learnt.put(callId, hop(address.getAddress().getHostAddress(), address.getPort(), transport.wireName()));
    }

    void forget(String callId) {
        learnt.remove(callId);
    }

    int size() {
        return learnt.size();
    }

    @Override
    public Hop getNextHop(Request request) throws SipException {
        RouteHeader route = (RouteHeader) request.getHeader(RouteHeader.NAME);
        CallIdHeader callId = (CallIdHeader) request.getHeader(CallID.NAME);
        Hop known = callId == null ? null : learnt.get(callId.getCallId());
        if (route == null && known != null) {
            return known;
        }
        URI target =
                route == null ? request.getRequestURI() : route.getAddress().getURI();
        if (target instanceof SipURI uri) {
            String host = uri.getMAddrParam() == null ? uri.getHost() : uri.getMAddrParam();
            Transport transport = transport(uri);
            if (transport != null && isLiteral(host)) {
                return hop(host, uri.getPort() > 0 ? uri.getPort() : transport.defaultPort(), transport.wireName());
            }
        }
        if (known == null) {
            throw new SipException("no address known for " + target);
        }
        return known;
    }

    private static Transport transport(SipURI uri) {
        if (uri.isSecure()) {
            return Transport.TLS;
        }
        return uri.getTransportParam() == null ? Transport.UDP : Transport.of(uri.getTransportParam());
    }

    static boolean isLiteral(String host) {
        return NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host);
    }

    private static Hop hop(String host, int port, String transport) {
        return new HopImpl(host, port, transport);
    }

    @Override
    public Hop getOutboundProxy() {
        return null;
    }

    @Override
    @Deprecated
    public ListIterator<Hop> getNextHops(Request request) {
        try {
            return List.of(getNextHop(request)).listIterator();
        } catch (SipException e) {
            return List.<Hop>of().listIterator();
        }
    }
}
