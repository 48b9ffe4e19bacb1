package io.hookswitch.server.node;

import io.hookswitch.server.hooks.HookAccounts;
import io.hookswitch.server.settings.AccountSettings;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Secrets and credentials of the accounts, as the hook client asks for them. Immutable. */
final class SettingsHookAccounts implements HookAccounts {
    private final Map<String, String> secrets = new HashMap<>();
    private final Map<String, Credentials> credentials = new HashMap<>();

    SettingsHookAccounts(List<AccountSettings> accounts) {
        for (AccountSettings account : accounts) {
            secrets.put(account.name(), account.webhookSecret().value());
            for (AccountSettings.Application application : account.applications()) {
                AccountSettings.Hook hook = application.callHook();
                if (!hook.username().isEmpty()) {
                    credentials.putIfAbsent(
                            account.name() + " " + hook.url(),
                            new Credentials(hook.username(), hook.password().value()));
                }
            }
        }
    }

    @Override
    public String webhookSecret(String account) {
        return secrets.getOrDefault(account, "");
    }

    @Override
    public Credentials applicationCredentials(String account, String callHookUrl) {
        return credentials.get(account + " " + callHookUrl);
    }
}
