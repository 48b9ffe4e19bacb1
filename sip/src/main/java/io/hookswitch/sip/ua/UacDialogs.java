package io.hookswitch.sip.ua;

import gov.nist.javax.sip.message.SIPMessage;
import io.hookswitch.sip.transport.Transport;
import java.net.InetSocketAddress;
import javax.sip.Dialog;
import javax.sip.DialogState;
import javax.sip.InvalidArgumentException;
import javax.sip.SipException;
import javax.sip.SipProvider;
import javax.sip.address.SipURI;
import javax.sip.header.CSeqHeader;
import javax.sip.header.ContactHeader;
import javax.sip.header.RecordRouteHeader;
import javax.sip.message.Request;
import javax.sip.message.Response;

/** What is done with the 2xx of an INVITE that no leg has sent. Sip thread. */
final class UacDialogs {
    private UacDialogs() {}

    static void acknowledge(Site site, Dialog answered, Response response) throws SipException {
        try {
            Request ack = answered.createAck(((CSeqHeader) response.getHeader(CSeqHeader.NAME)).getSeqNumber());
            site.messages().sign(ack);
            answered.sendAck(ack);
        } catch (InvalidArgumentException e) {
            throw new SipException("ACK", e);
        }
    }

    /** RFC 3261 section 13.2.2.4: a later dialog of the same INVITE is acknowledged and ended. */
    static void endOther(Site site, SipProvider provider, Dialog other, Response response) {
        try {
            acknowledge(site, other, response);
            if (other.getState() != DialogState.TERMINATED) {
                Request bye = other.createRequest(Request.BYE);
                site.messages().sign(bye);
                other.sendRequest(provider.getNewClientTransaction(bye));
            }
        } catch (SipException | RuntimeException e) {
            site.errors().onError(e);
            other.delete();
        }
    }

    /**
     * Requests of the dialog go to the Contact (RFC 3261 section 12.2.1.1), unless that is a name, of another
     * transport, or a private address that the 2xx has not come from; then to where it came from. A route set comes
     * first.
     */
    static void chooseHop(Site site, String callId, Transport transport, Response accepted) {
        if (accepted.getHeader(RecordRouteHeader.NAME) != null) {
            return;
        }
        SIPMessage came = (SIPMessage) accepted;
        ContactHeader contact = (ContactHeader) accepted.getHeader(ContactHeader.NAME);
        NextHop direct =
                contact != null && contact.getAddress().getURI() instanceof SipURI uri ? NextHop.of(uri) : null;
        boolean isReached = direct != null
                && direct.transport() == transport
                && (!direct.address().getAddress().isSiteLocalAddress()
                        || direct.address().getAddress().equals(came.getPeerPacketSourceAddress()));
        if (isReached) {
            site.stack().forget(callId);
        } else {
            site.stack()
                    .learn(
                            callId,
                            transport,
                            new InetSocketAddress(came.getPeerPacketSourceAddress(), came.getPeerPacketSourcePort()));
        }
    }
}
