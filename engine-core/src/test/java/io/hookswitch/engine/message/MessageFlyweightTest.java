package io.hookswitch.engine.message;

import static org.assertj.core.api.Assertions.assertThat;

import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class MessageFlyweightTest {
    private static final int CAPACITY = MessageFlyweight.FIELDS_OFFSET + 128;
    private static final byte GUARD = 0x5A;

    private final UnsafeBuffer memory = new UnsafeBuffer(new byte[CAPACITY + 32]);
    private final MessageFlyweight message = new MessageFlyweight();

    MessageFlyweightTest() {
        memory.setMemory(0, memory.capacity(), GUARD);
        message.wrap(memory, 16, CAPACITY).begin(3);
    }

    private void assertNothingWrittenOutside() {
        for (int i = 0; i < 16; i++) {
            assertThat(memory.getByte(i)).isEqualTo(GUARD);
            assertThat(memory.getByte(16 + CAPACITY + i)).isEqualTo(GUARD);
        }
    }

    @Test
    void shouldKeepEveryMemberApartFromTheOthers() {
        message.leg(Long.MIN_VALUE).otherLeg(-2).call(-3).reference(Long.MAX_VALUE);
        message.timeNs(-5).durationNs(6).status(699).cause(9);
        message.media().begin().address(new byte[16]).ports(65_535, 1);
        message.put(Field.REASON, "é");
        assertThat(message.type()).isEqualTo(3);
        assertThat(message.leg()).isEqualTo(Long.MIN_VALUE);
        assertThat(message.otherLeg()).isEqualTo(-2);
        assertThat(message.call()).isEqualTo(-3);
        assertThat(message.reference()).isEqualTo(Long.MAX_VALUE);
        assertThat(message.timeNs()).isEqualTo(-5);
        assertThat(message.durationNs()).isEqualTo(6);
        assertThat(message.status()).isEqualTo(699);
        assertThat(message.cause()).isEqualTo(9);
        assertThat(message.media().rtpPort()).isEqualTo(65_535);
        assertThat(message.text(Field.REASON)).isEqualTo("é");
        assertNothingWrittenOutside();
    }

    @Test
    void shouldReadFieldsInOrderWhateverTheirLength() {
        String[] values = {"", "a", "ab", "abc", "abcd", "abcde"};
        for (String value : values) {
            assertThat(message.put(Field.HEADER, value)).isTrue();
        }
        int index = 0;
        for (int field = message.firstField(); field >= 0; field = message.nextField(field)) {
            assertThat(message.fieldTag(field)).isEqualTo(Field.HEADER);
            assertThat(message.fieldText(field)).isEqualTo(values[index++]);
        }
        assertThat(index).isEqualTo(values.length);
        assertThat(message.text(Field.BODY)).isNull();
    }

    @Test
    void shouldRefuseAFieldThatDoesNotFitAndStayAsItWas() {
        int room = CAPACITY - MessageFlyweight.FIELDS_OFFSET - 8;
        assertThat(message.put(Field.BODY, "x".repeat(room + 1))).isFalse();
        assertThat(message.firstField()).isEqualTo(-1);
        assertThat(message.put(Field.BODY, "y".repeat(room))).isTrue();
        assertThat(message.lengthBytes()).isEqualTo(CAPACITY);
        assertThat(message.put(Field.BODY, "")).isFalse();
        assertThat(message.put(Field.BODY, memory, 0, Integer.MAX_VALUE)).isFalse();
        assertThat(message.text(Field.BODY)).isEqualTo("y".repeat(room));
        assertNothingWrittenOutside();
    }

    @Test
    void shouldCopyAllFieldsOrNone() {
        message.put(Field.FROM_USER, "alice");
        message.put(Field.HEADER, "X-One: 1");
        UnsafeBuffer other = new UnsafeBuffer(new byte[CAPACITY]);
        MessageFlyweight copy = new MessageFlyweight().wrap(other, 0, CAPACITY).begin(4);
        copy.put(Field.CALL_ID, "c");
        assertThat(copy.copyFields(message)).isTrue();
        assertThat(copy.text(Field.CALL_ID)).isEqualTo("c");
        assertThat(copy.text(Field.FROM_USER)).isEqualTo("alice");
        assertThat(copy.text(Field.HEADER)).isEqualTo("X-One: 1");
        assertThat(copy.type()).isEqualTo(4);
        MessageFlyweight small = new MessageFlyweight().wrap(other, 0, 200).begin(4);
        assertThat(small.copyFields(message)).isFalse();
        assertThat(small.firstField()).isEqualTo(-1);
        assertThat(small.lengthBytes()).isEqualTo(MessageFlyweight.FIELDS_OFFSET);
    }

    @Test
    void shouldHoldEightCodecsAndRefuseTheNinth() {
        MediaFlyweight media = message.media().begin();
        for (int i = 0; i < MediaFlyweight.MAX_CODECS; i++) {
            assertThat(media.addCodec(1 + i % 4, 120 + i, 100 + i, 8000 + i)).isTrue();
        }
        assertThat(media.addCodec(1, 0, -1, 8000)).isFalse();
        media.telephoneEvent(101, 48_000).signallingIpv4(0xC0000201).ptimeMs(20).direction(MediaFlyweight.SEND);
        for (int i = 0; i < MediaFlyweight.MAX_CODECS; i++) {
            assertThat(media.codec(i)).isEqualTo(1 + i % 4);
            assertThat(media.payloadType(i)).isEqualTo(120 + i);
            assertThat(media.eventPayloadType(i)).isEqualTo(100 + i);
            assertThat(media.clockRate(i)).isEqualTo(8000 + i);
        }
        assertThat(media.telephoneEventPayloadType()).isEqualTo(101);
        assertThat(media.telephoneEventClockRate()).isEqualTo(48_000);
        assertThat(media.signallingIpv4()).isEqualTo(0xC0000201);
        assertThat(media.ptimeMs()).isEqualTo(20);
        assertThat(media.direction()).isEqualTo(MediaFlyweight.SEND);
        assertThat(message.firstField()).isEqualTo(-1);
    }

    @Test
    void shouldNameOneLegEachAndNeverNone() {
        long[] handles = {LegHandle.of(127, 0xFF_FFFF, Integer.MAX_VALUE), LegHandle.of(0, 1, 0)};
        assertThat(handles[0]).isPositive();
        assertThat(handles[1]).isPositive();
        assertThat(LegHandle.core(handles[0])).isEqualTo(127);
        assertThat(LegHandle.generation(handles[0])).isEqualTo(0xFF_FFFF);
        assertThat(LegHandle.row(handles[0])).isEqualTo(Integer.MAX_VALUE);
        assertThat(LegHandle.nextGeneration(0xFF_FFFF))
                .as("0 would make row 0 of core 0 no leg")
                .isEqualTo(1);
        assertThat(LegHandle.nextGeneration(1)).isEqualTo(2);
    }
}
