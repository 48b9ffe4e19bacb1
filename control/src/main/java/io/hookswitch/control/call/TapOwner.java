package io.hookswitch.control.call;

import io.hookswitch.control.ControlEvent.AnswerHeard;
import io.hookswitch.control.ControlEvent.TapEnded;
import java.util.Map;

/** Who hears of a tap. */
interface TapOwner {
    /** It is over; told once. */
    void onEnded(TapEnded event);

    /** Whether a request can steer it that is for those who write down what is said, or for those who listen. */
    boolean isSteered(boolean transcribes);

    /** Its server recognised speech, and said so in these words. */
    default void onTranscribed(Map<String, Object> result) {}

    /** Its detector made something out about who has answered. */
    default void onAnswerHeard(AnswerHeard event) {}
}
