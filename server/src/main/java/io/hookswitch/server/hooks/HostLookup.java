package io.hookswitch.server.hooks;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Host names to addresses, within a time. The system's resolver blocks the thread that asks it, for as long as it likes
 * and without letting go of a virtual thread's carrier: it is asked on a few threads of our own, of which one account
 * can hold only a part.
 */
final class HostLookup implements AutoCloseable {
    static final int THREADS = 16;
    static final int PER_ACCOUNT = 4;
    private static final int WAITING = 4096;
    private static final long IDLE_S = 30;

    /** Who knows addresses: the system's resolver, or a test. */
    @FunctionalInterface
    interface Resolver {
        /** May block. */
        InetAddress[] addresses(String host) throws UnknownHostException;
    }

    private final Resolver resolver;
    private final Map<String, Semaphore> shares = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_S,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(WAITING),
            Thread.ofPlatform().daemon().name("hook-dns-", 0).factory());

    HostLookup(Resolver resolver) {
        this.resolver = resolver;
        threads.allowCoreThreadTimeOut(true);
    }

    /**
     * @return the host's addresses, at least one; a literal is its own.
     * @throws UnknownHostException when there are none.
     * @throws TimeoutException when they were not found in time; the look-up may go on, and counts against the
     *     account's part until it ends.
     */
    InetAddress[] addresses(String account, String host, long timeoutNs)
            throws UnknownHostException, TimeoutException, InterruptedException {
        long deadlineNs = System.nanoTime() + timeoutNs;
        try {
            return new InetAddress[] {InetAddress.ofLiteral(host)};
        } catch (IllegalArgumentException e) {
            // A name.
        }
        Semaphore share = shares.computeIfAbsent(account, _ -> new Semaphore(PER_ACCOUNT, true));
        if (!share.tryAcquire(timeoutNs, TimeUnit.NANOSECONDS)) {
            throw new TimeoutException();
        }
        CompletableFuture<InetAddress[]> found = new CompletableFuture<>();
        try {
            threads.execute(() -> ask(host, share, found));
        } catch (RejectedExecutionException e) {
            share.release();
            throw new TimeoutException();
        }
        try {
            return found.get(Math.max(deadlineNs - System.nanoTime(), 0), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw new UnknownHostException(host);
        }
    }

    private void ask(String host, Semaphore share, CompletableFuture<InetAddress[]> found) {
        try {
            found.complete(resolver.addresses(host));
        } catch (UnknownHostException | RuntimeException e) {
            found.completeExceptionally(e);
        } finally {
            share.release();
        }
    }

    /** Ends the threads; look-ups in progress end when the system's resolver lets them. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
