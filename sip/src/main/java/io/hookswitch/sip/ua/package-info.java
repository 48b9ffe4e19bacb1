/**
 * Legs over SIP: a sip thread's duty cycle, its legs (UAS and UAC), registrations, and the words between it and its
 * core.
 *
 * <p>Owning thread: the sip thread that runs {@link io.hookswitch.sip.ua.SipAgent}.
 */
package io.hookswitch.sip.ua;
