package io.hookswitch.control.journal;

/** What the directory answered while one event was decided on: a method of it, and what it returned. */
public record Answer(String method, Object value) {}
