package io.hookswitch.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.message.LegHandle;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LegTableTest {
    private static final int ROWS = 4;

    private final LegTable legs = new LegTable(3, ROWS);

    @Test
    void shouldHandOutEveryRowOnceAndThenNone() {
        Set<Integer> rows = new HashSet<>();
        for (int i = 0; i < ROWS; i++) {
            rows.add(legs.allocate(LegTable.OFFERED));
        }
        assertThat(rows).containsExactlyInAnyOrder(0, 1, 2, 3);
        assertThat(legs.allocate(LegTable.OFFERED)).isEqualTo(LegTable.NONE);
        assertThat(legs.inUse()).isEqualTo(ROWS);
        legs.free(2);
        assertThat(legs.allocate(LegTable.INVITING)).isEqualTo(2);
    }

    @Test
    void shouldKnowOnlyTheHandleOfARowsPresentLeg() {
        int row = legs.allocate(LegTable.OFFERED);
        long first = legs.handle(row);
        assertThat(legs.row(first)).isEqualTo(row);
        legs.free(row);
        assertThat(legs.row(first)).as("free").isEqualTo(LegTable.NONE);
        assertThat(legs.allocate(LegTable.OFFERED)).isEqualTo(row);
        assertThat(legs.row(first)).as("the next leg's row").isEqualTo(LegTable.NONE);
        assertThat(legs.row(legs.handle(row))).isEqualTo(row);
    }

    @Test
    void shouldRefuseHandlesThatAreNoneOrAnotherCoresOrOutOfTheTable() {
        int row = legs.allocate(LegTable.OFFERED);
        long[] wrong = {
            0,
            -1,
            Long.MIN_VALUE,
            LegHandle.of(2, 1, row),
            LegHandle.of(3, 2, row),
            LegHandle.of(3, 1, ROWS),
            LegHandle.of(3, 1, -1),
            LegHandle.of(3, 1, Integer.MAX_VALUE)
        };
        for (long handle : wrong) {
            assertThat(legs.row(handle)).as(Long.toHexString(handle)).isEqualTo(LegTable.NONE);
        }
    }

    @Test
    void shouldLeaveNothingOfTheFormerLegInARow() {
        int row = legs.allocate(LegTable.ANSWERED);
        legs.flags(row, -1, 0);
        legs.peer(row, 1);
        legs.ports(row, 5, 6, 7);
        legs.source(row, -1, -1, 9);
        legs.codec(row, 4, 111, 48_000);
        legs.telephoneEvent(row, 101, 8000);
        legs.branch(row, 8, 9);
        legs.free(row);
        assertThat(legs.allocate(LegTable.OFFERED)).isEqualTo(row);
        assertThat(legs.state(row)).isEqualTo(LegTable.OFFERED);
        assertThat(legs.has(row, LegTable.HAS_MEDIA)).isFalse();
        assertThat(legs.has(row, LegTable.LOCKED)).isFalse();
        assertThat(List.of(legs.peer(row), legs.pair(row), legs.rtpSocket(row), legs.rtcpSocket(row)))
                .containsOnly(LegTable.NONE);
        assertThat(legs.isSource(row, 0, 0, 0)).isTrue();
        assertThat(legs.codec(row)).isZero();
        assertThat(legs.eventPayloadType(row)).isEqualTo(-1);
        assertThat(legs.call(row) + legs.reference(row)).isZero();
    }

    @Test
    void shouldKeepEveryColumnOfEveryRowApart() {
        List<Integer> rows = new ArrayList<>();
        for (int i = 0; i < ROWS; i++) {
            int row = legs.allocate(LegTable.ANSWERED);
            rows.add(row);
            legs.flags(row, LegTable.HAS_MEDIA | LegTable.REACHABLE, 0);
            legs.peer(row, 10 + row);
            legs.ports(row, 20 + row, 30 + row, 40 + row);
            legs.source(row, 50 + row, 60 + row, 70 + row);
            legs.codec(row, 2, 100 + row, 8000 + row);
            legs.telephoneEvent(row, 90 + row, 16_000 + row);
            legs.branch(row, 1L << 40 | row, 1L << 41 | row);
        }
        for (int row : rows) {
            assertThat(legs.state(row)).isEqualTo(LegTable.ANSWERED);
            assertThat(legs.has(row, LegTable.HAS_MEDIA | LegTable.REACHABLE)).isTrue();
            assertThat(legs.has(row, LegTable.HAS_MEDIA | LegTable.LOCKED)).isFalse();
            assertThat(legs.peer(row)).isEqualTo(10 + row);
            assertThat(legs.pair(row)).isEqualTo(20 + row);
            assertThat(legs.rtpSocket(row)).isEqualTo(30 + row);
            assertThat(legs.rtcpSocket(row)).isEqualTo(40 + row);
            assertThat(legs.isSource(row, 50 + row, 60 + row, 70 + row)).isTrue();
            assertThat(legs.isSource(row, 51 + row, 60 + row, 70 + row)).isFalse();
            assertThat(legs.payloadType(row)).isEqualTo(100 + row);
            assertThat(legs.clockRate(row)).isEqualTo(8000 + row);
            assertThat(legs.eventPayloadType(row)).isEqualTo(90 + row);
            assertThat(legs.eventClockRate(row)).isEqualTo(16_000 + row);
            assertThat(legs.call(row)).isEqualTo(1L << 40 | row);
            assertThat(legs.reference(row)).isEqualTo(1L << 41 | row);
            assertThat(legs.row(legs.handle(row))).isEqualTo(row);
        }
    }
}
