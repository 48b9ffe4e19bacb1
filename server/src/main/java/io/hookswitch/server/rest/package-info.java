/** The REST API: requests about calls, answered by control. Owner: virtual threads, one a request. */
package io.hookswitch.server.rest;
