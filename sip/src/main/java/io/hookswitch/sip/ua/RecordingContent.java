package io.hookswitch.sip.ua;

import io.hookswitch.sip.RecordingSession.Offer;
import io.hookswitch.sip.sdp.RecordingSdp;
import io.hookswitch.sip.transport.Transport;
import java.text.ParseException;
import javax.sip.message.Message;
import javax.sip.message.Request;
import javax.sip.message.Response;

/** What the messages of one recording session say beside their dialog (RFC 7866 sections 6 and 9). Sip thread. */
final class RecordingContent {
    /** RFC 3261 section 20.5: what the server may ask in the dialog. */
    static final String ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS";

    private static final String LINE_END = "\r\n";

    private final Site site;
    private final RecordingSdp description;
    private final String boundary;

    RecordingContent(Site site) {
        this.site = site;
        description = new RecordingSdp(site.ids().nextSessionId());
        boundary = site.ids().next();
    }

    /** Gives an INVITE its Contact, its option and both parts of its body. */
    void put(Request invite, Transport transport, Offer offer) throws ParseException {
        contact(invite, transport);
        site.messages().set(invite, "Require", "siprec");
        site.messages().set(invite, "Allow", ALLOW);
        invite.removeHeader("Supported");
        site.messages().set(invite, "Accept", "application/sdp");
        site.messages().set(invite, "MIME-Version", "1.0");
        String open = "--" + boundary + LINE_END;
        site.messages()
                .body(
                        invite,
                        "multipart/mixed;boundary=" + boundary,
                        open + "Content-Type: application/sdp\r\n\r\n"
                                + description.offer(offer.address(), offer.streams()) + LINE_END + open
                                + "Content-Type: application/rs-metadata+xml\r\n"
                                + "Content-Disposition: recording-session\r\n\r\n" + offer.metadata() + LINE_END
                                + "--" + boundary + "--\r\n");
    }

    /** Gives the 200 to a re-INVITE its Contact and description. @param wants null = it offered nothing: we do */
    void answer(Response response, Transport transport, Offer ours, RecordingSdp.Answer wants) throws ParseException {
        contact(response, transport);
        site.messages()
                .sdp(
                        response,
                        wants == null
                                ? description.offer(ours.address(), ours.streams())
                                : description.answer(ours.address(), ours.streams(), wants));
    }

    /** RFC 7866 section 6.1.1: the feature tag says that we send recordings. */
    private void contact(Message message, Transport transport) throws ParseException {
        String at = site.stack().listeningPoint(transport).getSentBy();
        String parameter = transport == Transport.UDP ? "" : ";transport=" + transport.wireName();
        site.messages().typed(message, "Contact", "<sip:" + user(site) + "@" + at + parameter + ">;+sip.src");
    }

    /** @return who we are in the session: the product. */
    static String user(Site site) {
        return HeaderText.escapedUser(site.settings().product().replaceFirst("/.*", ""));
    }
}
