package io.hookswitch.server.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.agrona.ErrorHandler;
import org.agrona.concurrent.Agent;
import org.agrona.concurrent.AgentRunner;
import org.agrona.concurrent.NoOpIdleStrategy;

/** Runs an agent on a thread of its own and lets the starter wait for it, or learn why it did not start. */
final class StartedAgent implements AutoCloseable {
    private static final long START_MAX_S = 30;

    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private final ErrorHandler errors;
    private final AgentRunner runner;

    /** Starts the thread, named after the agent's role. Agents wait by themselves: no idle strategy. */
    StartedAgent(Agent agent, ErrorHandler errors) {
        this(agent, () -> {}, errors);
    }

    /** As the other; {@code onThread} runs on the thread when the agent has started, before its first work. */
    StartedAgent(Agent agent, Runnable onThread, ErrorHandler errors) {
        this.errors = errors;
        runner = new AgentRunner(NoOpIdleStrategy.INSTANCE, this::onError, null, new Announcing(agent, onThread));
        AgentRunner.startOnThread(runner);
    }

    /** Why an agent did not start is told once, by {@link #await}. */
    private void onError(Throwable error) {
        if (!started.isCompletedExceptionally()) {
            errors.onError(error);
        }
    }

    private final class Announcing implements Agent {
        private final Agent agent;
        private final Runnable onThread;

        private Announcing(Agent agent, Runnable onThread) {
            this.agent = agent;
            this.onThread = onThread;
        }

        @Override
        public void onStart() {
            try {
                agent.onStart();
                onThread.run();
                started.complete(null);
            } catch (RuntimeException | Error e) {
                started.completeExceptionally(e);
                throw e;
            }
        }

        @Override
        public int doWork() throws Exception {
            return agent.doWork();
        }

        @Override
        public void onClose() {
            agent.onClose();
        }

        @Override
        public String roleName() {
            return agent.roleName();
        }
    }

    /** Waits until the agent has started. @throws IOException with the reason why it has not */
    void await() throws IOException {
        try {
            started.get(START_MAX_S, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(reason(e.getCause()), e.getCause());
        } catch (TimeoutException e) {
            throw new IOException(runner.agent().roleName() + " has not started in " + START_MAX_S + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + runner.agent().roleName() + " was starting", e);
        }
    }

    /** @return the message of a failure, or of what caused it. */
    static String reason(Throwable cause) {
        Throwable said = cause;
        while (said.getCause() != null && (said.getMessage() == null || said instanceof UncheckedIOException)) {
            said = said.getCause();
        }
        return said.getMessage() == null ? said.toString() : said.getMessage();
    }

    @Override
    public void close() {
        runner.close();
    }
}
