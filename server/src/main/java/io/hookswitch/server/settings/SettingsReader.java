package io.hookswitch.server.settings;

import io.hookswitch.server.settings.SipSettings.Listen;
import io.hookswitch.server.settings.SipSettings.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Reads the settings file. Everything wrong in it is found in one reading. */
public final class SettingsReader {
    private static final int MAX_FILE_BYTES = 16 * 1024 * 1024;
    private static final Pattern PORTS = Pattern.compile("(\\d{1,5})-(\\d{1,5})");

    private final List<Fault> faults = new ArrayList<>();

    private SettingsReader() {}

    /** Reads a file. */
    public static Settings read(Path file) throws SettingsException {
        try {
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new SettingsException(
                        List.of(new Fault("", file + " has more than " + MAX_FILE_BYTES + " bytes")));
            }
            return read(Files.readString(file));
        } catch (CharacterCodingException e) {
            throw new SettingsException(List.of(new Fault("", file + " is not UTF-8")));
        } catch (NoSuchFileException e) {
            throw new SettingsException(List.of(new Fault("", "there is no file " + file)));
        } catch (IOException e) {
            throw new SettingsException(List.of(new Fault("", "cannot read " + file + ": " + e.getMessage())));
        }
    }

    /** Reads the file's text. */
    public static Settings read(String yaml) throws SettingsException {
        SettingsReader reader = new SettingsReader();
        Settings settings = reader.settings(new Section(load(yaml), "", "", reader.faults));
        if (!reader.faults.isEmpty()) {
            throw new SettingsException(reader.faults);
        }
        return settings;
    }

    private static Object load(String yaml) throws SettingsException {
        LoadSettings options = LoadSettings.builder()
                .setLabel("settings")
                .setAllowDuplicateKeys(false)
                .setMaxAliasesForCollections(20)
                .setCodePointLimit(MAX_FILE_BYTES)
                .build();
        try {
            return new Load(options).loadFromString(yaml);
        } catch (YamlEngineException e) {
            throw new SettingsException(List.of(new Fault("", "not YAML: " + e.getMessage())));
        }
    }

    private Settings settings(Section top) {
        SipSettings sip = sip(top.section("sip"));
        MediaSettings media = media(top.section("media"));
        HttpSettings http = http(top.section("http"));
        EngineSettings engine = engine(top.section("engine"));
        HooksSettings hooks = hooks(top.section("hooks"));
        AudioSettings audio = audio(top.section("audio"));
        List<AccountSettings> accounts = new AccountsReader(sip.tls().isPresent()).accounts(top.sections("accounts"));
        JournalSettings journal = journal(
                top.section("journal"),
                accounts.stream().map(AccountSettings::name).collect(Collectors.toSet()));
        return new Settings(sip, media, http, engine, hooks, audio, journal, accounts);
    }

    private SipSettings sip(Section sip) {
        List<Listen> listen = new ArrayList<>();
        if (!sip.has(Key.SIP_LISTEN.leaf())) {
            listen.add(new Listen(Transport.UDP, new InetSocketAddress(loopback(), 5060)));
            listen.add(new Listen(Transport.TCP, new InetSocketAddress(loopback(), 5060)));
        }
        List<String> texts = sip.texts(Key.SIP_LISTEN);
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i);
            String at = Key.SIP_LISTEN.leaf() + "[" + i + "]";
            if (text == null) {
                continue;
            }
            Optional<Listen> parsed = listenAddress(text);
            if (parsed.isEmpty()) {
                sip.fault(at, text + " is not udp:, tcp:, tls:, ws: or wss: and ADDRESS:PORT");
            } else if (parsed.get().address().getAddress().isAnyLocalAddress()) {
                sip.fault(at, text + ": name one address of this machine; it is written into Via and Contact");
            } else if (listen.contains(parsed.get()) && parsed.get().address().getPort() != 0) {
                sip.fault(at, text + " is listed twice");
            } else {
                listen.add(parsed.get());
            }
        }
        if (sip.has(Key.SIP_LISTEN.leaf()) && texts.isEmpty()) {
            sip.fault(Key.SIP_LISTEN.leaf(), "must name at least one address");
        }
        int min = sip.number(Key.SIP_REGISTER_MIN);
        int max = sip.number(Key.SIP_REGISTER_MAX);
        if (min > max) {
            sip.fault(Key.SIP_REGISTER_MIN.leaf(), min + " is more than register_max, " + max);
        }
        return new SipSettings(
                listen,
                min,
                max,
                sip.number(Key.SIP_OPTIONS_INTERVAL),
                sip.number(Key.SIP_OPTIONS_FAILURES),
                contactsFile(sip),
                tls(
                        sip,
                        listen.stream()
                                .anyMatch(each ->
                                        each.transport() == Transport.TLS || each.transport() == Transport.WSS)));
    }

    private static Optional<SipSettings.Tls> tls(Section sip, boolean isNeeded) {
        Section tls = sip.section("tls");
        Optional<Path> certificate = file(tls, Key.SIP_TLS_CERTIFICATE);
        Optional<Path> key = file(tls, Key.SIP_TLS_KEY);
        Optional<Path> trust = file(tls, Key.SIP_TLS_TRUST);
        if (!isNeeded) {
            return Optional.empty();
        }
        if (!tls.has(Key.SIP_TLS_CERTIFICATE.leaf())) {
            tls.fault(Key.SIP_TLS_CERTIFICATE.leaf(), "is required for tls: and wss: in sip.listen");
        }
        if (!tls.has(Key.SIP_TLS_KEY.leaf())) {
            tls.fault(Key.SIP_TLS_KEY.leaf(), "is required for tls: and wss: in sip.listen");
        }
        return certificate.flatMap(chain -> key.map(secret -> new SipSettings.Tls(chain, secret, trust)));
    }

    private static Optional<Path> file(Section section, Key key) {
        String text = section.text(key, "", 1024);
        try {
            if (text.isEmpty() || Files.isReadable(Path.of(text))) {
                return text.isEmpty()
                        ? Optional.empty()
                        : Optional.of(Path.of(text).toAbsolutePath());
            }
            section.fault(key.leaf(), text + " cannot be read");
        } catch (InvalidPathException e) {
            section.fault(key.leaf(), text + " is not a path");
        }
        return Optional.empty();
    }

    private static Optional<Path> contactsFile(Section sip) {
        String text = sip.text(Key.SIP_CONTACTS_FILE, "", 1024);
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text).toAbsolutePath());
        } catch (InvalidPathException e) {
            sip.fault(Key.SIP_CONTACTS_FILE.leaf(), text + " is not a path");
            return Optional.empty();
        }
    }

    private static Optional<Listen> listenAddress(String text) {
        for (Transport transport : Transport.values()) {
            String prefix = transport.wireName() + ":";
            if (text.startsWith(prefix)) {
                return Addresses.socket(text.substring(prefix.length())).map(address -> new Listen(transport, address));
            }
        }
        return Optional.empty();
    }

    private MediaSettings media(Section media) {
        String text = media.text(Key.MEDIA_ADDRESS, "127.0.0.1", 64);
        Optional<InetAddress> address = Addresses.literal(text);
        if (address.isEmpty()) {
            media.fault(Key.MEDIA_ADDRESS.leaf(), text + " is not an IP address");
        } else if (address.get().isAnyLocalAddress()) {
            media.fault(Key.MEDIA_ADDRESS.leaf(), text + ": name one address of this machine; it is written into SDP");
        }
        int timeoutS = media.number(Key.MEDIA_TIMEOUT);
        String ports = media.text(Key.MEDIA_PORTS, "20000-29999", 16);
        Matcher range = PORTS.matcher(ports);
        if (!range.matches()) {
            media.fault(Key.MEDIA_PORTS.leaf(), ports + " is not FIRST-LAST");
            return new MediaSettings(address.orElse(loopback()), 20_000, 29_999, timeoutS);
        }
        int first = Integer.parseInt(range.group(1));
        int last = Integer.parseInt(range.group(2));
        if (first < 1024 || last > 65_535) {
            media.fault(Key.MEDIA_PORTS.leaf(), ports + " is not in 1024..65535");
        } else if (last - first - (first & 1) < 1) {
            media.fault(Key.MEDIA_PORTS.leaf(), ports + " has no even port with the next one");
        }
        return new MediaSettings(address.orElse(loopback()), first, last, timeoutS);
    }

    private HttpSettings http(Section http) {
        String text = http.text(Key.HTTP_LISTEN, "127.0.0.1:8080", 64);
        // A bare `off` is text in the YAML 1.2 core schema.
        if (text.equals("off")) {
            return new HttpSettings(Optional.empty());
        }
        Optional<InetSocketAddress> address = Addresses.socket(text);
        if (address.isEmpty()) {
            http.fault(Key.HTTP_LISTEN.leaf(), text + " is not ADDRESS:PORT or off");
        }
        return new HttpSettings(address);
    }

    private EngineSettings engine(Section engine) {
        return new EngineSettings(
                engine.number(Key.ENGINE_CORES),
                engine.number(Key.ENGINE_LEGS),
                engine.choice(Key.ENGINE_IDLE, EngineSettings.Idle.class, EngineSettings.Idle.BALANCED),
                engine.choice(Key.ENGINE_SCHEDULING, EngineSettings.Scheduling.class, EngineSettings.Scheduling.USUAL),
                engine.number(Key.ENGINE_TRANSCODERS));
    }

    private static AudioSettings audio(Section audio) {
        return new AudioSettings(
                audio.number(Key.AUDIO_CACHE), audio.number(Key.AUDIO_MAX_FILE), audio.number(Key.AUDIO_MAX_SECONDS));
    }

    private HooksSettings hooks(Section hooks) {
        List<Cidr> allow = new ArrayList<>();
        List<String> texts = hooks.texts(Key.HOOKS_ALLOW);
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i);
            Optional<Cidr> block = text == null ? Optional.empty() : Cidr.parse(text);
            if (block.isPresent()) {
                allow.add(block.get());
            } else if (text != null) {
                hooks.fault(Key.HOOKS_ALLOW.leaf() + "[" + i + "]", text + " is not a block of IP addresses");
            }
        }
        return new HooksSettings(allow);
    }

    private JournalSettings journal(Section journal, Set<String> accounts) {
        String text = journal.text(Key.JOURNAL_DIR, "", 1024);
        Optional<Path> dir = Optional.empty();
        if (text.isEmpty()) {
            dir = Optional.of(JournalSettings.stateDirectory(System.getenv(), System.getProperty("user.home")));
        } else if (!text.equals("off")) {
            try {
                dir = Optional.of(Path.of(text).toAbsolutePath());
            } catch (InvalidPathException e) {
                journal.fault(Key.JOURNAL_DIR.leaf(), text + " is not a path");
            }
        }
        List<String> keysOf = journal.texts(Key.JOURNAL_KEYS_OF);
        for (int i = 0; i < keysOf.size(); i++) {
            if (keysOf.get(i) != null && !accounts.contains(keysOf.get(i))) {
                journal.fault(Key.JOURNAL_KEYS_OF.leaf() + "[" + i + "]", "there is no account named " + keysOf.get(i));
            }
        }
        return new JournalSettings(
                dir,
                !text.isEmpty(),
                journal.number(Key.JOURNAL_MAX_MB),
                journal.number(Key.JOURNAL_CALLS),
                keysOf.stream().filter(Objects::nonNull).collect(Collectors.toSet()));
    }

    private static InetAddress loopback() {
        return InetAddress.ofLiteral("127.0.0.1");
    }
}
