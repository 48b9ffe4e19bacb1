package io.hookswitch.rtp.codec;

/** Who encodes and decodes Opus: decided once, when the process first asks. */
public enum OpusLibrary {
    /** The system's libopus: nothing is allocated on the heap for a packet. */
    LIBOPUS,
    /** Concentus, in Java: some 50 to 120 kB of garbage a packet, and several times the processor time. */
    CONCENTUS;

    /** @return libopus when the system has it. */
    public static OpusLibrary found() {
        return LibOpus.isHere() ? LIBOPUS : CONCENTUS;
    }
}
