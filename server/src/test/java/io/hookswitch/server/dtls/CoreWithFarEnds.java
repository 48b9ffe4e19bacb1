package io.hookswitch.server.dtls;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.core.CoreRings;
import io.hookswitch.engine.core.CoreSettings;
import io.hookswitch.engine.io.IdleMode;
import io.hookswitch.engine.io.TransportKind;
import io.hookswitch.engine.message.DtlsCommand;
import io.hookswitch.engine.message.DtlsEvent;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.LegHandle;
import io.hookswitch.engine.message.MediaFlyweight;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.rtp.srtp.SrtpSuite;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.bouncycastle.tls.DTLSClientProtocol;
import org.bouncycastle.tls.DTLSTransport;
import org.bouncycastle.tls.DatagramTransport;
import org.bouncycastle.tls.SRTPProtectionProfile;
import org.bouncycastle.tls.crypto.impl.bc.BcTlsCrypto;

/** The core's ends of real rings, and far ends behind it, each on a thread of its own; the test is core and agent. */
final class CoreWithFarEnds implements AutoCloseable {
    static final int LONG_TAG = SRTPProtectionProfile.SRTP_AES128_CM_HMAC_SHA1_80;
    static final int SHORT_TAG = SRTPProtectionProfile.SRTP_AES128_CM_HMAC_SHA1_32;
    static final SecureRandom RANDOM = new SecureRandom();
    static final BcTlsCrypto CRYPTO = new BcTlsCrypto(RANDOM);
    static final DtlsIdentity OURS = DtlsIdentity.create(RANDOM, Instant.now());
    static final DtlsIdentity THEIRS = DtlsIdentity.create(RANDOM, Instant.now());

    private static final long MOST_NS = TimeUnit.SECONDS.toNanos(30);
    private static final long NAP_NS = 100_000L;
    private static final int LEGS = 1024;

    /** What becomes of one datagram on its way. */
    @FunctionalInterface
    interface Path {
        /** @param index of this direction, from 0 @return what arrives, in order */
        List<byte[]> carry(int index, byte[] datagram);
    }

    /** One far end of one leg. */
    final class FarEnd {
        final long leg;
        final long number;
        final DtlsClient client;
        final Queue<byte[]> sent = new ConcurrentLinkedQueue<>();
        final List<byte[]> arrived = new ArrayList<>();
        final CompletableFuture<DTLSTransport> connected = new CompletableFuture<>();
        byte[] fingerprint = THEIRS.fingerprintBytes();
        Path up = (index, datagram) -> List.of(datagram);
        Path down = (index, datagram) -> List.of(datagram);
        int sendLimit = DatagramPipe.SEND_LIMIT;
        final List<SrtpKeys> keyed = new ArrayList<>();
        final List<String> failed = new ArrayList<>();
        private final DatagramPipe pipe = new DatagramPipe(64, sent::add);
        private int sentCount;

        private FarEnd(long leg, long number, DtlsClient client) {
            this.leg = leg;
            this.number = number;
            this.client = client;
        }

        /** Begins its handshake. */
        FarEnd connect() {
            Thread.ofVirtual().start(() -> {
                try {
                    DTLSTransport transport =
                            new DTLSClientProtocol().connect(client, new SmallerPath(pipe, sendLimit));
                    connected.complete(transport);
                    // It has nothing to say; what it hears are alerts, and it answers what is repeated.
                    byte[] ignored = new byte[2048];
                    while (true) {
                        transport.receive(ignored, 0, ignored.length, 0);
                    }
                } catch (IOException | RuntimeException e) {
                    connected.completeExceptionally(e);
                }
            });
            return this;
        }

        boolean isKeyed() {
            return !keyed.isEmpty() && connected.isDone();
        }

        /** What it sends at once, whoever it is. */
        void sends(byte[] datagram) {
            MessageFlyweight slot = rings.dtlsEvents().tryClaim(DtlsEvent.DATAGRAM);
            assertThat(slot).as("room in the ring of events").isNotNull();
            slot.leg(leg).reference(number);
            slot.media()
                    .begin()
                    .dtls(new byte[MediaFlyweight.UFRAG_LENGTH], new byte[MediaFlyweight.PASSWORD_LENGTH], fingerprint);
            assertThat(slot.put(Field.DATAGRAM, datagram, 0, datagram.length)).isTrue();
            rings.dtlsEvents().publish();
        }

        /** The core says that the association is over. */
        void ends() {
            rings.dtlsEvents().tryClaim(DtlsEvent.ENDED).leg(leg).reference(number);
            rings.dtlsEvents().publish();
        }

