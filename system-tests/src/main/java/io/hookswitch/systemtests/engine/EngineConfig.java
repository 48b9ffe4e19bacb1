package io.hookswitch.systemtests.engine;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A settings file for one account, on free ports of 127.0.0.1 unless told otherwise. Ports are taken below the range of
 * ephemeral ones.
 */
public final class EngineConfig {
    /** The account's realm. */
    public static final String REALM = "demo.test";

    private final int sipPort = freePort();
    private final int httpPort = freePort();
    private final List<String> applications = new ArrayList<>();
    private final List<String> users = new ArrayList<>();
    private final List<String> carriers = new ArrayList<>();
    private final List<String> numbers = new ArrayList<>();
    private final List<String> routes = new ArrayList<>();
    private int firstMediaPort = 20000 + 1000 * ThreadLocalRandom.current().nextInt(4);
    private int mediaPorts = 6000;
    private int legs = 4000;
    private final int tlsPort = freePort();
    private String teams = "";
    private final int webSocketPort = freePort();
    private String moreListen = "";
    private String moreSip = "";
    private String secret = "wh_secret";
    private String address = "127.0.0.1";
    private String moreEngine = "";
    private String moreMedia = "";
    private Path journals;

    /** @return a port that nobody listens on, UDP and TCP. */
    public static int freePort() {
        while (true) {
            int port = ThreadLocalRandom.current().nextInt(10_000, 20_000);
            InetAddress loopback = InetAddress.getLoopbackAddress();
            try (DatagramSocket udp = new DatagramSocket(port, loopback);
                    ServerSocket tcp = new ServerSocket(port, 1, loopback)) {
                if (udp.isBound() && tcp.isBound()) {
                    return port;
                }
            } catch (IOException e) {
                // Taken: try the next one.
                continue;
            }
        }
    }

    /** Sets the IP address for SIP and media; HTTP stays where it is. */
    public EngineConfig address(String ip) {
        address = ip;
        return this;
    }

    /** Sets the ports for media. */
    public EngineConfig mediaPorts(int first, int count) {
        firstMediaPort = first;
        mediaPorts = count;
        return this;
    }

    /** Sets how many legs there may be. */
    public EngineConfig legs(int count) {
        legs = count;
        return this;
    }

    /** Sets the secret that signs hooks. */
    public EngineConfig secret(String webhookSecret) {
        secret = webhookSecret;
        return this;
    }

    /** Adds an application; {@code statusHook} null = none. */
    public EngineConfig application(String name, String callHook, String statusHook) {
        String status = statusHook == null ? "" : ", call_status_hook: { url: \"" + statusHook + "\" }";
        applications.add("{ name: " + name + ", call_hook: { url: \"" + callHook + "\" }" + status + " }");
        return this;
    }

    /** Adds a user. */
    public EngineConfig user(String name, String password, String application) {
        users.add("{ name: " + name + ", password: " + password + ", application: " + application + " }");
        return this;
    }

    /** Adds a carrier whose calls come from an address. */
    public EngineConfig inboundCarrier(String name, String application, String host) {
        carriers.add("{ name: " + name + ", application: " + application + ", gateways: [ { host: " + host
                + ", inbound: true } ] }");
        return this;
    }

    /** Sets how Teams is reached, as the file has it. */
    public EngineConfig teams(String yaml) {
        teams = "    teams: " + yaml + "\n";
        return this;
    }

    /** Adds a carrier as the file has it. */
    public EngineConfig carrier(String yaml) {
        carriers.add(yaml);
        return this;
    }

    /** Adds an entry of the account's {@code numbers} as the file has it. */
    public EngineConfig number(String yaml) {
        numbers.add(yaml);
        return this;
    }

    /** Adds an entry of the account's least-cost routes as the file has it. */
    public EngineConfig route(String yaml) {
        routes.add(yaml);
        return this;
    }

    /** Adds keys to the section {@code sip}, as the file has them. */
    public EngineConfig sip(String yaml) {
        moreSip += ", " + yaml;
        return this;
    }

    /** Adds keys to the section {@code engine}, as the file has them. */
    public EngineConfig engine(String yaml) {
        moreEngine += ", " + yaml;
        return this;
    }

