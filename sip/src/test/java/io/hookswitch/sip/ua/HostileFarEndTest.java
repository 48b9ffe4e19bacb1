package io.hookswitch.sip.ua;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.message.SipCommand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Messages broken at random around live legs: nothing is thrown to the loop, no leg ends twice, calls go on. */
class HostileFarEndTest {
    private static final int ROUNDS = 6_000;
    private static final long LEG = 1;
    private static final String SDP = FarEnd.sdp("0 8 101", "");

    @Test
    void shouldGoOnWhenMessagesAreBroken() throws IOException {
        Random random = new Random(23);
        try (AgentFixture fixture = new AgentFixture()) {
            FarEnd farEnd = fixture.farEnd;
            String ok = fixture.confirmed(LEG, "live-in");
            String invite = fixture.confirmedOut(LEG + 1);
            List<String> seeds = List.of(
                    farEnd.invite("new", "Session-Expires: 90\r\nSupported: timer\r\nRequire: 100rel\r\n", SDP),
                    farEnd.inDialog("INVITE", 20, ok, "", SDP),
                    farEnd.inDialog("UPDATE", 21, ok, "Session-Expires: 90\r\n", SDP),
                    farEnd.inDialog("INFO", 22, ok, "", "Signal=1\r\nDuration=100\r\n"),
                    farEnd.inDialog("PRACK", 23, ok, "RAck: 1 1 INVITE\r\n", ""),
                    farEnd.inDialog("ACK", 20, ok, "", SDP),
                    farEnd.answer(invite, "200 OK", "fork", "Record-Route: <sip:127.0.0.1;lr>\r\n", SDP),
                    farEnd.answer(invite, "183 X", "b1", "Require: 100rel\r\nRSeq: 1\r\n", SDP),
                    farEnd.request("REGISTER", "sip:example.com", "reg", "Authorization: Digest realm=\"x\"\r\n"));
            long handle = 100;
            for (int round = 0; round < ROUNDS; round++) {
                farEnd.socket.setSoTimeout(1);
                farEnd.send(broken(seeds.get(round % seeds.size()), random));
                fixture.agent.doWork(0);
                if (round % 64 == 0) {
                    fixture.clock.stepMs(100);
                    handle = endOffered(fixture, handle);
                }
            }
            endOffered(fixture, handle);
            fixture.pass(60_000);
            fixture.hear();
            Map<Long, Integer> ends = new HashMap<>();
            for (Heard each : fixture.heard) {
                if (each.type().equals("TERMINATED")) {
                    ends.merge(each.leg(), 1, Integer::sum);
                }
            }
            assertThat(fixture.heard).noneMatch(each -> each.type().equals("ENDED") && each.leg() == LEG + 1);
            assertThat(ends.values()).as("once each").allMatch(count -> count == 1);
            fixture.heard.clear();
            while (farEnd.receive(20) != null) {
                // What was answered to all that.
            }
            fixture.hear();
            fixture.heard.clear();
            fixture.confirmed(9_999, "after");
        }
    }

    /** The core refuses what it was offered; all else it keeps in mind. */
    private static long endOffered(AgentFixture fixture, long from) {
        fixture.hear();
        long handle = from;
        for (Heard each : new ArrayList<>(fixture.heard)) {
            if (each.type().equals("OFFERED")) {
                fixture.heard.remove(each);
                long leg = ++handle;
                fixture.command(SipCommand.BIND, leg, command -> command.otherLeg(each.otherLeg()));
                fixture.end(leg, 480);
            }
        }
        return handle;
    }

    private static String broken(String message, Random random) {
        byte[] bytes = message.getBytes(StandardCharsets.ISO_8859_1);
        StringBuilder text = new StringBuilder(new String(bytes, StandardCharsets.ISO_8859_1));
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(4)) {
                case 0 -> text.setCharAt(at, (char) random.nextInt(128));
                case 1 -> text.deleteCharAt(at);
                case 2 -> text.insert(at, text.substring(at, Math.min(text.length(), at + random.nextInt(40))));
                default -> text.setLength(Math.max(at, 1));
            }
        }
        return text.toString();
    }
}
