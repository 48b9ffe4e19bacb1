package io.hookswitch.server.dtls;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.message.DtlsCommand;
import io.hookswitch.engine.message.LegHandle;
import io.hookswitch.rtp.srtp.SrtpSuite;
import io.hookswitch.server.dtls.CoreWithFarEnds.FarEnd;
import io.hookswitch.server.dtls.CoreWithFarEnds.Path;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Hashtable;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntFunction;
import org.bouncycastle.tls.AlertDescription;
import org.bouncycastle.tls.TlsFatalAlert;
import org.bouncycastle.tls.TlsFatalAlertReceived;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Handshakes of Bouncy Castle's client through real rings. */
class DtlsAgentTest {
    private static final int CHANGE_CIPHER_SPEC = 20;
    private static final int ALERT = 21;
    private static final int HANDSHAKE = 22;

    private final CoreWithFarEnds core = new CoreWithFarEnds();

    @AfterEach
    void shouldLeaveNothingBehindWhenClosed() {
        core.close();

        assertThat(core.counted("dtls_associations")).isZero();
        assertThat(core.errors).isEmpty();
    }

    private static DtlsClient client(DtlsIdentity identity, int... profiles) {
        return new DtlsClient(CoreWithFarEnds.CRYPTO, identity, profiles);
    }

    private void awaitKeys(FarEnd farEnd) {
        core.await("keys", () -> farEnd.isKeyed() || !farEnd.failed.isEmpty());
        assertThat(farEnd.connected).isCompleted();
        farEnd.assertKeysMirrored();
    }

    private void awaitFailure(FarEnd farEnd, String reason, short alert) {
        core.await("failure", () -> !farEnd.failed.isEmpty() && farEnd.connected.isDone());
        assertThat(farEnd.failed).singleElement().asString().contains(reason);
        assertThat(farEnd.keyed).isEmpty();
        assertThat(farEnd.connected)
                .failsWithin(0, TimeUnit.SECONDS)
                .withThrowableOfType(ExecutionException.class)
                .havingCause()
                .isInstanceOfSatisfying(
                        TlsFatalAlertReceived.class,
                        received -> assertThat(received.getAlertDescription()).isEqualTo(alert));
    }

    @Test // RFC 5764 section 4.2
    void shouldMirrorTheFarEndsKeysWhenItsCertificateIsTheOneDescribed() {
        FarEnd farEnd = core.farEnd(3).connect();

        awaitKeys(farEnd);

        assertThat(farEnd.keyed.getFirst().suite()).isEqualTo(SrtpSuite.AES_CM_128_HMAC_SHA1_80);
        assertThat(farEnd.client.serverFingerprint()).isEqualTo(CoreWithFarEnds.OURS.fingerprintBytes());
        assertThat(farEnd.arrived).allSatisfy(datagram -> assertThat(datagram).hasSizeLessThanOrEqualTo(1200));
        assertThat(core.counted("dtls_keyed_total")).isOne();
        assertThat(core.counted("dtls_handshakes")).isZero();
    }

    @Test // RFC 5764 section 4.1.2
    void shouldPreferTheLongTagWhenBothAreOffered() {
        FarEnd both = core.farEnd(
                        1, client(CoreWithFarEnds.THEIRS, CoreWithFarEnds.SHORT_TAG, CoreWithFarEnds.LONG_TAG))
                .connect();
        FarEnd one = core.farEnd(2, client(CoreWithFarEnds.THEIRS, 7, CoreWithFarEnds.SHORT_TAG))
                .connect();

        awaitKeys(both);
        awaitKeys(one);

        assertThat(both.keyed.getFirst().suite()).isEqualTo(SrtpSuite.AES_CM_128_HMAC_SHA1_80);
        assertThat(one.keyed.getFirst().suite()).isEqualTo(SrtpSuite.AES_CM_128_HMAC_SHA1_32);
    }

    @Test // RFC 5763 section 5
    void shouldFailWhenTheCertificateIsNotTheOneDescribed() {
        FarEnd farEnd = core.farEnd(3);
        farEnd.fingerprint = farEnd.fingerprint.clone();
        farEnd.fingerprint[31] ^= 1;
        farEnd.connect();

        awaitFailure(farEnd, "certificate is not the one", AlertDescription.bad_certificate);

        assertThat(core.counted("dtls_failed_fingerprint_total")).isOne();
    }

