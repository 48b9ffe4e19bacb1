package io.hookswitch.server.hooks;

import java.net.InetAddress;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeoutException;

/**
 * Fetches a customer's files by GET, under the rules of hooks: the host is looked up once, its addresses are checked,
 * the request goes to the one that was checked, and no redirect is followed. Blocks: virtual threads only. It sends
 * neither signature nor credentials, so that what comes back does not depend on who asks.
 */
public final class FileClient implements AutoCloseable {
    /** What came of a request. */
    public sealed interface Fetched {
        /** The file, and what the server says of keeping it. */
        record File(byte[] bytes, Freshness freshness) implements Fetched {}

        /** The file that is known already is still the right one. */
        record Unchanged(Freshness freshness) implements Fetched {}

        /**
         * No file.
         *
         * @param reached the server has spoken: there is no such file, or not for us
         */
        record Failed(String detail, boolean reached) implements Fetched {}
    }

    private final HookTransport transport;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    /** Makes a client; nothing is connected yet. */
    public FileClient(HookSettings settings, AddressGuard guard) {
        transport = new HookTransport(settings, guard, new HostLookup(InetAddress::getAllByName), threads, null);
    }

    /**
     * Resolves a URL as hooks' are.
     *
     * @param base absolute URL of the application's call_hook
     * @return absolute, without a fragment
     * @throws MalformedURLException that says why it cannot be used
     */
    public static URI locate(String base, String url) throws MalformedURLException {
        try {
            return HookUrl.resolve(base, url).uri();
        } catch (HookUrl.Unusable e) {
            throw (MalformedURLException) new MalformedURLException(e.getMessage()).initCause(e);
        }
    }

    /**
     * Fetches a file.
     *
     * @param uri from {@link #locate}
     * @param known what the server said of the file that is there already, null = there is none
     * @param maxBytes of the file
     * @throws InterruptedException when this client is closed meanwhile
     */
    public Fetched fetch(String account, URI uri, Freshness known, int maxBytes) throws InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder().GET();
        if (known != null && known.etag() != null) {
            request.header("If-None-Match", known.etag());
        }
        if (known != null && known.lastModified() != null) {
            request.header("If-Modified-Since", known.lastModified());
        }
        HookTransport.Sent sent;
        try {
            sent = transport.exchange(account, uri, request, maxBytes);
        } catch (UnknownHostException e) {
            return new Fetched.Failed("no address for host " + e.getMessage(), false);
        } catch (HookUrl.Unusable | URISyntaxException | IllegalArgumentException e) {
            return new Fetched.Failed(e.getMessage(), true);
        } catch (TimeoutException e) {
            return new Fetched.Failed("the host's address was not found in time", false);
        }
        return sent.failure() == null ? read(sent.response(), known) : failed(sent.failure(), maxBytes);
    }

    private static Fetched failed(Throwable failure, int maxBytes) {
        String detail =
                switch (failure) {
                    case TimeoutException _ -> "not received in time";
                    case Throwable e
                    when e.getMessage() != null && e.getMessage().contains("exceeds capacity") ->
                        "larger than " + maxBytes + " bytes";
                    case Throwable e when e.getMessage() != null -> e.getMessage();
                    case Throwable e -> "cannot connect: " + e.getClass().getSimpleName();
                };
        return new Fetched.Failed(detail, false);
    }

    private static Fetched read(HttpResponse<byte[]> response, Freshness known) {
        int status = response.statusCode();
        if (status == 304 && known != null) {
            return new Fetched.Unchanged(known.renewed(response.headers()));
        }
        if (status != 200) {
            boolean isRedirect = status / 100 == 3 && status != 304;
            return new Fetched.Failed(
                    "HTTP status " + status + (isRedirect ? "; redirects are not followed" : ""), status < 500);
        }
        return new Fetched.File(response.body(), Freshness.of(response.headers()));
    }

    /** Ends every request in flight. */
    @Override
    public void close() {
        threads.shutdownNow();
        transport.close();
    }
}
