package io.hookswitch.sip.ua;

import static org.assertj.core.api.Assertions.assertThat;

import io.hookswitch.engine.message.Codec;
import io.hookswitch.engine.message.Field;
import io.hookswitch.engine.message.MediaFlyweight;
import io.hookswitch.engine.message.MessageFlyweight;
import io.hookswitch.engine.message.SipCommand;
import io.hookswitch.engine.ring.SlotRing;
import io.hookswitch.sip.CallerAdmission;
import io.hookswitch.sip.Peers;
import io.hookswitch.sip.Registrar;
import io.hookswitch.sip.SipSettings;
import io.hookswitch.sip.UserSecrets;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A sip thread on loopback, stepped by the test, which plays the core at the other ends of its rings. */
final class AgentFixture implements AutoCloseable {
    private static final byte[] OUR_ADDRESS = {10, 0, 0, 9};
    private static final int OUR_PORT = 20_000;

    final SteppedClock clock = new SteppedClock();
    final SlotRing events;
    final SlotRing commands = new SlotRing("sip commands", 256, 8192);
    final List<Heard> heard = new ArrayList<>();
    final List<Throwable> errors = new ArrayList<>();
    final World world = new World();
    final SipAgent agent;
    final FarEnd farEnd;

    AgentFixture() throws IOException {
        this(256, settings -> settings);
    }

    AgentFixture(int eventSlots, UnaryOperator<SipSettings> change) throws IOException {
        this(eventSlots, change, Peers.NONE);
    }

    AgentFixture(int eventSlots, UnaryOperator<SipSettings> change, Peers peers) throws IOException {
        events = new SlotRing("sip events", eventSlots, 16_384);
        SipSettings settings = SipSettings.of("sip-test", List.of("udp:127.0.0.1:0", "tcp:127.0.0.1:0"), "Test/1");
        settings = change.apply(settings.wire(settings.wire().sourceBudget(0, 0)));
        agent = new SipAgent(
                settings, new SipAgent.World(world, world, world, peers), events, commands, clock, 42, errors::add);
        agent.onStart();
        farEnd = new FarEnd(this);
    }

    int port() {
        return agent.bound().join().getFirst().address().getPort();
    }

    int tcpPort() {
        return agent.bound().join().getLast().address().getPort();
    }

    /** Everybody calls as a carrier, until a test says otherwise. */
    static final class World implements CallerAdmission, UserSecrets, Registrar {
        Verdict verdict = new CallerAdmission.Carrier("acc", "trunk");
        Verdict registration = new Refuse(403, "Forbidden");
        Caller caller;
        Registration registered;
        boolean removed;
        final List<String> gone = new ArrayList<>();

        @Override
        public Verdict admit(Caller who) {
            caller = who;
            return verdict;
        }

        @Override
        public Verdict admitRegistration(Caller who) {
            caller = who;
            return registration;
        }

        @Override
        public Secret of(String realm, String user) {
            return realm.equals("example.com") && user.equals("alice") ? new Secret.Password("acc", "secret") : null;
        }

        @Override
        public Outcome register(Registration registration) {
            registered = registration;
            return new Bindings(registration.contacts());
        }

        @Override
        public Outcome removeAll(String address, String callId, long cseq) {
            removed = true;
            return new Bindings(List.of());
        }

        @Override
        public void gone(String nextHop) {
            gone.add(nextHop);
        }
    }

    // The core's part.

    /** Takes what has been said so far. */
    void hear() {
        events.poll(message -> heard.add(Heard.of(message)), Integer.MAX_VALUE);
    }

    /** @return the next event, which must be of this type. */
    Heard expect(String type) {
        long began = System.nanoTime();
        do {
            hear();
            if (!heard.isEmpty()) {
                Heard next = heard.removeFirst();
                assertThat(next.type())
                        .as("%s then %s, errors %s", next, heard, errors)
                        .isEqualTo(type);
                return next;
            }
            agent.doWork(2_000_000);
        } while (System.nanoTime() - began < 3_000_000_000L);
        throw new AssertionError("no " + type + "; errors " + errors);
    }

