package io.hookswitch.control.codec;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.engine.message.Cause;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.PlayFlyweight;
import io.hookswitch.engine.message.PlayResult;
import java.util.List;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Slots in, words out, and back. */
class CoreCodecTest {
    private static final ControlCommand.Dial DIAL = new ControlCommand.Dial(
            7,
            8,
            9,
            "sip:x@192.0.2.1",
            "udp:192.0.2.1:5060",
            "+1",
            "Zo\u00eb",
            null,
            "u",
            "p",
            ControlCommand.Srtp.SDES_WITH_ICE,
            List.of(new Header("X-A", "1"), new Header("X-B", "2: 3")),
            null,
            List.of("G722", "PCMU"));

    private static MessageFlyweight slot(int bytes) {
        return new MessageFlyweight().wrap(new UnsafeBuffer(new byte[bytes]), 0, bytes);
    }

    @Test
    void shouldWriteEveryMemberWhenACommandFits() {
        MessageFlyweight slot = slot(1024);
        assertThat(CoreCodec.encode(DIAL, slot)).isTrue();
        assertThat(slot.type()).isEqualTo(CoreCommand.DIAL).isEqualTo(CoreCodec.type(DIAL));
        assertThat(List.of(slot.call(), slot.reference(), slot.otherLeg())).containsExactly(7L, 8L, 9L);
        assertThat(slot.text(Field.REQUEST_URI)).isEqualTo("sip:x@192.0.2.1");
        assertThat(slot.text(Field.FROM_DISPLAY)).isEqualTo("Zo\u00eb");
        assertThat(slot.text(Field.FROM_HOST)).isNull();
        assertThat(slot.text(Field.AUTH_PASSWORD)).isEqualTo("p");
        assertThat(slot.text(Field.SRTP)).isEqualTo("sdes ice");
        assertThat(slot.text(Field.HEADER)).isEqualTo("X-A: 1");
        assertThat(List.of(
                        slot.media().codecCount(),
                        slot.media().codec(0),
                        slot.media().codec(1)))
                .containsExactly(2, Codec.G722, Codec.PCMU);

        assertThat(CoreCodec.encode(new ControlCommand.Progress(1, 183, 2), slot))
                .isTrue();
        assertThat(List.of(slot.leg(), slot.otherLeg(), (long) slot.status())).containsExactly(1L, 2L, 183L);
        assertThat(CoreCodec.encode(new ControlCommand.ArmTimer(1, 2, 3), slot)).isTrue();
        assertThat(List.of(slot.call(), slot.reference(), slot.durationNs())).containsExactly(1L, 2L, 3L);
        assertThat(CoreCodec.encode(
                        new ControlCommand.StartPlayout(7, 8, 4096, 512, 3, 160, new ControlCommand.Track(2, -6)),
                        slot))
                .isTrue();
        PlayFlyweight play = new PlayFlyweight();
        assertThat(play.wrap(slot)).isTrue();
        assertThat(List.of(slot.leg(), slot.reference(), play.address(), play.lengthBytes(), play.offsetSamples()))
                .containsExactly(7L, 8L, 4096L, 512L, 160L);
        assertThat(List.of(play.passes(), play.track(), play.gainDb())).containsExactly(3, 2, -6);
        assertThat(CoreCodec.encode(new ControlCommand.StopPlayout(7, 8), slot)).isTrue();
        assertThat(slot.type()).isEqualTo(CoreCommand.STOP_PLAY);
        assertThat(List.of(slot.leg(), slot.reference())).containsExactly(7L, 8L);
        assertThat(CoreCodec.encode(new ControlCommand.SendDigits(7, 8, "1w#", 250_000_000L, 60_000_000L), slot))
                .isTrue();
        assertThat(slot.type()).isEqualTo(CoreCommand.SEND_DIGITS);
        assertThat(slot.leg()).isEqualTo(7);
        assertThat(slot.reference()).isEqualTo(8);
        assertThat(slot.durationNs()).isEqualTo(250_000_000L);
        assertThat(slot.status()).isEqualTo(60);
        assertThat(slot.text(Field.DIGITS)).isEqualTo("1w#");
        assertThat(CoreCodec.encode(new ControlCommand.DisarmTimer(5), slot)).isTrue();
        assertThat(slot.reference()).isEqualTo(5);
        assertThat(CoreCodec.encode(new ControlCommand.Join(1, 2), slot)).isTrue();
        assertThat(List.of((long) slot.type(), slot.leg(), slot.otherLeg())).containsExactly(4L, 1L, 2L);
        assertThat(CoreCodec.encode(new ControlCommand.Part(6), slot)).isTrue();
        assertThat(List.of((long) slot.type(), slot.leg())).containsExactly(5L, 6L);
        assertThat(CoreCodec.encode(new ControlCommand.Answer(1, 2, List.of(new Header("A", "b"))), slot))
                .isTrue();
        assertThat(slot.text(Field.HEADER)).isEqualTo("A: b");
    }

    @Test
    void shouldSayExactlyWhenADialFits() {
        int fits = 0;
        for (int bytes = MessageFlyweight.FIELDS_OFFSET; bytes < 1024; bytes += 4) {
            boolean written = CoreCodec.encode(DIAL, slot(bytes));
            assertThat(CoreCodec.fits(DIAL, bytes)).as(bytes + " bytes").isEqualTo(written);
            fits += written ? 1 : 0;
        }
        assertThat(fits).isPositive();
        assertThat(CoreCodec.tooLong(DIAL)).hasValueSatisfying(event -> assertThat(event)
                .isEqualTo(new ControlEvent.DialRefused(8, 513, "INVITE too long for a message slot")));
    }

