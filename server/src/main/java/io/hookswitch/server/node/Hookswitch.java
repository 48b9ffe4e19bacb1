package io.hookswitch.server.node;

import io.hookswitch.control.call.ControlSettings;
import io.hookswitch.engine.core.CoreAgent;
import io.hookswitch.engine.core.CoreCounters;
import io.hookswitch.engine.core.CoreRings;
import io.hookswitch.engine.core.CoreSettings;
import io.hookswitch.engine.core.MediaSettings;
import io.hookswitch.engine.io.IdleMode;
import io.hookswitch.engine.io.ServiceThreads;
import io.hookswitch.engine.io.ThreadScheduling;
import io.hookswitch.engine.io.TransportKind;
import io.hookswitch.server.agent.ControlAgent;
import io.hookswitch.server.agent.CoreLink;
import io.hookswitch.server.audio.AudioLibrary;
import io.hookswitch.server.audio.AudioLimits;
import io.hookswitch.server.audio.Speaker;
import io.hookswitch.server.dtls.DtlsAgent;
import io.hookswitch.server.dtls.DtlsIdentity;
import io.hookswitch.server.hooks.AddressGuard;
import io.hookswitch.server.hooks.AddressGuard.AddressRange;
import io.hookswitch.server.hooks.FileClient;
import io.hookswitch.server.hooks.HookClient;
import io.hookswitch.server.hooks.HookSettings;
import io.hookswitch.server.hooks.SocketRoutes;
import io.hookswitch.server.hooks.StatusNotifier;
import io.hookswitch.server.http.AdminServer;
import io.hookswitch.server.registrar.BindingRegistrar;
import io.hookswitch.server.registrar.BindingSnapshot;
import io.hookswitch.server.registrar.BindingTable;
import io.hookswitch.server.registrar.GatewayTable;
import io.hookswitch.server.registrar.SettingsAdmission;
import io.hookswitch.server.registrar.UserTable;
import io.hookswitch.server.rest.CallRequests;
import io.hookswitch.server.rest.CallsResource;
import io.hookswitch.server.routing.AccountDirectory;
import io.hookswitch.server.routing.CarrierChoice;
import io.hookswitch.server.routing.CarrierUpkeep;
import io.hookswitch.server.routing.SystemNames;
import io.hookswitch.server.routing.TargetResolver;
import io.hookswitch.server.settings.EngineSettings;
import io.hookswitch.server.settings.Settings;
import io.hookswitch.server.settings.SipSettings.Listen;
import io.hookswitch.server.taps.RecordingServers;
import io.hookswitch.server.taps.TapAgent;
import io.hookswitch.server.taps.TapLimits;
import io.hookswitch.server.timeline.Timeline;
import io.hookswitch.server.timeline.TimelineEntry;
import io.hookswitch.sip.SipSettings;
import io.hookswitch.sip.UserSecrets;
import io.hookswitch.sip.transport.ListenAddress;
import io.hookswitch.sip.transport.TlsSettings;
import io.hookswitch.sip.ua.SipAgent;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import org.agrona.concurrent.NanoClock;
import org.agrona.concurrent.SystemEpochNanoClock;
import org.agrona.concurrent.SystemNanoClock;

/**
 * One running node: threads {@code core-0}, {@code sip-0} and {@code control}, the rings between them, and what control
 * reaches
 * the world with. Started and closed by one thread; the rest of its methods may be called by any.
 */
public final class Hookswitch implements AutoCloseable {
    /** Every account is ours: there is one provider. A name-based UUID, the same on every node. */
    private static final String SERVICE_PROVIDER_SID = UUID.nameUUIDFromBytes(
                    "hookswitch service provider".getBytes(StandardCharsets.UTF_8))
            .toString();

    /** About 40 s of new calls at 5,000 a second; they are some kilobytes each. */
    private static final int SERVER_TRANSACTIONS_MAX = 200_000;

    private static final long NAME_LOOKUP_MS = 4000;
    private static final long BIND_MAX_S = 30;
    /** Longest decoding of a file, and longest wait for its turn. */
    private static final long AUDIO_LOAD_MS = 30_000;
    /** Files of an account that are loaded at a time. */
    private static final int AUDIO_PER_ACCOUNT = 4;
    /** Longest time that calls get to end, and their last hooks to be delivered, when the node stops. */
    private static final long STOP_MAX_NS = TimeUnit.SECONDS.toNanos(3);

    private static final long STOP_POLL_MS = 10;

