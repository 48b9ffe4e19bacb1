package io.hookswitch.server.routing;

import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.Directory;
import io.hookswitch.server.settings.AccountSettings;
import io.hookswitch.server.settings.AccountSettings.Hook;
import io.hookswitch.server.settings.AccountSettings.Number;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The directory that control reads, taken from the settings once. */
public final class AccountDirectory implements Directory {
    private record Entry(AccountSettings settings, Map<String, Application> applications) {}

    private final Map<String, Entry> accounts = new HashMap<>();

    /** Takes what control needs out of the accounts. */
    public AccountDirectory(List<AccountSettings> settings) {
        for (AccountSettings account : settings) {
            Map<String, Application> applications = new HashMap<>();
            account.applications()
                    .forEach(application -> applications.put(
                            application.name(),
                            new Application(
                                    application.sid(),
                                    application.name(),
                                    spec(application.callHook()),
                                    spec(application.callStatusHook()))));
            accounts.put(account.name(), new Entry(account, applications));
        }
    }

    private static HookSpec spec(Hook hook) {
        if (hook == null) {
            return null;
        }
        boolean open = hook.username().isEmpty();
        return new HookSpec(
                hook.url().toString(),
                hook.method(),
                open ? null : hook.username(),
                open ? null : hook.password().value());
    }

    @Override
    public Optional<Application> applicationForCarrier(String account, String carrier, String number) {
        Entry entry = accounts.get(account);
        if (entry == null) {
            return Optional.empty();
        }
        String ofNumber = best(entry.settings().numbers(), carrier, number)
                .map(Number::application)
                .orElse("");
        if (!ofNumber.isEmpty()) {
            return Optional.ofNullable(entry.applications().get(ofNumber));
        }
        return entry.settings().carriers().stream()
                .filter(each -> each.name().equals(carrier))
                .findFirst()
                .map(each -> entry.applications().get(each.application()));
    }

    /** @return the entry that fits a number of a carrier best: the exact one, else the longest pattern. */
    private static Optional<Number> best(List<Number> numbers, String carrier, String number) {
        Number best = null;
        for (Number each : numbers) {
            if (each.carrier().equals(carrier) && each.matches(number) && (best == null || narrower(each, best))) {
                best = each;
            }
        }
        return Optional.ofNullable(best);
    }

    static boolean narrower(Number one, Number other) {
        boolean isPattern = one.pattern().endsWith("*");
        if (isPattern != other.pattern().endsWith("*")) {
            return !isPattern;
        }
        return one.pattern().length() > other.pattern().length();
    }

    @Override
    public Optional<Application> applicationForUser(String account, String user) {
        Entry entry = accounts.get(account);
        int at = user.indexOf('@');
        if (entry == null || at < 0) {
            return Optional.empty();
        }
        String name = user.substring(0, at);
        return entry.settings().users().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .map(each -> entry.applications().get(each.application()));
    }

    @Override
    public String accountSid(String account) {
        Entry entry = accounts.get(account);
        return entry == null ? "" : entry.settings().sid();
    }
}
