package io.hookswitch.engine.core;

import static io.hookswitch.engine.core.DigitDeduplicator.INFO;
import static io.hookswitch.engine.core.DigitDeduplicator.IN_BAND;
import static io.hookswitch.engine.core.DigitDeduplicator.TELEPHONE_EVENT;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.agrona.concurrent.UnsafeBuffer;
import org.junit.jupiter.api.Test;

class DigitDeduplicatorTest {
    private static final long MS = 1_000_000L;
    private static final long S = 1000 * MS;

    private record Told(int way, char key, long atNs, long lengthNs) {}

    private final UnsafeBuffer record = new UnsafeBuffer(new byte[DigitDeduplicator.RECORD_LENGTH]);
    private final DigitDeduplicator presses = new DigitDeduplicator().wrap(record, 0);

    private boolean isNew(int way, char key, long beganMs, long lengthMs) {
        return presses.isNew(way, key, beganMs * MS, lengthMs * MS);
    }

    @Test
    void shouldBeOnePressWhenAllThreeWaysTellIt() {
        assertThat(isNew(INFO, '5', 1000, 160)).isTrue();
        assertThat(isNew(IN_BAND, '5', 1010, 80)).isFalse();
        assertThat(isNew(TELEPHONE_EVENT, '5', 1000, 100)).isFalse();
        assertThat(isNew(TELEPHONE_EVENT, '5', 1200, 100)).isTrue();
        assertThat(isNew(INFO, '5', 1200, 160)).isFalse();
    }

    @Test
    void shouldBeOnePressWhenALongOneIsToldAtItsStartAndAtItsEnd() {
        assertThat(isNew(INFO, '5', 1000, 160)).isTrue();
        assertThat(isNew(TELEPHONE_EVENT, '5', 1000, 9000)).isFalse();
    }

    @Test
    void shouldBeAsManyPressesAsToldWhenOneWayTellsThem() {
        for (int i = 0; i < 50; i++) {
            assertThat(isNew(TELEPHONE_EVENT, '5', 1000 + i * 80, 40)).isTrue();
        }
    }

    @Test
    void shouldBeTwoPressesWhenKeysDifferOrTheTimeIsFar() {
        assertThat(isNew(TELEPHONE_EVENT, '5', 1000, 100)).isTrue();
        assertThat(isNew(INFO, '6', 1000, 100)).isTrue();
        assertThat(isNew(INFO, '5', 3099, 100)).as("just within").isFalse();
        assertThat(isNew(IN_BAND, '6', 3100, 100)).as("just out").isTrue();
    }

    @Test
    void shouldTellEachPressOnceWhenWaysAreLateAndOneLosesSome() {
        for (int seed = 0; seed < 300; seed++) {
            record.setMemory(0, record.capacity(), (byte) 0);
            Random random = new Random(seed);
            List<Told> all = new ArrayList<>();
            long nowNs = 10 * S;
            int pressed = 0;
            for (int i = 0; i < 60; i++) {
                char key = (char) ('0' + random.nextInt(3));
                long lengthNs = (60 + random.nextInt(200)) * MS;
                all.add(new Told(TELEPHONE_EVENT, key, nowNs + lengthNs, lengthNs));
                if (random.nextInt(20) > 0) {
                    all.add(new Told(INFO, key, nowNs + random.nextInt(500) * MS, 160 * MS));
                }
                nowNs += lengthNs + (300 + random.nextInt(1500)) * MS;
                pressed++;
            }
            all.sort(Comparator.comparingLong(Told::atNs));
            int told = 0;
            for (Told each : all) {
                told += presses.isNew(each.way, each.key, each.atNs - each.lengthNs, each.lengthNs) ? 1 : 0;
            }
            assertThat(told).as("seed %d", seed).isEqualTo(pressed);
        }
    }
}
