/**
 * Audio files: fetched, decoded, resampled and encoded once, kept as off-heap recordings that a core plays.
 *
 * <p>Owning thread: virtual threads, one for each file being loaded; what is handed out may be used by any thread.
 */
package io.hookswitch.server.audio;
