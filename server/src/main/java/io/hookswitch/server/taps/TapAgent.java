package io.hookswitch.server.taps;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlCommand.StartTap;
import io.hookswitch.control.ControlCommand.TapSpec;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.TapEnd;
import io.hookswitch.engine.message.TapFlyweight;
import io.hookswitch.engine.ring.TapRing;
import io.hookswitch.server.agent.Listeners;
import io.hookswitch.server.hooks.SocketRoutes;
import io.hookswitch.server.hooks.SocketRoutes.Route;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.agrona.ErrorHandler;
import org.agrona.collections.Long2ObjectHashMap;
import org.agrona.concurrent.NanoClock;

/**
 * All taps of a node: reads the cores' tap rings every 10 ms while there are any, and sends each server what is due. A
 * core never waits for it, nor control. Any thread.
 */
public final class TapAgent implements Listeners, AutoCloseable {
    private static final long TICK_MS = 10;
    private static final int MOST_RECORDS = 20_000;
    private static final long CLOSE_MS = 500;

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(
            1, Thread.ofPlatform().daemon().name("taps").factory(), NioIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final List<TapRing> rings;
    private final SocketRoutes routes;
    private final TapLimits limits;
    private final NanoClock clock;
    private final ErrorHandler errors;
    private final SslContext tls;
    private final TapCounters counters = new TapCounters();
    private final RecordTap.World recorders;
    private final Long2ObjectHashMap<Running> taps = new Long2ObjectHashMap<>();
    private final Long2ObjectHashMap<List<Hearer>> byLeg = new Long2ObjectHashMap<>();
    private final TapRing.Reader onRecord = this::onRecord;
    private ScheduledFuture<?> ticking;

    /** Whom a tap hears. */
    private static final class Running {
        private final Hearer hearer;
        private final long leg;
        private long otherLeg;

        private Running(Hearer hearer, long leg, long otherLeg) {
            this.hearer = hearer;
            this.leg = leg;
            this.otherLeg = otherLeg;
        }
    }

    /** Makes one; its thread starts with the first tap. */
    public TapAgent(
            List<TapRing> rings,
            SocketRoutes routes,
            RecordingServers recordingServers,
            TapLimits limits,
            NanoClock clock,
            ErrorHandler errors) {
        this.rings = List.copyOf(rings);
        this.routes = routes;
        recorders = new RecordTap.World(recordingServers, InstantSource.system(), new SecureRandom());
        this.limits = limits;
        this.clock = clock;
        this.errors = errors;
        try {
            tls = SslContextBuilder.forClient()
                    .sslProvider(SslProvider.JDK)
                    .endpointIdentificationAlgorithm("HTTPS")
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("every JDK has TLS", e);
        }
    }

    /** @return what is counted. */
    public TapCounters counters() {
        return counters;
    }

    @Override
    public void start(StartTap start, Consumer<ControlEvent> heard) {
        loop.execute(() -> begin(start, heard));
    }

    private void begin(StartTap start, Consumer<ControlEvent> heard) {
        Consumer<ControlEvent> told = event -> {
            if (event instanceof ControlEvent.TapEnded) {
                forget(start);
            }
            heard.accept(event);
        };
        if (taps.size() >= limits.taps()) {
            heard.accept(new ControlEvent.TapEnded(start.tap(), TapEnd.FAILED, "too many taps"));
            return;
        }
        Hearer hearer =
                switch (start.spec()) {
                    case TapSpec.Listener spec -> new ListenTap(start, spec, limits, counters, told);
                    case TapSpec.Recogniser spec -> new TranscribeTap(start, spec, limits, counters, told);
                    case TapSpec.AnswerDetector spec -> new DetectTap(start.tap(), spec, counters, told);
                    case TapSpec.Recorder spec -> new RecordTap(start, spec, recorders, this::onLoop, counters, told);
                };
        taps.put(start.tap(), new Running(hearer, start.leg(), start.otherLeg()));
        hears(start.leg(), hearer);
        hears(start.otherLeg(), hearer);
        counters.started.increment();
        counters.open.increment();
        if (ticking == null) {
            ticking = loop.scheduleAtFixedRate(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
        }
        switch (hearer) {
            case Tap tap -> reach(start, tap);
            case RecordTap tap -> tap.begin();
            default -> {
                // It reaches nobody.
            }
        }
    }

    private void reach(StartTap start, Tap tap) {
        String url;
        try {
            url = tap.url();
        } catch (IllegalStateException e) {
            tap.fail(e.getMessage());
            return;
        }
        Thread.ofVirtual().start(() -> find(start, url, tap));
    }

    private void hears(long leg, Hearer tap) {
        if (leg != 0) {
            byLeg.computeIfAbsent(leg, _ -> new ArrayList<>()).add(tap);
        }
    }

    private void find(StartTap start, String url, Tap tap) {
        String failure;
        try {
            Route route = routes.find(
                    start.account(), start.base(), url, limits.connect().toNanos());
            onLoop(() -> tap.connect(loop, route, tls, clock.nanoTime()));
            return;
        } catch (IOException e) {
            failure = e.getMessage();
        } catch (InterruptedException e) {
            failure = "shutting down";
        } catch (RuntimeException e) {
            failure = e.toString();
        }
        String detail = failure;
        onLoop(() -> tap.fail(detail));
    }

    private void onLoop(Runnable step) {
        try {
            loop.execute(step);
        } catch (RejectedExecutionException e) {
            // Closed: every tap has ended with it.
            errors.onError(e);
        }
    }

    private void forget(StartTap start) {
        Running over = taps.remove(start.tap());
        if (over == null) {
            return;
        }
        counters.open.decrement();
        hearsNoMore(over.leg, over.hearer);
        hearsNoMore(over.otherLeg, over.hearer);
    }

    private void hearsNoMore(long leg, Hearer tap) {
        List<Hearer> those = byLeg.get(leg);
        if (those != null && those.remove(tap) && those.isEmpty()) {
            byLeg.remove(leg);
        }
    }

    private void tick() {
        try {
            for (TapRing ring : rings) {
                ring.poll(onRecord, MOST_RECORDS);
            }
        } catch (RuntimeException e) {
            errors.onError(e);
        }
        long nowNs = clock.nanoTime();
        for (Running each : List.copyOf(taps.values())) {
            try {
                each.hearer.tick(nowNs);
            } catch (RuntimeException e) {
                errors.onError(e);
                each.hearer.fail(e.toString());
            }
        }
        if (taps.isEmpty()) {
            ticking.cancel(false);
            ticking = null;
        }
    }

    private void onRecord(TapFlyweight record) {
        List<Hearer> those = byLeg.get(record.leg());
        if (those != null) {
            for (int i = 0; i < those.size(); i++) {
                those.get(i).hear(record);
            }
        }
    }

    private void with(long number, Consumer<Hearer> step) {
        loop.execute(() -> {
            Running tap = taps.get(number);
            if (tap != null) {
                step.accept(tap.hearer);
            }
        });
    }

    @Override
    public void stop(ControlCommand.StopTap stop) {
        with(stop.tap(), Hearer::stop);
    }

    @Override
    public void tell(ControlCommand.TellTap message) {
        with(message.tap(), tap -> tap.tell(message.message()));
    }

    @Override
    public void steer(ControlCommand.SteerTap steer) {
        with(steer.tap(), tap -> tap.steer(steer.mode()));
    }

    @Override
    public void follow(ControlCommand.FollowTap follow) {
        loop.execute(() -> {
            Running tap = taps.get(follow.tap());
            if (tap != null && tap.hearer instanceof RecordTap recorder) {
                hearsNoMore(tap.otherLeg, recorder);
                tap.otherLeg = follow.otherLeg();
                recorder.follow(follow.other());
                if (taps.get(follow.tap()) == tap) {
                    hears(tap.otherLeg, recorder);
                }
            }
        });
    }

    /** Ends every tap, and the thread. */
    @Override
    public void close() {
        onLoop(() -> List.copyOf(taps.values()).forEach(tap -> tap.hearer.shutDown()));
        group.shutdownGracefully(0, CLOSE_MS, TimeUnit.MILLISECONDS).awaitUninterruptibly(2 * CLOSE_MS);
        routes.close();
    }
}
