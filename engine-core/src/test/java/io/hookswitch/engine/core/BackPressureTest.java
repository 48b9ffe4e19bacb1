package io.hookswitch.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.engine.message.SipEvent;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Full rings are answers: nothing is dropped, nothing waits in the core, nobody spins. */
class BackPressureTest {
    private static final int SLOTS = 16;

    private final SteppedCore stepped = new SteppedCore(64, SLOTS);
    private final CoreRings rings = stepped.core.rings;

    @AfterEach
    void close() {
        stepped.close();
    }

    private void cycle(int times) {
        for (int i = 0; i < times; i++) {
            stepped.core.core.doWork();
        }
    }

    private void offer(long sipLeg) {
        rings.sipEvents().tryClaim(SipEvent.OFFERED).otherLeg(sipLeg);
        rings.sipEvents().publish();
    }

    private List<Integer> types(io.hookswitch.engine.ring.SlotRing ring) {
        List<Integer> types = new ArrayList<>();
        ring.poll(message -> types.add(message.type()), SLOTS);
        return types;
    }

    @Test
    void shouldAnswer503WithRetryAfterWhenControlsRingIsNearlyFull() {
        List<String> answers = new ArrayList<>();
        for (int i = 0; i < SLOTS; i++) {
            offer(i);
            cycle(2);
            rings.sipCommands().poll(message -> answers.add(answer(message)), SLOTS);
        }
        // An eighth of control's ring stays free for legs that are there already.
        assertThat(answers).hasSize(SLOTS).startsWith("bound").endsWith("503 after 5", "503 after 5");
        assertThat(answers).filteredOn("bound"::equals).hasSize(SLOTS - 2);
        assertThat(stepped.counter(CoreCounters.OFFERS_REFUSED)).isEqualTo(2);
        assertThat(rings.events().free()).isEqualTo(2);
    }

    private static String answer(MessageFlyweight message) {
        return message.type() == SipCommand.BIND
                ? "bound"
                : message.status() + " after " + message.text(Field.RETRY_AFTER);
    }

    @Test
    void shouldLeaveCommandsWithTheirSenderWhenTheSipThreadIsSlow() {
        for (int i = 0; i < SLOTS; i++) {
            dial(i);
        }
        cycle(5);
        assertThat(stepped.counter(CoreCounters.DIALLED)).isEqualTo(SLOTS - 1);
        assertThat(rings.commands().size()).isEqualTo(1);
        assertThat(types(rings.sipCommands())).hasSize(SLOTS - 1).containsOnly(SipCommand.INVITE);
        cycle(2);
        assertThat(types(rings.sipCommands())).containsExactly(SipCommand.INVITE);
        assertThat(rings.commands().size()).isZero();
    }

    private void dial(long reference) {
        rings.commands().tryClaim(CoreCommand.DIAL).reference(reference);
        rings.commands().publish();
    }

    @Test
    void shouldAbandonALegAsSoonAsThereIsRoomWhenItsStepFailsBesideFullRings() {
        CoreHarness.Message leg = stepped.core.dialled(SteppedCore.B, Codec.PCMU, 0, 0);
        for (int i = 0; i < SLOTS; i++) {
            rings.commands().tryClaim(CoreCommand.PART).leg(99);
            rings.commands().publish();
        }
        cycle(3);
        assertThat(rings.events().free()).isZero();

        stepped.transport.breakConnect(new IllegalStateException("a bug"));
        stepped.transport.arrive(leg.port(), CoreHarness.rtp(0, 1, 1, 7), SteppedCore.B);
        cycle(3);
        assertThat(stepped.core.errors).hasSize(1);
        stepped.core.errors.clear();
        assertThat(types(rings.events())).containsOnly(CoreEvent.REFUSED);
        cycle(1);

        assertThat(types(rings.sipCommands())).containsExactly(SipCommand.END);
        assertThat(types(rings.events())).containsExactly(CoreEvent.ENDED);
    }

    @Test
    void shouldTellARecordingsEndAsSoonAsThereIsRoomWhenControlsRingIsFull() {
        try (Recordings recordings = new Recordings()) {
            CoreHarness.Message leg = stepped.core.dialled(SteppedCore.B, Codec.PCMU, 0, 0);
            for (int i = 0; i < SLOTS; i++) {
                rings.commands().tryClaim(CoreCommand.ARM_TIMER).reference(i).durationNs(SteppedCore.MS);
                rings.commands().publish();
            }
            cycle(3);
            MessageFlyweight play =
                    rings.commands().tryClaim(CoreCommand.PLAY).leg(leg.leg()).reference(4711);
            Recordings.order(play, recordings.mulaw(320, false), 1, 0);
            rings.commands().publish();
            cycle(1);
            for (int ms = 0; ms < 300; ms++) {
                stepped.nowNs += SteppedCore.MS;
                cycle(1);
            }
            assertThat(rings.events().free()).isZero();
            assertThat(stepped.counter(CoreCounters.PLAYOUT_PACKETS)).isEqualTo(2);
            assertThat(types(rings.events())).hasSize(SLOTS).containsOnly(CoreEvent.TIMER_EXPIRED);
            for (int ms = 0; ms < 40; ms++) {
                stepped.nowNs += SteppedCore.MS;
                cycle(1);
            }
            assertThat(types(rings.events())).containsExactly(CoreEvent.PLAYED);
        }
    }

    @Test
    void shouldLeaveRoomForTheEndsOfRecordingsWhenTheirLegsEndWhileControlIsSlow() {
        try (Recordings recordings = new Recordings()) {
            List<Long> legs = new ArrayList<>();
            for (int i = 0; i < SLOTS; i++) {
                long leg = stepped.core.dialled(SteppedCore.B, Codec.PCMU, 0, 0).leg();
                legs.add(leg);
                stepped.core.command(CoreCommand.PLAY, leg, message -> {
                    message.reference(leg);
                    Recordings.order(message, recordings.mulaw(320, false), 0, 0);
                });
            }
            for (long leg : legs) {
                rings.sipEvents().tryClaim(SipEvent.ENDED).leg(leg);
                rings.sipEvents().publish();
            }
            cycle(5);
            assertThat(types(rings.events())).hasSize(SLOTS);
            List<Integer> rest = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                cycle(1);
                rest.addAll(types(rings.events()));
            }
            assertThat(rest).hasSize(SLOTS).contains(CoreEvent.PLAYED, CoreEvent.ENDED);
        }
    }

    @Test
    void shouldLoseNoTimerWhenControlIsSlow() {
        for (int batch = 0; batch < 2; batch++) {
            for (int i = 0; i < SLOTS; i++) {
                rings.commands()
                        .tryClaim(CoreCommand.ARM_TIMER)
                        .reference(batch * SLOTS + i)
                        .durationNs(SteppedCore.MS);
                rings.commands().publish();
            }
            cycle(3);
        }
        assertThat(stepped.counter(CoreCounters.TIMERS)).isEqualTo(2 * SLOTS);
        stepped.nowNs += 3 * SteppedCore.MS;
        cycle(5);
        assertThat(stepped.counter(CoreCounters.TIMERS)).isEqualTo(SLOTS);
        assertThat(stepped.transport.lastWaitNs())
                .as("a core with a full ring naps and does not spin")
                .isEqualTo(SteppedCore.MS);
        assertThat(types(rings.events())).hasSize(SLOTS).containsOnly(CoreEvent.TIMER_EXPIRED);
        cycle(2);
        assertThat(types(rings.events())).hasSize(SLOTS);
        assertThat(stepped.counter(CoreCounters.TIMERS)).isZero();
    }
}
