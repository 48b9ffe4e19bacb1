package io.hookswitch.server.settings;

import java.util.List;

/** Everything that can be set, checked as a whole. */
public record Settings(
        SipSettings sip,
        MediaSettings media,
        HttpSettings http,
        EngineSettings engine,
        HooksSettings hooks,
        AudioSettings audio,
        JournalSettings journal,
        List<AccountSettings> accounts) {
    /** Keeps its own copy. */
    public Settings {
        accounts = List.copyOf(accounts);
    }
}
