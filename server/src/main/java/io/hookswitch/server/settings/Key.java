package io.hookswitch.server.settings;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Every key there is. The reader knows no other, and docs/configuration.md has one row for each, with the same unit,
 * default and range. {@code [ ]} stands for "each entry of a list".
 */
enum Key {
    SIP_LISTEN(
            "sip.listen",
            "-",
            "udp:127.0.0.1:5060, tcp:127.0.0.1:5060",
            "udp, tcp, tls, ws or wss : IP address of this machine : port 0..65535"),
    SIP_REGISTER_MIN("sip.register_min", "s", 30, 1, 3600),
    SIP_REGISTER_MAX("sip.register_max", "s", 3600, 60, 86_400),
    SIP_CONTACTS_FILE("sip.contacts_file", "-", "none: contacts are kept in memory only", "path of a file"),
    SIP_TLS_CERTIFICATE("sip.tls.certificate", "-", "required for tls", "PEM file: ours, then those up to its root"),
    SIP_TLS_KEY("sip.tls.key", "-", "required for tls", "PEM file, PKCS#8, not encrypted"),
    SIP_TLS_TRUST("sip.tls.trust", "-", "the roots of the JDK", "PEM file of roots"),
    SIP_OPTIONS_INTERVAL("sip.options_interval", "s", 30, 1, 3600),
    SIP_OPTIONS_FAILURES("sip.options_failures", "questions", 3, 1, 100),
    MEDIA_ADDRESS("media.address", "-", "127.0.0.1", "IP address of this machine"),
    MEDIA_PORTS(
            "media.ports",
            "UDP ports",
            "20000-29999",
            "first-last in 1024..65535, at least one even port and the next"),
    MEDIA_TIMEOUT("media.timeout", "s", 0, 0, 86_400),
    HTTP_LISTEN("http.listen", "-", "127.0.0.1:8080", "IP address : port 0..65535, or off"),
    ENGINE_CORES("engine.cores", "threads", 1, 1, 1),
    ENGINE_LEGS("engine.legs", "legs", 20_000, 2, 1_000_000),
    ENGINE_IDLE("engine.idle", "-", "balanced", "latency, balanced, quiet"),
    ENGINE_SCHEDULING("engine.scheduling", "-", "usual", "usual, realtime"),
    ENGINE_TRANSCODERS("engine.transcoders", "directions", 512, 0, 100_000),
    HOOKS_ALLOW("hooks.allow", "-", "none", "list of IP blocks, as 10.0.0.0/8"),
    AUDIO_CACHE("audio.cache_mb", "MB of 2^20", 128, 1, 65_536),
    AUDIO_MAX_FILE("audio.max_file_mb", "MB of 2^20", 32, 1, 1024),
    AUDIO_MAX_SECONDS("audio.max_seconds", "s", 900, 1, 14_400),
    JOURNAL_DIR("journal.dir", "-", "$XDG_STATE_HOME/hookswitch/journal, else ~/.local/state/...", "directory, or off"),
    JOURNAL_MAX_MB("journal.max_mb", "MB of 2^20", 64, 8, 1_000_000),
    JOURNAL_CALLS("journal.calls_per_second", "new calls", 50, 1, 1_000_000),
    JOURNAL_KEYS_OF("journal.keys_of", "-", "none", "list of names of accounts"),
    ACCOUNT_NAME("accounts[].name", "-", "required", Key.NAME),
    ACCOUNT_SID("accounts[].sid", "-", "a UUID made from the name", "1..64 characters"),
    ACCOUNT_REALM("accounts[].sip_realm", "-", "none", "host name, unique"),
    ACCOUNT_API_KEY("accounts[].api_key", "-", "none", "1..256 characters"),
    ACCOUNT_WEBHOOK_SECRET("accounts[].webhook_secret", "-", "none: hooks are not signed", "1..256 characters"),
    APPLICATION_NAME("accounts[].applications[].name", "-", "required", Key.NAME),
    APPLICATION_SID("accounts[].applications[].sid", "-", "a UUID made from both names", "1..64 characters"),
    CALL_HOOK_URL("accounts[].applications[].call_hook.url", "-", "required", Key.URL),
    CALL_HOOK_METHOD("accounts[].applications[].call_hook.method", "-", "POST", "GET, POST"),
    CALL_HOOK_USERNAME("accounts[].applications[].call_hook.username", "-", "none", "1..256 characters"),
    CALL_HOOK_PASSWORD("accounts[].applications[].call_hook.password", "-", "none", "1..256 characters"),
    STATUS_HOOK_URL("accounts[].applications[].call_status_hook.url", "-", "required in call_status_hook", Key.URL),
    STATUS_HOOK_METHOD("accounts[].applications[].call_status_hook.method", "-", "POST", "GET, POST"),
    STATUS_HOOK_USERNAME("accounts[].applications[].call_status_hook.username", "-", "none", "1..256 characters"),
    STATUS_HOOK_PASSWORD("accounts[].applications[].call_status_hook.password", "-", "none", "1..256 characters"),
    USER_NAME("accounts[].users[].name", "-", "required", Key.NAME),
    USER_PASSWORD("accounts[].users[].password", "-", "required", "1..256 characters"),
    USER_APPLICATION("accounts[].users[].application", "-", "none", "name of an application of this account"),
    CARRIER_NAME("accounts[].carriers[].name", "-", "required", Key.NAME),
    CARRIER_APPLICATION("accounts[].carriers[].application", "-", "none", "name of an application of this account"),
    CARRIER_ACTIVE("accounts[].carriers[].is_active", "-", "true", "true, false"),
    CARRIER_PLUS("accounts[].carriers[].e164_leading_plus", "-", "false", "true, false"),
    CARRIER_TECH_PREFIX("accounts[].carriers[].tech_prefix", "-", "none", "1..32 digits, *, #"),
    CARRIER_REGISTERS("accounts[].carriers[].requires_register", "-", "false", "true, false"),
    CARRIER_USERNAME("accounts[].carriers[].register_username", "-", "none", "1..256 characters"),
    CARRIER_PASSWORD("accounts[].carriers[].register_password", "-", "none", "1..256 characters"),
    CARRIER_FROM_DOMAIN("accounts[].carriers[].register_from_domain", "-", "our address", "host name or IP address"),
    CARRIER_REALM("accounts[].carriers[].register_sip_realm", "-", "none", "host name or IP address"),
    CARRIER_PROXY(
            "accounts[].carriers[].outbound_sip_proxy",
            "-",
            "none: the gateways",
            "SIP URI or host, with a port or without"),
    CARRIER_DIVERSION("accounts[].carriers[].diversion", "-", "none", "1..32 digits, with a plus or without"),
    GATEWAY_HOST(
            "accounts[].carriers[].gateways[].host", "-", "required", "IP address; a host name when outbound only"),
    GATEWAY_PORT("accounts[].carriers[].gateways[].port", "port", "5060, tls 5061", "1..65535"),
    GATEWAY_NETMASK("accounts[].carriers[].gateways[].netmask", "bits", "32, IPv6 128", "8..32, IPv6 16..128"),
    GATEWAY_PROTOCOL("accounts[].carriers[].gateways[].protocol", "-", "udp", "udp, tcp, tls, tls/srtp"),
    GATEWAY_INBOUND("accounts[].carriers[].gateways[].inbound", "-", "false", "true, false"),
    GATEWAY_OUTBOUND(
            "accounts[].carriers[].gateways[].outbound",
            "-",
            "false",
            "true, false; one of inbound and outbound is true"),
    GATEWAY_SIPS("accounts[].carriers[].gateways[].use_sips_scheme", "-", "false", "true, false; tls only"),
    GATEWAY_PING(
            "accounts[].carriers[].gateways[].send_options_ping", "-", "false", "true, false; outbound gateways only"),
    TEAMS_TENANT("accounts[].teams.tenant_fqdn", "-", "required", "host name that our certificate is for"),
    TEAMS_HOSTS(
            "accounts[].teams.hosts",
            "-",
            "sip, sip2 and sip3.pstnhub.microsoft.com",
            "list of host names or IP addresses, in order"),
    TEAMS_PORT("accounts[].teams.port", "port", 5061, 1, 65_535),
    LCR_PATTERN(
            "accounts[].lcr[].pattern",
            "-",
            "required",
            "first digits of a number, or a regular expression; 1..128 characters"),
    LCR_PRIORITY("accounts[].lcr[].priority", "-", 0, 0, 10_000),
    LCR_CARRIER("accounts[].lcr[].carrier", "-", "required", "name of a carrier of this account"),
    NUMBER_NUMBER("accounts[].numbers[].number", "-", "required", "1..32 digits, a * at the end for any continuation"),
    NUMBER_CARRIER("accounts[].numbers[].carrier", "-", "required", "name of a carrier of this account"),
    NUMBER_APPLICATION(
            "accounts[].numbers[].application", "-", "the carrier's", "name of an application of this account");

