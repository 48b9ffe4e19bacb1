package io.hookswitch.control.dial;

/** Where one INVITE of a fork stands. */
public sealed interface BranchState {
    /** Handed to the core; there is no leg yet that could be ended. */
    record Placing() implements BranchState {}

    /** Given up before there was a leg: ended as soon as there is one. */
    record Withdrawn() implements BranchState {}

    /** INVITE on the wire, nothing heard. */
    record Inviting() implements BranchState {}

    /** A provisional came; {@code early}: one of them carried media. */
    record Ringing(boolean early) implements BranchState {}

    /** The far end answered and the leg is up. */
    record Connected() implements BranchState {}

    /** Nothing more to do. */
    record Over() implements BranchState {}
}
