/** A real browser with a telephone in it: Chromium, driven over its DevTools protocol, and JsSIP. Test threads. */
package io.hookswitch.systemtests.browser;
