package io.hookswitch.sip.stack;

import gov.nist.javax.sip.EventWrapper;
import gov.nist.javax.sip.SipProviderImpl;
import gov.nist.javax.sip.SipStackImpl;
import gov.nist.javax.sip.header.RAck;
import gov.nist.javax.sip.message.SIPRequest;
import gov.nist.javax.sip.message.SIPResponse;
import gov.nist.javax.sip.stack.MessageChannel;
import gov.nist.javax.sip.stack.MessageProcessor;
import gov.nist.javax.sip.stack.MessageProcessorFactory;
import gov.nist.javax.sip.stack.SIPClientTransaction;
import gov.nist.javax.sip.stack.SIPDialog;
import gov.nist.javax.sip.stack.SIPServerTransaction;
import gov.nist.javax.sip.stack.SIPTransaction;
import gov.nist.javax.sip.stack.ServerResponseInterface;
import java.util.Properties;
import javax.sip.PeerUnavailableException;

/** The stack without sockets, threads and short cuts to itself. Sip thread. */
final class SocketlessStack extends SipStackImpl {
    private static final MessageProcessor[] NONE = {};

    SocketlessStack(Properties properties, MessageProcessorFactory processors) throws PeerUnavailableException {
        super(properties);
        setMessageProcessorFactory(processors);
        // The listener is re-entrant: events are delivered inline. The thread that would deliver them otherwise waits
        // for ever and keeps the process alive, so it is woken by an event that reaches nobody and sees it is stopped.
        getEventScanner().forceStop();
        getEventScanner().addEvent(new EventWrapper(null, null));
    }

    /**
     * Asked only by code that looks for a message to ourselves, in order to hand it over on a thread pool of its own:
     * ours take the way through the socket like all others.
     */
    @Override
    protected MessageProcessor[] getMessageProcessors() {
        return NONE;
    }

    @Override
    public SIPDialog createDialog(SIPTransaction transaction) {
        return heard(super.createDialog(transaction));
    }

    @Override
    public SIPDialog createDialog(SIPClientTransaction transaction, SIPResponse response) {
        return heard(super.createDialog(transaction, response));
    }

    @Override
    public SIPDialog createDialog(SipProviderImpl provider, SIPResponse response) {
        return heard(super.createDialog(provider, response));
    }

    /**
     * A dialog the stack makes by itself has no provider among its listeners: that its 200 was never acknowledged would
     * be told to nobody, and the dialog stay for ever.
     */
    private static SIPDialog heard(SIPDialog dialog) {
        if (dialog != null && dialog.getSipProvider() != null) {
            dialog.addEventListener(dialog.getSipProvider());
        }
        return dialog;
    }

    /** @return the client transaction of a branch, or null. */
    SIPTransaction clientTransaction(String key) {
        return clientTransactionTable.get(key);
    }

    /** @return the server transaction of a branch, or null. */
    SIPTransaction serverTransaction(String key) {
        return serverTransactionTable.get(key);
    }

    /**
     * @return whether a PRACK acknowledges the provisional that waits for it (RFC 3262 section 3), or is repeated; the
     *     stack would throw on the others, or forget them without an answer
     */
    boolean awaits(SIPRequest prack) {
        if (serverTransaction(prack.getTransactionId()) != null) {
            return true;
        }
        SIPDialog dialog = getDialog(prack.getDialogId(true));
        return dialog != null
                && dialog.isServer()
                && prack.getHeader(RAck.NAME) instanceof RAck rack
                && dialog.getFirstTransactionInt() instanceof SIPServerTransaction invite
                && invite.getReliableProvisionalResponse() != null
                && rack.getMethod().equals(invite.getPendingReliableResponseMethod())
                && rack.getCSequenceNumber() == invite.getPendingReliableCSeqNumber()
                && rack.getRSequenceNumber() == invite.getPendingReliableRSeqNumber();
    }

    /** A 2xx behind the end of its transaction: another fork's, or repeated because our ACK was lost. */
    ServerResponseInterface withoutTransaction(SIPResponse response, MessageChannel channel) {
        return sipMessageFactory.newSIPServerResponse(response, channel);
    }

    int clientTransactions() {
        return clientTransactionTable.size();
    }

    int serverTransactions() {
        return serverTransactionTable.size();
    }

    int dialogs() {
        return dialogTable.size();
    }

    int earlyDialogs() {
        return earlyDialogTable.size();
    }
}
