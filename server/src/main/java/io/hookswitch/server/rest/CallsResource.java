package io.hookswitch.server.rest;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.hookswitch.control.CallUpdate;
import io.hookswitch.control.ControlCommand;
import io.hookswitch.control.ControlEvent;
import io.hookswitch.control.verb.CallUpdateParser;
import io.hookswitch.control.verb.CallUpdateParser.Parsed;
import io.hookswitch.server.json.JavaScriptJson;
import io.hookswitch.server.settings.AccountSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * Calls of an account, read and updated while they run: {@code /v1/Accounts/{account_sid}/Calls} and
 * {@code .../Calls/{call_sid}}, with the account's API key as bearer token.
 */
public final class CallsResource implements HttpHandler {
    /** Where it is found. */
    public static final String PATH = "/v1/";

    private static final int BODY_MAX = 64 * 1024;
    private static final int REQUESTS_MAX = 256;
    /** Longer than a request waits for its answer (RFC 3261 section 17.1.2.2, timer F). */
    private static final long SIP_ANSWER_MAX_MS = 35_000;

    private static final int SID_MAX = 128;
    private static final String BEARER = "Bearer ";
    private static final List<String> FILTERS = List.of("direction", "from", "to", "callStatus");

    private record Answer(int status, Object json) {
        private static Answer fault(int status, String text) {
            return new Answer(status, Map.of("msg", text));
        }
    }

    private final List<AccountSettings> accounts;
    private final CallRequests calls;
    private final Semaphore places = new Semaphore(REQUESTS_MAX);

