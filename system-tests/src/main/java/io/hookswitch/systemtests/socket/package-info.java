/**
 * A customer's WebSocket server, after RFC 6455 and the documents of the audio protocols alone. Owning thread: one
 * virtual thread a connection writes its record under the record's monitor; tests read it.
 */
package io.hookswitch.systemtests.socket;
