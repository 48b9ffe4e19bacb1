/**
 * What an application wrote: verbs as values, and the faults of a document that is none, by JSON path.
 *
 * <p>Owning thread: control.
 */
package io.hookswitch.control.verb;
