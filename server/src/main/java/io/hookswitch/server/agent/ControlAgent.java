package io.hookswitch.server.agent;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.HookOutcome;
import io.hookswitch.control.ControlEvent.Played;
import io.hookswitch.control.ControlEvent.Resolution;
import io.hookswitch.control.codec.CoreCodec;
import io.hookswitch.engine.message.Cause;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.LegHandle;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.ring.Waker;
import io.hookswitch.server.audio.AudioOutcome;
import io.hookswitch.server.timeline.Timeline;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.NanoClock;
import org.jctools.queues.MpscArrayQueue;

/**
 * The control thread. Sole reader of the cores' event rings, sole writer of their command rings, sole caller of the
 * brain.
 *
 * <p>A command that finds its ring full is held, and everything behind it for that core too: order is kept. Events are
 * read
 * on while commands are held (otherwise a core that cannot give its events could not take our commands either); past a
 * bound
 * new calls are refused with 503 before the brain sees them, so that what is held stays bounded by the calls there are.
 */
public final class ControlAgent implements Agent {
    /** Results of hooks and lookups that may wait; a virtual thread that finds it full waits, control never does. */
    static final int RESULTS_MAX = 16_384;
    /** Held commands of one core from which on new calls are refused. */
    static final int SHED_AT = 4096;

    private static final int STOP_STATUS = 503;
    private static final String STOP_REASON = "Shutting Down";
    private static final int FAILED_STATUS = 500;
    private static final String FAILED_REASON = "Server Internal Error";
    private static final int BATCH = 64;
    private static final long PARK_NS = 10_000_000L;
    private static final long RESULT_WAIT_NS = 1_000_000L;

    private static final class Core {
        private final CoreLink rings;
        private final ArrayDeque<ControlCommand.ForCore> held = new ArrayDeque<>();

        private Core(CoreLink rings) {
            this.rings = rings;
        }
    }

    private final Brain brain;
    private final List<Core> cores;
    private final World world;
    private final NanoClock clock;
    private final ErrorHandler errors;
    private final TimelineWriter story;
    private final ControlCounters counters = new ControlCounters();
    private final Entropy entropy = new Entropy();
    private final MpscArrayQueue<Runnable> results = new MpscArrayQueue<>(RESULTS_MAX);
    /** Results that came at once, on this thread, while a command was carried out. */
    private final ArrayDeque<Runnable> ownResults = new ArrayDeque<>();

    private final Playouts playouts = new Playouts(this::send, this::hearLater);

    private final List<ControlCommand> out = new ArrayList<>();
    private volatile Thread thread;
    private volatile boolean isClosed;
    private volatile boolean isStopping;
    /** Legs that have been announced and are not over: what a stop has to end. In the order of their appearance. */
    private final LinkedHashSet<Long> legs = new LinkedHashSet<>();

    private volatile boolean hasEndedAll;
    /** Hooks asked whose outcome was not heard by the brain yet. */
    private final AtomicLong openHooks = new AtomicLong();
    /** Whether the last step found nothing that was still to be done. */
    private volatile boolean isIdle;

    private Core polled;
    private long nowNs;

    /**
     * Reads and writes these rings.
     *
     * @param cores ring pairs, index = core number
     * @param errors told of every exception that an event caused
     */
    public ControlAgent(
            Brain brain, List<CoreLink> cores, World world, NanoClock clock, ErrorHandler errors, Timeline timeline) {
        this.brain = brain;
        this.cores = cores.stream().map(Core::new).toList();
        this.world = world;
        this.clock = clock;
        this.errors = errors;
        this.story = new TimelineWriter(timeline);
    }

    @Override
    public String roleName() {
        return "control";
    }

    /** @return counted by this agent, readable by any thread. */
    public ControlCounters counters() {
        return counters;
    }

    /** @return wakes this agent; any thread. */
    public Waker waker() {
        return () -> LockSupport.unpark(thread);
    }

    @Override
    public void onStart() {
        thread = Thread.currentThread();
    }

    @Override
    public int doWork() {
        int work = step();
        if (work == 0) {
            // Writers unpark after they publish; a permit given since the last poll makes this return at once.
            LockSupport.parkNanos(this, PARK_NS);
        }
        return work;
    }

    /** One pass without waiting. @return work done. */
    int step() {
        nowNs = clock.nanoTime();
        int work = pollHeld();
        if (isStopping && !hasEndedAll) {
            hasEndedAll = true;
            endAll();
            work++;
        }
        work += pollEvents();
        work += pollResults();
        isIdle = hasEndedAll && work == 0 && ownResults.isEmpty() && heldCommands() == 0;
        for (Core core : cores) {
            core.rings.commands().wakeReader();
        }
        return work;
    }