    /** Adds keys to the section {@code media}, as the file has them. */
    public EngineConfig media(String yaml) {
        moreMedia += ", " + yaml;
        return this;
    }

    /** Listens with TLS, too. */
    public EngineConfig tls(String certificate, String key, String trust) {
        moreListen += ", \"tls:127.0.0.1:" + tlsPort + "\"";
        return sip("tls: { certificate: \"" + certificate + "\", key: \"" + key + "\", trust: \"" + trust + "\" }");
    }

    /** Listens for SIP over WebSockets, too. */
    public EngineConfig webSocket() {
        moreListen += ", \"ws:127.0.0.1:" + webSocketPort + "\"";
        return this;
    }

    /** @return where SIP listens over WebSockets. */
    public String webSocketUrl() {
        return "ws://127.0.0.1:" + webSocketPort;
    }

    /** @return where SIP listens with TLS. */
    public InetSocketAddress sipTls() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), tlsPort);
    }

    /** Adds a carrier for calls to telephone numbers. {@code techPrefix} "" = none. */
    public EngineConfig outboundCarrier(String name, boolean leadingPlus, String techPrefix, InetSocketAddress... to) {
        List<String> gateways = new ArrayList<>();
        for (InetSocketAddress gateway : to) {
            gateways.add("{ host: " + gateway.getAddress().getHostAddress() + ", port: " + gateway.getPort()
                    + ", outbound: true }");
        }
        String prefix = techPrefix.isEmpty() ? "" : ", tech_prefix: \"" + techPrefix + "\"";
        carriers.add("{ name: " + name + ", e164_leading_plus: " + leadingPlus + prefix + ", gateways: [ "
                + String.join(", ", gateways) + " ] }");
        return this;
    }

    /** @return where SIP listens, UDP and TCP. */
    public InetSocketAddress sip() {
        return new InetSocketAddress(address, sipPort);
    }

    /** @return where HTTP listens. */
    public InetSocketAddress http() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), httpPort);
    }

    /** @return where the engine with the file's last text journals; null outside a build. */
    Path journals() {
        return journals;
    }

    /** @return the file's text. */
    public String yaml() {
        StringBuilder yaml = new StringBuilder()
                .append("sip: { listen: [\"udp:%4$s:%1$d\", \"tcp:%4$s:%1$d\"%2$s]%3$s }\n"
                        .formatted(sipPort, moreListen, moreSip, address.contains(":") ? "[" + address + "]" : address))
                .append("media: { address: \"%s\", ports: %d-%d%s }\n"
                        .formatted(address, firstMediaPort, firstMediaPort + mediaPorts - 1, moreMedia))
                .append("http: { listen: \"127.0.0.1:%d\" }\n".formatted(httpPort))
                .append("engine: { cores: 1, legs: %d, idle: balanced%s }\n".formatted(legs, moreEngine))
                .append("hooks: { allow: [\"127.0.0.0/8\"] }\n")
                .append(journal())
                .append("accounts:\n  - name: demo\n    sip_realm: " + REALM + "\n")
                .append("    api_key: \"key\"\n    webhook_secret: \"" + secret + "\"\n");
        yaml.append(teams);
        list(yaml, "applications", applications);
        list(yaml, "users", users);
        list(yaml, "carriers", carriers);
        list(yaml, "numbers", numbers);
        list(yaml, "lcr", routes);
        return yaml.toString();
    }

    /** Within a build each engine has a directory of its own, and room for every call; else the default. */
    private String journal() {
        String state = System.getProperty("hookswitch.test.state");
        if (state == null) {
            return "";
        }
        journals = Path.of(state, "engine-%d-%d".formatted(System.nanoTime(), sipPort));
        return "journal: { dir: \"%s\", max_mb: 4096, calls_per_second: 2000 }\n".formatted(journals);
    }

    private static void list(StringBuilder yaml, String key, List<String> entries) {
        if (!entries.isEmpty()) {
            yaml.append("    ").append(key).append(":\n");
            entries.forEach(entry -> yaml.append("      - ").append(entry).append('\n'));
        }
    }
}
