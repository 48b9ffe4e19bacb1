package io.hookswitch.server.rest;

import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/** Questions to control that wait for their answers. Asked by any thread, answered by the control thread. */
public final class CallRequests {
    static final long ANSWER_MAX_MS = 5_000;

    private final AtomicLong numbers = new AtomicLong();
    private final Map<Long, CompletableFuture<ControlCommand>> open = new ConcurrentHashMap<>();
    private volatile Consumer<ControlEvent> control;

    /** Says who answers; until then nobody does. */
    public void goTo(Consumer<ControlEvent> agent) {
        control = agent;
    }

    /** @return the answer, empty when there was none in time. */
    Optional<ControlCommand> ask(LongFunction<ControlEvent> question) throws InterruptedException {
        return ask(question, ANSWER_MAX_MS);
    }

    /** As the other one, with a patience of one's own. */
    Optional<ControlCommand> ask(LongFunction<ControlEvent> question, long mostMs) throws InterruptedException {
        Consumer<ControlEvent> agent = control;
        if (agent == null) {
            return Optional.empty();
        }
        long number = numbers.incrementAndGet();
        CompletableFuture<ControlCommand> answer = new CompletableFuture<>();
        open.put(number, answer);
        try {
            agent.accept(question.apply(number));
            return Optional.of(answer.get(mostMs, TimeUnit.MILLISECONDS));
        } catch (ExecutionException | TimeoutException e) {
            return Optional.empty();
        } finally {
            open.remove(number);
        }
    }

    /** Control says what came of an update. */
    public void answered(ControlCommand.UpdateAnswered answer) {
        settle(answer.request(), answer);
    }

    /** Control says what a request of SIP came to. */
    public void told(ControlCommand.RequestTold answer) {
        settle(answer.request(), answer);
    }

    /** Control tells of calls. */
    public void told(ControlCommand.CallsTold answer) {
        settle(answer.request(), answer);
    }

    private void settle(long request, ControlCommand answer) {
        CompletableFuture<ControlCommand> waiting = open.get(request);
        if (waiting != null) {
            waiting.complete(answer);
        }
    }

    /** @return calls of an account, {@code callSid} null = all; empty when control did not answer in time. */
    Optional<List<Map<String, Object>>> calls(String account, String callSid) throws InterruptedException {
        return ask(number -> new ControlEvent.AskCalls(number, account, callSid))
                .map(answer -> ((ControlCommand.CallsTold) answer).calls());
    }
}
