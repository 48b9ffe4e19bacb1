package io.hookswitch.control.verb;

import java.util.List;

/** What a hook's JSON is, once read. */
public sealed interface VerbDocument {
    /** Verbs to run, at least one; {@code warnings} are for the account's owner and change nothing. */
    record Application(List<Verb> verbs, List<String> warnings) implements VerbDocument {}

    /** No instructions: no body, not JSON, an object, an empty array. */
    record Nothing() implements VerbDocument {}

    /** At least one fault, all of them, each {@code path: what is wrong}. */
    record Faulty(List<String> faults) implements VerbDocument {}
}
