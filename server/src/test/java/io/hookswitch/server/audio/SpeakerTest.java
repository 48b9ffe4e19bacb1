package io.hookswitch.server.audio;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the espeak-ng of this machine. */
class SpeakerTest {
    private static final int MB = 1 << 20;
    private static final DecodeLimits MOST = new DecodeLimits(60, System.nanoTime() + 60_000_000_000L);

    private final Speaker speaker = Speaker.find(System.getenv("PATH")).orElseThrow();

    private static double seconds(byte[] wav) throws AudioException {
        return Pcm.decode(wav, MOST).narrow().length() / 8000.0;
    }

    private byte[] speak(String voice, String language, String text) throws AudioException {
        return speaker.speak(new Speech(voice, language, text), 8 * MB, 20_000);
    }

    @Test
    void shouldSpeakATextAsAudioThatCanBePlayed() throws AudioException {
        double few = seconds(speak("", "en-US", "one"));
        double many = seconds(speak("", "en-US", "one two three four five six seven"));
        assertThat(few).isBetween(0.2, 2.0);
        assertThat(many).isGreaterThan(2 * few);
    }

    @Test
    void shouldSpeakInTheLanguageAskedAndElseInTheNextBest() throws AudioException {
        // What it writes is not the same twice, but as long.
        int german = speak("", "de-DE", "guten Tag zusammen").length;
        assertThat(german).isNotEqualTo(speak("", "en-US", "guten Tag zusammen").length);
        assertThat(seconds(speak("", "de-XX", "guten Tag zusammen"))).isPositive();
        assertThat(seconds(speak("no-such-voice", "xx", "hello"))).isPositive();
    }

    @Test // a text is never a word of a command line
    void shouldSpeakWhatLooksLikeAnOption() throws AudioException {
        for (String text : List.of("--help", "-f /etc/passwd", "$(id)", "\"; id", "--version")) {
            assertThat(seconds(speak(text, text, text))).as(text).isPositive();
        }
    }

    @Test
    void shouldSayWhyWhenATextIsTooLongOrTakesTooMuch() {
        assertThatThrownBy(() -> speak("", "", "x".repeat(Speaker.TEXT_MAX + 1)))
                .isInstanceOf(AudioException.class)
                .hasMessageContaining("longer than 5000");
        assertThatThrownBy(() -> speaker.speak(new Speech("", "", "a long text indeed"), 1000, 20_000))
                .isInstanceOf(AudioException.class)
                .hasMessageContaining("1000 bytes");
    }

    @Test
    void shouldNotBeThereWhenItIsNotInstalled(@TempDir Path empty) throws Exception {
        assertThat(Speaker.find(empty.toString())).isEmpty();
        assertThat(Speaker.find(null)).isEmpty();
        Files.createFile(empty.resolve("espeak-ng"));
        assertThat(Speaker.find(empty.toString())).as("not executable").isEmpty();
    }

    @Test
    void shouldNameATextByAUriThatGivesItBack() {
        for (String text : Set.of("hello", "a\nb", "ä ö % %41 # ? / \"", "<speak>x</speak>")) {
            Speech speech = new Speech("v", "de-DE", text);
            assertThat(Speech.isSpeech(speech.uri())).isTrue();
            assertThat(Speech.of(speech.uri())).isEqualTo(speech);
        }
    }
}
