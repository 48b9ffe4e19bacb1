package io.hookswitch.server.agent;

import java.nio.ByteBuffer;
import java.security.SecureRandom;

/** Random numbers that nobody can guess, drawn from the system a page at a time. */
final class Entropy {
    private final SecureRandom random = new SecureRandom();
    private final byte[] page = new byte[4096];
    private final ByteBuffer unread = ByteBuffer.wrap(page);

    Entropy() {
        unread.position(page.length);
    }

    long next() {
        if (unread.remaining() < Long.BYTES) {
            random.nextBytes(page);
            unread.clear();
        }
        return unread.getLong();
    }
}
