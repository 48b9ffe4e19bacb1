/**
 * The journal of a call: everything that control decided on, what it decided, and the replay of the one to the other.
 * Bytes in buffers only; files are the server's.
 *
 * <p>Owning thread: whoever writes, reads or replays a journal; nothing here is shared.
 */
package io.hookswitch.control.journal;