    @Test
    void shouldFailWhenTheFarEndShowsNoCertificate() {
        FarEnd farEnd = core.farEnd(3, client(null, CoreWithFarEnds.LONG_TAG)).connect();

        awaitFailure(farEnd, "shows no certificate", AlertDescription.handshake_failure);

        assertThat(core.counted("dtls_failed_no_certificate_total")).isOne();
    }

    @Test // RFC 5764 section 4.1.2
    void shouldFailWhenThereIsNoCommonProfile() {
        FarEnd none = core.farEnd(3, client(CoreWithFarEnds.THEIRS)).connect();
        FarEnd others = core.farEnd(4, client(CoreWithFarEnds.THEIRS, 7, 8)).connect();

        awaitFailure(none, "no common SRTP profile", AlertDescription.handshake_failure);
        awaitFailure(others, "no common SRTP profile", AlertDescription.handshake_failure);

        assertThat(core.counted("dtls_failed_no_profile_total")).isEqualTo(2);
    }

    @Test
    void shouldFailWhenTheFarEndRefuses() {
        FarEnd farEnd = core.farEnd(3, new DtlsClient(CoreWithFarEnds.CRYPTO, CoreWithFarEnds.THEIRS, 1) {
            @Override
            @SuppressWarnings("rawtypes")
            public void processServerExtensions(Hashtable extensions) throws IOException {
                throw new TlsFatalAlert(AlertDescription.insufficient_security);
            }
        });
        farEnd.connect();

        core.await("failure", () -> !farEnd.failed.isEmpty());

        assertThat(farEnd.failed).containsExactly("the far end refuses the handshake: insufficient_security(71)");
        assertThat(core.counted("dtls_failed_alert_total")).isOne();
    }

    @Test // RFC 6347 section 4.2.3; Chromium's first message does not fit one datagram
    void shouldPutTheFirstMessageTogetherWhenItComesInParts() {
        FarEnd inOrder = core.farEnd(3);
        inOrder.sendLimit = 120;
        List<byte[]> before = new ArrayList<>();
        inOrder.up = (index, datagram) -> {
            if (inOrder.arrived.isEmpty()) {
                before.add(datagram);
            }
            return List.of(datagram);
        };
        FarEnd turned = core.farEnd(4);
        turned.sendLimit = 120;
        List<byte[]> first = new ArrayList<>();
        turned.up = (index, datagram) -> {
            if (index > 1) {
                return List.of(datagram);
            }
            first.addFirst(datagram);
            return index == 1 ? first : List.of();
        };

        awaitKeys(inOrder.connect());
        awaitKeys(turned.connect());

        assertThat(before).hasSizeGreaterThan(1);
        assertThat(first).hasSize(2);
    }

    /** Far ends, each with another datagram to which something happens, on the way up or down, whole or in parts. */
    private List<FarEnd> farEnds(int datagrams, IntFunction<Path> path) {
        List<FarEnd> farEnds = new ArrayList<>();
        for (int i = 0; i < 4 * datagrams; i++) {
            FarEnd farEnd = core.farEnd(i);
            if ((i & 1) == 0) {
                farEnd.up = path.apply(i / 4);
            } else {
                farEnd.down = path.apply(i / 4);
            }
            if ((i & 2) != 0) {
                farEnd.sendLimit = 150;
            }
            farEnds.add(farEnd.connect());
        }
        return farEnds;
    }

    @Test // RFC 6347 section 4.2.4
    void shouldAgreeWhicheverDatagramIsLostAndTheOthersComeTwice() {
        List<FarEnd> farEnds =
                farEnds(12, lost -> (index, datagram) -> index == lost ? List.of() : List.of(datagram, datagram));

        farEnds.forEach(this::awaitKeys);

        assertThat(core.counted("dtls_keyed_total")).isEqualTo(farEnds.size());
    }

