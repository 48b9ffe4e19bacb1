package io.hookswitch.server.taps;

import io.hookswitch.control.ControlCommand.Participant;
import io.hookswitch.control.ControlCommand.RecordingServer;
import io.hookswitch.control.ControlCommand.StartTap;
import io.hookswitch.control.ControlCommand.TapMode;
import io.hookswitch.control.ControlCommand.TapSpec;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.Resolution;
import io.hookswitch.control.ControlEvent.Route;
import io.hookswitch.control.ControlEvent.TapEnd;
import io.hookswitch.engine.message.TapFlyweight;
import io.hookswitch.server.taps.RecordingMetadata.Speaker;
import io.hookswitch.sip.RecordingSession;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * A server that records (RFC 7866): the leg's voice in the first stream, that of whoever it talks to in a second one,
 * which is offered when there is somebody. Servers are tried in order until one agrees. Thread {@code taps}.
 */
final class RecordTap implements Hearer {
    private static final String OF_LEG = "1";
    private static final String OF_OTHER = "2";
    private static final long FRAME_NS = Tap.FRAME_MS * 1_000_000L;
    private static final long SECOND_NS = 1_000_000_000L;
    /** Frames that are made up for at once when the thread was held up; what is older is left out. */
    private static final int MOST_DUE = 50;

    private static final int HUNG_UP = 200;

    /**
     * What it needs of the world.
     *
     * @param servers reaches them
     * @param time of the day
     * @param random for ids and the beginnings of streams; of the thread {@code taps}
     */
    record World(RecordingServers servers, InstantSource time, RandomGenerator random) {}

    private final StartTap start;
    private final TapSpec.Recorder spec;
    private final World world;
    private final Executor loop;
    private final TapCounters counters;
    private final Consumer<ControlEvent> heard;
    private final RecordingMetadata metadata;
    private final Speaker one;
    /** Null = nobody. */
    private Speaker other;

    private RecordedVoice voice;
    /** Null = there was never anybody. */
    private RecordedVoice otherVoice;

    private final Deque<RecordingServer> servers;
    private final Deque<Route> routes = new ArrayDeque<>();
    private String lastFailure = "";
    private int attempt;
    private RecordingSession session;
    private boolean isAgreed;
    private boolean isPaused;
    private boolean isOver;
    private long beganNs;
    private long frames;

    RecordTap(
            StartTap start,
            TapSpec.Recorder spec,
            World world,
            Executor loop,
            TapCounters counters,
            Consumer<ControlEvent> heard) {
        this.start = start;
        this.spec = spec;
        this.world = world;
        this.loop = loop;
        this.counters = counters;
        this.heard = heard;
        Instant now = world.time().instant();
        metadata = new RecordingMetadata(spec.told(), List.of(OF_LEG, OF_OTHER), now, world.random());
        one = new Speaker(spec.participant(), OF_LEG, now);
        servers = new ArrayDeque<>(spec.servers());
    }

    /** Opens its ports and asks the first server. */
    void begin() {
        guarded(this::tryToBegin);
    }

