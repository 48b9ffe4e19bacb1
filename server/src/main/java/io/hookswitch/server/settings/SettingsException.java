package io.hookswitch.server.settings;

import java.util.List;
import java.util.stream.Collectors;

/** The settings cannot be used; every fault found is listed. */
public final class SettingsException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<Fault> faults;

    public SettingsException(List<Fault> faults) {
        super(faults.stream().map(Fault::toString).collect(Collectors.joining("\n")));
        this.faults = List.copyOf(faults);
    }

    /** @return at least one fault, in the order of the file's reading. */
    public List<Fault> faults() {
        return faults;
    }
}
