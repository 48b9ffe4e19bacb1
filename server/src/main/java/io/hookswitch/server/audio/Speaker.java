package io.hookswitch.server.audio;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Speaks with espeak-ng, when the machine has it: the text goes to a process of its own, which writes a WAV file. A
 * text never becomes a word of a command line. Virtual threads; each call takes a process for as long as it lasts.
 */
public final class Speaker {
    /** Most characters of one text. */
    static final int TEXT_MAX = 5_000;

    private static final String PROGRAM = "espeak-ng";
    private static final String VOICE = "[A-Za-z0-9][A-Za-z0-9_+-]{0,31}";
    private static final String ANY_VOICE = "en";

    private final Path program;

    private Speaker(Path program) {
        this.program = program;
    }

    /** @param searchPath directories as in {@code PATH}, null = none. @return empty when it is not installed. */
    public static Optional<Speaker> find(String searchPath) {
        if (searchPath == null) {
            return Optional.empty();
        }
        for (String directory : searchPath.split(File.pathSeparator)) {
            Path program = Path.of(directory, PROGRAM);
            if (Files.isExecutable(program)) {
                return Optional.of(new Speaker(program));
            }
        }
        return Optional.empty();
    }

    /** @return the name of what speaks. */
    public String name() {
        return PROGRAM;
    }

    /** @return whether a vendor that an application names is this one. */
    public boolean is(String vendor) {
        String name = vendor.toLowerCase(Locale.ROOT);
        return name.equals("default") || name.equals("espeak") || name.equals(PROGRAM);
    }

    /**
     * Speaks a text. A voice or language that the program does not have gives way to the next best.
     *
     * @return a WAV file
     * @throws AudioException when it cannot be spoken within {@code maxMs} and {@code maxBytes}
     */
    byte[] speak(Speech speech, int maxBytes, long maxMs) throws AudioException {
        if (speech.text().length() > TEXT_MAX) {
            throw new AudioException("a text is longer than " + TEXT_MAX + " characters");
        }
        long endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(maxMs);
        for (String voice : voices(speech)) {
            byte[] file = run(voice, speech.text(), maxBytes, endNs);
            if (file.length > 0) {
                return file;
            }
        }
        throw new AudioException(PROGRAM + " does not speak it");
    }

    private static Set<String> voices(Speech speech) {
        String language = speech.language().toLowerCase(Locale.ROOT);
        Set<String> voices = new LinkedHashSet<>();
        for (String voice : List.of(speech.voice(), language, language.split("-", 2)[0], ANY_VOICE)) {
            if (voice.matches(VOICE)) {
                voices.add(voice);
            }
        }
        return voices;
    }

    /** @return what it wrote; nothing when it does not have that voice. */
    private byte[] run(String voice, String text, int maxBytes, long endNs) throws AudioException {
        List<String> words = new ArrayList<>(List.of(program.toString(), "-v", voice, "--stdin", "--stdout"));
        if (text.startsWith("<speak")) {
            words.add("-m");
        }
        try {
            Process process =
                    new ProcessBuilder(words).redirectError(Redirect.DISCARD).start();
            Executor atTheEnd = CompletableFuture.delayedExecutor(endNs - System.nanoTime(), TimeUnit.NANOSECONDS);
            CompletableFuture<Void> tooLate = CompletableFuture.runAsync(process::destroyForcibly, atTheEnd);
            try (InputStream out = process.getInputStream()) {
                try (OutputStream in = process.getOutputStream()) {
                    in.write(text.getBytes(StandardCharsets.UTF_8));
                }
                byte[] file = out.readNBytes(maxBytes + 1);
                if (file.length > maxBytes) {
                    throw new AudioException("a spoken text is longer than " + maxBytes + " bytes");
                }
                if (tooLate.isDone()) {
                    throw new AudioException("speaking took too long");
                }
                return file;
            } finally {
                tooLate.cancel(false);
                process.destroyForcibly();
            }
        } catch (IOException e) {
            throw new AudioException(PROGRAM + ": " + e.getMessage());
        }
    }
}
