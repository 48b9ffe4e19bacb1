package io.hookswitch.server.cli;

import io.hookswitch.server.build.Build;
import java.io.IOException;
import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote down. */
public final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() throws IOException {
        return new String[] {
            "hookswitch " + text(),
            "Java " + Runtime.version() + ", " + System.getProperty("os.name") + " " + System.getProperty("os.version")
                    + " " + System.getProperty("os.arch")
        };
    }

    /** @return as {@code 0.1.0-SNAPSHOT}. */
    public static String text() throws IOException {
        return Build.version();
    }
}
