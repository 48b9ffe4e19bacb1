package io.hookswitch.control.call;

/**
 * What is listened to.
 *
 * @param about whose call information servers are told
 * @param caller handle of the caller's leg
 * @param callee handle of the one it is joined to, 0 = none
 * @param base URL against which relative ones are resolved
 */
record TapSubject(Call call, Leg about, long caller, long callee, String base) {
    void explain(String text) {
        call.desk().explain(call.leg().callSid(), text);
    }
}
