package io.hookswitch.server.settings;

import io.hookswitch.server.settings.AccountSettings.Application;
import io.hookswitch.server.settings.AccountSettings.Carrier;
import io.hookswitch.server.settings.AccountSettings.Gateway;
import io.hookswitch.server.settings.AccountSettings.Hook;
import io.hookswitch.server.settings.AccountSettings.LcrRoute;
import io.hookswitch.server.settings.AccountSettings.Number;
import io.hookswitch.server.settings.AccountSettings.User;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Reads the accounts, and what must hold between them: names once, references that lead somewhere, gateways apart. */
final class AccountsReader {
    private static final String LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
    private static final Pattern HOST = Pattern.compile("(?=.{1,253}$)" + LABEL + "(\\." + LABEL + ")*");
    private static final Pattern PROXY = Pattern.compile(
            "|(sips?:)?(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?" + "(;transport=(udp|tcp|tls))?");
    private static final Pattern NUMBER = Pattern.compile("\\+?[0-9]{0,32}\\*|\\+?[0-9]{1,32}");

    private static final List<String> TEAMS =
            List.of("sip.pstnhub.microsoft.com", "sip2.pstnhub.microsoft.com", "sip3.pstnhub.microsoft.com");

    private final boolean tls;

    /** @param listensOnTls carriers may be spoken to with TLS */
    AccountsReader(boolean listensOnTls) {
        tls = listensOnTls;
    }

    private final Map<String, String> sids = new HashMap<>();
    /** Inbound gateway's block, to who had it first and where. */
    private final Map<Cidr, Owner> inbound = new HashMap<>();

    private record Owner(String carrier, String path) {}

    List<AccountSettings> accounts(List<Section> sections) {
        List<AccountSettings> accounts = new ArrayList<>();
        Map<String, String> names = new HashMap<>();
        Map<String, String> realms = new HashMap<>();
        for (Section section : sections) {
            AccountSettings account = account(section);
            accounts.add(account);
            once(names, account.name(), section, Key.ACCOUNT_NAME);
            once(realms, account.sipRealm(), section, Key.ACCOUNT_REALM);
        }
        return accounts;
    }

    private AccountSettings account(Section section) {
        String name = section.name(Key.ACCOUNT_NAME);
        String sid = sid(section, Key.ACCOUNT_SID, "account " + name);
        String realm = section.text(Key.ACCOUNT_REALM, "", 253).toLowerCase(Locale.ROOT);
        if (!realm.isEmpty()
                && (!HOST.matcher(realm).matches() || Addresses.literal(realm).isPresent())) {
            section.fault(Key.ACCOUNT_REALM.leaf(), realm + " is not a host name");
        }
        List<Application> applications = new ArrayList<>();
        Map<String, String> applicationNames = new LinkedHashMap<>();
        for (Section each : section.sections("applications")) {
            Application application = application(each, name);
            applications.add(application);
            once(applicationNames, application.name(), each, Key.APPLICATION_NAME);
        }
        List<User> users = users(section.sections("users"), applicationNames.keySet());
        if (!users.isEmpty() && realm.isEmpty()) {
            section.fault(Key.ACCOUNT_REALM.leaf(), "is required when there are users");
        }
        List<Carrier> carriers = new ArrayList<>();
        Map<String, String> carrierNames = new LinkedHashMap<>();
        for (Section each : section.sections("carriers")) {
            Carrier carrier = carrier(each, name, applicationNames.keySet());
            carriers.add(carrier);
            once(carrierNames, carrier.name(), each, Key.CARRIER_NAME);
        }
        List<Number> numbers = numbers(section.sections("numbers"), carrierNames.keySet(), applicationNames.keySet());
        return new AccountSettings(
                name,
                sid,
                realm,
                section.secret(Key.ACCOUNT_API_KEY),
                section.secret(Key.ACCOUNT_WEBHOOK_SECRET),
                applications,
                users,
                carriers,
                numbers,
                lcr(section.sections("lcr"), carrierNames.keySet()),
                section.has("teams") ? Optional.of(teams(section.section("teams"))) : Optional.empty());
    }

    private String sid(Section section, Key key, String seed) {
        String sid = section.text(key, "", 64);
        if (sid.isEmpty()) {
            return UUID.nameUUIDFromBytes(seed.getBytes(StandardCharsets.UTF_8)).toString();
        }
        once(sids, sid, section, key);
        return sid;
    }

