/**
 * The journal of calls on disk: written by a thread of its own from what the control thread hands over, read by the
 * commands that replay and explain.
 *
 * <p>Owning thread: control hands over ({@link io.hookswitch.server.journal.JournaledBrain}), the thread
 * {@code journal} writes ({@link io.hookswitch.server.journal.JournalAgent}); reading belongs to whoever reads.
 */
package io.hookswitch.server.journal;
