/**
 * Our own HTTP server: health and metrics.
 *
 * <p>Owning thread: requests run on virtual threads and only read.
 */
package io.hookswitch.server.http;
