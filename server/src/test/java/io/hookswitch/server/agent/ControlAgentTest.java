package io.hookswitch.server.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.LegHandle;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.PlayFlyweight;
import io.hookswitch.engine.message.PlayResult;
import io.hookswitch.engine.ring.SlotRing;
import io.hookswitch.server.audio.AudioFixture;
import io.hookswitch.server.audio.AudioOutcome;
import io.hookswitch.server.timeline.Timeline;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ControlAgentTest {
    private static final int SLOTS = 8;
    private static final int SLOT_BYTES = 1024;
    private static final long LEG = LegHandle.of(0, 1, 7);

    private final SlotRing events = new SlotRing("events", 64, SLOT_BYTES);
    private final SlotRing commands = new SlotRing("commands", SLOTS, SLOT_BYTES);
    private final List<ControlEvent> heard = new ArrayList<>();
    private final List<Throwable> errors = new ArrayList<>();
    private final List<String> sent = new ArrayList<>();
    private final FakeWorld world = new FakeWorld();
    private Brain brain = (_, _, _, _, _) -> {};
    private ControlAgent agent;

    private static final class FakeWorld implements World {
        private final List<Consumer<ControlEvent.HookOutcome>> hooks = new ArrayList<>();
        private final List<Consumer<AudioOutcome>> opened = new ArrayList<>();
        private RuntimeException failure;

        @Override
        public void callHook(ControlCommand.CallHook hook, Consumer<ControlEvent.HookOutcome> done) {
            if (failure != null) {
                throw failure;
            }
            hooks.add(done);
        }

        @Override
        public void resolve(ControlCommand.Resolve question, Consumer<ControlEvent.Resolution> done) {
            if (failure != null) {
                throw failure;
            }
            done.accept(new ControlEvent.Resolution.Nowhere(404, "Not registered"));
        }

        @Override
        public void openAudio(ControlCommand.Play play, String url, Consumer<AudioOutcome> done) {
            if (failure != null) {
                throw failure;
            }
            opened.add(done);
        }

        @Override
        public void openSpeech(ControlCommand.Speak speak, String text, Consumer<AudioOutcome> done) {
            opened.add(done);
        }

        @Override
        public Listeners taps() {
            throw new IllegalStateException("taps");
        }

        @Override
        public void notifyStatus(ControlCommand.NotifyStatus status) {
            throw new IllegalStateException("status");
        }

        @Override
        public void alert(ControlCommand.Alert alert) {}

        @Override
        public void answer(ControlCommand.UpdateAnswered answer) {}

        @Override
        public void tell(ControlCommand.RequestTold told) {}

        @Override
        public void tell(ControlCommand.CallsTold calls) {}

        @Override
        public void record(ControlCommand.CallRecord callRecord) {}
    }

    @BeforeEach
    void start() {
        Brain recording = (event, nowNs, high, low, out) -> {
            heard.add(event);
            brain.on(event, nowNs, high, low, out);
        };
        agent = new ControlAgent(
                recording,
                List.of(new CoreLink(events, commands, SLOT_BYTES)),
                world,
                () -> 42L,
                errors::add,
                new Timeline(() -> 42L, null));
        agent.onStart();
    }

    private void event(int type, long leg) {
        MessageFlyweight message = events.tryClaim(type);
        message.leg(leg).status(180);
        events.publish();
    }

    private int takeCommands() {
        return commands.poll(message -> sent.add(message.type() + ":" + message.status()), SLOTS);
    }

    private static ControlCommand.End end(int status) {
        return new ControlCommand.End(LEG, status, "", List.of());
    }

    @Test
    void shouldCarryOutCommandsInOrderWhenTheBrainDecides() {
        brain = (event, _, _, _, out) -> {
            if (event instanceof ControlEvent.Progressed) {
                out.add(new ControlCommand.Progress(LEG, 180, 0));
                out.add(new ControlCommand.ArmTimer(1, 2, 3));
                out.add(end(486));
            }
        };
        event(CoreEvent.PROGRESSED, LEG);

        agent.step();
        takeCommands();

        assertThat(heard).containsExactly(new ControlEvent.Progressed(LEG, 180, "", false));
        assertThat(sent)
                .containsExactly(CoreCommand.PROGRESS + ":180", CoreCommand.ARM_TIMER + ":0", CoreCommand.END + ":486");
    }

    @Test
    void shouldHoldCommandsInOrderWhenTheRingIsFull() {
        int[] next = {400};
        brain = (_, _, _, _, out) -> {
            for (int i = 0; i < 5; i++) {
                out.add(end(next[0]++));
            }
        };
        for (int i = 0; i < 4; i++) {
            event(CoreEvent.PROGRESSED, LEG);
        }

        agent.step();
        assertThat(agent.heldCommands()).isEqualTo(20 - SLOTS);
        for (int i = 0; i < 4; i++) {
            takeCommands();
            agent.step();
        }
        takeCommands();

        List<String> expected = new ArrayList<>();
        for (int status = 400; status < 420; status++) {
            expected.add(CoreCommand.END + ":" + status);
        }
        assertThat(sent).containsExactlyElementsOf(expected);
        assertThat(agent.heldCommands()).isZero();
    }

    @Test
    void shouldRefuseNewCallsButHearAllElseWhenTooMuchIsHeld() {
        brain = (_, _, _, _, out) -> {
            for (int i = 0; i < ControlAgent.SHED_AT + SLOTS; i++) {
                out.add(end(400));
            }
        };
        event(CoreEvent.PROGRESSED, LEG);
        agent.step();
        brain = (_, _, _, _, _) -> {};
        event(CoreEvent.OFFERED, LEG);
        event(CoreEvent.ANSWERED, LEG);

        agent.step();

        assertThat(heard).hasSize(2).last().isInstanceOf(ControlEvent.Answered.class);
        assertThat(agent.counters().shedCalls()).isEqualTo(1);
        while (takeCommands() > 0) {
            agent.step();
        }
        assertThat(sent).last().isEqualTo(CoreCommand.END + ":503");
    }

    @Test
    void shouldEndThatOneCallWhenAnEventMakesTheBrainFail() {
        long other = LegHandle.of(0, 1, 8);
        brain = (event, _, _, _, out) -> {
            if (event instanceof ControlEvent.Answered(long leg, int _, String _) && leg == LEG) {
                throw new IllegalStateException("bug");
            }
            out.add(new ControlCommand.Part(other));
        };
        event(CoreEvent.ANSWERED, LEG);
        event(CoreEvent.ANSWERED, other);

        agent.step();
        takeCommands();

        assertThat(errors).singleElement().isInstanceOf(IllegalStateException.class);
        assertThat(agent.counters().failures()).isEqualTo(1);
        assertThat(sent).contains(CoreCommand.END + ":500", CoreCommand.PART + ":0");
        assertThat(heard).anyMatch(each -> each instanceof ControlEvent.Ended ended && ended.leg() == LEG);
        assertThat(heard).noneMatch(each -> each instanceof ControlEvent.Ended ended && ended.leg() == other);
    }

    @Test
    void shouldGoOnWithTheNextCommandWhenTheWorldFailsOne() {
        brain = (_, _, _, _, out) -> {
            out.add(new ControlCommand.NotifyStatus("q", "a", "", null, Map.of()));
            out.add(end(400));
        };
        event(CoreEvent.ANSWERED, LEG);

        agent.step();
        takeCommands();

        assertThat(errors).hasSize(1);
        assertThat(sent).containsExactly(CoreCommand.END + ":400");
    }

    @Test
    void shouldHearTheAnswerBehindTheQuestionWhenItComesAtOnce() {
        brain = (event, _, _, _, out) -> {
            if (event instanceof ControlEvent.Answered) {
                out.add(new ControlCommand.Resolve(9, "a", null, null));
                out.add(end(400));
            }
        };
        event(CoreEvent.ANSWERED, LEG);

        agent.step();

        assertThat(heard)
                .containsExactly(
                        new ControlEvent.Answered(LEG, 180, ""),
                        new ControlEvent.Resolved(9, new ControlEvent.Resolution.Nowhere(404, "Not registered")));
    }

    @Test
    void shouldHearAHooksOutcomeWhenItComesFromAnotherThread() throws Exception {
        brain = (event, _, _, _, out) -> {
            if (event instanceof ControlEvent.Answered) {
                out.add(new ControlCommand.CallHook(5, "a", "", null, Map.of()));
            }
        };
        event(CoreEvent.ANSWERED, LEG);
        agent.step();
        ControlEvent.HookOutcome outcome = new ControlEvent.HookOutcome.Replied(204, null);

        Thread.ofVirtual().start(() -> world.hooks.getFirst().accept(outcome)).join();
        agent.step();

        assertThat(heard).last().isEqualTo(new ControlEvent.HookAnswered(5, outcome));
    }

    @Test
    void shouldFailTheBranchWhenItsInviteDoesNotFitASlot() {
        brain = (event, _, _, _, out) -> {
            if (event instanceof ControlEvent.Answered) {
                ControlEvent.Header big = new ControlEvent.Header("X-Big", "x".repeat(SLOT_BYTES));
                out.add(new ControlCommand.Dial(
                        1,
                        2,
                        0,
                        "sip:b@h",
                        "udp:1.1.1.1:1",
                        "a",
                        "",
                        null,
                        null,
                        null,
                        ControlCommand.Srtp.NONE,
                        List.of(big)));
            }
        };
        event(CoreEvent.ANSWERED, LEG);

        agent.step();

        assertThat(takeCommands()).isZero();
        assertThat(heard).last().isEqualTo(new ControlEvent.DialRefused(2, 513, "INVITE too long for a message slot"));
    }

    @Test
    void shouldEndTheLegWhenItsEventCannotBeRead() {
        MessageFlyweight message = events.tryClaim(CoreEvent.OFFERED);
        message.leg(LEG).put(Field.ORIGIN, "");
        // No Call-ID, no origin: whatever control makes of it, the thread must live.
        events.publish();

        agent.step();
        event(CoreEvent.ANSWERED, LEG);
        agent.step();

        assertThat(heard).last().isInstanceOf(ControlEvent.Answered.class);
    }

    @Test
    void shouldAnswerTheBrainAllTheSameWhenAskingTheWorldFails() {
        world.failure = new IllegalStateException("bug");
        brain = (event, _, _, _, out) -> {
            if (event instanceof ControlEvent.Answered) {
                out.add(new ControlCommand.CallHook(5, "a", "", null, Map.of()));
                out.add(new ControlCommand.Resolve(9, "a", null, null));
            }
        };
        event(CoreEvent.ANSWERED, LEG);

        agent.step();

        assertThat(heard)
                .hasSize(3)
                .contains(
                        new ControlEvent.HookAnswered(
                                5, new ControlEvent.HookOutcome.Failed("java.lang.IllegalStateException: bug")),
                        new ControlEvent.Resolved(
                                9, new ControlEvent.Resolution.Nowhere(500, "Server Internal Error")));
        assertThat(errors).hasSize(2);
    }

    @Test
    void shouldTellTheBrainThatALegIsOverWhenItsEventIsGarbage() {
        garbage(CoreEvent.ANSWERED, LEG, 0);
        garbage(CoreEvent.INVITED, LegHandle.of(0, 1, 9), 77);
        event(CoreEvent.ANSWERED, LegHandle.of(0, 1, 8));

        agent.step();
        takeCommands();

        assertThat(heard)
                .extracting(event -> switch (event) {
                    case ControlEvent.Ended ended -> "ended " + LegHandle.row(ended.leg());
                    case ControlEvent.DialRefused refused -> "refused " + refused.reference();
                    default -> event.getClass().getSimpleName();
                })
                .containsExactly("ended 7", "refused 77", "ended 9", "Answered");
        assertThat(sent).containsExactly(CoreCommand.END + ":500", CoreCommand.END + ":500");
        assertThat(agent.counters().failures()).isEqualTo(2);
    }

    private void garbage(int type, long leg, long reference) {
        MessageFlyweight message = events.tryClaim(type);
        message.leg(leg).reference(reference).put(type == CoreEvent.INVITED ? Field.CALL_ID : Field.REASON, "x");
        message.buffer().putInt(message.offset() + MessageFlyweight.FIELDS_OFFSET + 4, -1);
        events.publish();
    }

    @Test
    void shouldNotEndALegTwiceWhenTheBrainHasEndedItBeforeItFailed() {
        brain = (event, _, _, _, out) -> {
            out.add(end(500));
            throw new IllegalStateException("bug");
        };
        event(CoreEvent.ANSWERED, LEG);

        agent.step();
        takeCommands();

        assertThat(sent).containsExactly(CoreCommand.END + ":500");
        assertThat(heard).hasSize(1);
    }

    @Test
    void shouldNotBeStoppedAsLongAsAHookIsInFlightOrAnEndIsUnheard() {
        brain = (event, _, _, _, out) -> {
            if (event instanceof ControlEvent.Ended ended && LegHandle.row(ended.leg()) == 0) {
                out.add(new ControlCommand.CallHook(5, "a", "", null, Map.of()));
            }
        };
        for (int i = 0; i < 150; i++) {
            // More than one step hears of; the one that asks a hook is the last.
            event(CoreEvent.OFFERED, LegHandle.of(0, 1, 149 - i));
            agent.step();
        }
        agent.stop();
        agent.step();
        assertThat(agent.isStopped()).as("legs ended, but unheard").isFalse();
        for (int i = 0; i < 50; i++) {
            takeCommands();
            agent.step();
        }
        assertThat(heard).filteredOn(ControlEvent.Ended.class::isInstance).hasSize(150);
        assertThat(agent.isStopped()).as("the hook is in flight").isFalse();

        world.hooks.getFirst().accept(new ControlEvent.HookOutcome.Replied(200, null));
        agent.step();
        agent.step();
        assertThat(agent.isStopped()).isTrue();
    }

    @Test
    void shouldEndEveryLegOnceAndRefuseNewOnesWhenStopped() {
        long dialled = LegHandle.of(0, 1, 8);
        brain = (event, _, _, _, out) -> {
            if (event instanceof ControlEvent.Ended ended && ended.leg() == LEG) {
                out.add(new ControlCommand.Dial(
                        1, 2, 0, "sip:b@h", "", "a", "", null, null, null, ControlCommand.Srtp.NONE, List.of()));
            }
        };
        event(CoreEvent.OFFERED, LEG);
        event(CoreEvent.INVITED, dialled);
        agent.step();
        assertThat(agent.counters().legs()).isEqualTo(2);

        agent.stop();
        agent.step();
        agent.step();
        event(CoreEvent.OFFERED, LegHandle.of(0, 1, 9));
        agent.step();
        takeCommands();

        assertThat(sent).containsExactly(CoreCommand.END + ":503", CoreCommand.END + ":503", CoreCommand.END + ":503");
        assertThat(heard)
                .filteredOn(ControlEvent.Ended.class::isInstance)
                .extracting(each -> ((ControlEvent.Ended) each).leg())
                .containsExactly(LEG, dialled);
        assertThat(heard).last().isEqualTo(new ControlEvent.DialRefused(2, 503, "Shutting Down"));
        assertThat(agent.counters().legs()).isZero();
    }

    private void plays(ControlCommand.Play play) {
        brain = (event, _, _, _, out) -> {
            if (event instanceof ControlEvent.Offered) {
                out.add(play);
            }
        };
    }

    private List<ControlEvent> played() {
        return heard.stream().filter(ControlEvent.Played.class::isInstance).toList();
    }

    @Test
    void shouldGiveTheFileToTheCoreAndTellTheEndWhenAFileIsPlayed() {
        AudioFixture audio = new AudioFixture();
        plays(new ControlCommand.Play(
                LEG, 9, "demo", "http://h/", List.of("a.wav"), 2, 160, ControlCommand.Track.NONE));
        event(CoreEvent.OFFERED, LEG);
        agent.step();
        world.opened.getFirst().accept(audio.ready(1600, 1));
        agent.step();
        PlayFlyweight order = new PlayFlyweight();
        List<Long> given = new ArrayList<>();
        commands.poll(
                command -> {
                    order.wrap(command);
                    given.addAll(List.of(
                            (long) command.type(),
                            command.leg(),
                            command.reference(),
                            (long) order.passes(),
                            order.offsetSamples()));
                },
                SLOTS);

        assertThat(given).containsExactly((long) CoreCommand.PLAY, LEG, 9L, 2L, 160L);
        assertThat(played()).isEmpty();
        assertThat(audio.inUse()).isEqualTo(1);
        events.tryClaim(CoreEvent.PLAYED)
                .leg(LEG)
                .reference(9)
                .cause(PlayResult.COMPLETED)
                .durationNs(380_000_000L)
                .status(1600);
        events.publish();
        agent.step();
        agent.step();
        assertThat(played()).containsExactly(new ControlEvent.Played(9, ControlEvent.PlayResult.COMPLETED, 380, 1600));
        assertThat(audio.inUse()).isZero();
    }

    @Test
    void shouldTellTheEndOnceWhenTheLegIsGoneWhileItsFileIsFetched() {
        AudioFixture audio = new AudioFixture();
        plays(new ControlCommand.Play(LEG, 9, "demo", "http://h/", List.of("a.wav"), 0, 0, ControlCommand.Track.NONE));
        event(CoreEvent.OFFERED, LEG);
        agent.step();
        event(CoreEvent.ENDED, LEG);
        agent.step();
        world.opened.getFirst().accept(audio.ready(1600, 1));
        agent.step();
        takeCommands();

        assertThat(played()).containsExactly(new ControlEvent.Played(9, ControlEvent.PlayResult.STOPPED, 0, 0));
        assertThat(heard).last().isEqualTo(played().getFirst());
        assertThat(sent).isEmpty();
        assertThat(audio.inUse()).isZero();
    }

    @Test
    void shouldTellTheEndAtOnceWhenThereIsNoSuchLegOrNoWorld() {
        brain = (event, _, _, _, out) -> {
            if (event instanceof ControlEvent.Offered) {
                out.add(new ControlCommand.Play(
                        LEG + 1, 8, "demo", "http://h/", List.of("a.wav"), 1, 0, ControlCommand.Track.NONE));
                out.add(new ControlCommand.Play(
                        LEG, 9, "demo", "http://h/", List.of("a.wav"), 1, 0, ControlCommand.Track.NONE));
            }
        };
        world.failure = new IllegalStateException("no world");
        event(CoreEvent.OFFERED, LEG);
        agent.step();
        agent.step();

        assertThat(played())
                .containsExactly(
                        new ControlEvent.Played(8, ControlEvent.PlayResult.STOPPED, 0, 0),
                        new ControlEvent.Played(
                                9, ControlEvent.PlayResult.FAILED, 0, 0, "java.lang.IllegalStateException: no world"));
        assertThat(errors).hasSize(2);
    }
}