    private Application application(Section section, String account) {
        String name = section.name(Key.APPLICATION_NAME);
        String sid = sid(section, Key.APPLICATION_SID, "application " + account + " " + name);
        if (!section.has("call_hook")) {
            section.fault("call_hook", "is required");
        }
        Hook callHook = section.has("call_hook")
                ? hook(
                        section.section("call_hook"),
                        Key.CALL_HOOK_URL,
                        Key.CALL_HOOK_METHOD,
                        Key.CALL_HOOK_USERNAME,
                        Key.CALL_HOOK_PASSWORD)
                : null;
        Hook statusHook = section.has("call_status_hook")
                ? hook(
                        section.section("call_status_hook"),
                        Key.STATUS_HOOK_URL,
                        Key.STATUS_HOOK_METHOD,
                        Key.STATUS_HOOK_USERNAME,
                        Key.STATUS_HOOK_PASSWORD)
                : null;
        return new Application(name, sid, callHook, statusHook);
    }

    private static Hook hook(Section section, Key url, Key method, Key username, Key password) {
        String text = section.required(url, 2048);
        String verb = section.text(method, "POST", 8).toUpperCase(Locale.ROOT);
        if (!verb.equals("GET") && !verb.equals("POST")) {
            section.fault(method.leaf(), verb + " is not one of GET, POST");
        }
        return new Hook(
                text.isEmpty() ? null : url(section, url, text),
                verb,
                section.text(username, "", 256),
                section.secret(password));
    }

    private static URI url(Section section, Key key, String text) {
        try {
            URI url = new URI(text);
            boolean web = "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
            if (web && url.getHost() != null) {
                return url;
            }
        } catch (URISyntaxException e) {
            section.fault(key.leaf(), text + " is not a URL: " + e.getReason());
            return null;
        }
        section.fault(key.leaf(), text + " is not an absolute http or https URL");
        return null;
    }

    private List<User> users(List<Section> sections, Set<String> applications) {
        List<User> users = new ArrayList<>();
        Map<String, String> names = new HashMap<>();
        for (Section section : sections) {
            String name = section.name(Key.USER_NAME);
            once(names, name, section, Key.USER_NAME);
            Secret password = section.requiredSecret(Key.USER_PASSWORD);
            users.add(new User(name, password, reference(section, Key.USER_APPLICATION, applications)));
        }
        return users;
    }

    private Carrier carrier(Section section, String account, Set<String> applications) {
        String name = section.name(Key.CARRIER_NAME);
        String techPrefix = section.text(Key.CARRIER_TECH_PREFIX, "", 32);
        if (!techPrefix.matches("[0-9*#]*")) {
            section.fault(Key.CARRIER_TECH_PREFIX.leaf(), techPrefix + " has more than digits, * and #");
        }
        String username = section.text(Key.CARRIER_USERNAME, "", 256);
        if (username.isEmpty() == section.has(Key.CARRIER_PASSWORD.leaf())) {
            section.fault(Key.CARRIER_USERNAME.leaf(), "and register_password need each other");
        }
        boolean registers = section.flag(Key.CARRIER_REGISTERS, false);
        String fromDomain = section.text(Key.CARRIER_FROM_DOMAIN, "", 253);
        if (!fromDomain.isEmpty()
                && Addresses.literal(fromDomain).isEmpty()
                && !HOST.matcher(fromDomain).matches()) {
            section.fault(Key.CARRIER_FROM_DOMAIN.leaf(), fromDomain + " is not a host name");
        }
        String realm = section.text(Key.CARRIER_REALM, "", 253);
        if (!realm.isEmpty()
                && Addresses.literal(realm).isEmpty()
                && !HOST.matcher(realm).matches()) {
            section.fault(Key.CARRIER_REALM.leaf(), realm + " is not a host name");
        }
        String proxy = section.text(Key.CARRIER_PROXY, "", 300);
        if (!PROXY.matcher(proxy).matches()) {
            section.fault(Key.CARRIER_PROXY.leaf(), proxy + " is neither a SIP URI without user nor a host");
        }
        String diversion = section.text(Key.CARRIER_DIVERSION, "", 33);
        if (!diversion.matches("\\+?[0-9]{0,32}")) {
            section.fault(Key.CARRIER_DIVERSION.leaf(), diversion + " is not a number");
        }
        List<Gateway> gateways = gateways(section, account + "/" + name);
        checkRegisters(section, registers, username, gateways);
        return new Carrier(
                name,
                reference(section, Key.CARRIER_APPLICATION, applications),
                section.flag(Key.CARRIER_ACTIVE, true),
                section.flag(Key.CARRIER_PLUS, false),
                techPrefix,
                registers,
                username,
                section.secret(Key.CARRIER_PASSWORD),
                fromDomain,
                realm,
                proxy,
                diversion,
                gateways);
    }

