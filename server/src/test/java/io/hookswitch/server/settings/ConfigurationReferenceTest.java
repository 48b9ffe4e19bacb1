package io.hookswitch.server.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** docs/configuration.md and the reader know the same keys, with the same unit, default and range. */
class ConfigurationReferenceTest {
    private static final Path REFERENCE =
            Path.of("").toAbsolutePath().getParent().resolve("docs/configuration.md");

    @Test
    void shouldListExactlyTheKeysOfTheReaderWhenReferenceIsRead() throws IOException {
        List<String> rows = Files.readAllLines(REFERENCE).stream()
                .filter(line -> line.startsWith("| `"))
                .toList();

        assertThat(rows).containsExactlyInAnyOrderElementsOf(Key.rows());
    }

    @Test
    void shouldReadTheExampleOfTheReferenceWithoutFaultWhenItIsCopied() throws Exception {
        String text = Files.readString(REFERENCE);
        int start = text.indexOf("```yaml\n") + 8;
        String example = text.substring(start, text.indexOf("```", start));

        assertThat(SettingsReader.read(example).accounts()).hasSize(1);
    }
}
