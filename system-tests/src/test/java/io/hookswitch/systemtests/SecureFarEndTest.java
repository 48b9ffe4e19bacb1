package io.hookswitch.systemtests;

import static io.hookswitch.systemtests.Site.sipTarget;
import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.systemtests.farend.FarCall;
import io.hookswitch.systemtests.farend.FarEnd;
import io.hookswitch.systemtests.farend.Heard;
import io.hookswitch.systemtests.farend.IceCheck;
import io.hookswitch.systemtests.farend.Invite;
import io.hookswitch.systemtests.farend.Script;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A caller whose SRTP another implementation makes, a callee with plain RTP, the running engine between them. */
class SecureFarEndTest {
    private static Site site;
    private FarEnd caller;
    private FarEnd bob;

    @BeforeAll
    static void start() {
        site = new Site(config -> config);
    }

    @AfterAll
    static void stop() {
        site.close();
    }

    @BeforeEach
    void open() {
        caller = FarEnd.udp("caller", 440);
        bob = FarEnd.udp("bob", 660);
        bob.script(Script.answering(20));
        site.dials("\"answerOnBridge\":true", sipTarget(bob.uri("bob")));
    }

    @AfterEach
    void close() {
        caller.close();
        bob.close();
    }

    private FarCall call(JitsiGuard guard) {
        return caller.call(Invite.to("15083728299", site.sip()).guarded(guard));
    }

    private static double counter(String name) {
        return site.engine.metrics().get("hookswitch_core_srtp_" + name + "_total");
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 4})
    void shouldHearEachOtherWithoutABreakWhenTheCallerSpeaksSrtp(int tagLength) {
        bob.script(Script.answering(200));
        JitsiGuard guard = new JitsiGuard(tagLength);
        FarCall out = call(guard);
        // Nothing was said yet. After 40 packets the numbers wrap, and the rollover counter with them.
        out.media().nextSequence(65_496);
        FarCall in = bob.awaitCall().awaitConnected();
        out.awaitTone(660);
        in.awaitTone(440);
        in.awaitPackets(100);
        in.awaitTone(440);
        Heard heard = in.media().heard();
        assertThat(heard.lost()).as(heard.toString()).isZero();
        assertThat(out.media().heard().lost()).isZero();
        assertThat(guard.refused()).isZero();
        out.bye();
        in.awaitEnded();
    }

    @Test // RFC 8445 section 12.1 with RFC 4568: how Teams calls
    void shouldSpeakAndHearOnlyWhenACheckHasShownWhereTheCallerIs() {
        FarCall out = caller.call(
                Invite.to("15083728299", site.sip()).guarded(new JitsiGuard(10)).withIce());
        FarCall in = bob.awaitCall().awaitConnected();
        String answer = out.awaitConnected().awaitStatus(200).message().body();
        assertThat(answer).contains("a=ice-lite", "a=candidate:1 1 udp ", "a=rtcp-mux", "a=crypto:");
        Site.await(
                "25 packets of either",
                () -> in.media().sent() >= 25 && out.media().sent() >= 25);
        assertThat(out.media().heard().packets()).isZero();
        assertThat(in.media().heard().packets()).isZero();
        out.media().send(IceCheck.of(answer));
        out.awaitTone(660);
        in.awaitTone(440);
        assertThat(site.engine.metrics().get("hookswitch_core_stun_answered_total"))
                .isEqualTo(1);
        out.bye();
        in.awaitEnded();
    }

    @Test
    void shouldDropAndCountWhenPacketsAreAlteredOrRepeated() {
        JitsiGuard guard = new JitsiGuard(10);
        FarCall out = call(guard);
        FarCall in = bob.awaitCall().awaitConnected();
        in.awaitTone(440);
        double forged = counter("not_authentic");
        double replayed = counter("replayed");
        long heard = in.media().heard().packets();
        guard.alter(7);
        in.awaitPackets(heard + 20);
        guard.repeat(5);
        in.awaitPackets(in.media().heard().packets() + 20);
        in.awaitTone(440);
        assertThat(counter("not_authentic") - forged).isEqualTo(7);
        assertThat(counter("replayed") - replayed).isEqualTo(5);
        // Seven were altered, five never went out: holes, and nothing in their place.
        assertThat(in.media().heard().lost()).isEqualTo(7 + 5);
        assertThat(in.media().heard().disordered()).isZero();
        out.bye();
        in.awaitEnded();
    }

    @Test // RFC 4568 section 7.1.4
    void shouldGoOnUnderTheNewKeyWhenAReinviteBringsOne() {
        JitsiGuard guard = new JitsiGuard(10);
        FarCall out = call(guard);
        FarCall in = bob.awaitCall().awaitConnected();
        in.awaitTone(440);
        for (int i = 0; i < 3; i++) {
            guard.rekey();
            assertThat(out.reinvite("sendrecv").status()).isEqualTo(200);
            long heard = in.media().heard().packets();
            long back = out.media().heard().packets();
            in.awaitPackets(heard + 30);
            out.awaitPackets(back + 30);
            in.awaitTone(440);
            out.awaitTone(660);
        }
        assertThat(guard.keysReceived())
                .as("our key stays while the suite does")
                .isOne();
        assertThat(guard.refused()).isZero();
        out.bye();
        in.awaitEnded();
    }

    @Test
    void shouldKeepTheCallersKeyFromTheApplication() {
        JitsiGuard guard = new JitsiGuard(10);
        FarCall out = call(guard);
        assertThat(out.awaitFinal()).isEqualTo(200);
        out.bye();
        site.awaitDone();
        String key = guard.offered().replaceAll(".*inline:([^|]*).*", "$1");
        assertThat(site.hooks.await("/call").body()).contains("inline:***");
        assertThat(site.hooks.record())
                .allSatisfy(request -> assertThat(request.body()).doesNotContain(key));
        assertThat(String.join("\n", site.engine.output())).doesNotContain(key);
    }
}