    private static void checkRegisters(Section section, boolean registers, String username, List<Gateway> gateways) {
        if (registers && username.isEmpty()) {
            section.fault(Key.CARRIER_REGISTERS.leaf(), "needs register_username and register_password");
        }
        if (registers && gateways.stream().noneMatch(Gateway::outbound)) {
            section.fault(Key.CARRIER_REGISTERS.leaf(), "needs an outbound gateway");
        }
    }

    private List<Gateway> gateways(Section section, String carrier) {
        List<Section> entries = section.sections("gateways");
        if (entries.isEmpty()) {
            section.fault("gateways", "must name at least one gateway");
        }
        List<Gateway> gateways = new ArrayList<>();
        Set<String> outbound = new HashSet<>();
        for (Section each : entries) {
            Gateway gateway = gateway(each);
            gateways.add(gateway);
            apart(gateway, each, carrier, outbound);
        }
        return gateways;
    }

    private Gateway gateway(Section section) {
        String host = section.required(Key.GATEWAY_HOST, 253);
        boolean inbound = section.flag(Key.GATEWAY_INBOUND, false);
        boolean outbound = section.flag(Key.GATEWAY_OUTBOUND, false);
        Optional<InetAddress> address = Addresses.literal(host);
        if (!host.isEmpty() && address.isEmpty()) {
            if (!HOST.matcher(host).matches() || host.matches("[0-9.]+")) {
                section.fault(Key.GATEWAY_HOST.leaf(), host + " is neither an IP address nor a host name");
            } else if (inbound) {
                section.fault(
                        Key.GATEWAY_HOST.leaf(), host + ": an inbound gateway is known by its IP address, not by name");
            }
        }
        if (!inbound && !outbound) {
            section.fault(Key.GATEWAY_INBOUND.leaf(), "or outbound must be true: this gateway does nothing");
        }
        boolean pinged = section.flag(Key.GATEWAY_PING, false);
        if (pinged && !outbound) {
            section.fault(Key.GATEWAY_PING.leaf(), "is for outbound gateways: this one is never called");
        }
        String protocol = section.text(Key.GATEWAY_PROTOCOL, "udp", 16).toLowerCase(Locale.ROOT);
        boolean srtp = protocol.equals("tls/srtp");
        SipSettings.Transport transport = transport(srtp ? "tls" : protocol);
        boolean secure = transport == SipSettings.Transport.TLS;
        boolean sips = section.flag(Key.GATEWAY_SIPS, false);
        if (transport == null) {
            section.fault(Key.GATEWAY_PROTOCOL.leaf(), protocol + " is not one of " + Key.GATEWAY_PROTOCOL.range());
        } else if (secure && outbound && !tls) {
            section.fault(Key.GATEWAY_PROTOCOL.leaf(), protocol + " needs a tls: address in sip.listen");
        }
        if (sips && !secure) {
            section.fault(Key.GATEWAY_SIPS.leaf(), "is for protocol tls");
        }
        int widest = address.map(a -> a.getAddress().length * 8).orElse(32);
        return new Gateway(
                host,
                section.number(Key.GATEWAY_PORT, 1, 65_535, secure ? 5061 : 5060),
                section.number(Key.GATEWAY_NETMASK, widest / 4 == 8 ? 8 : 16, widest, widest),
                transport == null ? SipSettings.Transport.UDP : transport,
                inbound,
                outbound,
                pinged,
                srtp,
                sips);
    }

    private static SipSettings.Transport transport(String name) {
        for (SipSettings.Transport transport : SipSettings.Transport.values()) {
            if (transport.wireName().equals(name) && !transport.isWebSocket()) {
                return transport;
            }
        }
        return null;
    }