    private final NanoClock clock = SystemNanoClock.INSTANCE;
    private final Closer closer;
    private final CoreAgent core;
    private final Optional<DtlsAgent> dtls;
    private final SipAgent sip;
    private final List<ListenAddress> listening;
    private final ControlAgent control;
    private final StatusNotifier statuses;
    private final NodeCounters counters;
    private final AdminServer admin;
    private final CallRequests requests = new CallRequests();
    private final Optional<Speaker> speaker = Speaker.find(System.getenv("PATH"));
    private boolean isClosed;

    private Hookswitch(Settings settings, Consumer<TimelineEntry> listener, DistinctErrors errors, Closer closer)
            throws IOException {
        this.closer = closer;
        makeCollectorGiveWay(errors);
        Timeline timeline = closer.opened(new Timeline(clock, listener));
        UserTable users = new UserTable(settings.accounts());
        BindingTable bindings = bindings(settings, users, errors);
        CoreSettings sizes = sizes(settings);
        CoreRings rings = CoreRings.of(sizes);
        SecureRandom random = new SecureRandom();
        core = new CoreAgent(
                sizes, media(settings), rings, clock, new SystemEpochNanoClock(), random.nextLong(), errors);
        LateWaker sipWaker = new LateWaker();
        LateWaker controlWaker = new LateWaker();
        rings.commands().wakes(core.waker());
        rings.sipEvents().wakes(core.waker());
        rings.sipCommands().wakes(sipWaker);
        rings.events().wakes(controlWaker);
        dtls = handshakes(settings, rings, random, errors);
        // Closed behind the cores: what they play must not be freed under them.
        AudioLibrary audio = closer.opened(audio(settings));
        // The core warms up while all else is made: who calls in between waits in a ring.
        StartedAgent coreThread = closer.opened(new StartedAgent(core, scheduling(settings, errors), errors));
        CarrierUpkeep upkeep = closer.opened(new CarrierUpkeep(settings.accounts(), settings.sip(), new SystemNames()));
        upkeep.start();
        sip = sipAgent(settings, new SipWorld(users, bindings, upkeep), rings, random.nextLong(), errors);
        sipWaker.wakes(sip.waker());

        HookClient hooks = closer.opened(hookClient(settings));
        statuses = new StatusNotifier(hooks);
        CarrierChoice carriers = new CarrierChoice(settings.accounts(), random);
        TargetResolver resolver = closer.opened(
                new TargetResolver(carriers, users, bindings, new SystemNames(), upkeep::isAlive, NAME_LOOKUP_MS));

        TapAgent taps = closer.opened(taps(settings, rings, resolver, errors));

        // Control must know our addresses before its first event; what comes in until then waits in the rings.
        closer.opened(new StartedAgent(sip, errors)).await();
        coreThread.await();
        listening = bound(sip);
        resolver.speaks(settings.sip().listen().stream().map(Listen::transport).collect(Collectors.toSet()));
        resolver.listensOn(listening.stream().map(ListenAddress::address).toList());
        JournaledControl brain = closer.opened(JournaledControl.open(
                settings.journal(), controlSettings(settings), new AccountDirectory(settings.accounts()), errors));
        control = new ControlAgent(
                brain.brain(),
                List.of(new CoreLink(rings.events(), rings.commands(), sizes.slotBytes())),
                new HookWorld(hooks, statuses, resolver, audio, requests, taps, timeline),
                clock,
                errors,
                timeline);
        closer.opened(new StartedAgent(control, errors)).await();
        controlWaker.wakes(control.waker());
        counters = new NodeCounters(core, sip, control, statuses, bindings, timeline, errors);
        counters.add(brain::counters);
        counters.add(audio::snapshot);
        counters.add(upkeep::counters);
        counters.add(taps.counters()::snapshot);
        dtls.ifPresent(agent -> counters.add(agent.counters()::snapshot));
        admin = settings.http().listen().isEmpty() ? null : closer.opened(adminServer(settings));
    }

    /**
     * Starts a node and returns when it takes calls.
     *
     * @param listener hears what happens, on a thread of its own; null = nobody does
     * @throws IOException that says what could not be had: an address, a kernel interface
     */
    public static Hookswitch start(Settings settings, Consumer<TimelineEntry> listener) throws IOException {
        DistinctErrors errors = new DistinctErrors();
        Closer closer = new Closer(errors);
        boolean isStarted = false;
        try {
            Hookswitch node = new Hookswitch(settings, listener, errors, closer);
            isStarted = true;
            return node;
        } finally {
            if (!isStarted) {
                closer.close();
            }
        }
    }

