package io.hookswitch.control.journal;

import io.hookswitch.control.call.ControlSettings;

/**
 * What all calls of a file have in common.
 *
 * @param run names one run of one process; a call's number is unique within it
 * @param build version of the software
 * @param settings that control had
 */
public record JournalHeader(String run, String build, long startedEpochMs, ControlSettings settings) {}