    /** From now on new calls get 503, dialled branches fail, and the calls there are end. Any thread. */
    public void stop() {
        isStopping = true;
        LockSupport.unpark(thread);
    }

    /**
     * @return whether a stop was asked for, every leg has been ended by a command, every hook that was asked has been
     *     answered, and nothing is left to be heard or sent. Any thread.
     */
    public boolean isStopped() {
        return hasEndedAll && counters.legs() == 0 && openHooks.get() == 0 && isIdle;
    }

    /** Ends every leg on the wire and tells the brain that it is gone, so that hooks and records see an end. */
    private void endAll() {
        for (long leg : List.copyOf(legs)) {
            send(new ControlCommand.End(leg, STOP_STATUS, STOP_REASON, List.of()));
            hearLater(new ControlEvent.Ended(leg, STOP_STATUS, Cause.LOCAL, STOP_REASON, List.of()));
        }
    }

    private int pollHeld() {
        int work = 0;
        for (Core core : cores) {
            while (!core.held.isEmpty() && trySend(core, core.held.peekFirst())) {
                core.held.removeFirst();
                work++;
            }
        }
        return work;
    }

    private int pollEvents() {
        int work = 0;
        for (Core core : cores) {
            polled = core;
            work += core.rings.events().poll(this::onMessage, BATCH);
        }
        return work;
    }

    private int pollResults() {
        int work = 0;
        for (; work < BATCH; work++) {
            Runnable result = ownResults.isEmpty() ? results.poll() : ownResults.removeFirst();
            if (result == null) {
                break;
            }
            result.run();
        }
        return work;
    }

    private void hear(ControlEvent result) {
        decide(result);
        if (result instanceof ControlEvent.HookAnswered) {
            openHooks.decrementAndGet();
        }
    }

    /** Control thread: an event that is heard when the present one has been dealt with. */
    private void hearLater(ControlEvent event) {
        ownResults.add(() -> hear(event));
    }

    private void onMessage(MessageFlyweight message) {
        ControlEvent event;
        try {
            event = CoreCodec.decode(message).orElse(null);
        } catch (RuntimeException e) {
            failed(e);
            onUnreadable(message.type(), message.leg(), message.reference());
            return;
        }
        if (event instanceof Played part) {
            playouts.onCorePlayed(part);
        } else if (event instanceof ControlEvent.Offered offered && (isStopping || polled.held.size() >= SHED_AT)) {
            counters.shed();
            send(new ControlCommand.End(offered.leg(), 503, isStopping ? STOP_REASON : "Overloaded", List.of()));
        } else if (event != null) {
            decide(event);
        }
    }

    /** An event that cannot be read ends its leg, on the wire and for the brain; a dial that waits for it failed. */
    private void onUnreadable(int type, long leg, long reference) {
        if (type == CoreEvent.INVITED || type == CoreEvent.DIAL_REFUSED) {
            decide(new ControlEvent.DialRefused(reference, FAILED_STATUS, FAILED_REASON));
        }
        if (leg != LegHandle.NONE && type != CoreEvent.DIAL_REFUSED) {
            send(new ControlCommand.End(leg, FAILED_STATUS, FAILED_REASON, List.of()));
            decide(new ControlEvent.Ended(leg, FAILED_STATUS, Cause.LOCAL, FAILED_REASON, List.of()));
        }
    }

    private void failed(Throwable failure) {
        counters.failure();
        errors.onError(failure);
    }

    private void decide(ControlEvent event) {
        counters.event();
        tell(event);
        follow(event);
        out.clear();
        try {
            brain.on(event, nowNs, entropy.next(), entropy.next(), out);
        } catch (RuntimeException | StackOverflowError e) {
            failed(e);
            endLegOf(event);
        }
        // What was decided before a failure stands: those commands are already part of the brain's state.
        List<ControlCommand> commands = List.copyOf(out);
        for (ControlCommand command : commands) {
            carryOut(command);
        }
    }

    private void follow(ControlEvent event) {
        switch (event) {
            case ControlEvent.Offered offered -> legs.add(offered.leg());
            case ControlEvent.Invited invited -> legs.add(invited.leg());
            case ControlEvent.Ended ended -> {
                legs.remove(ended.leg());
                playouts.onLegOver(ended.leg());
            }
            default -> {
                // Nothing begins or ends.
            }
        }
        counters.legs(legs.size());
    }

