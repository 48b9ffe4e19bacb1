/**
 * Scripted far ends: a small SIP user agent and RTP endpoint of our own over plain sockets. It shares no code with the
 * engine and none with its SIP stack, so that what it says about the engine is a second opinion.
 *
 * <p>Owning thread: none. A far end's state is guarded by the far end's own monitor; its wire reader, its timer thread
 * and
 * the test or demo that drives it take that monitor for each step. Streams are written by the pacer thread and by one
 * virtual reader thread per media socket.
 */
package io.hookswitch.systemtests.farend;