    void expectNothing() {
        for (int i = 0; i < 5; i++) {
            agent.doWork(5_000_000);
        }
        hear();
        assertThat(heard).isEmpty();
    }

    void command(int type, long leg, Consumer<MessageFlyweight> more) {
        MessageFlyweight command = commands.tryClaim(type);
        command.leg(leg);
        more.accept(command);
        commands.publish();
        agent.doWork(0);
    }

    void command(int type, long leg) {
        command(type, leg, _ -> {});
    }

    void bind(Heard offered, long leg) {
        command(SipCommand.BIND, leg, command -> command.otherLeg(offered.otherLeg()));
    }

    static void media(MessageFlyweight command) {
        media(command, Codec.PCMU, Codec.PCMA);
    }

    static void media(MessageFlyweight command, int... codecs) {
        MediaFlyweight media = command.media().begin().address(OUR_ADDRESS).ports(OUR_PORT, OUR_PORT + 1);
        for (int codec : codecs) {
            media.addCodec(codec, codec == Codec.PCMA ? 8 : 0, 101, 8000);
        }
    }

    void answer(long leg) {
        command(SipCommand.ANSWER, leg, AgentFixture::media);
    }

    void referResult(long leg, int status) {
        command(SipCommand.REFER_RESULT, leg, command -> command.status(status));
    }

    void progress(long leg, int status, boolean withMedia) {
        command(SipCommand.PROGRESS, leg, command -> {
            command.status(status);
            if (withMedia) {
                media(command);
            }
        });
    }

    void end(long leg, int status, String... headers) {
        command(SipCommand.END, leg, command -> {
            command.status(status);
            for (String header : headers) {
                command.put(Field.HEADER, header);
            }
        });
    }

    void invite(long leg, FarEnd to, String... headers) {
        command(SipCommand.INVITE, leg, command -> {
            dial(command, to.uri(), "udp:127.0.0.1:" + to.port());
            for (String header : headers) {
                command.put(Field.HEADER, header);
            }
        });
    }

    static void dial(MessageFlyweight command, String uri, String nextHop) {
        media(command);
        command.put(Field.REQUEST_URI, uri);
        command.put(Field.NEXT_HOP, nextHop);
        command.put(Field.FROM_USER, "+4940");
        command.put(Field.FROM_DISPLAY, "Ann \"A\"");
    }

    /** Time passes with the agent at work. */
    void pass(long ms) {
        for (long left = ms; left > 0; left -= 100) {
            clock.stepMs(Math.min(left, 100));
            agent.doWork(0);
        }
    }

    /** @return an inbound call, confirmed; its 200. */
    String confirmed(long leg, String callId) throws IOException {
        farEnd.send(farEnd.invite(callId, "", FarEnd.sdp("0 8 101", "")));
        farEnd.expect("SIP/2.0 100");
        bind(expect("OFFERED"), leg);
        answer(leg);
        String ok = farEnd.expect("SIP/2.0 200");
        expect("MEDIA_CHANGED");
        farEnd.send(farEnd.inDialog("ACK", 1, ok, "", ""));
        agent.doWork(20_000_000);
        return ok;
    }

    /** @return an outbound call, confirmed; its INVITE. */
    String confirmedOut(long leg) throws IOException {
        invite(leg, farEnd);
        expect("INVITED");
        String invite = farEnd.expect("INVITE ");
        farEnd.send(farEnd.answer(invite, "200 OK", "b1", "", FarEnd.sdp("0 101", "")));
        farEnd.expect("ACK ");
        expect("ANSWERED");
        return invite;
    }

    /** Everything drains: legs at once, the stack's tables with time. */
    void assertRests() {
        hear();
        assertThat(agent.tables().legs()).as("legs").isZero();
        pass(75_000);
        agent.doWork(0);
        assertThat(agent.tables().isResting()).as("%s", agent.tables()).isTrue();
    }

    @Override
    public void close() {
        farEnd.close();
        agent.onClose();
    }
}
