package io.hookswitch.server.settings;

/**
 * One thing wrong with the settings.
 *
 * @param path where, as {@code accounts[0].carriers[0].gateways[1].port}; "" for the whole file
 * @param message what is wrong, with the value and what is allowed
 */
public record Fault(String path, String message) {
    @Override
    public String toString() {
        return path.isEmpty() ? message : path + ": " + message;
    }
}
