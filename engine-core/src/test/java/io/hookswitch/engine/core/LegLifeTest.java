package io.hookswitch.engine.core;

import static io.hookswitch.engine.core.SteppedCore.A;
import static io.hookswitch.engine.core.SteppedCore.B;
import static io.hookswitch.engine.core.SteppedCore.C;
import static io.hookswitch.engine.core.SteppedCore.S;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hookswitch.engine.core.CoreHarness.Message;
import io.hookswitch.engine.message.Cause;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.engine.message.SipEvent;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LegLifeTest {
    private final SteppedCore stepped = new SteppedCore();
    private final CoreHarness core = stepped.core;

    @AfterEach
    void close() {
        stepped.close();
    }

    private long dial(long reference) {
        core.command(
                CoreCommand.DIAL, 0, message -> message.reference(reference).call(5));
        return core.sipCommand(SipCommand.INVITE).leg();
    }

    private long invited(long reference) {
        long leg = dial(reference);
        core.sip(SipEvent.INVITED, leg, message -> {});
        assertThat(core.event(CoreEvent.INVITED).leg()).isEqualTo(leg);
        return leg;
    }

    @Test // CoreCommand.DIAL: answered by INVITED or DIAL_REFUSED, in both cases exactly once
    void shouldRefuseTheDialWhenItsInviteNeverWentOut() {
        long leg = dial(6);
        core.sip(SipEvent.ENDED, leg, message -> message.status(400)
                .cause(Cause.BAD_REQUEST)
                .put(io.hookswitch.engine.message.Field.REASON, "unusable header"));
        Message refused = core.event(CoreEvent.DIAL_REFUSED);
        assertThat(refused.reference()).isEqualTo(6);
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.cause()).isEqualTo(Cause.BAD_REQUEST);
        assertThat(refused.reason()).isEqualTo("unusable header");
        core.sip(SipEvent.TERMINATED, leg, message -> {});
        assertThat(core.anyEvent()).isNull();
        assertThat(core.counter(CoreCounters.LEGS)).isZero();
    }

    @Test
    void shouldTellThatItIsInvitedOnce() {
        long leg = invited(6);
        core.sip(SipEvent.INVITED, leg, message -> {});
        assertThat(core.anyEvent()).isNull();
        assertThat(core.counter(CoreCounters.BAD_STEPS)).isEqualTo(1);
    }

    @Test
    void shouldSendNoReportsWhenMediaIsToldAfterTheEnd() {
        long leg = dial(1);
        core.command(CoreCommand.END, leg, message -> {});
        core.sipCommand(SipCommand.END);
        core.sip(SipEvent.PROGRESSED, leg, message -> CoreHarness.media(message.status(183), B, Codec.PCMU, 0));
        core.sip(SipEvent.MEDIA_CHANGED, leg, message -> CoreHarness.media(message, B, Codec.PCMU, 0));
        core.sip(SipEvent.TERMINATED, leg, message -> {});
        stepped.pass(10 * S);
        assertThat(stepped.transport.takeSent()).isNull();
        assertThat(core.anyEvent()).isNull();
        assertThat(core.counter(CoreCounters.BAD_STEPS)).isZero();
    }

    @Test
    void shouldCountAndTellNothingWhenAnInboundLegIsToldLikeADialledOne() {
        long leg = core.offer(A, Codec.PCMU, 0);
        core.sip(SipEvent.INVITED, leg, message -> {});
        core.sip(SipEvent.PROGRESSED, leg, message -> CoreHarness.media(message.status(183), B, Codec.PCMA, 8));
        core.sip(SipEvent.ANSWERED, leg, message -> CoreHarness.media(message.status(200), B, Codec.PCMA, 8));
        assertThat(core.anyEvent()).isNull();
        assertThat(core.counter(CoreCounters.BAD_STEPS)).isEqualTo(3);
        core.command(CoreCommand.ANSWER, leg, message -> {});
        assertThat(core.sipCommand(SipCommand.ANSWER).codecs())
                .containsExactly(Codec.PCMU, Codec.PCMA, Codec.G722, Codec.OPUS);
    }

    @Test
    void shouldTellTheAnswerOnceWhenItIsToldTwice() {
        long leg = dial(1);
        core.sip(SipEvent.ANSWERED, leg, message -> message.status(200));
        core.sip(SipEvent.ANSWERED, leg, message -> message.status(200));
        core.event(CoreEvent.ANSWERED);
        assertThat(core.anyEvent()).isNull();
        assertThat(core.counter(CoreCounters.BAD_STEPS)).isEqualTo(1);
    }

    @Test
    void shouldTellControlNothingMoreWhenTheLegHasEnded() {
        long leg = invited(1);
        core.sip(SipEvent.ENDED, leg, message -> message.status(486).cause(Cause.REJECTED));
        Message ended = core.event(CoreEvent.ENDED);
        assertThat(ended.status()).isEqualTo(486);
        assertThat(ended.reference()).isEqualTo(1);
        core.sip(SipEvent.INVITED, leg, message -> {});
        core.sip(SipEvent.PROGRESSED, leg, message -> message.status(180));
        core.sip(SipEvent.ANSWERED, leg, message -> message.status(200));
        core.sip(SipEvent.INFO_DIGIT, leg, message -> message.cause('1'));
        core.sip(SipEvent.ENDED, leg, message -> message.status(487));
        core.sip(SipEvent.TERMINATED, leg, message -> {});
        assertThat(core.anyEvent()).isNull();
        assertThat(core.counter(CoreCounters.LEGS)).isZero();
    }

    @Test
    void shouldTellTheEndOnceWhenTerminatedComesWithoutIt() {
        long leg = invited(3);
        core.sip(SipEvent.TERMINATED, leg, message -> {});
        assertThat(core.event(CoreEvent.ENDED).reference()).isEqualTo(3);
        core.sip(SipEvent.TERMINATED, leg, message -> {});
        assertThat(core.anyEvent()).isNull();
        assertThat(core.counter(CoreCounters.BAD_STEPS)).isEqualTo(2);
        assertThat(core.counter(CoreCounters.PORTS)).isZero();
    }

    @Test
    void shouldRefuseEachCommandWhenTheLegIsNotFitForIt() {
        long dialled = dial(1);
        long offered = core.offer(A, Codec.PCMU, 0);
        int[] unfit = {CoreCommand.PROGRESS, CoreCommand.ANSWER};
        for (int command : unfit) {
            core.command(command, dialled, message -> {});
            assertThat(core.event(CoreEvent.REFUSED).status()).isEqualTo(command);
        }
        core.command(CoreCommand.JOIN, offered, message -> message.otherLeg(offered));
        assertThat(core.event(CoreEvent.REFUSED).status()).isEqualTo(CoreCommand.JOIN);
        core.end(dialled);
        int[] stale = {CoreCommand.JOIN, CoreCommand.PART, CoreCommand.END, 99};
        for (int command : stale) {
            core.command(command, dialled, message -> message.otherLeg(offered));
            assertThat(core.event(CoreEvent.REFUSED).status()).isEqualTo(command);
        }
        assertThat(core.counter(CoreCounters.COMMANDS_REFUSED)).isEqualTo(7);
        assertThat(core.anySipCommand()).isNull();
    }

    @Test
    void shouldPartTheThirdWhenAJoinedLegIsJoinedToAnother() {
        Message a = core.answered(A, Codec.PCMU, 0);
        Message b = core.dialled(B, Codec.PCMU, 0, a.leg());
        Message c = core.dialled(C, Codec.PCMU, 0, a.leg());
        stepped.join(a.leg(), b.leg());
        stepped.join(a.leg(), b.leg());
        assertThat(core.counter(CoreCounters.BRIDGES)).isEqualTo(1);
        stepped.join(c.leg(), a.leg());
        assertThat(core.counter(CoreCounters.BRIDGES)).isEqualTo(1);
        assertThat(stepped.send(A, a.port(), CoreHarness.rtp(0, 1, 1, 1)).to()).isEqualTo(C);
        assertThat(stepped.send(B, b.port(), CoreHarness.rtp(0, 1, 1, 1))).isNull();
        core.command(CoreCommand.PART, c.leg(), message -> {});
        assertThat(core.counter(CoreCounters.BRIDGES)).isZero();
        assertThat(stepped.send(A, a.port(), CoreHarness.rtp(0, 2, 161, 1))).isNull();
    }

    @Test
    void shouldPassFieldsAndNumbersOnWhenEitherSideSpeaks() {
        core.command(CoreCommand.DIAL, 0, message -> message.reference(8)
                .call(4)
                .put(io.hookswitch.engine.message.Field.REASON, "kept"));
        Message invite = core.sipCommand(SipCommand.INVITE);
        assertThat(invite.reason()).isEqualTo("kept");
        core.sip(SipEvent.INVITED, invite.leg(), message -> {});
        core.event(CoreEvent.INVITED);
        core.sip(SipEvent.ENDED, invite.leg(), message -> message.status(603)
                .put(io.hookswitch.engine.message.Field.REASON, "Decline"));
        Message ended = core.event(CoreEvent.ENDED);
        assertThat(ended.reason()).isEqualTo("Decline");
        assertThat(ended.reference()).isEqualTo(8);
    }

    @Test
    void shouldEndOneLegOnlyWhenAStepFailsUnexpectedly() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        Message c = core.dialled(C, Codec.PCMU, 0, 0);
        stepped.transport.breakConnect(new IllegalStateException("a bug"));
        stepped.transport.arrive(c.port(), CoreHarness.rtp(0, 1, 1, 7), C);
        core.settle();
        assertThat(core.errors).singleElement().satisfies(e -> assertThat(e).hasMessage("a bug"));
        core.errors.clear();
        assertThat(core.counter(CoreCounters.FAILED_STEPS)).isEqualTo(1);
        assertThat(core.sipCommand(SipCommand.END).leg()).isEqualTo(c.leg());
        Message ended = core.event(CoreEvent.ENDED);
        assertThat(ended.leg()).isEqualTo(c.leg());
        assertThat(ended.reference()).isEqualTo(77);
        assertThat(stepped.transport.lentBuffers()).isZero();
        assertThat(stepped.send(A, legs[0].port(), CoreHarness.rtp(0, 1, 1, 1)).to())
                .isEqualTo(B);
    }

    @Test // nobody on the sip side knows such a leg: no TERMINATED would ever free it
    void shouldRefuseADialAndFreeItsRowWhenItFailsBeforeItsInvite() {
        core.command(CoreCommand.DIAL, 0, message -> {
            message.reference(8).call(4);
            message.buffer().putInt(message.offset() + 4, 0);
        });
        assertThat(core.errors).hasSize(1);
        core.errors.clear();
        Message refused = core.event(CoreEvent.DIAL_REFUSED);
        assertThat(refused.reference()).isEqualTo(8);
        assertThat(refused.status()).isEqualTo(500);
        assertThat(core.counter(CoreCounters.LEGS)).isZero();
        assertThat(core.counter(CoreCounters.PORTS)).isZero();
        core.command(CoreCommand.DIAL, 0, message -> message.reference(9));
        assertThat(core.sipCommand(SipCommand.INVITE)).isNotNull();
    }

    @Test
    void shouldFailAnAssertionWhenAnotherThreadStepsTheCore() {
        CompletableFuture<Integer> other = CompletableFuture.supplyAsync(core.core::doWork);
        assertThatThrownBy(other::join).hasCauseInstanceOf(AssertionError.class);
    }
}
