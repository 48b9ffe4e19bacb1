package io.hookswitch.server.registrar;

import io.hookswitch.sip.CallerAdmission;
import java.util.Optional;

/**
 * Who may call, by the settings: a carrier's gateway by its address, a user of a realm once it has proved itself;
 * nobody else.
 * Immutable.
 */
public final class SettingsAdmission implements CallerAdmission {
    private final GatewayTable gateways;
    private final UserTable users;

    /** Admits by these tables. */
    public SettingsAdmission(GatewayTable gateways, UserTable users) {
        this.gateways = gateways;
        this.users = users;
    }

    @Override
    public Verdict admit(Caller caller) {
        Optional<GatewayTable.Owner> owner = gateways.ownerOf(caller.source().getAddress());
        if (owner.isPresent()) {
            return new Carrier(owner.get().account(), owner.get().carrier());
        }
        // The caller's own realm leads: a softphone may well call somebody at another host through us.
        return challenge(caller.fromHost())
                .or(() -> challenge(caller.requestHost()))
                .orElseGet(SettingsAdmission::forbidden);
    }

    @Override
    public Verdict admitRegistration(Caller caller) {
        return challenge(caller.requestHost())
                .or(() -> challenge(caller.fromHost()))
                .orElseGet(SettingsAdmission::forbidden);
    }

    private Optional<Verdict> challenge(String host) {
        return users.accountOf(host)
                .map(account -> new Challenge(account, users.realmOf(account).orElseThrow()));
    }

    private static Verdict forbidden() {
        return new Refuse(403, "Forbidden");
    }
}
