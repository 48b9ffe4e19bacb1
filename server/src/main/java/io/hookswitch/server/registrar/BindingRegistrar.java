package io.hookswitch.server.registrar;

import io.hookswitch.server.registrar.BindingTable.Change;
import io.hookswitch.sip.Registrar;
import java.util.List;

/** Carries out REGISTERs on the table of bindings. Called by the sip threads. */
public final class BindingRegistrar implements Registrar {
    private static final int WHOLE_Q = 1000;
    /** An older request of the same Call-ID (RFC 3261 section 10.3, step 7). */
    private static final Refused OUT_OF_ORDER = new Refused(500, "CSeq Out Of Order");

    private final BindingTable bindings;

    /** @param bindings is changed */
    public BindingRegistrar(BindingTable bindings) {
        this.bindings = bindings;
    }

    @Override
    public Outcome register(Registration registration) {
        if (registration.contacts().isEmpty()) {
            return present(registration.address());
        }
        List<Change> changes = registration.contacts().stream()
                .map(contact -> new Change(contact.uri(), contact.expiresS()))
                .toList();
        boolean done = bindings.register(
                registration.address(), changes, registration.nextHop(), registration.callId(), registration.cseq());
        return done ? present(registration.address()) : OUT_OF_ORDER;
    }

    @Override
    public Outcome removeAll(String address, String callId, long cseq) {
        return bindings.removeAll(address, callId, cseq) ? present(address) : OUT_OF_ORDER;
    }

    @Override
    public void gone(String nextHop) {
        bindings.gone(nextHop);
    }

    private Outcome present(String address) {
        long nowNs = bindings.nowNs();
        return new Bindings(bindings.bindings(address).stream()
                .map(binding -> new Contact(binding.uri(), (int) binding.secondsLeft(nowNs), WHOLE_Q))
                .toList());
    }
}
