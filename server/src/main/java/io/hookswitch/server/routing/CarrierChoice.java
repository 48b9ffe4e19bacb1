package io.hookswitch.server.routing;

import io.hookswitch.server.settings.AccountSettings;
import io.hookswitch.server.settings.AccountSettings.Carrier;
import io.hookswitch.server.settings.AccountSettings.Gateway;
import io.hookswitch.server.settings.AccountSettings.Number;
import io.hookswitch.server.settings.Addresses;
import java.net.Inet6Address;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which carrier takes a call to a phone number, and how the number is written for it. Immutable. */
public final class CarrierChoice {
    private static final String USER_CHARACTERS = "-_.!~*'()&=+$,;?/";

    private final Map<String, AccountSettings> accounts = new HashMap<>();

    /** Takes carriers and numbers out of the accounts. */
    public CarrierChoice(List<AccountSettings> settings) {
        settings.forEach(account -> accounts.put(account.name(), account));
    }

    /**
     * Chooses, first hit wins: the carrier asked for by name, the one that owns the calling number, the inbound call's,
     * the first of the account. Only active carriers with an outbound gateway count.
     *
     * @param trunk null or "" = none asked for
     * @param callingNumber null or "" = not known
     * @param inboundTrunk null or "" = the call did not come from a carrier
     */
    public Optional<Carrier> choose(String account, String trunk, String callingNumber, String inboundTrunk) {
        AccountSettings settings = accounts.get(account);
        if (settings == null) {
            return Optional.empty();
        }
        List<Carrier> usable = settings.carriers().stream()
                .filter(carrier ->
                        carrier.active() && carrier.gateways().stream().anyMatch(Gateway::outbound))
                .toList();
        return named(usable, trunk)
                .or(() -> named(usable, owner(settings.numbers(), callingNumber)))
                .or(() -> named(usable, inboundTrunk))
                .or(() -> usable.stream().findFirst());
    }

    private static Optional<Carrier> named(List<Carrier> carriers, String name) {
        return carriers.stream().filter(carrier -> carrier.name().equals(name)).findFirst();
    }

    /** A bare {@code *} owns no number: it says where any call goes, not whose the caller's number is. */
    private static String owner(List<Number> numbers, String callingNumber) {
        Number best = null;
        if (callingNumber != null && !callingNumber.isEmpty()) {
            for (Number each : numbers) {
                boolean owns = !each.pattern().equals("*") && each.matches(callingNumber);
                if (owns && (best == null || AccountDirectory.narrower(each, best))) {
                    best = each;
                }
            }
        }
        return best == null ? "" : best.carrier();
    }

    /** @return {@code sip:<tech prefix><plus><number>@<host[:port]>;transport=<t>}; port 5060 is left out. */
    static String requestUri(String number, Carrier carrier, Gateway gateway) {
        String bare = number.startsWith("+") ? number.substring(1) : number;
        boolean plus = carrier.leadingPlus() && !bare.isEmpty() && bare.charAt(0) >= '1' && bare.charAt(0) <= '9';
        boolean isV6 = Addresses.literal(gateway.host())
                .map(address -> address instanceof Inet6Address)
                .orElse(false);
        return "sip:" + escaped(carrier.techPrefix()) + (plus ? "+" : "") + escaped(bare) + "@"
                + (isV6 && !gateway.host().startsWith("[") ? "[" + gateway.host() + "]" : gateway.host())
                + (gateway.port() == 5060 ? "" : ":" + gateway.port())
                + ";transport=" + gateway.transport().wireName();
    }

    /** RFC 3261 section 25.1: what a user part may not hold is written as %XX ({@code #} above all). */
    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (each & 0xFF);
            boolean plain = c < 128 && (Character.isLetterOrDigit(c) || USER_CHARACTERS.indexOf(c) >= 0);
            escaped.append(plain ? String.valueOf(c) : "%%%02X".formatted((int) c));
        }
        return escaped.toString();
    }
}
