package io.hookswitch.server.routing;

import io.hookswitch.server.settings.SipSettings.Transport;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Hashtable;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.naming.Context;
import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.Attribute;
import javax.naming.directory.DirContext;
import javax.naming.directory.InitialDirContext;

/** The machine's own resolver for addresses, the JDK's DNS client for SRV. */
public final class SystemNames implements NameService {
    private static final Pattern SRV = Pattern.compile("(\\d{1,5}) (\\d{1,5}) (\\d{1,5}) (\\S+?)\\.?");
    private static final int SERVERS_MAX = 8;

    @Override
    public List<Server> servers(String host, Transport transport) {
        Hashtable<String, String> environment = new Hashtable<>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.dns.DnsContextFactory");
        environment.put("com.sun.jndi.dns.timeout.initial", "1000");
        environment.put("com.sun.jndi.dns.timeout.retries", "2");
        List<Server> servers = new ArrayList<>();
        try {
            DirContext dns = new InitialDirContext(environment);
            try {
                Attribute records = dns.getAttributes(service(transport) + host, new String[] {"SRV"})
                        .get("SRV");
                read(records, servers);
            } finally {
                dns.close();
            }
        } catch (NamingException e) {
            // No such record, or no name server: the host's own addresses are asked next (RFC 3263 section 4.2).
            return List.of();
        }
        servers.sort(Comparator.comparingInt(Server::priority)
                .thenComparing(Comparator.comparingInt(Server::weight).reversed()));
        return servers.subList(0, Math.min(SERVERS_MAX, servers.size()));
    }

    private static String service(Transport transport) {
        return transport == Transport.TLS ? "_sips._tcp." : "_sip._" + transport.wireName() + ".";
    }

    private static void read(Attribute records, List<Server> into) throws NamingException {
        if (records == null) {
            return;
        }
        NamingEnumeration<?> all = records.getAll();
        while (all.hasMore()) {
            Matcher matcher = SRV.matcher(String.valueOf(all.next()));
            // A target "." says that the service is decidedly not there (RFC 2782).
            if (matcher.matches() && !matcher.group(4).equals(".")) {
                into.add(new Server(
                        Integer.parseInt(matcher.group(1)),
                        Integer.parseInt(matcher.group(2)),
                        Integer.parseInt(matcher.group(3)),
                        matcher.group(4)));
            }
        }
    }

    @Override
    public List<InetAddress> addresses(String host) {
        try {
            return List.of(InetAddress.getAllByName(host));
        } catch (UnknownHostException e) {
            return List.of();
        }
    }
}