    /** The story is for people: a fault in telling it costs nothing else. */
    private void tell(ControlEvent event) {
        try {
            story.onEvent(event);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    /** The brain ends the call that it failed on. A leg that it could not even end so is ended here. */
    private void endLegOf(ControlEvent event) {
        long leg = legOf(event);
        boolean isEnded =
                out.stream().anyMatch(command -> command instanceof ControlCommand.End end && end.leg() == leg);
        if (leg == LegHandle.NONE || isEnded || event instanceof ControlEvent.Ended) {
            return;
        }
        out.add(new ControlCommand.End(leg, FAILED_STATUS, FAILED_REASON, List.of()));
        hearLater(new ControlEvent.Ended(leg, FAILED_STATUS, Cause.LOCAL, FAILED_REASON, List.of()));
    }

    private static long legOf(ControlEvent event) {
        return switch (event) {
            case ControlEvent.Offered(long leg, ControlEvent.IncomingCall _, boolean _) -> leg;
            case ControlEvent.Invited(long leg, long _, String _) -> leg;
            case ControlEvent.Progressed(long leg, int _, String _, boolean _) -> leg;
            case ControlEvent.Answered(long leg, int _, String _) -> leg;
            case ControlEvent.Ended(long leg, int _, int _, String _, List<ControlEvent.Header> _) -> leg;
            case ControlEvent.DigitPressed(long leg, char _, int _) -> leg;
            case ControlEvent.CommandRefused(long leg, int _) -> leg;
            case ControlEvent.Referred(long leg, List<ControlEvent.Header> _) -> leg;
            case ControlEvent.Held(long leg, boolean _) -> leg;
            case ControlEvent.Requested requested -> requested.leg();
            case ControlEvent.DialRefused _,
                    ControlEvent.TimerExpired _,
                    ControlEvent.DigitsSent _,
                    ControlEvent.RequestAnswered _,
                    ControlEvent.Played _,
                    ControlEvent.TapEnded _,
                    ControlEvent.Transcribed _,
                    ControlEvent.AnswerHeard _,
                    ControlEvent.HookAnswered _,
                    ControlEvent.UpdateCall _,
                    ControlEvent.AskCalls _,
                    ControlEvent.Resolved _ -> LegHandle.NONE;
        };
    }

    private void carryOut(ControlCommand command) {
        try {
            story.onCommand(command);
        } catch (RuntimeException e) {
            failed(e);
        }
        try {
            switch (command) {
                case ControlCommand.ForCore forCore -> send(forCore);
                case ControlCommand.CallHook hook -> callHook(hook);
                case ControlCommand.Resolve question -> resolve(question);
                case ControlCommand.Play play -> play(play);
                case ControlCommand.Speak speak -> speak(speak);
                case ControlCommand.StartTap start -> startTap(start);
                case ControlCommand.StopTap stop -> world.taps().stop(stop);
                case ControlCommand.TellTap message -> world.taps().tell(message);
                case ControlCommand.SteerTap steer -> world.taps().steer(steer);
                case ControlCommand.FollowTap follow -> world.taps().follow(follow);
                case ControlCommand.StopPlay stop -> playouts.stop(stop.play());
                case ControlCommand.UpdateAnswered answer -> world.answer(answer);
                case ControlCommand.RequestTold told -> world.tell(told);
                case ControlCommand.CallsTold calls -> world.tell(calls);
                case ControlCommand.NotifyStatus status -> world.notifyStatus(status);
                case ControlCommand.Alert alert -> world.alert(alert);
                case ControlCommand.CallRecord callRecord -> world.record(callRecord);
                case ControlCommand.Explain _ -> counters.explained();
            }
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    /** Whoever waits for an answer gets one, also when asking failed: a call must not wait for ever. */
    private void callHook(ControlCommand.CallHook hook) {
        counters.hook();
        openHooks.incrementAndGet();
        AtomicBoolean isAnswered = new AtomicBoolean();
        Consumer<HookOutcome> done = outcome -> {
            if (isAnswered.compareAndSet(false, true)) {
                onResult(new ControlEvent.HookAnswered(hook.hook(), outcome));
            }
        };
        try {
            world.callHook(hook, done);
        } catch (RuntimeException e) {
            failed(e);
            done.accept(new HookOutcome.Failed(e.toString()));
        }
    }

    private void resolve(ControlCommand.Resolve question) {
        AtomicBoolean isAnswered = new AtomicBoolean();
        Consumer<Resolution> done = found -> {
            if (isAnswered.compareAndSet(false, true)) {
                onResult(new ControlEvent.Resolved(question.resolution(), found));
            }
        };
        try {
            world.resolve(question, done);
        } catch (RuntimeException e) {
            failed(e);
            done.accept(new Resolution.Nowhere(FAILED_STATUS, FAILED_REASON));
        }
    }

    private void play(ControlCommand.Play play) {
        List<String> urls = play.urls();
        play(
                new Playouts.Order(
                        play.leg(), play.play(), urls.size(), play.loops(), play.offsetSamples(), play.track()),
                (url, done) -> open(whoAsked -> world.openAudio(play, urls.get(url), whoAsked), done));
    }

    private void speak(ControlCommand.Speak speak) {
        List<String> texts = speak.texts();
        play(
                new Playouts.Order(speak.leg(), speak.play(), texts.size(), speak.loops(), 0, speak.track()),
                (text, done) -> open(whoAsked -> world.openSpeech(speak, texts.get(text), whoAsked), done));
    }

    private void play(Playouts.Order order, Playouts.Opener opener) {
        playouts.play(order, opener);
        if (!legs.contains(order.leg())) {
            playouts.onLegOver(order.leg());
        }
    }

    private void open(Consumer<Consumer<AudioOutcome>> world, Consumer<AudioOutcome> whoAsked) {
        AtomicBoolean isOpened = new AtomicBoolean();
        Consumer<AudioOutcome> done = outcome -> {
            if (isOpened.compareAndSet(false, true)) {
                handOver(() -> whoAsked.accept(outcome));
            }
        };
        try {
            world.accept(done);
        } catch (RuntimeException e) {
            failed(e);
            done.accept(new AudioOutcome.Failed(e.toString()));
        }
    }

    private void startTap(ControlCommand.StartTap start) {
        AtomicBoolean isOver = new AtomicBoolean();
        Consumer<ControlEvent> heard = event -> {
            if (!isOver.get() && (!(event instanceof ControlEvent.TapEnded) || isOver.compareAndSet(false, true))) {
                onResult(event);
            }
        };
        try {
            world.taps().start(start, heard);
        } catch (RuntimeException e) {
            failed(e);
            heard.accept(new ControlEvent.TapEnded(start.tap(), ControlEvent.TapEnd.FAILED, e.toString()));
        }
    }

    private void send(ControlCommand.ForCore command) {
        if (command instanceof ControlCommand.End end) {
            legs.remove(end.leg());
            counters.legs(legs.size());
            playouts.onLegOver(end.leg());
        } else if (isStopping && command instanceof ControlCommand.Dial dial) {
            hearLater(new ControlEvent.DialRefused(dial.reference(), STOP_STATUS, STOP_REASON));
            return;
        }
        Core core = cores.get(coreOf(command));
        if (!CoreCodec.fits(command, core.rings.commandSlotBytes())) {
            CoreCodec.tooLong(command).ifPresent(this::hearLater);
            return;
        }
        if (!core.held.isEmpty() || !trySend(core, command)) {
            counters.held();
            core.held.addLast(command);
        }
    }

    private boolean trySend(Core core, ControlCommand.ForCore command) {
        MessageFlyweight slot = core.rings.commands().tryClaim(CoreCodec.type(command));
        if (slot == null) {
            return false;
        }
        CoreCodec.encode(command, slot);
        slot.timeNs(nowNs);
        core.rings.commands().publish();
        counters.command();
        return true;
    }

    private int coreOf(ControlCommand.ForCore command) {
        long number =
                switch (command) {
                    case ControlCommand.Dial dial -> dial.call();
                    case ControlCommand.Progress progress -> progress.leg();
                    case ControlCommand.Answer answer -> answer.leg();
                    case ControlCommand.Join join -> join.leg();
                    case ControlCommand.Part part -> part.leg();
                    case ControlCommand.End end -> end.leg();
                    case ControlCommand.SendDigits keys -> keys.leg();
                    case ControlCommand.Gain gain -> gain.leg();
                    case ControlCommand.Tap tap -> tap.leg();
                    case ControlCommand.Untap untap -> untap.leg();
                    case ControlCommand.ReferResult result -> result.leg();
                    case ControlCommand.RequestResult result -> result.leg();
                    case ControlCommand.Request request -> request.leg();
                    case ControlCommand.StartPlayout start -> start.leg();
                    case ControlCommand.StopPlayout stop -> stop.leg();
                    case ControlCommand.ArmTimer timer -> timer.call();
                    case ControlCommand.DisarmTimer timer -> timer.timer();
                };
        return LegHandle.core(number);
    }

    /** A question from outside; any thread. Its answer goes to the world. */
    public void ask(ControlEvent question) {
        onResult(question);
    }

    /** A result arrives; any thread. */
    void onResult(ControlEvent result) {
        handOver(() -> hear(result));
    }

    /** What is left for the control thread; any thread. Nothing is ever lost: a virtual thread waits for room. */
    private void handOver(Runnable result) {
        if (Thread.currentThread() == thread || thread == null) {
            ownResults.add(result);
            return;
        }
        while (!results.offer(result)) {
            if (isClosed) {
                return;
            }
            LockSupport.parkNanos(RESULT_WAIT_NS);
        }
        LockSupport.unpark(thread);
    }

    /** @return commands held because a ring is full; control thread. */
    int heldCommands() {
        return cores.stream().mapToInt(core -> core.held.size()).sum();
    }

    @Override
    public void onClose() {
        isClosed = true;
    }
}
