package io.hookswitch.server.dtls;

import io.hookswitch.rtp.srtp.SrtpSuite;
import java.util.Arrays;

/**
 * What a handshake agrees on. The arrays are not copied: whoever has written them into a ring erases them.
 *
 * @param suite of SRTP, both directions
 * @param local key and salt that we send with, 30 bytes
 * @param remote those of the far end, 30 bytes
 */
record SrtpKeys(SrtpSuite suite, byte[] local, byte[] remote) {
    /** Bytes exported from a handshake. */
    static final int MATERIAL_LENGTH = 2 * SrtpSuite.MASTER_LENGTH;

    /**
     * Cuts what was exported (RFC 5764 section 4.2): client's key, server's key, client's salt, server's salt.
     *
     * @param isServer whether we are the server
     */
    static SrtpKeys of(SrtpSuite suite, byte[] material, boolean isServer) {
        byte[] client = master(material, 0);
        byte[] server = master(material, 1);
        return isServer ? new SrtpKeys(suite, server, client) : new SrtpKeys(suite, client, server);
    }

    private static byte[] master(byte[] material, int side) {
        byte[] master = new byte[SrtpSuite.MASTER_LENGTH];
        System.arraycopy(material, side * SrtpSuite.KEY_LENGTH, master, 0, SrtpSuite.KEY_LENGTH);
        System.arraycopy(
                material,
                2 * SrtpSuite.KEY_LENGTH + side * SrtpSuite.SALT_LENGTH,
                master,
                SrtpSuite.KEY_LENGTH,
                SrtpSuite.SALT_LENGTH);
        return master;
    }

    void erase() {
        Arrays.fill(local, (byte) 0);
        Arrays.fill(remote, (byte) 0);
    }

    /** @return never the keys. */
    @Override
    public String toString() {
        return suite.name();
    }
}
