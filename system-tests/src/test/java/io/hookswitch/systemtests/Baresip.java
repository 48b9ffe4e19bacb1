package io.hookswitch.systemtests;

import io.hookswitch.systemtests.farend.Tone;
import io.hookswitch.systemtests.process.Child;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * A real softphone: baresip with an account of its own, answers every call, says a tone, writes what it hears to a WAV.
 */
final class Baresip implements AutoCloseable {
    private final Path directory;
    private final Child child;

    /**
     * Starts it.
     *
     * @param account as in its accounts file
     * @param commands run at once, as one would type them
     */
    Baresip(int port, String account, int toneHz, String... commands) {
        try {
            directory = Files.createTempDirectory("baresip");
            Path tone = directory.resolve("tone.wav");
            Files.write(tone, Wav.tone(toneHz, 20));
            Files.writeString(directory.resolve("accounts"), account + "\n");
            Files.writeString(directory.resolve("config"), """
                    poll_method epoll
                    sip_listen 127.0.0.1:%d
                    call_local_timeout 120
                    call_max_calls 4
                    audio_player aubridge,unheard
                    audio_source aufile,%s
                    audio_alert aubridge,unheard
                    ausrc_srate 8000
                    auplay_srate 8000
                    ausrc_channels 1
                    auplay_channels 1
                    audio_buffer 20-160
                    jitter_buffer_type fixed
                    jitter_buffer_delay 1-10
                    rtcp_mux no
                    net_interface 127.0.0.1
                    module_path /usr/lib/baresip/modules
                    module g711.so
                    module g722.so
                    module opus.so
                    module srtp.so
                    module aufile.so
                    module aubridge.so
                    module sndfile.so
                    module_tmp account.so
                    module_app menu.so
                    snd_path %s
                    ring_aufile none
                    """.formatted(port, tone, directory));
            child = Child.start("baresip", command(commands), Map.of("HOME", directory.toString()));
            child.awaitLine("baresip is ready", Duration.ofSeconds(10));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> command(String... commands) {
        List<String> words = new ArrayList<>(
                List.of(Child.program("baresip", "baresip-core"), "-4", "-f", directory.toString(), "-v"));
        for (String command : commands) {
            words.add("-e");
            words.add(command);
        }
        return words;
    }

    /** Starts it as a user of a registrar that is reached at an address. */
    static Baresip user(int port, String name, String realm, String password, InetSocketAddress registrar) {
        return user(port, name, realm, password, registrar, "pcmu,pcma");
    }

    /** As {@link #user}, with no codecs but these, names as baresip has them. */
    static Baresip user(
            int port, String name, String realm, String password, InetSocketAddress registrar, String codecs) {
        String outbound = registrar.getAddress().getHostAddress() + ":" + registrar.getPort();
        return new Baresip(
                port,
                "<sip:" + name + "@" + realm + ";transport=udp>;auth_user=" + name + ";auth_pass=" + password
                        + ";outbound=\"sip:" + outbound
                        + ";transport=udp\";regint=60;answermode=auto;audio_codecs=" + codecs,
                880);
    }

    /** Waits until the registrar has accepted it. */
    Baresip awaitRegistered() {
        child.awaitLine("200 OK", Duration.ofSeconds(10));
        return this;
    }

    /** @return what it printed. */
    String output() {
        return String.join("\n", child.lines());
    }

    /** Stops it, which completes the file, and reads what it heard in its last call: 8 kHz, linear. */
    short[] stopAndHear() {
        return stopAndHear(Tone.RATE, 1);
    }

    /** As {@link #stopAndHear()}, at another rate; of several channels the first. */
    short[] stopAndHear(int rate, int channels) {
        child.stop(Duration.ofSeconds(5));
        try (var files = Files.list(directory)) {
            Path heard = files.filter(file -> file.getFileName().toString().matches("dump-.*dec.*\\.wav"))
                    .max(Comparator.naturalOrder())
                    .orElseThrow(() -> new AssertionError("baresip recorded nothing:\n" + output()));
            return Wav.read(Files.readAllBytes(heard), rate, channels);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        child.close();
        try (var files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
