/**
 * Between control's words and the slots of the core rings: nothing else in control knows bytes.
 *
 * <p>Owning thread: control.
 */
package io.hookswitch.control.codec;
