package io.hookswitch.sip;

/** What a user of a realm proves itself with. Asked on the sip thread: answers from memory, never waits. */
@FunctionalInterface
public interface UserSecrets {
    /** @return the user's secret, or null when the realm has no such user. */
    Secret of(String realm, String user);

    /** What the server side of digest needs. */
    sealed interface Secret {
        /** Name of the account that the user belongs to. */
        String account();

        /** The password itself: every algorithm can be offered. Its text shows nothing. */
        record Password(String account, String password) implements Secret {
            @Override
            public String toString() {
                return "Password[account=" + account + "]";
            }
        }

        /**
         * Hashes of {@code user:realm:password}, lower-case hexadecimal; null = that algorithm is not possible. Its
         * text shows nothing.
         */
        record Hashes(String account, String md5, String sha256) implements Secret {
            @Override
            public String toString() {
                return "Hashes[account=" + account + "]";
            }
        }
    }
}
