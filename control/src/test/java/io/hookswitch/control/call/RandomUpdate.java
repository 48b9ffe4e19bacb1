package io.hookswitch.control.call;

import io.hookswitch.control.CallUpdate;
import io.hookswitch.control.ControlCommand.HookSpec;
import io.hookswitch.control.ControlCommand.RecordingServer;
import io.hookswitch.control.Json;
import io.hookswitch.control.verb.Verb;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** What somebody outside may want of a leg, whether it can be done or not. */
final class RandomUpdate {
    private static final HookSpec OTHER = new HookSpec("/other", "POST", null, null);

    private RandomUpdate() {}

    static CallUpdate any(RandomGenerator random) {
        return switch (random.nextInt(3) == 0 ? 0 : random.nextInt(11)) {
            case 0 ->
                switch (random.nextInt(3)) {
                    case 0 -> new CallUpdate.Redirect(OTHER, null, null);
                    case 1 -> new CallUpdate.Redirect(null, OTHER, null);
                    default -> new CallUpdate.Redirect(OTHER, OTHER, null);
                };
            case 1, 9 -> new CallUpdate.HangUp();
            case 2 -> new CallUpdate.Cancel();
            case 3 -> new CallUpdate.Mute(random.nextBoolean());
            case 4 -> new CallUpdate.Keys("12", 250_000_000L);
            case 5 -> new CallUpdate.Tag(Map.of("b", 2L));
            case 6 -> new CallUpdate.Dub(dub(random));
            case 7 -> new CallUpdate.SipRequest("INFO", "text/plain", "x", List.of());
            case 8 -> new CallUpdate.Recording(recording(random));
            default ->
                new CallUpdate.Whisper(
                        (List<?>) Json.parse("[{\"verb\":\"say\",\"text\":\"x\"},{\"verb\":\"play\",\"url\":\"/y\"}]"));
        };
    }

    private static Verb.Recording recording(RandomGenerator random) {
        Verb.RecordingAction[] actions = Verb.RecordingAction.values();
        return new Verb.Recording(
                actions[random.nextInt(actions.length)],
                List.of(new RecordingServer("sip:srs@192.0.2.9", null, null)),
                "r",
                List.of());
    }

    private static Verb.Dub dub(RandomGenerator random) {
        Verb.DubAction action = Verb.DubAction.values()[random.nextInt(Verb.DubAction.values().length)];
        String track = List.of("a", "b", "c").get(random.nextInt(3));
        return new Verb.Dub(null, action, track, "/x.wav", null, random.nextBoolean(), -3);
    }
}