    /** What a step throws ends this recording, and is told. */
    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            fail(e.toString());
        }
    }

    private void later(Runnable step) {
        loop.execute(() -> guarded(step));
    }

    private void tryToBegin() {
        try {
            voice = open();
            if (spec.other() != null) {
                otherVoice = open();
                other = new Speaker(spec.other(), OF_OTHER, one.since());
            }
        } catch (IOException e) {
            fail("no port to send from: " + e.getMessage());
            return;
        }
        nextServer();
    }

    private RecordedVoice open() throws IOException {
        return RecordedVoice.open(world.servers().address(), counters, world.random());
    }

    // Which server.

    private void nextServer() {
        RecordingServer next = servers.poll();
        if (next == null) {
            fail(lastFailure);
            return;
        }
        world.servers().find(start.account(), next, found -> later(() -> onFound(next, found)));
    }

    private void onFound(RecordingServer server, Resolution found) {
        if (isOver) {
            return;
        }
        switch (found) {
            case Resolution.Nowhere(int status, String reason) -> {
                lastFailure = server.sipUri() + ": " + status + " " + reason;
                nextServer();
            }
            case Resolution.Routes ways -> {
                routes.addAll(ways.routes());
                nextRoute();
            }
        }
    }

    private void nextRoute() {
        Route route = routes.poll();
        if (route == null) {
            nextServer();
            return;
        }
        RecordingSession.Server server = new RecordingSession.Server(
                route.requestUri(),
                route.nextHop(),
                route.authUser(),
                route.authPassword(),
                spec.headers().stream()
                        .map(header -> header.name() + ": " + header.value())
                        .toList());
        session = world.servers().open(server, offer(), new Told(++attempt, route.requestUri()));
        if (session == null) {
            fail("too many recordings");
        }
    }

    /** What becomes of one attempt, told on the sip thread. */
    private final class Told implements RecordingSession.Listener {
        private final int number;
        private final String uri;

        Told(int number, String uri) {
            this.number = number;
            this.uri = uri;
        }

        @Override
        public void onAgreed(List<RecordingSession.Target> targets) {
            current(() -> RecordTap.this.onAgreed(targets));
        }

        @Override
        public void onEnded(int sipStatus, String reason) {
            current(() -> RecordTap.this.onEnded(uri, sipStatus, reason));
        }

        private void current(Runnable step) {
            later(() -> {
                if (!isOver && number == attempt) {
                    step.run();
                }
            });
        }
    }

    private void onAgreed(List<RecordingSession.Target> targets) {
        isAgreed = true;
        voice.to(targets.get(0));
        if (otherVoice != null && targets.size() > 1) {
            otherVoice.to(targets.get(1));
        }
    }

    private void onEnded(String uri, int sipStatus, String reason) {
        String why = uri + ": " + sipStatus + " " + reason;
        session = null;
        if (!isAgreed) {
            lastFailure = why;
            nextRoute();
        } else if (sipStatus == HUNG_UP) {
            end(TapEnd.CLOSED, why);
        } else {
            fail(why);
        }
    }

    // What it is offered.

    private RecordingSession.Offer offer() {
        List<RecordingSession.Stream> streams = new ArrayList<>();
        List<Speaker> speakers = new ArrayList<>();
        streams.add(new RecordingSession.Stream(OF_LEG, voice.port(), !isPaused));
        speakers.add(one);
        if (otherVoice != null) {
            streams.add(new RecordingSession.Stream(OF_OTHER, otherVoice.port(), !isPaused && other != null));
        }
        if (other != null) {
            speakers.add(other);
        }
        return new RecordingSession.Offer(world.servers().address(), streams, metadata.text(speakers));
    }

    private void offerAgain() {
        if (session != null) {
            session.offer(offer());
        }
    }

    /** Somebody else is heard beside the leg, null = nobody. */
    void follow(Participant who) {
        if (isOver) {
            return;
        }
        other = who == null ? null : new Speaker(who, OF_OTHER, world.time().instant());
        if (otherVoice != null) {
            otherVoice.changeSpeaker();
        } else if (who != null) {
            try {
                otherVoice = open();
            } catch (IOException e) {
                fail("no port to send from: " + e.getMessage());
                return;
            }
        }
        offerAgain();
    }

    @Override
    public void steer(TapMode to) {
        isPaused = to != TapMode.LIVE;
        offerAgain();
    }

    // What it hears.

    @Override
    public void hear(TapFlyweight record) {
        if (record.leg() == start.leg()) {
            voice.hear(record);
        } else if (otherVoice != null) {
            otherVoice.hear(record);
        }
    }

    @Override
    public void tick(long nowNs) {
        if (isOver || !isAgreed) {
            return;
        }
        if (beganNs == 0) {
            beganNs = nowNs;
        }
        long due = (nowNs - beganNs) / FRAME_NS - frames;
        if (due > MOST_DUE) {
            counters.framesDropped.add(due - MOST_DUE);
            frames += due - MOST_DUE;
            due = MOST_DUE;
        }
        long epochNs = epochNs();
        for (; due > 0; due--) {
            frames++;
            voice.next(!isPaused, epochNs);
            if (otherVoice != null) {
                otherVoice.next(!isPaused && other != null, epochNs);
            }
        }
    }

    private long epochNs() {
        Instant now = world.time().instant();
        return now.getEpochSecond() * SECOND_NS + now.getNano();
    }

    // Its end.

    private void end(TapEnd why, String detail) {
        if (isOver) {
            return;
        }
        isOver = true;
        if (session != null) {
            session.end();
        }
        leave(voice);
        leave(otherVoice);
        heard.accept(new ControlEvent.TapEnded(start.tap(), why, detail));
    }

    private void leave(RecordedVoice leaving) {
        if (leaving != null) {
            leaving.leave(epochNs());
            leaving.close();
        }
    }

    @Override
    public void stop() {
        end(TapEnd.DONE, "");
    }

    @Override
    public void fail(String detail) {
        if (!isOver) {
            counters.failed.increment();
        }
        end(TapEnd.FAILED, detail);
    }

    @Override
    public void shutDown() {
        end(TapEnd.DONE, "shutting down");
    }

    /** What the server is told stands in its offers. */
    @Override
    public void tell(Map<String, Object> message) {}
}