    /** @param calls who knows about calls */
    public CallsResource(List<AccountSettings> accounts, CallRequests calls) {
        this.accounts = List.copyOf(accounts);
        this.calls = calls;
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            Answer answer;
            if (!places.tryAcquire()) {
                answer = Answer.fault(503, "more than " + REQUESTS_MAX + " requests at a time");
            } else {
                try {
                    answer = answer(exchange);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    answer = Answer.fault(503, "shutting down");
                } finally {
                    places.release();
                }
            }
            send(exchange, answer);
        }
    }

    private static void send(HttpExchange exchange, Answer answer) throws IOException {
        if (answer.json() == null) {
            exchange.sendResponseHeaders(answer.status(), -1);
            return;
        }
        byte[] body = JavaScriptJson.write(answer.json());
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(answer.status(), body.length);
        exchange.getResponseBody().write(body);
    }

    private Answer answer(HttpExchange exchange) throws IOException, InterruptedException {
        Optional<AccountSettings> asking = account(exchange.getRequestHeaders().getFirst("Authorization"));
        if (asking.isEmpty()) {
            return Answer.fault(401, "no known API key");
        }
        String[] path = exchange.getRequestURI().getPath().split("/");
        // "", v1, Accounts, sid, Calls [, call_sid]
        boolean isCalls = path.length >= 5
                && path.length <= 6
                && path[2].equals("Accounts")
                && path[4].equals("Calls")
                && (path.length == 5 || path[5].length() <= SID_MAX);
        if (!isCalls) {
            return Answer.fault(404, "no such resource");
        }
        if (!path[3].equals(asking.get().sid())) {
            return Answer.fault(403, "the API key is another account's");
        }
        String account = asking.get().name();
        return path.length == 5 ? list(exchange, account) : call(exchange, account, path[5]);
    }

    private Optional<AccountSettings> account(String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return Optional.empty();
        }
        byte[] key = authorization.substring(BEARER.length()).strip().getBytes(StandardCharsets.UTF_8);
        return accounts.stream()
                .filter(account -> !account.apiKey().isEmpty()
                        && MessageDigest.isEqual(key, account.apiKey().value().getBytes(StandardCharsets.UTF_8)))
                .findFirst();
    }

    private Answer list(HttpExchange exchange, String account) throws InterruptedException {
        if (!exchange.getRequestMethod().equals("GET")) {
            return Answer.fault(405, "GET only");
        }
        Map<String, String> wanted = query(exchange.getRequestURI().getQuery());
        return calls.calls(account, null)
                .map(all -> new Answer(
                        200, all.stream().filter(call -> matches(call, wanted)).toList()))
                .orElseGet(CallsResource::unanswered);
    }

    private static Map<String, String> query(String query) {
        Map<String, String> wanted = new LinkedHashMap<>();
        for (String part : query == null ? new String[0] : query.split("&")) {
            int equals = part.indexOf('=');
            if (equals > 0 && FILTERS.contains(part.substring(0, equals))) {
                wanted.put(part.substring(0, equals), part.substring(equals + 1));
            }
        }
        return wanted;
    }

    private static boolean matches(Map<String, Object> call, Map<String, String> wanted) {
        return wanted.entrySet().stream().allMatch(entry -> {
            String key = entry.getKey().equals("callStatus") ? "call_status" : entry.getKey();
            return entry.getValue().equals(call.get(key));
        });
    }

    private static Answer unanswered() {
        return Answer.fault(500, "control did not answer in time");
    }

    private Answer call(HttpExchange exchange, String account, String callSid)
            throws IOException, InterruptedException {
        return switch (exchange.getRequestMethod()) {
            case "GET" ->
                calls.calls(account, callSid)
                        .map(found ->
                                found.isEmpty() ? Answer.fault(404, "no such call") : new Answer(200, found.getFirst()))
                        .orElseGet(CallsResource::unanswered);
            case "PUT", "POST" -> update(exchange, account, callSid);
            case "DELETE" -> {
                Answer hungUp = update(account, callSid, new CallUpdate.HangUp());
                Answer done = hungUp.status() == 422 ? update(account, callSid, new CallUpdate.Cancel()) : hungUp;
                yield done.status() == 202 ? new Answer(204, null) : done;
            }
            default -> Answer.fault(405, "GET, PUT, POST or DELETE");
        };
    }

    private Answer update(HttpExchange exchange, String account, String callSid)
            throws IOException, InterruptedException {
        byte[] body = exchange.getRequestBody().readNBytes(BODY_MAX + 1);
        if (body.length > BODY_MAX) {
            return Answer.fault(413, "the body is longer than " + BODY_MAX + " bytes");
        }
        Object json;
        try {
            json = JavaScriptJson.read(body);
        } catch (JavaScriptJson.NotJson e) {
            return Answer.fault(400, "body: " + e.getMessage());
        }
        return switch (CallUpdateParser.parse(json)) {
            case Parsed.Good(CallUpdate update) -> update(account, callSid, update);
            case Parsed.Bad(List<String> faults) -> Answer.fault(400, String.join("; ", faults));
            case Parsed.Later(String key) -> Answer.fault(422, key + ": not supported yet");
        };
    }

    private Answer update(String account, String callSid, CallUpdate update) throws InterruptedException {
        long patienceMs = update instanceof CallUpdate.SipRequest ? SIP_ANSWER_MAX_MS : CallRequests.ANSWER_MAX_MS;
        return calls.ask(number -> new ControlEvent.UpdateCall(number, account, callSid, update), patienceMs)
                .map(CallsResource::answer)
                .orElseGet(CallsResource::unanswered);
    }

    private static Answer answer(ControlCommand command) {
        return switch (command) {
            case ControlCommand.UpdateAnswered(long _, int status, String text) ->
                status == 202 ? new Answer(202, null) : Answer.fault(status, text);
            case ControlCommand.RequestTold(long _, int sipStatus, String reason) -> {
                Map<String, Object> told = new LinkedHashMap<>();
                told.put("status", sipStatus);
                told.put("reason", reason);
                yield new Answer(200, told);
            }
            default -> throw new IllegalStateException("no answer to an update: " + command);
        };
    }
}
