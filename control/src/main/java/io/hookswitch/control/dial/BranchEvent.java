package io.hookswitch.control.dial;

/** What can happen to one INVITE of a fork. */
public sealed interface BranchEvent {
    /** The leg exists, its INVITE is out. */
    record Placed() implements BranchEvent {}

    /** No leg was made. */
    record Refused(int sipStatus) implements BranchEvent {}

    /** A provisional response. */
    record Provisional(int sipStatus, boolean media) implements BranchEvent {}

    /** A 2xx, acknowledged. */
    record Accepted() implements BranchEvent {}

    /** The far end or the wire ended the leg. */
    record Finished(int sipStatus) implements BranchEvent {}

    /** The fork wants it no longer. */
    record Dropped() implements BranchEvent {}
}
