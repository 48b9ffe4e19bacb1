package io.hookswitch.control.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

/** Whatever control is told and answers can be written and read back. */
class RecordTypesTest {
    private static final Set<Class<?>> MEMBERS = Set.of(
            long.class,
            int.class,
            boolean.class,
            char.class,
            double.class,
            Integer.class,
            Long.class,
            Boolean.class,
            Character.class,
            String.class,
            List.class,
            Map.class,
            Optional.class,
            Object.class);

    private static Object sample(Class<?> type) {
        if (type == long.class || type == Long.class) {
            return 7L;
        } else if (type == int.class || type == Integer.class) {
            return 7;
        } else if (type == boolean.class || type == Boolean.class) {
            return Boolean.TRUE;
        } else if (type == char.class || type == Character.class) {
            return '#';
        } else if (type == double.class) {
            return 0.5;
        } else if (type == String.class) {
            return "text";
        } else if (type == List.class) {
            return List.of("a", 1L);
        } else if (type == Map.class || type == Object.class) {
            Map<String, Object> map = new LinkedHashMap<>();
            map.put("z", new BigDecimal("1.50"));
            map.put("a", null);
            return map;
        } else if (type == Optional.class) {
            return Optional.of("some");
        } else if (type.isEnum()) {
            return type.getEnumConstants()[0];
        } else if (type.isSealed()) {
            return sample(type.getPermittedSubclasses()[0]);
        }
        return record(RecordTypes.ALL.of(type));
    }

    private static Object record(RecordTypes.Layout layout) {
        Object[] values = new Object[layout.members().size()];
        for (int i = 0; i < values.length; i++) {
            Class<?> type = layout.memberTypes().get(i);
            // A record may hold one of its own kind, as a hook does its fallback: one is enough.
            values[i] = type == layout.type() || holds(type, layout.type()) ? null : sample(type);
        }
        return layout.make(values);
    }

    private static boolean holds(Class<?> type, Class<?> other) {
        RecordTypes.Layout layout = RecordTypes.ALL.of(type);
        return layout != null && layout.memberTypes().contains(other);
    }

    @Test
    void shouldReadBackWhatWasWrittenWhateverTheRecord() {
        ValueEncoder encoder = new ValueEncoder(1 << 20);
        for (RecordTypes.Layout layout : RecordTypes.ALL.all()) {
            Object written = record(layout);
            encoder.reset();
            encoder.put(written, new JournalMask(true), true);
            byte[] bytes = new byte[encoder.position()];
            encoder.buffer().getBytes(0, bytes);

            Object read = new ValueDecoder(new UnsafeBuffer(bytes), bytes.length).take();

            assertThat(read.getClass()).isEqualTo(layout.type());
            if (!hasSecret(layout)) {
                assertThat(read).as(layout.name()).isEqualTo(written);
            }
        }
    }

    /** A secret comes back as its mask, also from deeper down. */
    private static boolean hasSecret(RecordTypes.Layout layout) {
        return layout.members().stream()
                        .anyMatch(member -> JournalMask.rule(member, JournalMask.Rule.OPEN) == JournalMask.Rule.SECRET)
                || layout.memberTypes().stream()
                        .map(type -> type.isSealed() ? type.getPermittedSubclasses()[0] : type)
                        .map(RecordTypes.ALL::of)
                        .anyMatch(below -> below != null && below != layout && hasSecret(below));
    }

    @Test
    void shouldHaveALayoutForEveryEventAndCommand() {
        List<Class<?>> leaves = new ArrayList<>();
        leaves(ControlEvent.class, leaves);
        leaves(ControlCommand.class, leaves);

        assertThat(leaves).hasSizeGreaterThan(20).allSatisfy(type -> assertThat(RecordTypes.ALL.of(type))
                .as(type.getName())
                .isNotNull());
    }

    private static void leaves(Class<?> type, List<Class<?>> leaves) {
        if (type.isSealed()) {
            Arrays.stream(type.getPermittedSubclasses()).forEach(each -> leaves(each, leaves));
        } else {
            leaves.add(type);
        }
    }

    @Test
    void shouldHoldOnlyWhatAJournalCanWriteWhenARecordGetsAMember() {
        for (RecordTypes.Layout layout : RecordTypes.ALL.all()) {
            for (int i = 0; i < layout.members().size(); i++) {
                Class<?> type = layout.memberTypes().get(i);
                boolean isOurs = type.isEnum() || type.isSealed() || RecordTypes.ALL.of(type) != null;
                assertThat(isOurs || MEMBERS.contains(type))
                        .as(layout.name() + "." + layout.members().get(i) + ": the journal has no layout for a "
                                + type.getName())
                        .isTrue();
            }
        }
    }
}
