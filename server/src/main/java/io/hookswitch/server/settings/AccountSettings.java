package io.hookswitch.server.settings;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A customer: applications, and who reaches them.
 *
 * @param name unique
 * @param sid identifier told to applications
 * @param sipRealm domain of its users, lower case; "" = no users
 * @param apiKey bearer token of the REST API
 * @param webhookSecret signs the hooks; none = unsigned
 */
public record AccountSettings(
        String name,
        String sid,
        String sipRealm,
        Secret apiKey,
        Secret webhookSecret,
        List<Application> applications,
        List<User> users,
        List<Carrier> carriers,
        List<Number> numbers,
        List<LcrRoute> lcr,
        Optional<Teams> teams) {
    /** Keeps its own copies. */
    public AccountSettings {
        applications = List.copyOf(applications);
        users = List.copyOf(users);
        carriers = List.copyOf(carriers);
        numbers = List.copyOf(numbers);
        lcr = List.copyOf(lcr);
    }

    /**
     * Microsoft Teams.
     *
     * @param tenant our host name as Teams knows it
     * @param hosts where Teams is, in order
     */
    public record Teams(String tenant, List<String> hosts, int port) {
        /** Keeps its own copy. */
        public Teams {
            hosts = List.copyOf(hosts);
        }
    }

    /**
     * What decides about a call.
     *
     * @param callStatusHook null = no status callbacks
     */
    public record Application(String name, String sid, Hook callHook, Hook callStatusHook) {}

    /**
     * A request to the customer's server.
     *
     * @param method GET or POST
     * @param username Basic credentials; "" = none
     */
    public record Hook(URI url, String method, String username, Secret password) {}

    /**
     * Somebody who registers and calls.
     *
     * @param name user part, unique in the account
     * @param application what handles its calls; "" = none
     */
    public record User(String name, Secret password, String application) {}

    /**
     * A way to and from the telephone network.
     *
     * @param application what handles its calls when no number says otherwise; "" = none
     * @param active takes part in inbound and outbound calls
     * @param leadingPlus numbers leave with a plus
     * @param techPrefix written before the number
     * @param registers we register there
     * @param registerUsername answers the gateway's digest challenge; "" = none
     * @param registerFromDomain host part of From; "" = our address
     * @param registerRealm host of the Request-URI of a carrier we are a customer of; "" = the gateway's
     * @param outboundProxy where its calls are sent instead of its gateways' addresses; "" = there
     * @param diversion number in the Diversion header (RFC 5806); "" = no such header
     * @param gateways in the order in which they are tried
     */
    public record Carrier(
            String name,
            String application,
            boolean active,
            boolean leadingPlus,
            String techPrefix,
            boolean registers,
            String registerUsername,
            Secret registerPassword,
            String registerFromDomain,
            String registerRealm,
            String outboundProxy,
            String diversion,
            List<Gateway> gateways) {
        /** Keeps its own copy. */
        public Carrier {
            gateways = List.copyOf(gateways);
        }
    }

    /**
     * One address of a carrier.
     *
     * @param host IP address, or for an outbound-only gateway a name
     * @param netmask bits of the address that count for inbound calls
     * @param pinged asked by OPTIONS whether it is there, and left out while it is not
     * @param srtp calls are offered SRTP with keys in SDP
     * @param sips its URIs are sips: ones
     */
    public record Gateway(
            String host,
            int port,
            int netmask,
            SipSettings.Transport transport,
            boolean inbound,
            boolean outbound,
            boolean pinged,
            boolean srtp,
            boolean sips) {}

    /**
     * Whose number it is.
     *
     * @param pattern digits without leading plus, {@code *} at its end for any continuation
     * @param application "" = the carrier's
     */
    public record Number(String pattern, String carrier, String application) {
        /** @return whether a called or calling number, with or without leading plus, is meant. */
        public boolean matches(String number) {
            String bare = number.startsWith("+") ? number.substring(1) : number;
            return pattern.endsWith("*")
                    ? bare.startsWith(pattern.substring(0, pattern.length() - 1))
                    : bare.equals(pattern);
        }
    }

    /**
     * Least-cost routing: who takes calls to some numbers.
     *
     * @param pattern first digits of a number without plus, or a regular expression for the whole of it
     * @param priority lower ones first, then in the order of the file
     */
    public record LcrRoute(String pattern, Pattern expression, int priority, String carrier) {
        /** @return whether a dialled number, with or without leading plus, is meant. */
        public boolean matches(String number) {
            String bare = number.startsWith("+") ? number.substring(1) : number;
            return bare.startsWith(pattern) || expression.matcher(bare).matches();
        }
    }
}
