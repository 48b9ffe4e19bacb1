package io.hookswitch.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A package is one responsibility with one owning thread, and says so. */
class PackageOwnersTest {
    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    @Test
    void shouldNameTheOwningThreadWhenAPackageHoldsProductCode() throws IOException {
        for (String module : List.of("rtp", "engine-core", "sip", "control", "server")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(module).resolve("src/main/java"))) {
                List<Path> packages = files.filter(file -> file.toString().endsWith(".java"))
                        .map(Path::getParent)
                        .distinct()
                        .sorted()
                        .toList();
                assertThat(packages).as(module).isNotEmpty();
                for (Path directory : packages) {
                    assertThat(directory.resolve("package-info.java"))
                            .exists()
                            .content()
                            .as("%s names its owner", directory)
                            .contains("Owning thread:");
                }
            }
        }
    }
}
