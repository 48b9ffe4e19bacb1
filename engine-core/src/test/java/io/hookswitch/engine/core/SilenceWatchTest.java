package io.hookswitch.engine.core;

import static io.hookswitch.engine.core.CoreHarness.rtp;
import static io.hookswitch.engine.core.SteppedCore.A;
import static io.hookswitch.engine.core.SteppedCore.B;
import static io.hookswitch.engine.core.SteppedCore.MS;
import static io.hookswitch.engine.core.SteppedCore.S;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.core.CoreHarness.Message;
import io.hookswitch.engine.message.Cause;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.MediaFlyweight;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.engine.message.SipEvent;
import io.hookswitch.rtp.RtcpWriter;
import java.net.InetSocketAddress;
import java.util.Arrays;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Legs whose far end falls silent, on the test's clock; 4 s of silence are allowed unless said otherwise. */
class SilenceWatchTest {
    private int sequence;

    private static SteppedCore core(long longestSilenceNs) {
        return new SteppedCore(SteppedCore.usual().withLongestSilence(longestSilenceNs));
    }

    private static Message[] joined(SteppedCore stepped) {
        return stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
    }

    /** Lets far ends send a packet each every 20 ms. */
    private void talk(SteppedCore stepped, long ns, Message... legs) {
        for (long passed = 0; passed < ns; passed += 20 * MS) {
            sequence++;
            for (Message leg : legs) {
                InetSocketAddress from = leg == legs[0] ? A : B;
                stepped.send(from, leg.port(), rtp(0, sequence, 160 * sequence, from.getPort(), (byte) 1));
            }
            stepped.pass(20 * MS);
        }
    }

    @Test
    void shouldEndTheLegWhoseFarEndFallsSilentAndNoOther() {
        try (SteppedCore stepped = core(4 * S)) {
            Message[] legs = joined(stepped);
            talk(stepped, 10 * S, legs);
            assertThat(stepped.core.hasEvent()).as("while both talk").isFalse();
            long silentNs = stepped.nowNs;
            while (!stepped.core.hasEvent()) {
                talk(stepped, 20 * MS, legs[0]);
            }
            assertThat(stepped.nowNs - silentNs).isBetween(4 * S - 20 * MS, 5 * S + 40 * MS);
            Message ended = stepped.core.event(CoreEvent.ENDED);
            assertThat(ended.leg()).isEqualTo(legs[1].leg());
            assertThat(ended.cause()).isEqualTo(Cause.MEDIA_TIMEOUT);
            assertThat(stepped.core.sipCommand(SipCommand.END).leg()).isEqualTo(legs[1].leg());
            talk(stepped, 10 * S, legs[0]);
            assertThat(stepped.core.hasEvent()).as("the one that talks").isFalse();
            assertThat(stepped.counter(CoreCounters.MEDIA_TIMEOUTS)).isOne();
        }
    }

    @Test
    void shouldEndALegThatHasNeverBeenHeard() {
        try (SteppedCore stepped = core(4 * S)) {
            Message a = stepped.core.answered(A, Codec.PCMU, 0);
            stepped.pass(3900 * MS);
            assertThat(stepped.core.hasEvent()).isFalse();
            stepped.pass(1200 * MS);
            assertThat(stepped.core.event(CoreEvent.ENDED).leg()).isEqualTo(a.leg());
        }
    }

    @Test
    void shouldKeepALegWhoseFarEndSendsReportsOnly() {
        try (SteppedCore stepped = core(4 * S)) {
            Message a = stepped.core.answered(A, Codec.PCMU, 0);
            RtcpWriter report = new RtcpWriter();
            UnsafeBuffer bytes = new UnsafeBuffer(new byte[256]);
            for (int i = 0; i < 10; i++) {
                report.wrap(bytes, 0, bytes.capacity());
                assertThat(report.receiverReport(7)).isTrue();
                byte[] packet = Arrays.copyOf(bytes.byteArray(), report.lengthBytes());
                stepped.send(new InetSocketAddress(A.getAddress(), A.getPort() + 1), a.port() + 1, packet);
                stepped.pass(3 * S);
            }
            assertThat(stepped.core.hasEvent()).isFalse();
            stepped.pass(6 * S);
            assertThat(stepped.core.event(CoreEvent.ENDED).cause()).isEqualTo(Cause.MEDIA_TIMEOUT);
        }
    }

    @Test // RFC 3264 section 8.4: who holds does not send
    void shouldKeepALegThatHoldsAndCountAnewBehindIt() {
        try (SteppedCore stepped = core(4 * S)) {
            Message a = stepped.core.answered(A, Codec.PCMU, 0);
            direction(stepped, a, 0);
            stepped.pass(20 * S);
            assertThat(stepped.core.hasEvent()).isTrue();
            stepped.core.event(CoreEvent.HELD);
            assertThat(stepped.core.hasEvent()).isFalse();
            direction(stepped, a, MediaFlyweight.SEND | MediaFlyweight.RECEIVE);
            stepped.pass(2900 * MS);
            stepped.core.event(CoreEvent.HELD);
            assertThat(stepped.core.hasEvent()).isFalse();
            stepped.pass(2200 * MS);
            assertThat(stepped.core.event(CoreEvent.ENDED).leg()).isEqualTo(a.leg());
        }
    }

    private static void direction(SteppedCore stepped, Message leg, int direction) {
        stepped.core.sip(SipEvent.MEDIA_CHANGED, leg.leg(), message -> {
            CoreHarness.media(message, A, Codec.PCMU, 0);
            message.media().direction(direction);
        });
        stepped.core.settle();
    }

    @Test
    void shouldWaitForEverWhenNothingIsSet() {
        try (SteppedCore stepped = core(0)) {
            stepped.core.answered(A, Codec.PCMU, 0);
            stepped.pass(60 * S);
            assertThat(stepped.core.hasEvent()).isFalse();
        }
    }

    @Test
    void shouldNotEndACallThatIsNotAnswered() {
        try (SteppedCore stepped = core(4 * S)) {
            stepped.core.offer(A, Codec.PCMU, 0);
            stepped.pass(30 * S);
            assertThat(stepped.counter(CoreCounters.MEDIA_TIMEOUTS)).isZero();
        }
    }
}
