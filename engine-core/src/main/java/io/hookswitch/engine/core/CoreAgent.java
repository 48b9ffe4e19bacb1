package io.hookswitch.engine.core;

import io.hookswitch.engine.io.PortPool;
import io.hookswitch.engine.io.RtpTransport;
import io.hookswitch.engine.io.RtpTransports;
import io.hookswitch.engine.io.TransportSettings;
import io.hookswitch.engine.message.LegHandle;
import io.hookswitch.engine.ring.SlotRing;
import io.hookswitch.engine.ring.Waker;
import java.util.Objects;
import java.util.SplittableRandom;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.EpochNanoClock;
import org.agrona.concurrent.NanoClock;

/**
 * Sole writer of the leg, bridge and timer tables of one core: no field behind it is volatile, locked or shared. It
 * waits in its own I/O, so
 * whoever runs it needs no idle strategy of its own.
 */
public final class CoreAgent implements Agent {
    private static final int BATCH = 256;
    private static final int PACKET_BATCH = 1024;
    /** Longest wait in the kernel: what keeps a core from sleeping for ever through a lost wake-up. */
    private static final long MAX_WAIT_NS = 100_000_000L;
    /** Wait while an output ring is full, or a key is down whose release may be lost. */
    private static final long SHORT_WAIT_NS = 1_000_000L;

    /** Longest warm-up: a start is not held up by a slow machine. */
    private static final long MAX_WARM_UP_NS = 600_000_000L;

    private static final long TIMER_TICK_NS = 1_000_000L;

    /** Opens the transport on the core's own thread. */
    @FunctionalInterface
    public interface TransportOpener {
        /** @return the transport of the calling core. */
        RtpTransport open();
    }

    private final CoreSettings settings;
    private final MediaSettings mediaSettings;
    private final CoreRings rings;
    private final NanoClock clock;
    private final EpochNanoClock wallClock;
    private final long seed;
    private final ErrorHandler errors;
    private final TransportOpener opener;
    private final CoreCounters counters = new CoreCounters();
    private final LatencyRecorder latency = new LatencyRecorder();
    private final LatencyRecorder lateness = new LatencyRecorder();
    private volatile RtpTransport transport;
    private volatile LegTable legs;
    private volatile boolean closed;

    private PortPool ports;
    private TimerWheel timers;
    private FirstWords firstWords;
    private MediaStep mediaStep;
    private DigitStep digits;
    private PacedStep pace;
    private Player player;
    private TrackMixer tracks;
    private RtcpStep rtcp;
    private SilenceWatch silence;
    private IceStep ice;
    private EndStep ends;
    private SignalStep signal;
    private SlotRing.Reader onSipEvent;
    private SlotRing.Reader onCommand;
    private SlotRing.Reader onDtlsCommand;
    private Thread owner;

    /**
     * Makes a core; sockets and tables are made when its thread starts.
     *
     * @param wallClock for RTCP's NTP time
     * @param seed of SSRCs and of first sequence numbers and timestamps; unpredictable in production
     * @param errors told of every unexpected failure; the core goes on without the one call concerned
     */
    public CoreAgent(
            CoreSettings settings,
            MediaSettings mediaSettings,
            CoreRings rings,
            NanoClock clock,
            EpochNanoClock wallClock,
            long seed,
            ErrorHandler errors) {
        this.settings = Objects.requireNonNull(settings);
        this.mediaSettings = Objects.requireNonNull(mediaSettings);
        this.rings = Objects.requireNonNull(rings);
        this.clock = Objects.requireNonNull(clock);
        this.wallClock = Objects.requireNonNull(wallClock);
        this.seed = seed;
        this.errors = Objects.requireNonNull(errors);
        opener = () -> RtpTransports.open(
                settings.transport(), TransportSettings.of(mediaSettings.address(), settings.idle()), clock);
    }

    /** As the other one, over a transport of the caller's. */
    CoreAgent(CoreAgent like, TransportOpener opener) {
        settings = like.settings;
        mediaSettings = like.mediaSettings;
        rings = like.rings;
        clock = like.clock;
        wallClock = like.wallClock;
        seed = like.seed;
        errors = like.errors;
        this.opener = opener;
    }

