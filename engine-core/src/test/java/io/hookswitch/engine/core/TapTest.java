package io.hookswitch.engine.core;

import static io.hookswitch.engine.core.CoreHarness.rtp;
import static io.hookswitch.engine.core.SteppedCore.A;
import static io.hookswitch.engine.core.SteppedCore.B;
import static io.hookswitch.engine.core.SteppedCore.C;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.core.CoreHarness.Message;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.TapFlyweight;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Copies of what legs receive, for whoever listens. */
class TapTest {
    private static final byte[] AUDIO = new byte[160];

    private record Tapped(long leg, int codec, int clockRate, int sequence, int timestamp, int ssrc, byte[] payload) {}

    private final SteppedCore stepped = new SteppedCore();
    private final CoreHarness core = stepped.core;
    private final List<Tapped> tapped = new ArrayList<>();

    @AfterEach
    void close() {
        stepped.close();
    }

    private void tap(long leg) {
        core.command(CoreCommand.TAP, leg, message -> {});
    }

    private void untap(long leg) {
        core.command(CoreCommand.UNTAP, leg, message -> {});
    }

    private List<Tapped> taken() {
        tapped.clear();
        core.rings.taps().poll(this::take, Integer.MAX_VALUE);
        return List.copyOf(tapped);
    }

    private void take(TapFlyweight record) {
        byte[] payload = new byte[record.payloadLength()];
        record.buffer().getBytes(record.payloadOffset(), payload);
        tapped.add(new Tapped(
                record.leg(),
                record.codec(),
                record.clockRate(),
                record.sequence(),
                record.timestamp(),
                record.ssrc(),
                payload));
        assertThat(record.arrivalNs()).isEqualTo(stepped.nowNs);
    }

    @Test
    void shouldCopyWhatATappedLegReceivesAsItCameAndForwardItAllTheSame() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMA, 8);
        tap(legs[0].leg());
        assertThat(stepped.send(A, legs[0].port(), rtp(0, 70_000, 160, 9, (byte) 1, (byte) 2)))
                .isNotNull();
        assertThat(stepped.send(B, legs[1].port(), rtp(8, 1, 160, 8, (byte) 3))).isNotNull();

        assertThat(taken()).singleElement().satisfies(copy -> {
            assertThat(copy.leg()).isEqualTo(legs[0].leg());
            assertThat(copy.codec()).isEqualTo(Codec.PCMU);
            assertThat(copy.clockRate()).isEqualTo(8000);
            assertThat(copy.sequence()).isEqualTo(70_000 & 0xFFFF);
            assertThat(copy.timestamp()).isEqualTo(160);
            assertThat(copy.ssrc()).isEqualTo(9);
            assertThat(copy.payload()).containsExactly(1, 2);
        });
    }

    @Test
    void shouldLeaveKeysDuplicatesAndStrangersOut() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        tap(legs[0].leg());
        stepped.send(A, legs[0].port(), rtp(0, 1, 160, 9, AUDIO));
        stepped.send(A, legs[0].port(), rtp(0, 2, 320, 9, AUDIO));
        stepped.send(A, legs[0].port(), rtp(0, 2, 320, 9, AUDIO));
        stepped.send(C, legs[0].port(), rtp(0, 3, 480, 9, AUDIO));
        stepped.send(A, legs[0].port(), rtp(101, 3, 480, 9, (byte) 5, (byte) 10, (byte) 0, (byte) 160));
        stepped.send(A, legs[0].port(), rtp(13, 4, 480, 9, (byte) 5));
        assertThat(taken()).hasSize(2);
    }

    @Test
    void shouldCopyALegThatIsNotJoined() {
        Message a = core.answered(A, Codec.PCMU, 0);
        tap(a.leg());
        stepped.send(A, a.port(), rtp(0, 1, 160, 9, AUDIO));
        assertThat(taken()).hasSize(1);
    }

    @Test
    void shouldCopyOnceForManyTapsAndStopWithTheLast() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        tap(legs[0].leg());
        tap(legs[0].leg());
        stepped.send(A, legs[0].port(), rtp(0, 1, 160, 9, AUDIO));
        assertThat(taken()).hasSize(1);
        untap(legs[0].leg());
        stepped.send(A, legs[0].port(), rtp(0, 2, 320, 9, AUDIO));
        assertThat(taken()).hasSize(1);
        untap(legs[0].leg());
        stepped.send(A, legs[0].port(), rtp(0, 3, 480, 9, AUDIO));
        assertThat(taken()).isEmpty();
        untap(legs[0].leg());
        assertThat(core.event(CoreEvent.REFUSED).status()).isEqualTo(CoreCommand.UNTAP);
    }

    @Test
    void shouldStartUntappedWhenARowIsUsedAgain() {
        Message first = core.answered(A, Codec.PCMU, 0);
        tap(first.leg());
        core.end(first.leg());
        tap(first.leg());
        assertThat(core.event(CoreEvent.REFUSED).status()).isEqualTo(CoreCommand.TAP);
        Message next = core.answered(A, Codec.PCMU, 0);
        stepped.send(A, next.port(), rtp(0, 1, 160, 9, AUDIO));
        assertThat(taken()).isEmpty();
        tap(next.leg());
        untap(next.leg());
        stepped.send(A, next.port(), rtp(0, 2, 320, 9, AUDIO));
        assertThat(taken()).isEmpty();
    }

    @Test
    void shouldDropAndCountWhenNobodyReadsAndLoseNoPacketOfTheCall() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        tap(legs[0].leg());
        int packets = 2_000;
        for (int i = 1; i <= packets; i++) {
            assertThat(stepped.send(A, legs[0].port(), rtp(0, i, 160 * i, 9, AUDIO)))
                    .as("packet %d", i)
                    .isNotNull();
        }
        long dropped = stepped.counter(CoreCounters.TAPS_DROPPED);
        assertThat(dropped).isPositive();
        assertThat(taken()).hasSize(packets - (int) dropped);
        assertThat(stepped.counter(CoreCounters.RTP_FORWARDED)).isEqualTo(packets);

        stepped.send(A, legs[0].port(), rtp(0, packets + 1, 160 * (packets + 1), 9, AUDIO));
        assertThat(taken()).singleElement().extracting(Tapped::timestamp).isEqualTo(160 * (packets + 1));
    }

    @Test
    void shouldDropWhatIsTooLongForTheRing() {
        Message[] legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
        tap(legs[0].leg());
        assertThat(core.rings.taps().tryClaim(1 << 20)).isNegative();
        assertThat(stepped.send(A, legs[0].port(), rtp(0, 1, 160, 9))).isNotNull();
        assertThat(taken()).singleElement().satisfies(copy -> assertThat(copy.payload())
                .isEmpty());
    }
}
