/**
 * The REST API: requests about calls, answered by control.
 *
 * <p>Owning thread: virtual threads, one for each request.
 */
package io.hookswitch.server.rest;