    /** @return what this core has and has done. Any thread. */
    public CoreCounters counters() {
        return counters;
    }

    /** @return added latency of forwarded packets. One reading thread. */
    public LatencyRecorder latency() {
        return latency;
    }

    /** @return by how much packets of our own pace were late for their time. One reading thread. */
    public LatencyRecorder lateness() {
        return lateness;
    }

    /**
     * @return the transport once the core's thread has started, else null. Other threads: counters and description
     * only.
     */
    public RtpTransport transport() {
        return transport;
    }

    /** @return the legs once the core's thread has started, else null. Other threads: through LegFigures only. */
    LegTable legs() {
        return legs;
    }

    /** @return wakes this core; given to the rings that it reads. */
    public Waker waker() {
        return () -> {
            RtpTransport open = transport;
            if (open != null && !closed) {
                open.wakeup();
            }
        };
    }

    @Override
    public String roleName() {
        return "core-" + settings.core();
    }

    @Override
    public void onStart() {
        owner = Thread.currentThread();
        RtpTransport opened = opener.open();
        long nowNs = clock.nanoTime();
        LegTable table = new LegTable(settings.core(), settings.legs());
        SocketOwners owners = new SocketOwners(65_536);
        CoreState core = new CoreState(settings, mediaSettings, rings, opened, table, owners, counters, latency);
        SplittableRandom random = new SplittableRandom(seed);
        ports = new PortPool(opened, mediaSettings.firstPort(), mediaSettings.lastPort(), mediaSettings.quarantineNs());
        timers = new TimerWheel(settings.timers(), TIMER_TICK_NS, nowNs);
        SourceLatch latch = new SourceLatch(table, opened, counters);
        SrtpStep srtp = new SrtpStep(table, opened, counters, settings.legs());
        ice = new IceStep(core, latch, srtp);
        rtcp = new RtcpStep(core, srtp, wallClock, random, Long.toHexString(random.nextLong()) + "@hookswitch", nowNs);
        RtpSender sender = new RtpSender(table, opened, srtp);
        pace = new PacedStep(core, lateness, nowNs);
        digits = new DigitStep(core, new DigitSender(core, sender, pace), pace);
        player = new Player(core, sender, pace);
        tracks = new TrackMixer(core, sender, pace);
        InbandStep inband = new InbandStep(core, digits);
        TapStep taps = new TapStep(core);
        firstWords = new FirstWords(core);
        Transcoders transcoders = new Transcoders(settings.legs(), mediaSettings.transcoders());
        TranscodeStep transcoding = new TranscodeStep(core, sender, transcoders);
        mediaStep = new MediaStep(
                core, latch, rtcp, sender, ice, srtp, digits, inband, taps, firstWords, transcoding, tracks, clock);
        Bridges bridges = new Bridges(table, latch, rtcp, ice, srtp, inband, firstWords, transcoders, tracks, counters);
        silence = new SilenceWatch(core, nowNs);
        LegTeardown teardown =
                new LegTeardown(core, bridges, firstWords, digits, player, tracks, rtcp, ice, srtp, inband, silence);
        ends = new EndStep(core, teardown, silence);
        ice.failed(ends::onDtlsFailed);
        signal = new SignalStep(
                core, ports, bridges, firstWords, digits, player, tracks, taps, silence, ends, timers, random);
        onDtlsCommand = ice::onCommand;
        onSipEvent = signal::onSipEvent;
        onCommand = signal::onCommand;
        legs = table;
        transport = opened;
        ports.fill(Integer.MAX_VALUE, nowNs);
        new WarmUp(core, bridges, rtcp, clock, this::pollMedia).run(settings.warmUpPackets(), MAX_WARM_UP_NS);
    }

    /** @return work done this cycle. */
    @Override
    public int doWork() {
        assert Thread.currentThread() == owner : "not the thread that started this core";
        int work = pollMedia();
        work += ends.pollAbandoned();
        work += pollSipEvents();
        work += pollCommands();
        work += pollHandshakes();
        work += firstWords.isReady() ? sayFirstWords() : 0;
        work += pollTimers();
        work += pollSilence();
        rings.sipCommands().wakeReader();
        rings.events().wakeReader();
        rings.dtlsEvents().wakeReader();
        return work;
    }

