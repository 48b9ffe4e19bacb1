package io.hookswitch.engine.core;

import static io.hookswitch.engine.core.SteppedCore.MS;
import static io.hookswitch.engine.core.SteppedCore.S;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.core.CoreHarness.Message;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.LegHandle;
import io.hookswitch.engine.message.MediaFlyweight;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.engine.message.SipEvent;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Messages of both neighbours in random order, sensible or not, with packets and time in between. Whatever comes, each
 * offer and each dial has one answer, control hears nothing of a leg behind its end, and nothing is left behind.
 */
class CoreExplorationTest {
    private static final int STEPS = 20_000;
    private static final int[] SIP_EVENTS = {
        SipEvent.INVITED,
        SipEvent.PROGRESSED,
        SipEvent.ANSWERED,
        SipEvent.MEDIA_CHANGED,
        SipEvent.INFO_DIGIT,
        SipEvent.MEDIA_CHANGED,
        SipEvent.MEDIA_CHANGED,
        SipEvent.MEDIA_CHANGED,
        SipEvent.ANSWERED,
        SipEvent.ANSWERED,
        42
    };
    private static final int[] COMMANDS = {
        CoreCommand.PROGRESS,
        CoreCommand.ANSWER,
        CoreCommand.JOIN,
        CoreCommand.JOIN,
        CoreCommand.JOIN,
        CoreCommand.JOIN,
        CoreCommand.JOIN,
        CoreCommand.PART,
        CoreCommand.ARM_TIMER,
        CoreCommand.DISARM_TIMER,
        42
    };

    /** What the test knows of a leg that was bound. */
    private static final class Known {
        private final int port;
        private boolean isOver;

        private Known(int port) {
            this.port = port;
        }
    }

    private final SteppedCore stepped = new SteppedCore(12, 256);
    private final Map<Long, Known> legs = new HashMap<>();
    private final List<Long> handles = new ArrayList<>();
    private final Set<Long> openOffers = new HashSet<>();
    private final Set<Long> openDials = new HashSet<>();
    private final Map<Long, Long> openPlays = new HashMap<>();
    private final Recordings recordings = new Recordings();
    private Random random;
    private long numbers = 1000;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void shouldKeepEveryPromiseWhateverTheOrder(long seed) {
        random = new Random(seed);
        for (int i = 0; i < STEPS; i++) {
            step();
            take();
            check();
        }
        endAll();
        stepped.pass(10 * S);
        take();
        assertThat(openPlays).as("recordings whose end nobody told").isEmpty();
        assertThat(gauges()).containsExactly(0, 0, 0, 0);
        stepped.transport.forgetSent();
        stepped.pass(10 * S);
        assertThat(stepped.transport.takeSent()).as("sent by nobody").isNull();
        assertThat(stepped.counter(CoreCounters.FAILED_STEPS)).isZero();
        assertThat(stepped.counter(CoreCounters.RTP_FORWARDED))
                .as("something happened")
                .isGreaterThan(200);
        assertThat(stepped.counter(CoreCounters.COMMANDS_REFUSED)).isPositive();
        assertThat(stepped.counter(CoreCounters.OFFERS_REFUSED)).isPositive();
        assertThat(stepped.counter(CoreCounters.PLAYOUT_PACKETS)).isPositive();
        stepped.close();
        recordings.close();
    }

    private long[] gauges() {
        return new long[] {
            stepped.counter(CoreCounters.LEGS),
            stepped.counter(CoreCounters.PORTS),
            stepped.counter(CoreCounters.BRIDGES),
            stepped.counter(CoreCounters.TIMERS)
        };
    }

    private void step() {
        switch (random.nextInt(12)) {
            case 0 -> offer();
            case 1 -> dial();
            case 2, 3, 4 -> sipEvent();
            case 5 -> terminate();
            case 6, 7 -> command();
            case 8, 9 -> packets();
            case 10 -> playOrStop();
            default -> stepped.pass(random.nextInt(40) * MS);
        }
    }

    private void offer() {
        long number = numbers++;
        openOffers.add(number);
        stepped.core.sip(SipEvent.OFFERED, 0, message -> {
            message.otherLeg(number);
            if (random.nextInt(4) > 0) {
                describe(message.media(), random.nextInt(3));
            }
        });
    }

    private void dial() {
        long number = numbers++;
        openDials.add(number);
        stepped.core.command(
                CoreCommand.DIAL, 0, message -> message.reference(number).otherLeg(random.nextInt(3) * anyLeg()));
    }

