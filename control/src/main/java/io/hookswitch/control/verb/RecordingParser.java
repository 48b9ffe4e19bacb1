package io.hookswitch.control.verb;

import io.hookswitch.control.ControlCommand.RecordingServer;
import io.hookswitch.control.ControlEvent.Header;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code record}, in a {@code config} and in a request that updates a call. */
final class RecordingParser {
    private static final int MOST_SERVERS = 8;
    private static final int LONGEST_ID = 256;
    private static final String SERVERS = "siprecServerURL";

    private RecordingParser() {}

    /** @return null = there is none; faults are noted. */
    static Verb.Recording recording(Members of) {
        Members record = of.object("record");
        if (record == null) {
            return null;
        }
        Verb.RecordingAction action = action(record);
        boolean isOurs = type(record);
        List<RecordingServer> servers = servers(record);
        if (action == Verb.RecordingAction.START && isOurs && !record.has(SERVERS)) {
            record.fault(SERVERS, "required");
        }
        String id = record.line("recordingID", null);
        if (id != null && (id.length() > LONGEST_ID || SipText.hasControl(id))) {
            record.fault("recordingID", "must be of at most " + LONGEST_ID + " characters, none of them for control");
        }
        List<Header> headers = HeaderRules.read(record);
        record.end();
        return new Verb.Recording(action, servers, id, headers);
    }

    private static Verb.RecordingAction action(Members record) {
        String action = record.requiredText("action");
        return switch (action) {
            case "startCallRecording" -> Verb.RecordingAction.START;
            case "stopCallRecording" -> Verb.RecordingAction.STOP;
            case "pauseCallRecording" -> Verb.RecordingAction.PAUSE;
            case "resumeCallRecording" -> Verb.RecordingAction.RESUME;
            case null -> null;
            default -> {
                record.fault(
                        "action",
                        "must be startCallRecording, stopCallRecording, pauseCallRecording or resumeCallRecording");
                yield null;
            }
        };
    }

    /** @return whether a server of the application's records. */
    private static boolean type(Members record) {
        return switch (record.text("type", "siprec")) {
            case "siprec" -> true;
            case "cloud" -> {
                record.fault("type", "cloud is not supported: cloud recording needs a store");
                yield false;
            }
            default -> {
                record.fault("type", "must be siprec or cloud");
                yield false;
            }
        };
    }

    private static List<RecordingServer> servers(Members record) {
        if (!record.has(SERVERS)) {
            return List.of();
        }
        if (record.value(SERVERS) instanceof String one) {
            return server(record, record.path(SERVERS), one);
        }
        List<?> array = Members.asArray(record.value(SERVERS));
        if (array == null || array.isEmpty() || array.size() > MOST_SERVERS) {
            record.fault(SERVERS, "must be a SIP URI or an array of 1 to " + MOST_SERVERS);
            return List.of();
        }
        List<RecordingServer> servers = new ArrayList<>();
        for (int i = 0; i < array.size(); i++) {
            String path = record.path(SERVERS) + "[" + i + "]";
            if (array.get(i) instanceof String one) {
                servers.addAll(server(record, path, one));
            } else {
                record.findings().fault(path, "must be a string");
            }
        }
        return List.copyOf(servers);
    }

    /** A URI that nothing is reached at fails when it is its turn; one that could not be written is a fault. */
    private static List<RecordingServer> server(Members record, String path, String uri) {
        int scheme = uri.indexOf(':') + 1;
        String name = uri.substring(0, scheme);
        if (!name.equalsIgnoreCase("sip:") && !name.equalsIgnoreCase("sips:") || uri.length() == scheme) {
            record.findings().fault(path, "must be a sip or sips URI");
        } else if (!SipText.isUriText(uri)) {
            record.findings().fault(path, "must not contain blanks, quotes, brackets or control characters");
        } else {
            return List.of(withoutPassword(uri, scheme));
        }
        return List.of();
    }

    /** RFC 3261 section 19.1.1: what stands behind the user's colon is a secret, and no part of where it leads. */
    private static RecordingServer withoutPassword(String uri, int scheme) {
        int at = uri.indexOf('@');
        int colon = uri.indexOf(':', scheme);
        if (at < 0 || colon < 0 || colon > at) {
            return new RecordingServer(uri, null, null);
        }
        return new RecordingServer(
                uri.substring(0, colon) + uri.substring(at),
                uri.substring(scheme, colon),
                uri.substring(colon + 1, at));
    }
}
