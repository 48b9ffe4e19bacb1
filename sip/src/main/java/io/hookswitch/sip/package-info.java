/**
 * What a sip thread asks its surroundings: who may call, whose password it is, where users are registered; and how it
 * is set up. The agent itself is {@link io.hookswitch.sip.ua.SipAgent}.
 *
 * <p>Owning thread: none for the settings; the sip thread calls the interfaces and must not be made to wait.
 */
package io.hookswitch.sip;
