package io.hookswitch.control.call;

import io.hookswitch.control.ControlEvent.TapEnded;
import java.util.Map;

/** Who hears of a tap. */
interface TapOwner {
    /** It is over; told once. */
    void onEnded(TapEnded event);

    /** Whether its server recognises speech. */
    default boolean transcribes() {
        return false;
    }

    /** Its server recognised speech, and said so in these words. */
    default void onTranscribed(Map<String, Object> result) {}
}
