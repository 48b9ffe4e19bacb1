package io.hookswitch.server.build;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;

/** Which build this is. */
public final class Build {
    private static final String RESOURCE = "/io/hookswitch/server/version.properties";

    private Build() {}

    /** @return as {@code 0.1.0-SNAPSHOT}. */
    public static String version() throws IOException {
        Properties properties = new Properties();
        try (InputStream in = Build.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IOException(RESOURCE + " is not in this build");
            }
            properties.load(in);
        }
        return properties.getProperty("version");
    }
}
