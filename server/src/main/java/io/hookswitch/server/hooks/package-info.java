/**
 * Hooks over HTTP: signed requests to the customer's application, with deadlines, retries and address rules; ordered
 * status callbacks.
 *
 * <p>Owning thread: requests run on virtual threads, one each; results are handed to whoever asked through its
 * callback.
 */
package io.hookswitch.server.hooks;
