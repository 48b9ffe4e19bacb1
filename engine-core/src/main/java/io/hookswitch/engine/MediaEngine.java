package io.hookswitch.engine;

import io.hookswitch.engine.core.CoreAgent;
import io.hookswitch.engine.core.CoreCounters;
import io.hookswitch.engine.core.CoreRings;
import io.hookswitch.engine.core.CoreSettings;
import io.hookswitch.engine.core.LatencyRecorder;
import io.hookswitch.engine.core.LegFigures;
import io.hookswitch.engine.core.MediaSettings;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.PlayFlyweight;
import io.hookswitch.engine.message.PlayResult;
import io.hookswitch.engine.message.RecordingFlyweight;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.engine.message.SipEvent;
import io.hookswitch.engine.ring.SlotRing;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.agrona.ErrorHandler;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.collections.LongArrayList;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.NoOpIdleStrategy;
import org.agrona.concurrent.SystemEpochNanoClock;
import org.agrona.concurrent.SystemNanoClock;

/**
 * One core with its own thread for a program that brings its own signalling: open legs, tell them their far ends,
 * connect them in pairs, hear their keys, read their figures. All methods belong to the thread that called
 * {@link #start}; they wait for the core where they must, at most 5 s, and throw {@link IllegalStateException} when it
 * does not answer or refuses.
 */
public final class MediaEngine implements AutoCloseable {
    /** Hears of keys. */
    @FunctionalInterface
    public interface DigitListener {
        /**
         * A key was pressed, once per press; called inside {@link #poll} or any other method that waits; it
         * neither opens nor closes legs nor polls itself.
         *
         * @param leg whose far end pressed it
         * @param digit 0-9, *, #, A-D
         * @param durationNs how long it was held, as far as known by then
         */
        void onDigit(long leg, char digit, long durationNs);
    }

    /** Hears of recordings that are over. */
    @FunctionalInterface
    public interface PlayListener {
        /**
         * A recording is over; called once for each {@link #play}, as {@link DigitListener#onDigit} is.
         *
         * @param leg that it was played to
         * @param play what {@link #play} returned
         * @param result one of {@link PlayResult}
         * @param playedNs how much of it was sent
         * @param sample of the recording behind the last one sent, 8 kHz
         */
        void onPlayed(long leg, long play, int result, long playedNs, int sample);
    }

    private static final long PATIENCE_NS = TimeUnit.SECONDS.toNanos(5);
    private static final long NAP_NS = 20_000;
    private static final int LIMIT = 256;
    private static final long NO_PORT = -1L;
    private static final int KEY_PAUSE_MS = 100;
    private static final int KEY_POWER = 10;

    private final CoreRings rings;
    private final CoreAgent core;
    private final AgentRunner runner;
    private final Thread owner = Thread.currentThread();
    private final LegFigures figures;
    private final Long2LongHashMap ports = new Long2LongHashMap(NO_PORT);
    private final SlotRing.Reader onCommand = this::onSipCommand;
    private final SlotRing.Reader onEvent = this::onCoreEvent;
    private DigitListener listener = (leg, digit, durationNs) -> {};
    private PlayListener playListener = (leg, play, result, playedNs, sample) -> {};
    private final PlayFlyweight order = new PlayFlyweight();
    /** Recordings that the core may be reading, which keeps their memory from being freed. */
    private final Long2ObjectHashMap<MemorySegment> playing = new Long2ObjectHashMap<>();

    private long plays;
    private long opened;
    private boolean isOpenRefused;
    private int refusedCommand;
    private final LongArrayList unsettled = new LongArrayList();
    private boolean isTaking;
    private boolean closed;

    private MediaEngine(CoreSettings settings, MediaSettings media, ErrorHandler errors) {
        rings = CoreRings.of(settings);
        core = new CoreAgent(
                settings,
                media,
                rings,
                SystemNanoClock.INSTANCE,
                SystemEpochNanoClock.INSTANCE,
                new SecureRandom().nextLong(),
                errors);
        rings.sipEvents().wakes(core.waker());
        rings.commands().wakes(core.waker());
        figures = new LegFigures(core);
        runner = new AgentRunner(NoOpIdleStrategy.INSTANCE, errors, null, core);
    }

    /**
     * Starts a core on a thread of its own and waits until it is ready.
     *
     * @param errors told of failures of the core's steps, on the core's thread; each ends the one leg concerned
     * @throws IllegalStateException when the core did not get ready, such as for want of ports
     */
    public static MediaEngine start(CoreSettings settings, MediaSettings media, ErrorHandler errors) {
        MediaEngine engine = new MediaEngine(settings, media, Objects.requireNonNull(errors, "errors"));
        AgentRunner.startOnThread(engine.runner);
        try {
            engine.await(() -> engine.core.transport() != null || engine.runner.isClosed(), "the core did not start");
            if (engine.core.transport() == null) {
                throw new IllegalStateException("the core did not start: its failure went to the error handler");
            }
        } catch (IllegalStateException e) {
            engine.runner.close();
            throw e;
        }
        return engine;
    }