        void assertKeysMirrored() {
            assertThat(keyed).hasSize(1);
            assertThat(failed).isEmpty();
            SrtpKeys ours = keyed.getFirst();
            assertThat(ours.suite()).isEqualTo(client.keys().suite());
            assertThat(ours.local()).isEqualTo(client.keys().remote()).isNotEqualTo(ours.remote());
            assertThat(ours.remote()).isEqualTo(client.keys().local());
        }
    }

    private record SmallerPath(DatagramPipe pipe, int sendLimit) implements DatagramTransport {
        @Override
        public int getReceiveLimit() {
            return pipe.getReceiveLimit();
        }

        @Override
        public int getSendLimit() {
            return sendLimit;
        }

        @Override
        public int receive(byte[] into, int from, int length, int waitMillis) throws IOException {
            return pipe.receive(into, from, length, waitMillis);
        }

        @Override
        public void send(byte[] bytes, int from, int length) {
            pipe.send(bytes, from, length);
        }

        @Override
        public void close() {
            pipe.close();
        }
    }

    final CoreRings rings =
            CoreRings.of(new CoreSettings(0, LEGS, 16, IdleMode.values()[0], TransportKind.AUTO, 16, 1024, 0));
    final List<Throwable> errors = new ArrayList<>();
    final DtlsAgent agent;
    long nowNs = 1;
    /** Whether the core reads its commands. */
    boolean isReading = true;
    /** Whether the agent runs on a thread of its own. */
    boolean isThreaded;

    private final List<FarEnd> farEnds = new ArrayList<>();

    CoreWithFarEnds() {
        agent = new DtlsAgent(List.of(rings), OURS, RANDOM, () -> nowNs, this::failed);
    }

    private synchronized void failed(Throwable error) {
        errors.add(error);
    }

    FarEnd farEnd(int row) {
        return farEnd(LegHandle.of(0, 1, row), 1, new DtlsClient(CRYPTO, THEIRS, LONG_TAG, SHORT_TAG));
    }

    FarEnd farEnd(int row, DtlsClient client) {
        return farEnd(LegHandle.of(0, 1, row), 1, client);
    }

    FarEnd farEnd(long leg, long number, DtlsClient client) {
        FarEnd made = new FarEnd(leg, number, client);
        farEnds.add(made);
        return made;
    }

    /** One pass of everybody. */
    void step() {
        for (FarEnd farEnd : farEnds) {
            for (byte[] datagram = farEnd.sent.poll(); datagram != null; datagram = farEnd.sent.poll()) {
                farEnd.up.carry(farEnd.sentCount++, datagram).forEach(farEnd::sends);
            }
        }
        rings.dtlsEvents().wakeReader();
        if (!isThreaded) {
            agent.step();
        }
        if (isReading) {
            rings.dtlsCommands().poll(this::onCommand, 1000);
        }
    }

    private void onCommand(MessageFlyweight message) {
        FarEnd farEnd = farEnds.stream()
                .filter(one -> one.leg == message.leg() && one.number == message.reference())
                .findFirst()
                .orElse(null);
        if (farEnd == null) {
            return;
        }
        switch (message.type()) {
            case DtlsCommand.SEND -> {
                byte[] datagram = new byte[message.fieldLength(message.firstField())];
                message.buffer().getBytes(message.fieldBytes(message.firstField()), datagram);
                farEnd.arrived.add(datagram);
                farEnd.down.carry(farEnd.arrived.size() - 1, datagram).forEach(farEnd.pipe::offer);
            }
            case DtlsCommand.KEYED -> {
                byte[] local = new byte[SrtpSuite.MASTER_LENGTH];
                byte[] remote = new byte[SrtpSuite.MASTER_LENGTH];
                message.media().copyLocalKey(local);
                message.media().copyRemoteKey(remote);
                SrtpSuite suite = SrtpSuite.values()[message.media().srtpSuite() - 1];
                farEnd.keyed.add(new SrtpKeys(suite, local, remote));
            }
            case DtlsCommand.FAILED -> farEnd.failed.add(message.text(Field.REASON));
            default -> throw new AssertionError("command " + message.type());
        }
    }

    void await(String what, BooleanSupplier condition) {
        long beganNs = System.nanoTime();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - beganNs).as(what).isLessThan(MOST_NS);
            step();
            LockSupport.parkNanos(NAP_NS);
        }
    }

    /** The far end's thread, whatever it was waiting for, is let go; nothing that it has sent arrives. */
    void forget(FarEnd farEnd) {
        farEnds.remove(farEnd);
        farEnd.pipe.close();
    }

    long counted(String name) {
        return agent.counters().snapshot().get(name);
    }

    @Override
    public void close() {
        agent.close();
        farEnds.forEach(farEnd -> farEnd.pipe.close());
    }
}
