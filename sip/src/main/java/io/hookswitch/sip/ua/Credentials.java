package io.hookswitch.sip.ua;

import io.hookswitch.sip.digest.DigestClient;
import java.text.ParseException;
import java.util.List;
import java.util.function.Supplier;
import javax.sip.message.Request;
import javax.sip.message.Response;

/** What a leg proves itself with: to the far end (401) and to a proxy on the way (407), each by its own challenge. */
final class Credentials {
    private final Messages messages;
    private final DigestClient farEnd;
    private final DigestClient proxy;

    Credentials(Messages messages, String user, String password, Supplier<String> clientNonces) {
        this.messages = messages;
        farEnd = new DigestClient(user, password, clientNonces);
        proxy = new DigestClient(user, password, clientNonces);
    }

    /** @return whether the request that got this response should be sent again, with proof. */
    boolean challenged(Response response) {
        return switch (response.getStatusCode()) {
            case 401 -> farEnd.challenged(Messages.values(response, "WWW-Authenticate"));
            case 407 -> proxy.challenged(Messages.values(response, "Proxy-Authenticate"));
            default -> false;
        };
    }

    /** Puts the proofs asked for so far into a request, counted anew. */
    void prove(Request request) throws ParseException {
        String uri = request.getRequestURI().toString();
        if (farEnd.isChallenged()) {
            messages.authorize(request, "Authorization", farEnd.authorization(request.getMethod(), uri));
        }
        if (proxy.isChallenged()) {
            messages.authorize(request, "Proxy-Authorization", proxy.authorization(request.getMethod(), uri));
        }
    }

    /** What was asked for so far is proved, or was asked by somebody else: the next challenge is a new one. */
    void accepted() {
        for (DigestClient client : List.of(farEnd, proxy)) {
            client.accepted();
        }
    }
}
