package io.hookswitch.server.audio;

import io.hookswitch.control.ControlCommand.Voice;
import io.hookswitch.engine.message.RecordingBuilder;
import io.hookswitch.server.audio.AudioOutcome.Failed;
import io.hookswitch.server.audio.AudioOutcome.Ready;
import io.hookswitch.server.hooks.FileClient;
import io.hookswitch.server.hooks.FileClient.Fetched;
import io.hookswitch.server.hooks.Freshness;
import java.lang.foreign.Arena;
import java.net.MalformedURLException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.agrona.concurrent.NanoClock;

/**
 * Files that are played, by URL: fetched, decoded and encoded once, kept as the server allows (RFC 9111), asked for
 * again when they are stale, and forgotten, the one not used for longest first, when the memory is needed. Each URL is
 * loaded by one virtual thread at a time, for all who wait for it; an account has a bounded share of them.
 */
public final class AudioLibrary implements AutoCloseable {
    private static final String SHUTTING_DOWN = "shutting down";
    /** Most files that are being loaded or wait for it. */
    private static final int MAX_LOADING = 1024;
    /** Most files of all accounts fetched at a time: each may take its greatest size in memory. */
    private static final int MAX_FETCHING = 8;
    /** How long a stale file is used without asking again after its server could not be asked. */
    private static final long RETRY_NS = TimeUnit.SECONDS.toNanos(5);

    /** What is known of a URL. Guarded by the library. */
    private static final class Entry {
        /** Null until it was loaded. */
        private Audio audio;

        private Freshness freshness;
        private long freshUntilNs;
        private boolean isLoading;
        private final List<Consumer<AudioOutcome>> waiting = new ArrayList<>();
    }

    /**
     * What came of loading.
     *
     * @param audio a new one, null = none
     * @param freshness null = there is nothing to play
     * @param detail why there is nothing to play
     */
    private record Loaded(Audio audio, Freshness freshness, long freshNs, String detail) {
        private static Loaded failed(String detail) {
            return new Loaded(null, null, 0, detail);
        }
    }

