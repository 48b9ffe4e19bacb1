package io.hookswitch.sip.ua;

import gov.nist.javax.sip.DialogTimeoutEvent;
import gov.nist.javax.sip.SipListenerExt;
import gov.nist.javax.sip.message.MessageFactoryImpl;
import gov.nist.javax.sip.message.SIPRequest;
import java.text.ParseException;
import javax.sip.DialogTerminatedEvent;
import javax.sip.IOExceptionEvent;
import javax.sip.InvalidArgumentException;
import javax.sip.RequestEvent;
import javax.sip.ResponseEvent;
import javax.sip.ServerTransaction;
import javax.sip.SipException;
import javax.sip.SipProvider;
import javax.sip.TimeoutEvent;
import javax.sip.TransactionTerminatedEvent;
import javax.sip.message.Request;
import org.agrona.ErrorHandler;

/** Hears the stack, inline on the sip thread. */
final class Listener implements SipListenerExt {
    private final MessageFactoryImpl messages = new MessageFactoryImpl();
    private final ErrorHandler errors;

    Listener(ErrorHandler errors) {
        this.errors = errors;
    }

    @Override
    public void processRequest(RequestEvent event) {
        if (event.getRequest().getMethod().equals(Request.ACK)) {
            return;
        }
        try {
            ServerTransaction transaction = event.getServerTransaction();
            if (transaction == null) {
                transaction = ((SipProvider) event.getSource()).getNewServerTransaction(event.getRequest());
            }
            transaction.sendResponse(messages.createResponse(501, (SIPRequest) event.getRequest()));
        } catch (SipException | ParseException | InvalidArgumentException e) {
            errors.onError(e);
        }
    }

    @Override
    public void processResponse(ResponseEvent event) {}

    @Override
    public void processTimeout(TimeoutEvent event) {}

    @Override
    public void processIOException(IOExceptionEvent event) {}

    @Override
    public void processTransactionTerminated(TransactionTerminatedEvent event) {}

    @Override
    public void processDialogTerminated(DialogTerminatedEvent event) {}

    @Override
    public void processDialogTimeout(DialogTimeoutEvent event) {}
}
