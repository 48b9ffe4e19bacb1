package io.hookswitch.sip.stack;

import gov.nist.javax.sip.DialogTimeoutEvent;
import gov.nist.javax.sip.SipListenerExt;
import gov.nist.javax.sip.header.HeaderFactoryImpl;
import gov.nist.javax.sip.message.MessageFactoryImpl;
import io.hookswitch.sip.transport.Transport;
import java.util.ArrayList;
import java.util.List;
import javax.sip.DialogTerminatedEvent;
import javax.sip.IOExceptionEvent;
import javax.sip.RequestEvent;
import javax.sip.ResponseEvent;
import javax.sip.ServerTransaction;
import javax.sip.SipProvider;
import javax.sip.TimeoutEvent;
import javax.sip.TransactionTerminatedEvent;
import javax.sip.header.ToHeader;
import javax.sip.message.Request;
import javax.sip.message.Response;

/** The smallest user agent: answers INVITE 200 (or not at all), everything else 200, and notes what it hears. */
final class AnsweringListener implements SipListenerExt {
    final List<String> heard = new ArrayList<>();
    final MessageFactoryImpl messages = new MessageFactoryImpl();
    final HeaderFactoryImpl headers = new HeaderFactoryImpl();
    ShardStack stack;
    Transport transport = Transport.UDP;
    boolean answersInvite = true;
    boolean throwsOnOptions;
    Response lastResponse;
    ResponseEvent lastResponseEvent;

    @Override
    public void processRequest(RequestEvent event) {
        Request request = event.getRequest();
        heard.add(request.getMethod());
        if (request.getMethod().equals(Request.OPTIONS) && throwsOnOptions) {
            throw new IllegalStateException("listener's own failure");
        }
        if (request.getMethod().equals(Request.ACK)) {
            return;
        }
        try {
            ServerTransaction transaction = event.getServerTransaction();
            if (transaction == null) {
                transaction = ((SipProvider) event.getSource()).getNewServerTransaction(request);
            }
            if (request.getMethod().equals(Request.INVITE) && !answersInvite) {
                return;
            }
            Response response = messages.createResponse(200, request);
            ToHeader to = (ToHeader) response.getHeader(ToHeader.NAME);
            if (to.getTag() == null) {
                to.setTag("b1");
            }
            response.addHeader(stack.listeningPoint(transport).createContactHeader());
            transaction.sendResponse(response);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void processResponse(ResponseEvent event) {
        lastResponse = event.getResponse();
        lastResponseEvent = event;
        heard.add(Integer.toString(event.getResponse().getStatusCode()));
    }

    @Override
    public void processTimeout(TimeoutEvent event) {
        heard.add("timeout");
    }

    @Override
    public void processIOException(IOExceptionEvent event) {
        heard.add("io");
    }

    @Override
    public void processTransactionTerminated(TransactionTerminatedEvent event) {}

    @Override
    public void processDialogTerminated(DialogTerminatedEvent event) {
        heard.add("dialog over");
    }

    @Override
    public void processDialogTimeout(DialogTimeoutEvent event) {
        heard.add("dialog timeout");
        // Nobody acknowledged our 200: an agent would send BYE, this one forgets.
        event.getDialog().delete();
    }
}
