package io.hookswitch.engine.core;

import static io.hookswitch.engine.core.CoreHarness.rtp;
import static io.hookswitch.engine.core.SteppedCore.A;
import static io.hookswitch.engine.core.SteppedCore.B;
import static io.hookswitch.engine.core.SteppedCore.MS;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.core.CoreHarness.Message;
import io.hookswitch.engine.io.ScriptedTransport.Sent;
import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.CoreCommand;
import io.hookswitch.engine.message.CoreEvent;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.SipEvent;
import io.hookswitch.rtp.RtpHeaderFlyweight;
import io.hookswitch.rtp.TelephoneEventFlyweight;
import io.hookswitch.rtp.TelephoneEventReceiver;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A far end that talks and presses keys, behind a network that loses, doubles and disorders; another one that hears
 * what
 * the core makes of it; control that sends keys in between. What is told, what is heard and what was pressed agree.
 */
class DigitExplorationTest {
    private static final String KEYS = "0123456789*#ABCD";

    private record Arrival(long atNs, byte[] packet) {}

    private static final class World {
        private final Random random;
        private final SteppedCore stepped = new SteppedCore();
        private final Message[] legs;
        private final PriorityQueue<Arrival> wire = new PriorityQueue<>((a, b) -> Long.compare(a.atNs, b.atNs));
        private final UnsafeBuffer record = new UnsafeBuffer(new byte[TelephoneEventReceiver.RECORD_LENGTH]);
        private final TelephoneEventReceiver ear = new TelephoneEventReceiver().wrap(record, 0);
        private final RtpHeaderFlyweight header = new RtpHeaderFlyweight();
        private final TelephoneEventFlyweight event = new TelephoneEventFlyweight();
        private final Map<Integer, byte[]> numbers = new HashMap<>();
        private final StringBuilder pressed = new StringBuilder();
        private final StringBuilder told = new StringBuilder();
        private final StringBuilder heard = new StringBuilder();
        private final StringBuilder commanded = new StringBuilder();
        private final int clockOfB;
        private final double loss;
        private int sequence;
        private int timestamp;
        private int commandsOpen;

        private World(int seed, int clockOfB, double loss) {
            random = new Random(seed);
            this.clockOfB = clockOfB;
            this.loss = loss;
            sequence = random.nextInt(65_536);
            timestamp = random.nextInt();
            legs = stepped.joined(Codec.PCMU, 0, Codec.PCMU, 0);
            stepped.core.sip(SipEvent.MEDIA_CHANGED, legs[1].leg(), message -> message.media()
                    .begin()
                    .address(B.getAddress().getAddress())
                    .ports(B.getPort(), B.getPort() + 1)
                    .telephoneEvent(110, clockOfB)
                    .addCodec(Codec.PCMU, 0, -1, 8000));
        }

        private void leave(byte[] packet) {
            if (random.nextDouble() < loss) {
                return;
            }
            int copies = random.nextDouble() < loss ? 2 : 1;
            for (int i = 0; i < copies; i++) {
                long late = loss > 0 && random.nextInt(10) == 0 ? random.nextInt(60) : 0;
                wire.add(new Arrival(stepped.nowNs + (late + i * 10L) * MS, packet));
            }
        }

        /** Twenty milliseconds of the far end's time. */
        private void tick(byte[] packet) {
            leave(packet);
            timestamp += 160;
            for (int ms = 0; ms < 20; ms++) {
                while (!wire.isEmpty() && wire.peek().atNs <= stepped.nowNs) {
                    stepped.transport.arrive(legs[0].port(), wire.poll().packet, A);
                }
                stepped.pass(MS);
                listen();
            }
            for (Message message = stepped.core.anyEvent(); message != null; message = stepped.core.anyEvent()) {
                if (message.type() == CoreEvent.DIGIT) {
                    told.append((char) message.cause());
                } else {
                    assertThat(message.type()).isEqualTo(CoreEvent.DIGITS_SENT);
                    assertThat(message.status()).isZero();
                    commandsOpen--;
                }
            }
        }

        private byte[] audio() {
            return rtp(0, sequence++, timestamp, 5, new byte[160]);
        }