    private void describe(MediaFlyweight media, int farNumber) {
        boolean isMuLaw = random.nextBoolean();
        media.begin().direction(random.nextInt(8) == 0 ? random.nextInt(4) : 3);
        media.addCodec(isMuLaw ? Codec.PCMU : Codec.PCMA, isMuLaw ? 0 : 8, -1, 8000);
        media.telephoneEvent(random.nextInt(3) == 0 ? -1 : 101, 8000);
        if (random.nextInt(10) > 0) {
            InetSocketAddress far = far(farNumber);
            media.address(far.getAddress().getAddress()).ports(far.getPort(), far.getPort() + random.nextInt(2));
        }
        if (random.nextInt(3) == 0) {
            media.signallingIpv4(192 << 24 | 2 << 8 | random.nextInt(3));
        }
    }

    private static InetSocketAddress far(int number) {
        return SteppedCore.at("192.0.2." + number, 4000);
    }

    /** Mostly one that lives. */
    private long anyLeg() {
        List<Long> living = handles.stream()
                .filter(leg -> legs.containsKey(leg) && !legs.get(leg).isOver)
                .toList();
        if (!living.isEmpty() && random.nextInt(8) > 0) {
            return living.get(random.nextInt(living.size()));
        }
        return handles.isEmpty() ? 0 : handles.get(random.nextInt(handles.size()));
    }

    private void sipEvent() {
        int type = random.nextInt(25) == 0 ? SipEvent.ENDED : SIP_EVENTS[random.nextInt(SIP_EVENTS.length)];
        long leg = anyLeg();
        stepped.core.sip(type, leg, message -> {
            message.status(200).cause('1');
            if (random.nextInt(4) > 0) {
                describe(message.media(), farNumber(leg));
            }
        });
    }

    /** Mostly the same one for a leg. */
    private int farNumber(long leg) {
        return random.nextInt(10) == 0 ? random.nextInt(3) : LegHandle.row(leg) % 3;
    }

    /** The sip side says so once a leg, behind its end or (a mistake of its own) before. */
    private void terminate() {
        long leg = anyLeg();
        Known known = legs.get(leg);
        if (known == null) {
            terminateOver();
        } else if (known.isOver || random.nextInt(60) == 0) {
            stepped.core.sip(SipEvent.TERMINATED, leg, message -> {});
            take();
            assertThat(known.isOver).isTrue();
            legs.remove(leg);
        } else {
            terminateOver();
        }
    }

    private void terminateOver() {
        for (long leg : handles) {
            if (legs.containsKey(leg) && legs.get(leg).isOver) {
                stepped.core.sip(SipEvent.TERMINATED, leg, message -> {});
                legs.remove(leg);
                return;
            }
        }
    }

    private void command() {
        int type = random.nextInt(25) == 0 ? CoreCommand.END : COMMANDS[random.nextInt(COMMANDS.length)];
        long leg = anyLeg();
        long other = anyLeg();
        stepped.core.command(type, leg, message -> message.otherLeg(other)
                .status(480)
                .reference(random.nextInt(20))
                .durationNs(random.nextInt(200) * MS));
        if (type == CoreCommand.END && legs.containsKey(leg)) {
            legs.get(leg).isOver = true;
        }
    }

    /** Recordings short and endless, some without the far end's codec; now and then what is no recording at all. */
    private void playOrStop() {
        for (Map.Entry<Long, Long> open : List.copyOf(openPlays.entrySet())) {
            long leg = random.nextInt(20) == 0 ? anyLeg() : open.getValue();
            stepped.core.command(CoreCommand.STOP_PLAY, leg, message -> message.reference(open.getKey()));
        }
        if (random.nextInt(3) > 0) {
            return;
        }
        long number = numbers++;
        long leg = anyLeg();
        openPlays.put(number, leg);
        int samples = random.nextInt(1, 3000);
        MemorySegment recording =
                random.nextInt(10) == 0 ? recordings.junk() : recordings.mulaw(samples, random.nextInt(3) > 0);
        stepped.core.command(CoreCommand.PLAY, leg, message -> {
            message.reference(number);
            Recordings.order(message, recording, random.nextInt(3), random.nextInt(500));
        });
    }

