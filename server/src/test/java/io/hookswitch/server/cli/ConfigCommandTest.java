package io.hookswitch.server.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ConfigCommandTest {
    @TempDir
    private Path folder;

    private final StringWriter out = new StringWriter();

    private int check(String yaml) throws Exception {
        Path file = Files.writeString(folder.resolve("c.yaml"), yaml);
        return new CommandLine(new ConfigCommand()).setOut(new PrintWriter(out)).execute("check", file.toString());
    }

    @Test
    void shouldListEveryFaultAndFailWhenThereAreSome() throws Exception {
        assertThat(check("engine: { legs: 1, idle: lazy }\nnope: 1\n")).isEqualTo(1);

        assertThat(out.toString())
                .contains("nope: is not a key known here")
                .contains("engine.legs: 1 is not in 2..1000000")
                .contains("engine.idle: lazy is not one of")
                .contains("3 faults");
    }

    @Test
    void shouldSumUpAndSucceedWhenThereIsNone() throws Exception {
        assertThat(check("accounts: [ { name: demo } ]\n")).isZero();

        assertThat(out.toString()).contains("no fault").contains("account demo: 0 applications");
    }
}
