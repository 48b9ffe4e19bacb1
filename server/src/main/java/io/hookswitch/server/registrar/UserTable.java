package io.hookswitch.server.registrar;

import io.hookswitch.server.settings.AccountSettings;
import io.hookswitch.server.settings.Secret;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Realms and their users. Immutable. */
public final class UserTable {
    /** A user, as {@code name@realm}. */
    public record Known(String account, String address, Secret password) {}

    private final Map<String, String> accountOfRealm = new HashMap<>();
    private final Map<String, String> realmOfAccount = new HashMap<>();
    private final Map<String, Known> users = new HashMap<>();

    /** Takes realms and users out of the accounts. */
    public UserTable(List<AccountSettings> accounts) {
        for (AccountSettings account : accounts) {
            String realm = account.sipRealm();
            if (realm.isEmpty()) {
                continue;
            }
            accountOfRealm.put(realm, account.name());
            realmOfAccount.put(account.name(), realm);
            account.users().forEach(user -> {
                String address = user.name() + "@" + realm;
                users.put(address, new Known(account.name(), address, user.password()));
            });
        }
    }

    /** @return the account that a host of a URI is the realm of; case of the host does not matter. */
    public Optional<String> accountOf(String host) {
        return Optional.ofNullable(accountOfRealm.get(host.toLowerCase(Locale.ROOT)));
    }

    /** @return the account's realm; empty when it has none. */
    public Optional<String> realmOf(String account) {
        return Optional.ofNullable(realmOfAccount.get(account));
    }

    /** @return whether {@code name@realm}, the realm in lower case, is a user. */
    public boolean isUser(String address) {
        return users.containsKey(address);
    }

    /** @return a user of a realm; the case of the name matters, that of the realm does not. */
    public Optional<Known> user(String name, String realm) {
        return Optional.ofNullable(users.get(name + "@" + realm.toLowerCase(Locale.ROOT)));
    }
}
