/**
 * Who may call and who can be reached: gateways by address, users by realm, and the users' registered contacts.
 *
 * <p>Owning thread: the tables of the settings are immutable. {@link io.hookswitch.server.registrar.BindingTable} is
 * written by the sip threads and read by control and virtual threads; it guards itself per address-of-record. The
 * snapshot has a virtual thread of its own.
 */
package io.hookswitch.server.registrar;
