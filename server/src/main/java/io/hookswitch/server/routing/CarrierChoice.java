package io.hookswitch.server.routing;

import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.DialTarget;
import io.hookswitch.server.settings.AccountSettings;
import io.hookswitch.server.settings.AccountSettings.Carrier;
import io.hookswitch.server.settings.AccountSettings.Gateway;
import io.hookswitch.server.settings.AccountSettings.LcrRoute;
import io.hookswitch.server.settings.AccountSettings.Number;
import io.hookswitch.server.settings.Addresses;
import io.hookswitch.server.settings.SipSettings;
import java.net.Inet6Address;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Which carrier takes a call to a phone number, and how the number is written for it. Immutable. */
public final class CarrierChoice {
    private static final String USER_CHARACTERS = "-_.!~*'()&=+$,;?/";

    private final Map<String, AccountSettings> accounts = new HashMap<>();

    private final RandomGenerator random;

    /**
     * Takes carriers and numbers out of the accounts.
     *
     * @param random chooses where nothing else does
     */
    public CarrierChoice(List<AccountSettings> settings, RandomGenerator random) {
        this.random = random;
        settings.forEach(account -> accounts.put(account.name(), account));
    }

    /**
     * Chooses, first hit wins: the carrier asked for by name; without least-cost routes the one that owns the calling
     * number, with them the first route that matches the dialled one; the inbound call's; any of the account. Only
     * active
     * carriers with an outbound gateway count.
     *
     * @param phone the target
     * @param inboundTrunk null or "" = the call did not come from a carrier
     */
    public Optional<Carrier> choose(String account, DialTarget.Phone phone, String inboundTrunk) {
        AccountSettings settings = accounts.get(account);
        if (settings == null) {
            return Optional.empty();
        }
        List<Carrier> usable = settings.carriers().stream()
                .filter(carrier ->
                        carrier.active() && carrier.gateways().stream().anyMatch(Gateway::outbound))
                .toList();
        return named(usable, phone.trunk())
                .or(() -> settings.lcr().isEmpty()
                        ? named(usable, owner(settings.numbers(), phone.callingNumber()))
                        : cheapest(usable, settings.lcr(), phone.number()))
                .or(() -> named(usable, inboundTrunk))
                .or(() -> usable.isEmpty() ? Optional.empty() : Optional.of(usable.get(random.nextInt(usable.size()))));
    }

    /** @return how an account reaches Teams; empty = not at all. */
    Optional<AccountSettings.Teams> teams(String account) {
        return Optional.ofNullable(accounts.get(account)).flatMap(AccountSettings::teams);
    }

    private static Optional<Carrier> cheapest(List<Carrier> usable, List<LcrRoute> routes, String number) {
        return routes.stream()
                .filter(route -> route.matches(number))
                .sorted(Comparator.comparingInt(LcrRoute::priority))
                .flatMap(route -> named(usable, route.carrier()).stream())
                .findFirst();
    }

    /** @return the gateways to call, in order: public addresses and names, then private addresses. */
    static List<Gateway> outbound(Carrier carrier) {
        return carrier.gateways().stream()
                .filter(Gateway::outbound)
                .sorted(Comparator.comparing(CarrierChoice::isPrivate))
                .toList();
    }

    private static boolean isPrivate(Gateway gateway) {
        return Addresses.literal(gateway.host())
                .map(address -> address.isSiteLocalAddress() || address.isLoopbackAddress())
                .orElse(false);
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

    /** @return the Diversion header that a carrier wants to see (RFC 5806), empty = none. */
    static List<Header> diversion(Carrier carrier, Gateway gateway) {
        String bare = carrier.diversion().startsWith("+") ? carrier.diversion().substring(1) : carrier.diversion();
        return bare.isEmpty()
                ? List.of()
                : List.of(new Header(
                        "Diversion",
                        "<sip:+" + bare + "@" + gateway.host() + ">;reason=unknown;counter=1;privacy=off"));
    }

    /**
     * @return {@code sip:<tech prefix><plus><number>@<host[:port]>;transport=<t>}; port 5060 is left out, and the host
     * is
     *     the realm of a carrier we are a customer of.
     */
    static String requestUri(String number, Carrier carrier, Gateway gateway) {
        String bare = number.startsWith("+") ? number.substring(1) : number;
        boolean plus = carrier.leadingPlus() && !bare.isEmpty() && bare.charAt(0) >= '1' && bare.charAt(0) <= '9';
        return uri(escaped(carrier.techPrefix()) + (plus ? "+" : "") + escaped(bare) + "@", carrier, gateway);
    }

    /** @return the URI of a gateway, or of a user there: {@code user} with its {@code @}, or "". */
    static String uri(String user, Carrier carrier, Gateway gateway) {
        boolean isCustomer = !carrier.registerRealm().isEmpty();
        boolean plain = gateway.port() == 5060 && gateway.transport() != SipSettings.Transport.TLS;
        return (gateway.sips() ? "sips:" : "sip:") + user + host(carrier, gateway)
                + (isCustomer || plain ? "" : ":" + gateway.port())
                + ";transport=" + gateway.transport().wireName();
    }

    /** @return the host of a gateway's URIs: the realm of a carrier we are a customer of, else its own. */
    static String host(Carrier carrier, Gateway gateway) {
        String host = carrier.registerRealm().isEmpty() ? gateway.host() : carrier.registerRealm();
        boolean isV6 = Addresses.literal(host)
                .map(address -> address instanceof Inet6Address)
                .orElse(false);
        return isV6 && !host.startsWith("[") ? "[" + host + "]" : host;
    }

    /** RFC 3261 section 25.1: what a user part may not hold is written as %XX ({@code #} above all). */
    static String escaped(String text) {
        StringBuilder escaped = new StringBuilder();
        for (byte each : text.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (each & 0xFF);
            boolean plain = c < 128 && (Character.isLetterOrDigit(c) || USER_CHARACTERS.indexOf(c) >= 0);
            escaped.append(plain ? String.valueOf(c) : "%%%02X".formatted((int) c));
        }
        return escaped.toString();
    }
}
