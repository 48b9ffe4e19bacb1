package io.hookswitch.server.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version that the build wrote down. */
public final class Version implements IVersionProvider {
    private static final String RESOURCE = "/io/hookswitch/server/version.properties";

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
        Properties properties = new Properties();
        try (InputStream in = Version.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IOException(RESOURCE + " is not in this build");
            }
            properties.load(in);
        }
        return properties.getProperty("version");
    }
}