    /** The media half of a cycle; it begins the cycle's time. */
    private int pollMedia() {
        int work = pollIo(clock.nanoTime());
        // One clock read behind the wait, passed down: every step sees the same time, and tests own the clock.
        long nowNs = clock.nanoTime();
        signal.begin(nowNs);
        ends.begin(nowNs);
        // Sockets are opened between calls, one pair a cycle, and not while a call waits for them.
        ports.fill(1, nowNs);
        return work + pollPackets(nowNs) + pollPresses(nowNs) + pollPaced(nowNs) + pollRtcp(nowNs);
    }

    private int pollIo(long nowNs) {
        return transport.run(waitNs(nowNs));
    }

    private long waitNs(long nowNs) {
        if (room() == 0 || digits.hasPresses()) {
            return SHORT_WAIT_NS;
        }
        if (transport.packets().size() > 0
                || rings.sipEvents().size() > 0
                || rings.commands().size() > 0
                || rings.dtlsCommands().size() > 0) {
            return 0;
        }
        long nextNs = Math.min(Math.min(timers.nextNs(), pace.nextNs()), Math.min(rtcp.nextNs(), silence.nextNs()));
        return nextNs == Long.MAX_VALUE ? MAX_WAIT_NS : Math.clamp(nextNs - nowNs, 0, MAX_WAIT_NS);
    }

    private int pollPackets(long nowNs) {
        try {
            int packets = transport.packets().poll(mediaStep, PACKET_BATCH);
            mediaStep.endBatch();
            return packets;
        } catch (RuntimeException e) {
            failed(e, mediaStep.recover());
            return 1;
        }
    }

    private int sayFirstWords() {
        try {
            return mediaStep.sayFirstWords(clock.nanoTime());
        } catch (RuntimeException e) {
            failed(e, mediaStep.recover());
            return 1;
        }
    }

    private int pollPaced(long nowNs) {
        try {
            return pace.poll(nowNs, BATCH);
        } catch (RuntimeException e) {
            failed(e, pace.concerned());
            return 1;
        }
    }

    private int pollPresses(long nowNs) {
        try {
            return digits.expirePresses(nowNs);
        } catch (RuntimeException e) {
            failed(e, digits.concerned());
            return 1;
        }
    }

    /**
     * Messages that may be taken now: each gives at most one to either output ring, a command two to the sip side; and
     * each may end what is played to a leg, of which control hears too.
     */
    private int room() {
        int events = rings.events().free();
        int forEvents = events - Math.min(player.active() + tracks.active(), (events + 1) / 2);
        return Math.min(BATCH, Math.min(rings.sipCommands().free() / 2, forEvents));
    }

    private int pollSipEvents() {
        try {
            return rings.sipEvents().poll(onSipEvent, room());
        } catch (RuntimeException e) {
            failed(e, signal.concerned());
            return 1;
        }
    }

    private int pollCommands() {
        try {
            return rings.commands().poll(onCommand, room());
        } catch (RuntimeException e) {
            failed(e, signal.concerned());
            return 1;
        }
    }

    private int pollTimers() {
        try {
            return signal.pollTimers(Math.min(BATCH, rings.events().free()));
        } catch (RuntimeException e) {
            failed(e, LegHandle.NONE);
            return 1;
        }
    }

    private int pollSilence() {
        try {
            return ends.pollSilence(BATCH);
        } catch (RuntimeException e) {
            failed(e, ends.concerned());
            return 1;
        }
    }

    private int pollHandshakes() {
        try {
            return rings.dtlsCommands().poll(onDtlsCommand, Math.min(BATCH, ends.room()));
        } catch (RuntimeException e) {
            failed(e, LegHandle.NONE);
            return 1;
        }
    }

    private int pollRtcp(long nowNs) {
        try {
            return rtcp.poll(nowNs, BATCH);
        } catch (RuntimeException e) {
            failed(e, rtcp.concerned());
            return 1;
        }
    }

    private void failed(RuntimeException failure, long leg) {
        counters.increment(CoreCounters.FAILED_STEPS);
        signal.abandon(leg);
        errors.onError(failure);
    }

    @Override
    public void onClose() {
        closed = true;
        if (transport != null) {
            transport.close();
        }
    }
}