    private final AudioLimits limits;
    private final FileClient files;
    private final Optional<Speaker> speaker;
    private final NanoClock clock;
    private final AudioCounters counters = new AudioCounters();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Map<String, Semaphore> shares = new ConcurrentHashMap<>();
    private final Semaphore fetching = new Semaphore(MAX_FETCHING, true);
    private final Semaphore decoding =
            new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2), true);
    /** Least lately used first; guarded by this. */
    private final Map<URI, Entry> entries = new LinkedHashMap<>(64, 0.75f, true);

    private final AtomicLong usedBytes = new AtomicLong();
    private final Silence silence = new Silence();
    private int loading;
    private boolean isClosed;

    /**
     * Fetches and speaks.
     *
     * @param files closed with this
     * @param speaker empty = texts cannot be spoken
     */
    public AudioLibrary(AudioLimits limits, FileClient files, Optional<Speaker> speaker, NanoClock clock) {
        this.limits = limits;
        this.files = files;
        this.speaker = speaker;
        this.clock = clock;
    }

    /**
     * Gets a URL ready to be played.
     *
     * @param base absolute URL of the application's call_hook, against which a relative one is resolved
     * @param done called exactly once, on any thread, also before this returns
     */
    public void open(String account, String base, String url, Consumer<AudioOutcome> done) {
        if (Silence.isSilence(url)) {
            done.accept(silence.of(url));
            return;
        }
        URI uri;
        try {
            uri = FileClient.locate(base, url);
        } catch (MalformedURLException e) {
            counters.failure();
            done.accept(new Failed(e.getMessage()));
            return;
        }
        open(account, uri, done);
    }

    /**
     * Gets a text ready to be heard, as {@link #open(String, String, String, Consumer)} does a file.
     *
     * @param voice whose voice, null = any
     */
    public void speak(String account, Voice voice, String text, Consumer<AudioOutcome> done) {
        if (speaker.isEmpty()) {
            done.accept(new Failed("no speech provider is set up"));
            return;
        }
        boolean isOurs = voice != null && voice.name() != null && speaker.get().is(voice.vendor());
        String language = voice == null || voice.language() == null ? "" : voice.language();
        open(account, new Speech(oneLine(isOurs ? voice.name() : ""), oneLine(language), text).uri(), done);
    }

    private static String oneLine(String text) {
        return text.replace('\n', ' ');
    }

    private void open(String account, URI uri, Consumer<AudioOutcome> done) {
        boolean isFirst;
        AudioOutcome now = null;
        synchronized (this) {
            Entry entry = entries.computeIfAbsent(uri, _ -> new Entry());
            isFirst = !entry.isLoading;
            if (isFirst && entry.audio != null && clock.nanoTime() - entry.freshUntilNs < 0) {
                counters.hit();
                now = new Ready(entry.audio.retained(), 1);
            } else if (isFirst && (isClosed || loading == MAX_LOADING)) {
                now = new Failed(isClosed ? SHUTTING_DOWN : "more than " + MAX_LOADING + " files are being loaded");
                forgetIfEmpty(uri, entry);
            } else {
                entry.waiting.add(done);
                loading += isFirst ? 1 : 0;
                entry.isLoading = true;
            }
        }
        if (now != null) {
            done.accept(now);
        } else if (isFirst) {
            start(account, uri);
        }
    }

    private void forgetIfEmpty(URI uri, Entry entry) {
        if (entry.audio == null) {
            entries.remove(uri);
        }
    }

    private void start(String account, URI uri) {
        try {
            threads.execute(() -> {
                Loaded loaded = Loaded.failed("a fault of ours");
                try {
                    loaded = load(account, uri);
                } catch (InterruptedException e) {
                    loaded = Loaded.failed(SHUTTING_DOWN);
                } catch (AudioException e) {
                    loaded = Loaded.failed(e.getMessage());
                } finally {
                    // Whoever waits is told, whatever happens: no fault may keep a call waiting.
                    settle(uri, loaded);
                }
            });
        } catch (RejectedExecutionException e) {
            settle(uri, Loaded.failed(SHUTTING_DOWN));
        }
    }

    /** Waits for the account's turn, fetches and decodes. */
    private Loaded load(String account, URI uri) throws AudioException, InterruptedException {
        Semaphore share = shares.computeIfAbsent(account, _ -> new Semaphore(limits.perAccount(), true));
        take(share, "more than " + limits.perAccount() + " files of the account are being loaded");
        try {
            take(fetching, "more than " + MAX_FETCHING + " files are being loaded");
            try {
                return fetch(account, uri);
            } finally {
                fetching.release();
            }
        } finally {
            share.release();
        }
    }

    private void take(Semaphore places, String complaint) throws AudioException, InterruptedException {
        if (!places.tryAcquire(limits.loadMs(), TimeUnit.MILLISECONDS)) {
            throw new AudioException(complaint);
        }
    }

    private Loaded fetch(String account, URI uri) throws AudioException, InterruptedException {
        if (Speech.isSpeech(uri)) {
            byte[] spoken = speaker.orElseThrow().speak(Speech.of(uri), limits.maxFileBytes(), limits.loadMs());
            return new Loaded(decoded(spoken), Freshness.LASTING, freshNs(Freshness.LASTING), null);
        }
        Freshness known;
        synchronized (this) {
            known = entries.get(uri).freshness;
        }
        counters.fetch();
        return switch (files.fetch(account, uri, known, limits.maxFileBytes())) {
            case Fetched.File(byte[] bytes, Freshness freshness) ->
                new Loaded(decoded(bytes), freshness, freshNs(freshness), null);
            case Fetched.Unchanged(Freshness freshness) -> {
                counters.unchanged();
                yield new Loaded(null, freshness, freshNs(freshness), null);
            }
            case Fetched.Failed(String _, boolean reached)
            when !reached && known != null && known.staleAllowed() -> {
                counters.stale();
                yield new Loaded(null, known, RETRY_NS, null);
            }
            case Fetched.Failed(String detail, boolean _) -> Loaded.failed(detail);
        };
    }

    private static long freshNs(Freshness freshness) {
        return TimeUnit.MILLISECONDS.toNanos(freshness.freshMs());
    }

    private Audio decoded(byte[] file) throws AudioException, InterruptedException {
        take(decoding, "no turn to decode it");
        try {
            DecodeLimits most = new DecodeLimits(
                    limits.maxSeconds(), System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(limits.loadMs()));
            Pcm pcm = Pcm.decode(file, most);
            return kept(RecordingEncoder.encode(pcm, most), pcm.narrow().length());
        } finally {
            decoding.release();
        }
    }

    private Audio kept(RecordingBuilder recording, long samples) throws AudioException {
        reserve(recording.lengthBytes());
        Arena memory = Arena.ofShared();
        boolean isKept = false;
        try {
            Audio audio = new Audio(recording.build(memory), samples, memory, bytes -> usedBytes.addAndGet(-bytes));
            isKept = true;
            return audio;
        } finally {
            if (!isKept) {
                memory.close();
                usedBytes.addAndGet(-recording.lengthBytes());
            }
        }
    }

    /**
     * Makes room by forgetting what nobody plays, the one not used for longest first. Memory is freed outside the lock:
     * control must not wait for it.
     */
    private void reserve(long bytes) throws AudioException {
        long used = usedBytes.get();
        while (used + bytes > limits.cacheBytes() || !usedBytes.compareAndSet(used, used + bytes)) {
            if (used + bytes > limits.cacheBytes()) {
                forgetOldest(bytes);
            }
            used = usedBytes.get();
        }
    }

    private void forgetOldest(long bytes) throws AudioException {
        Audio oldest = null;
        synchronized (this) {
            Iterator<Entry> byAge = entries.values().iterator();
            while (oldest == null && byAge.hasNext()) {
                Entry entry = byAge.next();
                if (!entry.isLoading && entry.audio.uses() == 1) {
                    byAge.remove();
                    oldest = entry.audio;
                }
            }
        }
        if (oldest == null) {
            throw new AudioException(
                    "no memory for " + bytes + " bytes more: " + usedBytes.get() + " are in use (audio.cache_mb)");
        }
        oldest.release();
        counters.evicted();
    }

    /** Loading is over: all who wait are told. */
    private void settle(URI uri, Loaded loaded) {
        List<Consumer<AudioOutcome>> told;
        AudioOutcome[] outcomes;
        Audio old = null;
        synchronized (this) {
            Entry entry = entries.get(uri);
            told = List.copyOf(entry.waiting);
            entry.waiting.clear();
            entry.isLoading = false;
            loading--;
            if (entry.audio != null && (loaded.audio() != null || loaded.freshness() == null)) {
                old = entry.audio;
                entry.audio = null;
            }
            entry.audio = loaded.audio() != null ? loaded.audio() : entry.audio;
            outcomes = new AudioOutcome[told.size()];
            for (int i = 0; i < outcomes.length; i++) {
                outcomes[i] = entry.audio == null ? new Failed(loaded.detail()) : new Ready(entry.audio.retained(), 1);
            }
            keep(uri, entry, loaded);
        }
        if (old != null) {
            old.release();
        }
        for (int i = 0; i < outcomes.length; i++) {
            told.get(i).accept(outcomes[i]);
        }
    }

    private void keep(URI uri, Entry entry, Loaded loaded) {
        if (entry.audio == null) {
            counters.failure();
            entries.remove(uri);
            return;
        }
        entry.freshness = loaded.freshness();
        entry.freshUntilNs = clock.nanoTime() + loaded.freshNs();
        if (isClosed || !loaded.freshness().stored()) {
            entries.remove(uri);
            entry.audio.release();
        }
    }

    /** @return every counter by its metric name. Any thread. */
    public Map<String, Long> snapshot() {
        Map<String, Long> all = counters.snapshot();
        synchronized (this) {
            all.put("audio_files", (long) entries.size());
        }
        all.put("audio_bytes", usedBytes.get());
        return all;
    }

    /** Ends every fetch; recordings that are being played stay until they are let go of. */
    @Override
    public void close() {
        synchronized (this) {
            isClosed = true;
            entries.values().removeIf(entry -> {
                boolean isIdle = !entry.isLoading;
                if (isIdle) {
                    entry.audio.release();
                }
                return isIdle;
            });
        }
        threads.shutdownNow();
        files.close();
    }
}
