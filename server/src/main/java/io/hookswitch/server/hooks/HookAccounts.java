package io.hookswitch.server.hooks;

/** What a request needs to know of the account that it is made for. Any thread. */
public interface HookAccounts {
    /** Basic credentials. */
    record Credentials(String username, String password) {}

    /** @return the secret that signs the account's hooks, "" = hooks are not signed. */
    String webhookSecret(String account);

    /** @return the credentials configured with an application's call_hook URL, or null. */
    Credentials applicationCredentials(String account, String callHookUrl);
}