    @Test // RFC 6347 section 4.2.2; a change of cipher that overtakes what is before it too
    void shouldAgreeWhicheverDatagramIsOvertaken() {
        List<FarEnd> farEnds = farEnds(12, late -> {
            List<byte[]> held = new ArrayList<>();
            return (index, datagram) -> {
                if (index == late) {
                    held.add(datagram);
                    return List.of();
                }
                return index == late + 1 ? List.of(datagram, held.getFirst()) : List.of(datagram);
            };
        });

        farEnds.forEach(this::awaitKeys);

        assertThat(core.counted("dtls_keyed_total")).isEqualTo(farEnds.size());
    }

    @Test // RFC 6347 section 4.2.4
    void shouldRepeatTheLastFlightWhenTheFarEndHasNotHeardIt() {
        FarEnd farEnd = core.farEnd(3);
        int[] lost = {0};
        farEnd.down = (index, datagram) -> {
            boolean isLast = datagram[0] == CHANGE_CIPHER_SPEC || datagram[4] == 1;
            if (isLast && lost[0] < 2) {
                lost[0]++;
                return List.of();
            }
            return List.of(datagram);
        };
        farEnd.connect();
        core.await("keys of ours", () -> !farEnd.keyed.isEmpty());
        assertThat(farEnd.connected).isNotDone();

        awaitKeys(farEnd);

        assertThat(lost[0]).isEqualTo(2);
    }

    @Test
    void shouldShakeHandsWhenGarbageComesInBetween() {
        Random random = new Random(5764);
        FarEnd farEnd = core.farEnd(3);
        for (int i = 0; i < 10; i++) {
            farEnd.sends(garbage(random));
        }
        farEnd.up = (index, datagram) -> List.of(
                garbage(random),
                Arrays.copyOf(datagram, random.nextInt(datagram.length)),
                datagram,
                garbage(random),
                new byte[0]);

        awaitKeys(farEnd.connect());
    }

    /** Handshake or application data by its first byte: an alert would be heard. */
    private static byte[] garbage(Random random) {
        byte[] bytes = new byte[1 + random.nextInt(1400)];
        random.nextBytes(bytes);
        bytes[0] = (byte) (HANDSHAKE + random.nextInt(2));
        return bytes;
    }

    @Test
    void shouldSurviveFirstMessagesThatAreNotWhatTheySay() {
        FarEnd model = core.farEnd(1000);
        model.connect();
        core.await("first message", () -> !model.sent.isEmpty());
        byte[] hello = model.sent.poll();
        Random random = new Random(6347);
        for (int i = 0; i < 400; i++) {
            byte[] changed = hello.clone();
            for (int changes = random.nextInt(4); changes >= 0; changes--) {
                changed[13 + random.nextInt(changed.length - 13)] = (byte) random.nextInt(256);
            }
            FarEnd farEnd = core.farEnd(i);
            farEnd.sends(changed);
            core.step();
        }
        core.await("all known", () -> core.counted("dtls_handshakes_total") == 400);

        awaitKeys(core.farEnd(900).connect());

        forgiveTheLibrary();
    }

    @Test
    void shouldAgreeOrFailWhenOneByteOfAHandshakeIsAnother() {
        Random random = new Random(5246);
        List<FarEnd> farEnds = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            int which = i % 6;
            FarEnd farEnd = core.farEnd(i, new DtlsClient(CoreWithFarEnds.CRYPTO, CoreWithFarEnds.THEIRS, 1) {
                @Override
                public int getHandshakeTimeoutMillis() {
                    return 5000;
                }
            });
            farEnd.up = (index, datagram) -> {
                if (index == which) {
                    datagram[13 + random.nextInt(datagram.length - 13)] ^= (byte) (1 + random.nextInt(255));
                }
                return List.of(datagram);
            };
            farEnds.add(farEnd.connect());
        }

        core.await("results, or far ends that give up", () -> farEnds.stream()
                .allMatch(one -> one.connected.isDone() || !one.failed.isEmpty()));
        // A message whose first part lies about its length is waited for in vain.
        core.nowNs += DtlsAgent.HANDSHAKE_MAX_NS;
        core.await("results", () -> farEnds.stream().noneMatch(one -> one.keyed.isEmpty() && one.failed.isEmpty()));