    /**
     * Opens a leg with a pair of ports of ours; it moves nothing until its far end is known.
     *
     * @return its handle, never used again for another leg
     * @throws IllegalStateException when legs or ports are used up
     */
    public long openLeg() {
        opened = 0;
        isOpenRefused = false;
        claim(rings.sipEvents(), SipEvent.OFFERED).otherLeg(1);
        publish(rings.sipEvents());
        await(() -> opened != 0 || isOpenRefused, "no answer to the opening of a leg");
        if (isOpenRefused) {
            throw new IllegalStateException("no leg or no pair of ports is free");
        }
        long leg = opened;
        command(CoreCommand.ANSWER, leg);
        publish(rings.commands());
        await(() -> ports.containsKey(leg), "no answer to the answering of a leg");
        return leg;
    }

    /** @return our RTP port of a leg; RTCP is the next. @throws IllegalStateException when the leg is not open */
    public int rtpPort(long leg) {
        expectOpen(leg);
        return (int) ports.get(leg);
    }

    /** Says, or says anew, who a leg talks to. @throws IllegalStateException when the leg is not open */
    public void farEnd(long leg, FarEnd far) {
        expectOpen(leg);
        claim(rings.sipEvents(), SipEvent.MEDIA_CHANGED)
                .leg(leg)
                .media()
                .begin()
                .address(far.rtp().getAddress().getAddress())
                .ports(far.rtp().getPort(), far.rtcpPort())
                .telephoneEvent(far.eventPayloadType(), far.eventPayloadType() < 0 ? 0 : 8000)
                .addCodec(far.codec(), far.payloadType(), -1, far.clockRate());
        publish(rings.sipEvents());
    }

    /** Lets packets flow between two legs; either is parted from another one first. */
    public void connect(long leg, long other) {
        expectOpen(leg);
        expectOpen(other);
        if (leg == other) {
            throw new IllegalArgumentException("a leg cannot be connected to itself");
        }
        command(CoreCommand.JOIN, leg).otherLeg(other);
        publish(rings.commands());
    }

    /** Stops what flows between a leg and the one it is connected to. */
    public void disconnect(long leg) {
        expectOpen(leg);
        command(CoreCommand.PART, leg);
        publish(rings.commands());
    }

    /** Names who hears of keys, in place of whoever did. */
    public void onDigit(DigitListener newListener) {
        listener = Objects.requireNonNull(newListener, "newListener");
    }

    /**
     * Sends keys to a leg's far end as telephone events, one behind the other.
     *
     * @param keys 1..64 of 0-9, *, #, A-D
     * @param keyNs length of each
     */
    public void sendDigits(long leg, String keys, long keyNs) {
        expectOpen(leg);
        if (!keys.matches("[0-9*#A-D]{1,64}")) {
            throw new IllegalArgumentException("keys: " + keys + " is not 1..64 of 0-9, *, #, A-D");
        }
        byte[] bytes = keys.getBytes(StandardCharsets.US_ASCII);
        command(CoreCommand.SEND_DIGITS, leg)
                .reference(1)
                .durationNs(keyNs)
                .status(KEY_PAUSE_MS)
                .cause(KEY_POWER)
                .put(Field.DIGITS, bytes, 0, bytes.length);
        publish(rings.commands());
    }

    /**
     * Plays a recording to a leg's far end, in place of what the leg it is connected to sends and of what was played
     * before. The recording must stay as it is until {@link PlayListener} hears that it is over, or the engine is
     * closed.
     *
     * @param recording made by {@code RecordingBuilder}, with a section for the far end's codec
     * @param passes how often, 0 = until it is stopped
     * @param offsetSamples of 8 kHz, left out of the first pass
     * @return its number
     * @throws IllegalArgumentException when the memory is no recording, or a number is negative
     */
    public long play(long leg, MemorySegment recording, int passes, long offsetSamples) {
        expectOpen(leg);
        boolean isRecording =
                recording.isNative() && new RecordingFlyweight().wrap(recording.address(), recording.byteSize());
        if (!isRecording || passes < 0 || offsetSamples < 0) {
            throw new IllegalArgumentException(
                    isRecording ? "passes: " + passes + ", offset: " + offsetSamples : "not a recording");
        }
        MessageFlyweight command = command(CoreCommand.PLAY, leg).reference(++plays);
        order.put(command, recording.address(), recording.byteSize(), passes, offsetSamples);
        playing.put(plays, recording);
        publish(rings.commands());
        return plays;
    }

    /** Stops a recording, unless it is over already. */
    public void stopPlay(long leg, long play) {
        expectOpen(leg);
        command(CoreCommand.STOP_PLAY, leg).reference(play);
        publish(rings.commands());
    }