    @Test
    void shouldEndTheLegWithoutItsHeadersWhenTheyDoNotFit() {
        ControlCommand.End end =
                new ControlCommand.End(3, 486, "r".repeat(500), List.of(new Header("X", "y".repeat(500))));
        MessageFlyweight slot = slot(320);
        assertThat(CoreCodec.fits(end, 320)).isTrue();
        assertThat(CoreCodec.encode(end, slot)).isTrue();
        assertThat(List.of(slot.leg(), (long) slot.status())).containsExactly(3L, 486L);
        assertThat(slot.firstField()).isNegative();
        assertThat(CoreCodec.tooLong(end)).isEmpty();
    }

    @Test
    void shouldReadTheEndOfAPlayingWhenACoreWroteIt() {
        MessageFlyweight slot = slot(1024);
        slot.begin(CoreEvent.PLAYED)
                .leg(1)
                .reference(6)
                .cause(PlayResult.STOPPED)
                .durationNs(2_040_000_000L)
                .status(320);
        assertThat(CoreCodec.decode(slot))
                .contains(new ControlEvent.Played(6, ControlEvent.PlayResult.STOPPED, 2040, 320));
        slot.begin(CoreEvent.REFUSED).leg(1).reference(6).status(CoreCommand.PLAY);
        assertThat(CoreCodec.decode(slot)).get().isInstanceOfSatisfying(ControlEvent.Played.class, played -> {
            assertThat(played.play()).isEqualTo(6);
            assertThat(played.result()).isEqualTo(ControlEvent.PlayResult.FAILED);
        });
    }

    @Test
    void shouldReadEveryEventWhenACoreWroteIt() {
        MessageFlyweight slot = slot(2048);
        slot.begin(CoreEvent.OFFERED).leg(5);
        slot.put(Field.CALL_ID, "c");
        slot.put(Field.FROM_USER, "100");
        slot.put(Field.TO_USER, "200");
        slot.put(Field.ORIGIN, "carrier:demo:trunk: one");
        slot.put(Field.HEADER, "X-A:  1: 2 ");
        slot.media().begin();
        ControlEvent.Offered offered =
                (ControlEvent.Offered) CoreCodec.decode(slot).orElseThrow();
        assertThat(offered.leg()).isEqualTo(5);
        assertThat(offered.offer()).isTrue();
        assertThat(offered.incoming().origin()).isEqualTo(new ControlEvent.Origin.Carrier("demo", "trunk: one"));
        assertThat(offered.incoming().headers()).containsExactly(new Header("X-A", "1: 2"));
        assertThat(offered.incoming().fromDisplay()).isEmpty();

        slot.begin(CoreEvent.OFFERED).put(Field.ORIGIN, "user:demo:alice@demo.test");
        offered = (ControlEvent.Offered) CoreCodec.decode(slot).orElseThrow();
        assertThat(offered.incoming().origin()).isEqualTo(new ControlEvent.Origin.User("demo", "alice@demo.test"));
        assertThat(offered.offer()).isFalse();

        slot.begin(CoreEvent.INVITED).leg(1).reference(2).put(Field.CALL_ID, "x");
        assertThat(CoreCodec.decode(slot)).contains(new ControlEvent.Invited(1, 2, "x"));
        slot.begin(CoreEvent.DIAL_REFUSED).reference(2).status(503).put(Field.REASON, "full");
        assertThat(CoreCodec.decode(slot)).contains(new ControlEvent.DialRefused(2, 503, "full"));
        slot.begin(CoreEvent.PROGRESSED).leg(1).status(183).media().begin();
        assertThat(CoreCodec.decode(slot)).contains(new ControlEvent.Progressed(1, 183, "", true));
        slot.begin(CoreEvent.ANSWERED).leg(1).status(200);
        assertThat(CoreCodec.decode(slot)).contains(new ControlEvent.Answered(1, 200, ""));
        slot.begin(CoreEvent.ENDED).leg(1).status(200).cause(Cause.FAR_END_BYE).put(Field.HEADER, "X: y");
        assertThat(CoreCodec.decode(slot))
                .contains(new ControlEvent.Ended(1, 200, Cause.FAR_END_BYE, "", List.of(new Header("X", "y"))));
        slot.begin(CoreEvent.DIGITS_SENT).leg(1).reference(6);
        assertThat(CoreCodec.decode(slot)).contains(new ControlEvent.DigitsSent(6, true));
        slot.status(488);
        assertThat(CoreCodec.decode(slot)).contains(new ControlEvent.DigitsSent(6, false));
        slot.begin(CoreEvent.REFUSED).leg(1).reference(6).status(CoreCommand.SEND_DIGITS);
        assertThat(CoreCodec.decode(slot)).contains(new ControlEvent.DigitsSent(6, false));
        slot.begin(CoreEvent.DIGIT).leg(1).cause('#').durationNs(250_000_000);
        assertThat(CoreCodec.decode(slot)).contains(new ControlEvent.DigitPressed(1, '#', 250));
        slot.begin(CoreEvent.TIMER_EXPIRED).reference(9);
        assertThat(CoreCodec.decode(slot)).contains(new ControlEvent.TimerExpired(9));
        slot.begin(CoreEvent.REFUSED).leg(1).status(CoreCommand.JOIN);
        assertThat(CoreCodec.decode(slot)).contains(new ControlEvent.CommandRefused(1, CoreCommand.JOIN));
        slot.begin(CoreEvent.REFUSED).reference(9).status(CoreCommand.ARM_TIMER);
        assertThat(CoreCodec.decode(slot)).contains(new ControlEvent.TimerExpired(9));
        slot.begin(77);
        assertThat(CoreCodec.decode(slot)).isEmpty();
    }
}
