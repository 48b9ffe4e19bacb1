package io.hookswitch.sip.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Tokens per source: the burst, the refill, the table that is full. */
class SourceBucketsTest {
    private static InetAddress address(int number) {
        try {
            return InetAddress.getByAddress(
                    new byte[] {10, (byte) (number >> 16), (byte) (number >> 8), (byte) number});
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private static int taken(SourceBuckets buckets, InetAddress source, int tries, long nowNs) {
        int taken = 0;
        for (int i = 0; i < tries; i++) {
            if (buckets.take(source, nowNs) == SourceBuckets.TAKEN) {
                taken++;
            }
        }
        return taken;
    }

    @Test
    void shouldGiveTheBurstThenTheRateWhenOneSourceAsks() {
        SourceBuckets buckets = new SourceBuckets(100, 20, 64);
        long nowNs = 5_000;
        assertThat(taken(buckets, address(1), 50, nowNs)).isEqualTo(20);
        assertThat(buckets.take(address(1), nowNs)).isEqualTo(SourceBuckets.EMPTY);
        assertThat(taken(buckets, address(2), 50, nowNs)).as("another source").isEqualTo(20);
        nowNs += TimeUnit.MILLISECONDS.toNanos(50);
        assertThat(taken(buckets, address(1), 50, nowNs)).as("50 ms later").isEqualTo(5);
        nowNs += TimeUnit.SECONDS.toNanos(10);
        assertThat(taken(buckets, address(1), 50, nowNs))
                .as("never more than saved")
                .isEqualTo(20);
    }

    @Test
    void shouldRefuseTheNewOneWhenTheTableIsFullAndTakeItWhenABucketIsFullAgain() {
        SourceBuckets buckets = new SourceBuckets(10, 10, 8);
        for (int i = 0; i < 8; i++) {
            assertThat(buckets.take(address(i), 0)).isEqualTo(SourceBuckets.TAKEN);
        }
        assertThat(buckets.take(address(99), 0)).isEqualTo(SourceBuckets.NO_PLACE);
        assertThat(buckets.take(address(3), 0)).as("an old one goes on").isEqualTo(SourceBuckets.TAKEN);
        assertThat(buckets.take(address(99), TimeUnit.MILLISECONDS.toNanos(100)))
                .isEqualTo(SourceBuckets.TAKEN);
    }

    @Test
    void shouldRefuseNobodyWhenThereIsNoRate() {
        SourceBuckets buckets = new SourceBuckets(0, 0, 8);
        assertThat(taken(buckets, address(1), 100_000, 0)).isEqualTo(100_000);
    }
}
