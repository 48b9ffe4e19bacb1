package io.hookswitch.sip.sdp;

import io.hookswitch.rtp.srtp.SrtpSuite;
import java.util.Base64;
import java.util.regex.Pattern;

/**
 * One {@code a=crypto} attribute that we can use (RFC 4568 section 9.1): one key without a master key identifier, and
 * no session parameter that changes what is sent.
 *
 * @param tag 1 to 9 digits, as written
 * @param master key and salt, {@link SrtpSuite#MASTER_LENGTH} bytes
 */
record SdesKey(String tag, SrtpSuite suite, byte[] master) {
    private static final Pattern INLINE = Pattern.compile("(?i)(inline:)[^|;\\s]+");
    /** Keys as they were written before (RFC 4566 section 5.12), of RFC 4567, and of ICE: not shown either. */
    private static final Pattern OTHER_KEYS = Pattern.compile("(?im)^(k=|a=key-mgmt:|a=ice-pwd:)[^\\r\\n]*");

    private static final Pattern TAG = Pattern.compile("[0-9]{1,9}");
    private static final String METHOD = "inline:";
    /** Says how a sender treats its own window of packets: nothing changes for us. */
    private static final String WINDOW_HINT = "WSH=";

    /** @return the attribute's meaning, or null when it is none that we can use. */
    static SdesKey read(String value) {
        String[] parts = value.split("[ \t]+");
        if (parts.length < 3 || !TAG.matcher(parts[0]).matches()) {
            return null;
        }
        SrtpSuite suite = suite(parts[1]);
        for (int i = 3; i < parts.length; i++) {
            if (!parts[i].startsWith(WINDOW_HINT) && !parts[i].startsWith("-")) {
                return null;
            }
        }
        byte[] master = suite == null ? null : master(parts[2]);
        return master == null ? null : new SdesKey(parts[0], suite, master);
    }

    private static SrtpSuite suite(String name) {
        for (SrtpSuite suite : SrtpSuite.values()) {
            if (suite.name().equals(name)) {
                return suite;
            }
        }
        return null;
    }

    /** {@code inline:<key and salt>[|lifetime]}; a third part would be a key identifier, several keys need one. */
    private static byte[] master(String parameters) {
        String[] parts = parameters.split("\\|", -1);
        boolean isOne = parameters.indexOf(';') < 0 && (parts.length == 1 || parts.length == 2 && isLifetime(parts[1]));
        if (!isOne || !parts[0].regionMatches(true, 0, METHOD, 0, METHOD.length())) {
            return null;
        }
        try {
            byte[] master = Base64.getDecoder().decode(parts[0].substring(METHOD.length()));
            return master.length == SrtpSuite.MASTER_LENGTH ? master : null;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /** Packets a key is good for, {@code 2^20} or a number: more than any call has, or the far end gives a new one. */
    private static boolean isLifetime(String text) {
        return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9' || c == '^');
    }

    /** @return the attribute's value as it is written. */
    String text() {
        return tag + ' ' + suite.name() + ' ' + METHOD + Base64.getEncoder().encodeToString(master);
    }

    /** @return a description whose keys cannot be read any more. */
    static String masked(String description) {
        String withoutInline = INLINE.matcher(description).replaceAll("$1***");
        return OTHER_KEYS.matcher(withoutInline).replaceAll("$1***");
    }

    @Override
    public String toString() {
        return tag + ' ' + suite;
    }
}
