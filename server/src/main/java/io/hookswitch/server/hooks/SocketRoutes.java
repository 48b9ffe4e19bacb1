package io.hookswitch.server.hooks;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.concurrent.TimeoutException;

/**
 * Where a customer's WebSocket is, under the rules of hooks: the host is looked up once, its addresses are checked, and
 * whoever connects connects to the one that was checked.
 */
public final class SocketRoutes implements AutoCloseable {
    private final HostLookup lookup = new HostLookup(InetAddress::getAllByName);
    private final AddressGuard guard;

    /** @param guard says which addresses may be reached */
    public SocketRoutes(AddressGuard guard) {
        this.guard = guard;
    }

    /**
     * A way to a server.
     *
     * @param uri with scheme ws or wss and without a fragment; its host is the one that a certificate must be of
     * @param host without brackets and without the dot at its end
     */
    public record Route(URI uri, String host, InetSocketAddress address) {
        /** @return whether it speaks TLS. */
        public boolean isTls() {
            return uri.getScheme().equals("wss");
        }
    }

    /**
     * Finds one. Blocks: virtual threads only.
     *
     * @param base absolute URL of the application's call_hook
     * @param url ws, wss, http or https; or {@code /path} on the base's host
     * @throws IOException that says why there is none
     */
    public Route find(String account, String base, String url, long timeoutNs)
            throws IOException, InterruptedException {
        try {
            URI http = HookUrl.resolve(base, asHttp(url)).uri();
            boolean isTls = http.getScheme().equalsIgnoreCase("https");
            String host = bare(http.getHost());
            InetAddress address =
                    guard.usable(lookup.addresses(account, host, timeoutNs)).getFirst();
            int port = HookUrl.port(http);
            String whole = http.toString();
            URI uri = URI.create((isTls ? "wss" : "ws") + whole.substring(whole.indexOf("://")));
            return new Route(uri, host, new InetSocketAddress(address, port));
        } catch (HookUrl.Unusable e) {
            throw new IOException(e.getMessage(), e);
        } catch (UnknownHostException e) {
            throw new IOException("no address for host " + e.getMessage(), e);
        } catch (TimeoutException e) {
            throw new IOException("the host's address was not found in time", e);
        }
    }

    private static String asHttp(String url) {
        String scheme = url.substring(0, Math.max(url.indexOf("://"), 0)).toLowerCase(Locale.ROOT);
        return switch (scheme) {
            case "ws" -> "http" + url.substring(2);
            case "wss" -> "https" + url.substring(3);
            default -> url;
        };
    }

    private static String bare(String host) {
        if (host.startsWith("[")) {
            return host.substring(1, host.length() - 1);
        }
        return (host.endsWith(".") ? host.substring(0, host.length() - 1) : host).toLowerCase(Locale.ROOT);
    }

    /** Ends the look-ups. */
    @Override
    public void close() {
        lookup.close();
    }
}