    private static void makeCollectorGiveWay(DistinctErrors errors) {
        try {
            ServiceThreads.giveWay();
        } catch (IOException e) {
            errors.onError(new IOException("the JVM's collector cannot be made to give way to calls", e));
        }
    }

    private TapAgent taps(Settings settings, CoreRings rings, TargetResolver resolver, DistinctErrors errors) {
        SocketRoutes routes = new SocketRoutes(guard(settings));
        RecordingServers recorders =
                new SipRecordings(resolver, sip, settings.media().address());
        return new TapAgent(List.of(rings.taps()), routes, recorders, TapLimits.DEFAULT, clock, errors);
    }

    private BindingTable bindings(Settings settings, UserTable users, DistinctErrors errors) throws IOException {
        BindingTable bindings = new BindingTable(clock);
        if (settings.sip().contactsFile().isPresent()) {
            Path file = settings.sip().contactsFile().get();
            closer.opened(new BindingSnapshot(file, bindings, users::isUser, InstantSource.system(), errors));
        }
        return bindings;
    }

    /** What a core's thread does for its scheduling class before its first work. */
    private static Runnable scheduling(Settings settings, DistinctErrors errors) {
        if (settings.engine().scheduling() == EngineSettings.Scheduling.USUAL) {
            return () -> {};
        }
        return () -> {
            int errno = ThreadScheduling.enterRealtime();
            if (errno != 0) {
                errors.onError(new IOException("engine.scheduling: the real-time class is refused (errno " + errno
                        + "): it needs root, CAP_SYS_NICE or ulimit -r; the core stays in the usual one"));
            }
        };
    }

    private static CoreSettings sizes(Settings settings) {
        return CoreSettings.of(
                0,
                settings.engine().legs(),
                IdleMode.valueOf(settings.engine().idle().name()),
                TransportKind.AUTO);
    }

    private static MediaSettings media(Settings settings) {
        return MediaSettings.of(
                        settings.media().address(),
                        settings.media().firstPort(),
                        settings.media().lastPort())
                .withTranscoders(settings.engine().transcoders())
                .withLongestSilence(TimeUnit.SECONDS.toNanos(settings.media().timeoutS()));
    }

    private static SipSettings sip(Settings settings) {
        List<String> listen =
                settings.sip().listen().stream().map(Object::toString).toList();
        SipSettings sip = SipSettings.of("sip-0", listen, "hookswitch");
        TlsSettings tls = settings.sip()
                .tls()
                .map(files -> TlsSettings.of(
                        files.certificate(), files.key(), files.trust().orElse(null)))
                .orElse(null);
        return sip.wire(sip.wire().tls(tls))
                .limits(settings.engine().legs(), SERVER_TRANSACTIONS_MAX)
                .registrations(settings.sip().registerMinS(), settings.sip().registerMaxS());
    }

    /** Whom the sip thread asks. */
    private record SipWorld(UserTable users, BindingTable bindings, CarrierUpkeep upkeep) {}

    /** Begins to shake hands with browsers, where they are listened to. */
    private Optional<DtlsAgent> handshakes(
            Settings settings, CoreRings rings, SecureRandom random, DistinctErrors errors) {
        boolean isAsked = settings.sip().listen().stream()
                .anyMatch(each -> each.transport().isWebSocket());
        if (!isAsked) {
            return Optional.empty();
        }
        DtlsIdentity identity = DtlsIdentity.create(random, Instant.now());
        DtlsAgent agent = closer.opened(new DtlsAgent(List.of(rings), identity, random, clock, errors));
        rings.dtlsEvents().wakes(agent.waker());
        rings.dtlsCommands().wakes(core.waker());
        agent.start();
        // Beside the rest of the start: the first browser does not pay for it.
        Thread.ofVirtual().name("dtls-warm-up").start(agent::warmUp);
        return Optional.of(agent);
    }

    private SipAgent sipAgent(Settings settings, SipWorld world, CoreRings rings, long seed, DistinctErrors errors) {
        return new SipAgent(
                sip(settings).dtls(dtls.map(DtlsAgent::fingerprint).orElse("")),
                new SipAgent.World(
                        new SettingsAdmission(new GatewayTable(settings.accounts()), world.users()),
                        (realm, user) -> secret(world.users(), realm, user),
                        new BindingRegistrar(world.bindings()),
                        world.upkeep().peers()),
                rings.sipEvents(),
                rings.sipCommands(),
                clock,
                seed,
                errors);
    }

