package io.hookswitch.engine.core;

import io.hookswitch.engine.io.PortPool;
import io.hookswitch.engine.message.Cause;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.engine.message.SipEvent;
import io.hookswitch.engine.ring.SlotRing;
import io.hookswitch.rtp.G711Gain;
import io.hookswitch.rtp.RtpStreamRewrite;
import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.agrona.concurrent.UnsafeBuffer;

/**
 * Messages of the sip thread and of control: the life of a leg. The caller polls no more of either than both output
 * rings have room for, so a claim here always succeeds. Core thread.
 */
final class SignalStep {
    /** Rows of control's ring kept free for events of running calls: a new call needs more room than that. */
    private static final int RESERVE_DIVISOR = 8;

    /** A timer beyond this, about 146 years, never expires; adding it to a clock does not overflow. */
    private static final long MAX_TIMER_NS = Long.MAX_VALUE / 2;

    private static final int UNAVAILABLE = 503;
    private static final int NOT_ACCEPTABLE = 488;
    private static final int INTERNAL_ERROR = 500;
    private static final byte[] RETRY_AFTER_S = "5".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] NO_RESOURCES = "no media port or leg free".getBytes(StandardCharsets.US_ASCII);

    private final LegTable legs;
    private final SocketOwners owners;
    private final PortPool ports;
    private final Bridges bridges;
    private final FirstWords firstWords;
    private final DigitStep digits;
    private final Player player;
    private final TrackMixer tracks;
    private final TapStep taps;
    private final SilenceWatch silence;
    private final LegTeardown teardown;
    private final EndStep ends;
    private final RequestStep requests;
    private final CodecOffers offers;
    private final TimerWheel timers;
    private final SplittableRandom random;
    private final CoreCounters counters;
    private final SlotRing sipCommands;
    private final SlotRing events;
    private final UnsafeBuffer retryAfter = new UnsafeBuffer(RETRY_AFTER_S);
    private final UnsafeBuffer noResources = new UnsafeBuffer(NO_RESOURCES);
    private final RtpStreamRewrite stream = new RtpStreamRewrite();
    private final TimerWheel.Handler onTimer = this::onTimer;
    private long nowNs;
    private long concerned;
    /** Row of the dial that is being carried out, as long as the sip side has not been told. */
    private int placing = LegTable.NONE;

    SignalStep(
            CoreState core,
            PortPool ports,
            Bridges bridges,
            FirstWords firstWords,
            DigitStep digits,
            Player player,
            TrackMixer tracks,
            TapStep taps,
            SilenceWatch silence,
            EndStep ends,
            TimerWheel timers,
            SplittableRandom random) {
        legs = core.legs();
        owners = core.owners();
        counters = core.counters();
        sipCommands = core.rings().sipCommands();
        events = core.rings().events();
        offers = new CodecOffers(
                legs, bridges.transcoders(), core.media().address().getAddress());
        requests = new RequestStep(core);
        this.ports = ports;
        this.bridges = bridges;
        this.firstWords = firstWords;
        this.digits = digits;
        this.player = player;
        this.tracks = tracks;
        this.taps = taps;
        this.silence = silence;
        this.ends = ends;
        teardown = ends.teardown();
        this.timers = timers;
        this.random = random;
    }

    /** Time of the cycle that begins. */
    void begin(long cycleNs) {
        nowNs = cycleNs;
    }

    /** @return the leg that the message just handled was about, 0 = none or a new one. */
    long concerned() {
        return concerned;
    }

    /** Takes one message of the sip thread. */
    void onSipEvent(MessageFlyweight message) {
        concerned = 0;
        if (message.type() == SipEvent.OFFERED) {
            onOffered(message);
            return;
        }
        int row = legs.row(message.leg());
        if (row == LegTable.NONE) {
            counters.increment(CoreCounters.BAD_STEPS);
            return;
        }
        concerned = message.leg();
        switch (message.type()) {
            case SipEvent.INVITED -> onInvited(row, message);
            case SipEvent.PROGRESSED -> onProgressed(row, message);
            case SipEvent.ANSWERED -> onAnswered(row, message);
            case SipEvent.MEDIA_CHANGED -> onMediaChanged(row, message);
            case SipEvent.ENDED -> onEnded(row, message);
            case SipEvent.TERMINATED -> onTerminated(row, message);
            case SipEvent.INFO_DIGIT -> onInfoDigit(row, message);
            default -> {
                if (!requests.onSipEvent(row, message, nowNs)) {
                    counters.increment(CoreCounters.BAD_STEPS);
                }
            }
        }
    }

    private void onOffered(MessageFlyweight message) {
        counters.increment(CoreCounters.OFFERED);
        if (offers.isOtherFamily(message.media())) {
            counters.increment(CoreCounters.OFFERS_REFUSED);
            sipCommands.tryClaim(SipCommand.REFUSE).otherLeg(message.otherLeg()).status(NOT_ACCEPTABLE);
            sipCommands.publish();
            return;
        }
        int row = events.free() > events.slots() / RESERVE_DIVISOR ? open(LegTable.OFFERED) : LegTable.NONE;
        if (row == LegTable.NONE) {
            counters.increment(CoreCounters.OFFERS_REFUSED);
            sipCommands
                    .tryClaim(SipCommand.REFUSE)
                    .otherLeg(message.otherLeg())
                    .status(UNAVAILABLE)
                    .put(Field.RETRY_AFTER, retryAfter, 0, retryAfter.capacity());
            sipCommands.publish();
            return;
        }
        // Bound first: from here on a step of ours that fails can end the leg like any other.
        sipCommands.tryClaim(SipCommand.BIND).leg(legs.handle(row)).otherLeg(message.otherLeg());
        sipCommands.publish();
        concerned = legs.handle(row);
        if (message.media().present()) {
            bridges.onMedia(row, message.media(), false, nowNs);
        }
        tell(row, CoreEvent.OFFERED, message);
    }

    /** Makes a leg with a pair of ports. @return its row or NONE. */
    private int open(int state) {
        int row = legs.allocate(state);
        if (row == LegTable.NONE) {
            return LegTable.NONE;
        }
        int pair = ports.acquire(nowNs);
        if (pair < 0) {
            legs.free(row);
            return LegTable.NONE;
        }
        firstWords.begin(row);
        legs.ports(row, pair, ports.rtpSocket(pair), ports.rtcpSocket(pair));
        owners.own(row, ports.rtpSocket(pair), ports.rtcpSocket(pair));
        legs.stream(stream, row).start(random.nextInt(), random.nextInt(1 << 15), random.nextInt(), 8000);
        counters.set(CoreCounters.LEGS, legs.inUse());
        counters.set(CoreCounters.PORTS, ports.inUse());
        return row;
    }

    /**
     * @return whether a leg is being invited. What still comes for one that was ended is usual (the sip side settles a
     *     crossing 200 with ACK and BYE) and nobody hears of it; all else is a bad step.
     */
    private boolean isInviting(int row) {
        int state = legs.state(row);
        if (state != LegTable.INVITING && state != LegTable.ENDING) {
            counters.increment(CoreCounters.BAD_STEPS);
        }
        return state == LegTable.INVITING;
    }

    private void onInvited(int row, MessageFlyweight message) {
        if (!isInviting(row)) {
            return;
        }
        if (legs.has(row, LegTable.INVITED)) {
            counters.increment(CoreCounters.BAD_STEPS);
            return;
        }
        legs.flags(row, LegTable.INVITED, 0);
        tell(row, CoreEvent.INVITED, message);
    }

    private void onProgressed(int row, MessageFlyweight message) {
        if (!isInviting(row)) {
            return;
        }
        if (message.media().present()) {
            bridges.onMedia(row, message.media(), true, nowNs);
        }
        tell(row, CoreEvent.PROGRESSED, message);
    }

    private void onAnswered(int row, MessageFlyweight message) {
        if (!isInviting(row)) {
            return;
        }
        legs.state(row, LegTable.ANSWERED);
        silence.start(row, nowNs);
        firstWords.begin(row);
        if (message.media().present()) {
            bridges.onMedia(row, message.media(), true, nowNs);
        }
        tell(row, CoreEvent.ANSWERED, message);
    }

    private void onMediaChanged(int row, MessageFlyweight message) {
        if (legs.state(row) == LegTable.ENDING || !message.media().present()) {
            return;
        }
        boolean isNew = !legs.has(row, LegTable.NEGOTIATED);
        boolean held = bridges.isHeld(row);
        bridges.onMedia(row, message.media(), true, nowNs);
        boolean holds = bridges.isHeld(row);
        if (!isNew && holds != held) {
            events.tryClaim(CoreEvent.HELD)
                    .leg(legs.handle(row))
                    .call(legs.call(row))
                    .timeNs(nowNs)
                    .status(holds ? 1 : 0);
            events.publish();
        }
    }

    private void onInfoDigit(int row, MessageFlyweight message) {
        if (legs.state(row) != LegTable.ENDING) {
            digits.onInfo(row, (char) message.cause(), message.durationNs(), nowNs);
        }
    }

    private void onEnded(int row, MessageFlyweight message) {
        if (legs.state(row) == LegTable.ENDING) {
            return;
        }
        int type = ends.type(row);
        teardown.stop(row, nowNs);
        tell(row, type, message);
    }

    private void onTerminated(int row, MessageFlyweight message) {
        if (legs.state(row) != LegTable.ENDING) {
            // The sip side lost the leg without saying that it ended: control must hear of it all the same.
            counters.increment(CoreCounters.BAD_STEPS);
            int type = ends.type(row);
            teardown.stop(row, nowNs);
            tell(row, type, message);
        }
        release(row);
    }

    private void release(int row) {
        ports.release(legs.pair(row), nowNs);
        legs.free(row);
        counters.set(CoreCounters.LEGS, legs.inUse());
        counters.set(CoreCounters.PORTS, ports.inUse());
    }

    private void tell(int row, int type, MessageFlyweight from) {
        MessageFlyweight out = events.tryClaim(type)
                .leg(legs.handle(row))
                .call(legs.call(row))
                .reference(legs.reference(row))
                .timeNs(nowNs)
                .durationNs(from.durationNs())
                .status(from.status())
                .cause(from.cause());
        if (from.media().present()) {
            out.media().copyFrom(from.media());
            out.media().clearKeys();
        }
        out.copyFields(from);
        events.publish();
    }

    /** Takes one command of control. */
    void onCommand(MessageFlyweight command) {
        concerned = command.leg();
        switch (command.type()) {
            case CoreCommand.DIAL -> dial(command);
            case CoreCommand.PROGRESS -> respond(command, SipCommand.PROGRESS, command.otherLeg() != 0);
            case CoreCommand.ANSWER -> respond(command, SipCommand.ANSWER, true);
            case CoreCommand.JOIN -> join(command);
            case CoreCommand.PART -> part(command);
            case CoreCommand.END -> end(command);
            case CoreCommand.SEND_DIGITS -> sendDigits(command);
            case CoreCommand.GAIN -> gain(command);
            case CoreCommand.REFER_RESULT -> answerRequest(command, SipCommand.REFER_RESULT);
            case CoreCommand.REQUEST_RESULT -> answerRequest(command, SipCommand.REQUEST_RESULT);
            case CoreCommand.REQUEST -> requests.request(legs.row(command.leg()), command, nowNs);
            case CoreCommand.PLAY -> play(command);
            case CoreCommand.STOP_PLAY -> stopPlay(command);
            case CoreCommand.TAP -> tap(command);
            case CoreCommand.UNTAP -> untap(command);
            case CoreCommand.ARM_TIMER -> armTimer(command);
            case CoreCommand.DISARM_TIMER -> disarmTimer(command);
            default -> refuse(command);
        }
    }

    private void dial(MessageFlyweight command) {
        int row = open(LegTable.INVITING);
        if (row == LegTable.NONE) {
            counters.increment(CoreCounters.DIALS_REFUSED);
            events.tryClaim(CoreEvent.DIAL_REFUSED)
                    .call(command.call())
                    .reference(command.reference())
                    .timeNs(nowNs)
                    .status(INTERNAL_ERROR)
                    .cause(Cause.NO_RESOURCES)
                    .put(Field.REASON, noResources, 0, noResources.capacity());
            events.publish();
            return;
        }
        counters.increment(CoreCounters.DIALLED);
        legs.branch(row, command.call(), command.reference());
        placing = row;
        MessageFlyweight out =
                sipCommands.tryClaim(SipCommand.INVITE).leg(legs.handle(row)).timeNs(nowNs);
        int like = command.otherLeg() == 0 ? LegTable.NONE : legs.row(command.otherLeg());
        offers.describeOffer(out.media(), ports.rtpPort(legs.pair(row)), like, command.media());
        out.copyFields(command);
        sipCommands.publish();
        placing = LegTable.NONE;
    }

    private void respond(MessageFlyweight command, int type, boolean hasMedia) {
        int row = legs.row(command.leg());
        if (row == LegTable.NONE || legs.state(row) != LegTable.OFFERED) {
            refuse(command);
            return;
        }
        if (type == SipCommand.ANSWER) {
            legs.state(row, LegTable.ANSWERED);
            silence.start(row, nowNs);
        }
        MessageFlyweight out = sipCommands.tryClaim(type).leg(command.leg()).status(command.status());
        if (hasMedia) {
            // Without a leg to be like, the caller's own order decides.
            int like = command.otherLeg() == 0 ? row : legs.row(command.otherLeg());
            offers.describeAnswer(out.media(), ports.rtpPort(legs.pair(row)), like);
        }
        out.copyFields(command);
        sipCommands.publish();
    }

    private void join(MessageFlyweight command) {
        int row = legs.row(command.leg());
        int other = legs.row(command.otherLeg());
        if (isOver(row) || isOver(other) || row == other || !bridges.canJoin(row, other)) {
            refuse(command);
            return;
        }
        bridges.join(row, other);
    }

    private void part(MessageFlyweight command) {
        int row = legs.row(command.leg());
        if (isOver(row)) {
            refuse(command);
            return;
        }
        bridges.part(row);
    }

    private void end(MessageFlyweight command) {
        int row = legs.row(command.leg());
        if (isOver(row)) {
            refuse(command);
            return;
        }
        teardown.stop(row, nowNs);
        MessageFlyweight out =
                sipCommands.tryClaim(SipCommand.END).leg(command.leg()).status(command.status());
        out.copyFields(command);
        sipCommands.publish();
    }

    private void sendDigits(MessageFlyweight command) {
        int row = legs.row(command.leg());
        if (isOver(row) || !digits.send(row, command, nowNs)) {
            refuse(command);
        }
    }

    private void gain(MessageFlyweight command) {
        int row = legs.row(command.leg());
        int db = command.status();
        boolean isMute = db == CoreCommand.MUTE;
        if (isOver(row) || !isMute && (db < G711Gain.LOWEST_DB || db > G711Gain.HIGHEST_DB)) {
            refuse(command);
            return;
        }
        legs.gain(row, db);
        int flags = (isMute ? LegTable.MUTED : 0) | (db == 0 ? 0 : LegTable.GAINED);
        legs.flags(row, flags, LegTable.MUTED | LegTable.GAINED);
    }

    private void answerRequest(MessageFlyweight command, int type) {
        if (!requests.answer(legs.row(command.leg()), command, type)) {
            refuse(command);
        }
    }

    private void play(MessageFlyweight command) {
        int row = legs.row(command.leg());
        int there = isOver(row) ? LegTable.NONE : row;
        if (tracks.isTrack(command)) {
            tracks.play(there, command, nowNs);
        } else {
            player.play(there, command, nowNs);
        }
    }

    private void stopPlay(MessageFlyweight command) {
        int row = legs.row(command.leg());
        if (row != LegTable.NONE) {
            player.stop(row, command.reference(), nowNs);
            tracks.stop(row, command.reference());
        }
    }

    private void tap(MessageFlyweight command) {
        int row = legs.row(command.leg());
        if (isOver(row) || !taps.tap(row)) {
            refuse(command);
        }
    }

    private void untap(MessageFlyweight command) {
        int row = legs.row(command.leg());
        // The end of a leg was the end of its taps: whoever takes one away behind it is not wrong.
        if (!isOver(row) && !taps.untap(row)) {
            refuse(command);
        }
    }

    private boolean isOver(int row) {
        return row == LegTable.NONE || legs.state(row) == LegTable.ENDING;
    }

    private void armTimer(MessageFlyweight command) {
        if (timers.arm(command.reference(), command.call(), nowNs + Math.min(command.durationNs(), MAX_TIMER_NS))) {
            counters.set(CoreCounters.TIMERS, timers.armed());
        } else {
            refuse(command);
        }
    }

    private void disarmTimer(MessageFlyweight command) {
        timers.disarm(command.reference());
        counters.set(CoreCounters.TIMERS, timers.armed());
    }

    private void refuse(MessageFlyweight command) {
        counters.increment(CoreCounters.COMMANDS_REFUSED);
        events.tryClaim(CoreEvent.REFUSED)
                .leg(command.leg())
                .call(command.call())
                .reference(command.reference())
                .timeNs(nowNs)
                .status(command.type());
        events.publish();
    }

    /** Hands expired timers to control. @return number handed over. */
    int pollTimers(int limit) {
        return timers.poll(nowNs, onTimer, limit);
    }

    private void onTimer(long reference, long call) {
        counters.increment(CoreCounters.TIMERS_EXPIRED);
        counters.set(CoreCounters.TIMERS, timers.armed());
        events.tryClaim(CoreEvent.TIMER_EXPIRED).call(call).reference(reference).timeNs(nowNs);
        events.publish();
    }

    /** Ends the leg that a failed step was about, as soon as there is room: a bug of ours costs one call only. */
    void abandon(long leg) {
        if (placing != LegTable.NONE) {
            refusePlacing();
        }
        ends.abandon(leg);
    }

    /** A leg whose INVITE never got to the sip side: nobody there could say that it is over. */
    private void refusePlacing() {
        int row = placing;
        placing = LegTable.NONE;
        // The room for the message that failed is still there.
        events.tryClaim(CoreEvent.DIAL_REFUSED)
                .call(legs.call(row))
                .reference(legs.reference(row))
                .timeNs(nowNs)
                .status(INTERNAL_ERROR)
                .cause(Cause.NONE);
        events.publish();
        owners.disown(legs.rtpSocket(row), legs.rtcpSocket(row));
        release(row);
    }
}
