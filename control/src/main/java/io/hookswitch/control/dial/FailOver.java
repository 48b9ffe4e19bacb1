package io.hookswitch.control.dial;

import io.hookswitch.control.ControlEvent.Resolution;
import io.hookswitch.control.DialTarget;
import java.util.List;

/** What a failed way to a target means for the ways that are left. */
public final class FailOver {
    private static final int CLASS = 100;
    private static final int UNAUTHORIZED = 401;
    private static final int PROXY_AUTHENTICATION = 407;
    private static final int REQUEST_TIMEOUT = 408;
    private static final int UNSUPPORTED_MEDIA = 415;
    private static final int BAD_EXTENSION = 420;
    private static final int ADDRESS_INCOMPLETE = 484;
    private static final int BUSY_HERE = 486;
    private static final int REQUEST_TERMINATED = 487;
    private static final int SERVICE_UNAVAILABLE = 503;
    private static final int GLOBAL_FAILURE = 600;

    private FailOver() {}

    /** @return whether the ways to a target are tried together, not one after the other. */
    public static boolean together(DialTarget target, Resolution.Routes found) {
        return target instanceof DialTarget.User || found.together();
    }

    /**
     * @param mediaPassed the caller already hears this way: another one would be a second call to him
     * @return whether the next way is to be tried after one failed with this status.
     */
    public static boolean goesOn(DialTarget target, int sipStatus, boolean mediaPassed) {
        if (mediaPassed) {
            return false;
        }
        return switch (target) {
            // Whatever a gateway says of itself or of the way; not what the callee says: he is not rung twice.
            case DialTarget.Phone _ ->
                sipStatus != REQUEST_TERMINATED && sipStatus != BUSY_HERE && sipStatus < GLOBAL_FAILURE;
            // RFC 3263 section 4.3: no answer, transport error or 503.
            case DialTarget.Sip _, DialTarget.Teams _ ->
                sipStatus == SERVICE_UNAVAILABLE || sipStatus == REQUEST_TIMEOUT;
            case DialTarget.User _ -> false;
        };
    }

    /**
     * The response that a forking proxy would choose (RFC 3261 section 16.7 step 6): any 6xx, else of the lowest class;
     * within the class what tells the caller how to try again, then the first to arrive, a timeout last.
     *
     * @param statuses final responses in order of arrival, at least one
     * @return index of the chosen one.
     */
    public static int best(List<Integer> statuses) {
        int best = 0;
        for (int i = 1; i < statuses.size(); i++) {
            if (rank(statuses.get(i)) < rank(statuses.get(best))) {
                best = i;
            }
        }
        return best;
    }

    private static int rank(int sipStatus) {
        int inClass =
                switch (sipStatus) {
                    case UNAUTHORIZED, PROXY_AUTHENTICATION, UNSUPPORTED_MEDIA, BAD_EXTENSION, ADDRESS_INCOMPLETE -> 0;
                    case REQUEST_TIMEOUT -> 2;
                    default -> 1;
                };
        return sipStatus >= GLOBAL_FAILURE ? 0 : sipStatus / CLASS * CLASS + inClass;
    }
}