        private void press() {
            int key = random.nextInt(16);
            pressed.append(KEYS.charAt(key));
            int start = timestamp;
            int packets = 2 + random.nextInt(8);
            for (int i = 1; i <= packets + 2; i++) {
                int duration = Math.min(i, packets) * 160;
                byte flags = (byte) (i >= packets ? 0x8A : 10);
                byte[] packet =
                        rtp(101, sequence++, start, 5, (byte) key, flags, (byte) (duration >> 8), (byte) duration);
                packet[1] |= (byte) (i == 1 ? 0x80 : 0);
                tick(packet);
            }
        }

        private void command() {
            int count = 1 + random.nextInt(4);
            StringBuilder keys = new StringBuilder();
            for (int i = 0; i < count; i++) {
                keys.append(KEYS.charAt(random.nextInt(16)));
            }
            if (commandsOpen == 0) {
                commandsOpen++;
                commanded.append(keys);
                stepped.core.command(CoreCommand.SEND_DIGITS, legs[1].leg(), message -> {
                    message.reference(1).durationNs((40 + random.nextInt(200)) * MS);
                    message.put(Field.DIGITS, keys.toString());
                });
            }
        }

        private void listen() {
            for (Sent sent = stepped.transport.takeSent(); sent != null; sent = stepped.transport.takeSent()) {
                UnsafeBuffer bytes = new UnsafeBuffer(sent.bytes());
                if (!sent.to().equals(B) || RtpHeaderFlyweight.isRtcp(bytes, 0, bytes.capacity())) {
                    continue;
                }
                header.wrap(bytes, 0, bytes.capacity());
                // The marker apart: a copy of the first packet of all has it no more.
                byte[] unmarked = sent.bytes().clone();
                unmarked[1] &= 0x7F;
                byte[] before = numbers.putIfAbsent(header.sequence(), unmarked);
                assertThat(unmarked).as("one number, one packet").isEqualTo(before == null ? unmarked : before);
                if (header.payloadType() == 110) {
                    event.wrap(bytes, header.payloadOffset(), header.payloadLength());
                    if ((ear.onPacket(header, event, 0, clockOfB, stepped.nowNs) & TelephoneEventReceiver.BEGUN) != 0) {
                        heard.append(ear.digit());
                    }
                }
                ear.expire(stepped.nowNs, 200 * MS);
            }
        }

        private void live(boolean commands) {
            for (int i = 0; i < 25; i++) {
                for (int quiet = 4 + random.nextInt(20); quiet > 0; quiet--) {
                    if (commands && random.nextInt(40) == 0) {
                        command();
                    }
                    tick(audio());
                }
                press();
            }
            for (int i = 0; i < 200 || commandsOpen > 0; i++) {
                assertThat(i).as("keys of control's that never end").isLessThan(2000);
                tick(audio());
            }
            stepped.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"8000, 0", "8000, 0.1", "48000, 0", "48000, 0.1"})
    void shouldHearAndTellWhatWasPressedWhenTheNetworkMisbehaves(int clockOfB, double loss) {
        for (int seed = 0; seed < 60; seed++) {
            World world = new World(seed, clockOfB, loss);
            world.live(false);
            assertThat(world.told.toString()).as("seed %d", seed).isEqualTo(world.pressed.toString());
            assertThat(world.heard.toString()).as("seed %d", seed).isEqualTo(world.told.toString());
        }
    }

    @ParameterizedTest
    @CsvSource({"8000, 0", "8000, 0.1", "48000, 0.1"})
    void shouldHearEveryKeyOnceWhenControlSendsKeysInBetween(int clockOfB, double loss) {
        for (int seed = 0; seed < 60; seed++) {
            World world = new World(seed, clockOfB, loss);
            world.live(true);
            assertThat(world.told.toString()).as("seed %d", seed).isEqualTo(world.pressed.toString());
            String both = world.commanded.toString() + world.told;
            assertThat(sorted(world.heard.toString())).as("seed %d", seed).isEqualTo(sorted(both));
            assertThat(world.commanded.length()).isPositive();
        }
    }

    private static String sorted(String keys) {
        return keys.chars()
                .sorted()
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