    /** Names who hears of recordings that are over, in place of whoever did. */
    public void onPlayed(PlayListener newListener) {
        playListener = Objects.requireNonNull(newListener, "newListener");
    }

    /**
     * Copies a leg's figures while the core goes on counting.
     *
     * @return them, good until the next call; another thread takes an instance of {@link LegFigures} of its own
     * @throws IllegalStateException when the leg is not open
     */
    public LegFigures statistics(long leg) {
        expectOpen(leg);
        if (!figures.read(leg)) {
            throw new IllegalStateException("leg " + leg + " is over");
        }
        return figures;
    }

    /** @return time that forwarded packets spent in the core. One reading thread. */
    public LatencyRecorder latency() {
        return core.latency();
    }

    /** @return what the core has and has done. Any thread. */
    public CoreCounters counters() {
        return core.counters();
    }

    /** @return the kernel interface that moves packets, for people. */
    public String description() {
        return core.transport().description();
    }

    /**
     * Hears what the core has to say; call it often, some ms apart.
     *
     * @return messages taken
     * @throws IllegalStateException when the core refused a command since the last call
     */
    public int poll() {
        int work = take();
        if (refusedCommand != 0) {
            int type = refusedCommand;
            refusedCommand = 0;
            throw new IllegalStateException("the core refused command " + type + " of CoreCommand");
        }
        return work;
    }

    private int take() {
        expectOwner();
        if (isTaking) {
            throw new IllegalStateException("a listener opened, closed or polled: leave that to after poll()");
        }
        isTaking = true;
        try {
            return rings.sipCommands().poll(onCommand, LIMIT) + rings.events().poll(onEvent, LIMIT);
        } finally {
            isTaking = false;
            settle();
        }
    }

    /** Closes a leg; its ports rest for the quarantine of {@link MediaSettings}. */
    public void closeLeg(long leg) {
        expectOpen(leg);
        command(CoreCommand.END, leg);
        publish(rings.commands());
        await(() -> !ports.containsKey(leg), "no answer to the closing of a leg");
    }

    private MessageFlyweight command(int type, long leg) {
        return claim(rings.commands(), type).leg(leg);
    }

    private MessageFlyweight claim(SlotRing ring, int type) {
        expectOwner();
        await(() -> ring.free() > 1, "the ring " + ring.name() + " stays full");
        return ring.tryClaim(type);
    }

    private static void publish(SlotRing ring) {
        ring.publish();
        ring.wakeReader();
    }

    private void await(BooleanSupplier done, String otherwise) {
        long startNs = System.nanoTime();
        while (!done.getAsBoolean()) {
            if (System.nanoTime() - startNs > PATIENCE_NS) {
                throw new IllegalStateException(otherwise);
            }
            if (take() == 0) {
                LockSupport.parkNanos(NAP_NS);
            }
        }
    }

    private void onSipCommand(MessageFlyweight message) {
        switch (message.type()) {
            case SipCommand.BIND -> opened = message.leg();
            case SipCommand.REFUSE -> isOpenRefused = true;
            case SipCommand.ANSWER -> ports.put(message.leg(), message.media().rtpPort());
            case SipCommand.END -> {
                ports.remove(message.leg());
                unsettled.addLong(message.leg());
            }
            default -> {}
        }
    }

    /** No wire of ours has anything left to settle: the row is free as soon as the core hears of it. */
    private void settle() {
        while (!unsettled.isEmpty()) {
            MessageFlyweight terminated = rings.sipEvents().tryClaim(SipEvent.TERMINATED);
            if (terminated == null) {
                return;
            }
            terminated.leg(unsettled.removeAt(unsettled.size() - 1));
            publish(rings.sipEvents());
        }
    }

    private void onCoreEvent(MessageFlyweight message) {
        switch (message.type()) {
            case CoreEvent.DIGIT -> listener.onDigit(message.leg(), (char) message.cause(), message.durationNs());
            case CoreEvent.PLAYED -> played(message);
            case CoreEvent.REFUSED -> refusedCommand = message.status();
            default -> {}
        }
    }

    private void played(MessageFlyweight message) {
        playing.remove(message.reference());
        playListener.onPlayed(
                message.leg(), message.reference(), message.cause(), message.durationNs(), message.status());
    }

    private void expectOpen(long leg) {
        expectOwner();
        if (!ports.containsKey(leg)) {
            throw new IllegalStateException("leg " + leg + " is not open");
        }
    }

    private void expectOwner() {
        if (Thread.currentThread() != owner) {
            throw new IllegalStateException("the engine belongs to thread " + owner.getName());
        }
        if (closed) {
            throw new IllegalStateException("the engine is closed");
        }
    }

    /** Ends all legs and the core's thread. */
    @Override
    public void close() {
        closed = true;
        runner.close();
        playing.clear();
    }
}
