package io.hookswitch.server.node;

import java.util.ArrayDeque;
import java.util.Deque;
import org.agrona.ErrorHandler;

/** What was opened, closed last first; one that fails to close does not keep the others from it. */
final class Closer implements AutoCloseable {
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private final ErrorHandler errors;

    Closer(ErrorHandler errors) {
        this.errors = errors;
    }

    <T extends AutoCloseable> T opened(T thing) {
        open.push(thing);
        return thing;
    }

    @Override
    public void close() {
        while (!open.isEmpty()) {
            try {
                open.pop().close();
            } catch (Exception e) {
                errors.onError(e);
            }
        }
    }
}