    /** Two carriers never claim the same block of callers, and no carrier lists an address to call twice. */
    private void apart(Gateway gateway, Section section, String carrier, Set<String> outbound) {
        Optional<InetAddress> address = Addresses.literal(gateway.host());
        if (gateway.inbound() && address.isPresent()) {
            Cidr block = new Cidr(address.get(), gateway.netmask());
            Owner owner = inbound.putIfAbsent(block, new Owner(carrier, section.path()));
            if (owner != null && !owner.carrier().equals(carrier)) {
                section.fault(
                        Key.GATEWAY_HOST.leaf(),
                        block + " overlaps the gateway of carrier " + owner.carrier() + " at " + owner.path()
                                + ": a caller from there would be two carriers'");
            }
        }
        String target =
                gateway.transport().wireName() + ":" + gateway.host().toLowerCase(Locale.ROOT) + ":" + gateway.port();
        if (!gateway.host().isEmpty() && !outbound.add(target)) {
            section.fault(Key.GATEWAY_HOST.leaf(), target + " is listed twice in this carrier");
        }
    }

    private List<Number> numbers(List<Section> sections, Set<String> carriers, Set<String> applications) {
        List<Number> numbers = new ArrayList<>();
        Map<String, String> seen = new HashMap<>();
        for (Section section : sections) {
            String pattern = section.required(Key.NUMBER_NUMBER, 33);
            if (!pattern.isEmpty() && !NUMBER.matcher(pattern).matches()) {
                section.fault(Key.NUMBER_NUMBER.leaf(), pattern + " is not digits with an optional * at the end");
            }
            String bare = pattern.startsWith("+") ? pattern.substring(1) : pattern;
            if (!section.has(Key.NUMBER_CARRIER.leaf())) {
                section.fault(Key.NUMBER_CARRIER.leaf(), "is required");
            }
            String carrier = reference(section, Key.NUMBER_CARRIER, carriers);
            String first = seen.putIfAbsent(carrier + " " + bare, section.path());
            if (first != null && !bare.isEmpty()) {
                section.fault(Key.NUMBER_NUMBER.leaf(), pattern + " is that carrier's already at " + first);
            }
            numbers.add(new Number(bare, carrier, reference(section, Key.NUMBER_APPLICATION, applications)));
        }
        return numbers;
    }

    private AccountSettings.Teams teams(Section section) {
        String tenant = section.required(Key.TEAMS_TENANT, 253);
        if (!tenant.isEmpty() && !HOST.matcher(tenant).matches()) {
            section.fault(Key.TEAMS_TENANT.leaf(), tenant + " is not a host name");
        }
        if (!tls) {
            section.fault(Key.TEAMS_TENANT.leaf(), "needs a tls: address in sip.listen");
        }
        List<String> hosts = new ArrayList<>();
        List<String> texts = section.texts(Key.TEAMS_HOSTS);
        for (int i = 0; i < texts.size(); i++) {
            String host = texts.get(i);
            if (host != null
                    && (Addresses.literal(host).isPresent()
                            || HOST.matcher(host).matches())) {
                hosts.add(host);
            } else if (host != null) {
                section.fault(
                        Key.TEAMS_HOSTS.leaf() + "[" + i + "]", host + " is neither a host name nor an IP address");
            }
        }
        return new AccountSettings.Teams(
                tenant, section.has(Key.TEAMS_HOSTS.leaf()) ? hosts : TEAMS, section.number(Key.TEAMS_PORT));
    }

    private static List<LcrRoute> lcr(List<Section> sections, Set<String> carriers) {
        List<LcrRoute> routes = new ArrayList<>();
        for (Section section : sections) {
            String pattern = section.required(Key.LCR_PATTERN, 128);
            if (!section.has(Key.LCR_CARRIER.leaf())) {
                section.fault(Key.LCR_CARRIER.leaf(), "is required");
            }
            String bare = pattern.startsWith("+") ? pattern.substring(1) : pattern;
            Pattern expression = Pattern.compile("");
            try {
                expression = Pattern.compile(bare);
            } catch (PatternSyntaxException e) {
                section.fault(
                        Key.LCR_PATTERN.leaf(),
                        pattern + " is neither digits nor a regular expression: " + e.getDescription());
            }
            routes.add(new LcrRoute(
                    bare, expression, section.number(Key.LCR_PRIORITY), reference(section, Key.LCR_CARRIER, carriers)));
        }
        return routes;
    }

    private static String reference(Section section, Key key, Set<String> names) {
        String name = section.text(key, "", 64);
        if (!name.isEmpty() && !names.contains(name)) {
            section.fault(key.leaf(), name + " is the name of none; there are: " + String.join(", ", names));
        }
        return name;
    }

    private static void once(Map<String, String> seen, String name, Section section, Key key) {
        String first = name.isEmpty() ? null : seen.putIfAbsent(name, section.path());
        if (first != null) {
            section.fault(key.leaf(), name + " is used already at " + first);
        }
    }
}
