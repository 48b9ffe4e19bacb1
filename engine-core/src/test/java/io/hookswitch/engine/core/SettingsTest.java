package io.hookswitch.engine.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hookswitch.engine.io.IdleMode;
import io.hookswitch.engine.io.TransportKind;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;

class SettingsTest {
    private static final InetAddress ADDRESS = InetAddress.getLoopbackAddress();

    @Test
    void shouldNameEveryFaultWhenSeveralValuesAreOutOfRange() {
        assertThatThrownBy(() -> new CoreSettings(128, 1, 0, IdleMode.QUIET, TransportKind.AUTO, 1000, 1025, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("core: 128 is not in 0..127; legs: 1 is not in 2..1000000; "
                        + "timers: 0 is not in 1..4000000; ringSlots: 1000 is no power of two; "
                        + "slotBytes: 1025 is no multiple of 8; warmUpPackets: -1 is not in 0..1000000");
        assertThatThrownBy(() -> new MediaSettings(ADDRESS, 1023, 70_000, -1, 0))
                .hasMessageContainingAll("ports: 1023-70000", "quarantineNs: -1", "rtcpIntervalNs: 0");
    }

    @Test
    void shouldTakeTheDefaultsAndTheSmallestRange() {
        CoreSettings settings = CoreSettings.of(0, 20_000, IdleMode.BALANCED, TransportKind.AUTO);
        assertThat(settings.ringSlots()).isEqualTo(1024);
        assertThat(settings.slotBytes()).isEqualTo(32 * 1024);
        assertThat(settings.timers()).isEqualTo(80_000);
        assertThat(MediaSettings.of(ADDRESS, 1024, 1025).rtcpIntervalNs()).isEqualTo(5_000_000_000L);
        assertThatThrownBy(() -> MediaSettings.of(ADDRESS, 1025, 1026)).hasMessageContaining("1025-1026");
        assertThat(MediaSettings.of(ADDRESS, 1025, 1027).firstPort()).isEqualTo(1025);
    }

    @Test
    void shouldShowEveryCounterByItsNameInOneCopy() {
        CoreCounters counters = new CoreCounters();
        for (int counter = 0; counter < CoreCounters.COUNT; counter++) {
            counters.set(counter, 100 + counter);
        }
        long[] copy = new long[CoreCounters.COUNT];
        counters.snapshot(copy);
        for (int counter = 0; counter < CoreCounters.COUNT; counter++) {
            assertThat(copy[counter]).isEqualTo(100 + counter);
            assertThat(CoreCounters.name(counter)).matches("[a-z_]+");
        }
    }
}
