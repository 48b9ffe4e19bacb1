package io.hookswitch.server.starter;

import io.hookswitch.server.settings.Settings;
import io.hookswitch.server.settings.SettingsException;
import io.hookswitch.server.settings.SettingsReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The embedded default configuration. */
public final class StarterSettings {
    private static final String RESOURCE = "default.yaml";

    private StarterSettings() {}

    /**
     * Reads the embedded file.
     *
     * @param applicationPort of {@link StarterApplication}
     */
    public static Settings read(int applicationPort) throws IOException, SettingsException {
        try (InputStream in = StarterSettings.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new IOException(RESOURCE + " is not in this build");
            }
            String yaml = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            return SettingsReader.read(yaml.replace("APPLICATION_PORT", Integer.toString(applicationPort)));
        }
    }
}
