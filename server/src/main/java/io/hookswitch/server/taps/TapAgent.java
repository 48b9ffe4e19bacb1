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
    private final Long2ObjectHashMap<Hearer> taps = new Long2ObjectHashMap<>();
    private final Long2ObjectHashMap<List<Hearer>> byLeg = new Long2ObjectHashMap<>();
    private final TapRing.Reader onRecord = this::onRecord;
    private ScheduledFuture<?> ticking;

    /** Makes one; its thread starts with the first tap. */
    public TapAgent(List<TapRing> rings, SocketRoutes routes, TapLimits limits, NanoClock clock, ErrorHandler errors) {
        this.rings = List.copyOf(rings);
        this.routes = routes;
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
                };
        taps.put(start.tap(), hearer);
        hears(start.leg(), hearer);
        if (start.otherLeg() != 0) {
            hears(start.otherLeg(), hearer);
        }
        counters.started.increment();
        counters.open.increment();
        if (ticking == null) {
            ticking = loop.scheduleAtFixedRate(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
        }
        if (hearer instanceof Tap tap) {
            reach(start, tap);
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
        byLeg.computeIfAbsent(leg, _ -> new ArrayList<>()).add(tap);
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
        Hearer tap = taps.remove(start.tap());
        if (tap == null) {
            return;
        }
        counters.open.decrement();
        hearsNoMore(start.leg(), tap);
        hearsNoMore(start.otherLeg(), tap);
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
        for (Hearer tap : List.copyOf(taps.values())) {
            try {
                tap.tick(nowNs);
            } catch (RuntimeException e) {
                errors.onError(e);
                tap.fail(e.toString());
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
            Hearer tap = taps.get(number);
            if (tap != null) {
                step.accept(tap);
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

    /** Ends every tap, and the thread. */
    @Override
    public void close() {
        onLoop(() -> List.copyOf(taps.values()).forEach(Hearer::shutDown));
        group.shutdownGracefully(0, CLOSE_MS, TimeUnit.MILLISECONDS).awaitUninterruptibly(2 * CLOSE_MS);
        routes.close();
    }
}