    private static UserSecrets.Secret secret(UserTable users, String realm, String user) {
        return users.user(user, realm)
                .map(known -> new UserSecrets.Secret.Password(
                        known.account(), known.password().value()))
                .orElse(null);
    }

    private static HookClient hookClient(Settings settings) {
        return new HookClient(
                HookSettings.DEFAULT,
                new SettingsHookAccounts(settings.accounts()),
                guard(settings),
                InstantSource.system(),
                Thread::sleep,
                (_, _, _, _, _) -> {});
    }

    private static AddressGuard guard(Settings settings) {
        return new AddressGuard(settings.hooks().allow().stream()
                .map(block -> AddressRange.parse(block.toString()))
                .toList());
    }

    private AudioLibrary audio(Settings settings) {
        AudioLimits limits = new AudioLimits(
                (long) settings.audio().cacheMb() << 20,
                settings.audio().maxFileMb() << 20,
                settings.audio().maxSeconds(),
                AUDIO_LOAD_MS,
                AUDIO_PER_ACCOUNT);
        return new AudioLibrary(limits, new FileClient(HookSettings.FILES, guard(settings)), speaker, clock);
    }

    private static List<ListenAddress> bound(SipAgent sip) throws IOException {
        try {
            return sip.bound().orTimeout(BIND_MAX_S, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            throw new IOException("SIP: " + StartedAgent.reason(e.getCause()), e.getCause());
        }
    }

    private ControlSettings controlSettings(Settings settings) {
        String seed = settings.accounts().isEmpty()
                ? ""
                : settings.accounts().getFirst().sid();
        InetSocketAddress address = listening.getFirst().address();
        String host = address.getAddress().getHostAddress();
        long utcOffsetNs = new SystemEpochNanoClock().nanoTime() - clock.nanoTime();
        return new ControlSettings(
                SERVICE_PROVIDER_SID,
                host + ":" + address.getPort(),
                settings.media().address().getHostAddress(),
                "",
                utcOffsetNs,
                ControlSettings.DEFAULT_FIRST_HOOK_FAILURE_STATUS);
    }

    private AdminServer adminServer(Settings settings) throws IOException {
        InetSocketAddress listen = settings.http().listen().orElseThrow();
        try {
            AdminServer server = new AdminServer(listen, counters::snapshot);
            requests.goTo(control::ask);
            server.serve(CallsResource.PATH, new CallsResource(settings.accounts(), requests));
            return server;
        } catch (IOException e) {
            throw new IOException(
                    "http.listen " + listen.getAddress().getHostAddress() + ":" + listen.getPort() + ": "
                            + e.getMessage(),
                    e);
        }
    }

    /** @return the addresses SIP listens on, as {@code udp:127.0.0.1:5060}, with their real ports. */
    public List<String> sipAddresses() {
        return listening.stream().map(ListenAddress::toString).toList();
    }

    /** @return the address SIP listens on with UDP, else the first one. */
    public InetSocketAddress sip() {
        return listening.stream()
                .filter(address -> address.toString().startsWith("udp:"))
                .findFirst()
                .orElse(listening.getFirst())
                .address();
    }

    /** @return where health and metrics are, empty = nowhere. */
    public Optional<InetSocketAddress> http() {
        return Optional.ofNullable(admin).map(AdminServer::address);
    }

    /** @return which kernel interface moves RTP, and why that one. */
    public String transport() {
        return core.transport().description();
    }

    /** @return what speaks texts, and if nothing does why. */
    public String speech() {
        return speaker.map(Speaker::name).orElse("none: espeak-ng is not installed, say is skipped");
    }

    /** @return every counter by its name; names that end in {@code _total} only grow. Any thread. */
    public Map<String, Long> counters() {
        return counters.snapshot();
    }

    /** @return what the core added to each RTP packet's way since the start, ns: a copy. Any thread. */
    public Histogram addedLatency() {
        return counters.addedLatency();
    }

    /**
     * Stops: no new calls, every call is ended on the wire (BYE, CANCEL or 503) and told to its application, within
     * three
     * seconds; then the threads end.
     */
    @Override
    public void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        control.stop();
        long deadlineNs = clock.nanoTime() + STOP_MAX_NS;
        while (isBusy() && clock.nanoTime() - deadlineNs < 0) {
            try {
                Thread.sleep(STOP_POLL_MS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                break;
            }
        }
        closer.close();
    }

    private boolean isBusy() {
        return !control.isStopped() || core.counters().value(CoreCounters.LEGS) > 0 || statuses.activeQueues() > 0;
    }
}
