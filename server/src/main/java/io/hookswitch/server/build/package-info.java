/**
 * What the build wrote down about itself.
 *
 * <p>Owning thread: none, nothing here changes.
 */
package io.hookswitch.server.build;