        for (FarEnd farEnd : farEnds) {
            assertThat(farEnd.keyed.size() + farEnd.failed.size()).isOne();
            if (!farEnd.keyed.isEmpty()) {
                awaitKeys(farEnd);
            }
        }
        forgiveTheLibrary();
    }

    /** What a hostile message makes the library throw is told once a kind, and is no harm. */
    private void forgiveTheLibrary() {
        core.errors.removeIf(error -> error.getStackTrace()[0].getClassName().startsWith("org.bouncycastle"));
    }

    @Test
    void shouldEndTheThreadAtOnceWhenTheLegEnds() {
        FarEnd half = core.farEnd(3);
        half.down = (index, datagram) -> List.of();
        half.connect();
        FarEnd whole = core.farEnd(4).connect();
        awaitKeys(whole);
        core.await("half a handshake", () -> !half.arrived.isEmpty());
        assertThat(core.counted("dtls_associations")).isEqualTo(2);
        assertThat(core.counted("dtls_handshakes")).isOne();

        half.ends();
        whole.ends();
        core.await("no thread", () -> core.counted("dtls_associations") == 0);

        assertThat(core.agent.known()).isZero();
        assertThat(core.counted("dtls_handshakes")).isZero();
        assertThat(half.failed).isEmpty();
        assertThat(whole.failed).isEmpty();
    }

    @Test
    void shouldBeginAnewWhenTheNumberOrTheLegIsAnother() {
        FarEnd first = core.farEnd(3).connect();
        awaitKeys(first);
        FarEnd second = core.farEnd(first.leg, 2, client(CoreWithFarEnds.THEIRS, CoreWithFarEnds.LONG_TAG))
                .connect();
        awaitKeys(second);
        FarEnd newer = core.farEnd(LegHandle.of(0, 2, 3), 3, client(CoreWithFarEnds.THEIRS, CoreWithFarEnds.LONG_TAG))
                .connect();
        awaitKeys(newer);

        // What is said of those before it is stale.
        first.ends();
        second.ends();
        core.await("one thread", () -> core.counted("dtls_associations") == 1);

        assertThat(core.agent.known()).isOne();
        assertThat(first.keyed.getFirst().local())
                .isNotEqualTo(second.keyed.getFirst().local());
    }

    @Test
    void shouldLeaveNothingBehindWhenTwoHundredComeOneAfterAnother() {
        for (int i = 0; i < 200; i++) {
            FarEnd farEnd = core.farEnd(
                            LegHandle.of(0, 1 + i / 8, i % 8),
                            i,
                            client(CoreWithFarEnds.THEIRS, CoreWithFarEnds.LONG_TAG))
                    .connect();
            awaitKeys(farEnd);
            farEnd.ends();
            core.step();
            core.forget(farEnd);
        }
        core.await("no thread", () -> core.counted("dtls_associations") == 0);

        assertThat(core.agent.known()).isZero();
        assertThat(core.counted("dtls_keyed_total")).isEqualTo(200);
        assertThat(core.rings.dtlsCommands().size()).isZero();
        assertThat(core.rings.dtlsEvents().size()).isZero();
    }

    @Test
    void shouldKeepTheKeysWhenTheRingIsFull() {
        FarEnd farEnd = core.farEnd(3);
        farEnd.up = (index, datagram) -> {
            // Room for our last flight, and for nothing behind it.
            while (core.isReading
                    && datagram[0] == CHANGE_CIPHER_SPEC
                    && core.rings.dtlsCommands().free() > 2) {
                core.rings.dtlsCommands().tryClaim(DtlsCommand.SEND);
                core.rings.dtlsCommands().publish();
            }
            core.isReading &= datagram[0] != CHANGE_CIPHER_SPEC;
            return List.of(datagram);
        };
        farEnd.connect();
        core.await(
                "keys that wait", () -> core.rings.dtlsCommands().free() == 0 && core.counted("dtls_handshakes") == 0);
        assertThat(core.counted("dtls_keyed_total")).isZero();

        core.isReading = true;

        awaitKeys(farEnd);
    }

    @Test
    void shouldFailAtTheDeadlineAndNotBeforeWhenTheFarEndGoesSilent() {
        FarEnd farEnd = core.farEnd(3);
        farEnd.down = (index, datagram) -> List.of();
        farEnd.up = (index, datagram) -> index == 0 ? List.of(datagram) : List.of();
        farEnd.connect();
        core.await("our answer", () -> !farEnd.arrived.isEmpty());

        core.nowNs = DtlsAgent.HANDSHAKE_MAX_NS;
        core.step();
        assertThat(core.counted("dtls_handshakes")).isOne();
        core.nowNs++;
        core.await("failure", () -> !farEnd.failed.isEmpty());

        assertThat(farEnd.failed).containsExactly("the handshake takes too long");
        assertThat(core.counted("dtls_failed_timeout_total")).isOne();
        assertThat(core.counted("dtls_handshakes")).isZero();
    }

    @Test // RFC 6347 section 4.2.4
    void shouldAnswerRepetitionsForFourMinutesAndKeepNoThreadBehindThem() {
        FarEnd farEnd = core.farEnd(3).connect();
        awaitKeys(farEnd);

        core.nowNs = DtlsAgent.LINGER_NS;
        core.step();
        assertThat(core.counted("dtls_associations")).isOne();
        core.nowNs++;
        core.await("no thread", () -> core.counted("dtls_associations") == 0);

        assertThat(farEnd.failed).isEmpty();
        assertThat(core.counted("dtls_closed_total")).isZero();
        assertThat(core.agent.known()).isOne();
        farEnd.ends();
        core.step();
        assertThat(core.agent.known()).isZero();
    }

    @Test
    void shouldRefuseWhenTooManyAreUnderWay() {
        Random random = new Random(1);
        for (int i = 0; i < DtlsAgent.HANDSHAKES_MAX; i++) {
            core.farEnd(i).sends(garbage(random));
            core.step();
        }
        FarEnd tooMany = core.farEnd(600);
        tooMany.sends(garbage(random));
        core.step();
        assertThat(core.counted("dtls_handshakes")).isEqualTo(DtlsAgent.HANDSHAKES_MAX);
        assertThat(core.counted("dtls_refused_total")).isOne();

        core.farEnd(0).ends();

        awaitKeys(tooMany.connect());
    }

    @Test
    void shouldShakeHandsWhenAFarEndHasFlooded() {
        FarEnd farEnd = core.farEnd(3);
        Random random = new Random(1);
        for (int i = 0; i < 200; i++) {
            farEnd.sends(garbage(random));
        }
        core.await("all read", () -> core.rings.dtlsEvents().size() == 0);

        awaitKeys(farEnd.connect());
    }

    @Test
    void shouldEndQuietlyWhenTheFarEndClosesBehindItsKeys() throws Exception {
        FarEnd farEnd = core.farEnd(3).connect();
        awaitKeys(farEnd);

        farEnd.connected.get().close();
        core.await("no thread", () -> core.counted("dtls_associations") == 0);
        assertThat(farEnd.failed).isEmpty();
        assertThat(core.counted("dtls_closed_total")).isOne();
        // RFC 5246 section 7.2.1: it is answered.
        core.await("an alert", () -> farEnd.arrived.getLast()[0] == ALERT);

        // The association is not begun again by what still comes.
        farEnd.sends(garbage(new Random(1)));
        core.step();
        assertThat(core.counted("dtls_handshakes_total")).isOne();
        assertThat(core.counted("dtls_datagrams_dropped_total")).isOne();
    }

    @Test
    void shouldShakeHandsWhenItRunsOnItsOwnThread() {
        core.isThreaded = true;
        core.rings.dtlsEvents().wakes(core.agent.waker());
        Thread test = Thread.currentThread();
        core.rings.dtlsCommands().wakes(() -> LockSupport.unpark(test));
        core.agent.start();

        FarEnd one = core.farEnd(3).connect();
        FarEnd other = core.farEnd(4).connect();

        awaitKeys(one);
        awaitKeys(other);
    }

    @Test
    void shouldAgreeWithItselfWhenItWarmsUp() {
        core.agent.warmUp();

        assertThat(core.errors).isEmpty();
        assertThat(core.counted("dtls_handshakes_total")).isZero();
    }
}