    private void packets() {
        long leg = anyLeg();
        Known known = legs.get(leg);
        if (known == null) {
            return;
        }
        int first = random.nextInt(65_536);
        InetSocketAddress from = far(farNumber(leg));
        byte[] key = {(byte) random.nextInt(20), (byte) (random.nextInt(2) << 7 | 10), 0, (byte) 160};
        for (int i = 0; i < 5; i++) {
            int type = new int[] {0, 8, 101, 77, 72}[random.nextInt(5)];
            stepped.transport.arrive(
                    known.port + random.nextInt(2), CoreHarness.rtp(type, first + i, 160 * i, 7, key), from);
        }
        stepped.core.settle();
    }

    private void take() {
        for (Message message = stepped.core.anySipCommand(); message != null; ) {
            onSipCommand(message);
            message = stepped.core.anySipCommand();
        }
        for (Message message = stepped.core.anyEvent(); message != null; message = stepped.core.anyEvent()) {
            onEvent(message);
        }
    }

    private void onSipCommand(Message message) {
        switch (message.type()) {
            case SipCommand.BIND -> {
                assertThat(openOffers.remove(message.otherLeg())).isTrue();
                // Found out by asking: PROGRESS with a description names our port.
                stepped.core.command(CoreCommand.PROGRESS, message.leg(), command -> command.otherLeg(message.leg()));
                bind(message.leg(), 0);
            }
            case SipCommand.REFUSE ->
                assertThat(openOffers.remove(message.otherLeg())).isTrue();
            case SipCommand.INVITE -> bind(message.leg(), message.port());
            case SipCommand.PROGRESS -> {
                if (message.port() != 0 && legs.containsKey(message.leg()) && legs.get(message.leg()).port == 0) {
                    legs.put(message.leg(), new Known(message.port()));
                }
            }
            case SipCommand.END -> assertThat(legs).containsKey(message.leg());
            default -> assertThat(message.type()).isEqualTo(SipCommand.ANSWER);
        }
    }

    private void bind(long leg, int port) {
        assertThat(handles).as("a handle names one leg for ever").doesNotContain(leg);
        legs.put(leg, new Known(port));
        handles.add(leg);
        if (handles.size() > 30) {
            handles.removeIf(handle -> !legs.containsKey(handle) && random.nextBoolean());
        }
    }

    private void onEvent(Message message) {
        switch (message.type()) {
            case CoreEvent.OFFERED, CoreEvent.PROGRESSED, CoreEvent.ANSWERED, CoreEvent.DIGIT, CoreEvent.HELD ->
                assertLives(message);
            case CoreEvent.PLAYED ->
                assertThat(openPlays.remove(message.reference())).isNotNull();
            case CoreEvent.INVITED -> {
                assertLives(message);
                assertThat(openDials.remove(message.reference())).isTrue();
            }
            case CoreEvent.DIAL_REFUSED -> {
                assertThat(openDials.remove(message.reference())).isTrue();
                if (legs.containsKey(message.leg())) {
                    legs.get(message.leg()).isOver = true;
                }
            }
            case CoreEvent.ENDED -> {
                assertLives(message);
                legs.get(message.leg()).isOver = true;
            }
            default -> assertThat(message.type()).isIn(CoreEvent.REFUSED, CoreEvent.TIMER_EXPIRED);
        }
    }

    private void assertLives(Message message) {
        assertThat(legs).containsKey(message.leg());
        assertThat(legs.get(message.leg()).isOver)
                .as("event %d of a leg that is over", message.type())
                .isFalse();
    }

    private void check() {
        assertThat(openOffers).as("offers without an answer").isEmpty();
        assertThat(stepped.counter(CoreCounters.LEGS)).isEqualTo(legs.size());
        assertThat(stepped.counter(CoreCounters.PORTS)).isEqualTo(legs.size());
        assertThat(stepped.counter(CoreCounters.BRIDGES)).isBetween(0L, legs.size() / 2L);
        assertThat(stepped.transport.lentBuffers()).isZero();
        stepped.transport.forgetSent();
    }

    private void endAll() {
        for (long leg : List.copyOf(legs.keySet())) {
            stepped.core.command(CoreCommand.END, leg, message -> {});
            legs.get(leg).isOver = true;
            stepped.core.sip(SipEvent.TERMINATED, leg, message -> {});
            take();
            legs.remove(leg);
        }
        for (int reference = 0; reference < 20; reference++) {
            int number = reference;
            stepped.core.command(CoreCommand.DISARM_TIMER, 0, message -> message.reference(number));
        }
    }
}