    /** What a name may be. */
    static final String NAME = "1..64 of A-Z a-z 0-9 . _ -; unique";
    /** What a hook's address may be. */
    static final String URL = "absolute http or https URL";

    private final String path;
    private final String unit;
    private final String defaultText;
    private final String range;
    private final long defaultNumber;
    private final long min;
    private final long max;

    Key(String path, String unit, String defaultText, String range) {
        this.path = path;
        this.unit = unit;
        this.defaultText = defaultText;
        this.range = range;
        this.defaultNumber = 0;
        this.min = 0;
        this.max = 0;
    }

    Key(String path, String unit, long defaultNumber, long min, long max) {
        this.path = path;
        this.unit = unit;
        this.defaultText = Long.toString(defaultNumber);
        this.range = min + ".." + max;
        this.defaultNumber = defaultNumber;
        this.min = min;
        this.max = max;
    }

    /** @return all segments, lists marked. */
    String path() {
        return path;
    }

    /** @return the last segment, as written in the file. */
    String leaf() {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    /** @return "-" when it has none. */
    String unit() {
        return unit;
    }

    /** @return what holds when the key is absent. */
    String defaultText() {
        return defaultText;
    }

    /** @return what is allowed. */
    String range() {
        return range;
    }

    int defaultNumber() {
        return (int) defaultNumber;
    }

    long min() {
        return min;
    }

    long max() {
        return max;
    }

    /** @return names of the keys one step below a place; "" is the file's top. */
    static Set<String> below(String place) {
        String prefix = place.isEmpty() ? "" : place + ".";
        Set<String> names = new LinkedHashSet<>();
        for (Key key : values()) {
            if (key.path.startsWith(prefix)) {
                String rest = key.path.substring(prefix.length());
                int dot = rest.indexOf('.');
                names.add((dot < 0 ? rest : rest.substring(0, dot)).replace("[]", ""));
            }
        }
        return names;
    }

    /** @return one Markdown table row per key: key, unit, default, range. */
    static List<String> rows() {
        List<String> rows = new ArrayList<>();
        for (Key key : values()) {
            rows.add("| `%s` | %s | %s | %s |".formatted(key.path, key.unit, key.defaultText, key.range));
        }
        return rows;
    }
}
