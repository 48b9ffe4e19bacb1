package io.hookswitch.control.call;

/**
 * What control says of the node it runs on.
 *
 * @param serviceProviderSid sent as {@code service_provider_sid}
 * @param sipAddress our SIP address, {@code address:port}; sent as {@code fs_sip_address}
 * @param publicAddress our address as the world sees it; sent as {@code public_ip} and {@code fs_public_ip}
 * @param apiBaseUrl of the REST API, "" = not sent
 * @param utcOffsetNs what must be added to the {@code nowNs} of an event to get ns since 1970 UTC
 * @param firstHookFailureStatus SIP status for a caller whose application cannot be asked, 480 by default
 */
public record ControlSettings(
        String serviceProviderSid,
        String sipAddress,
        String publicAddress,
        String apiBaseUrl,
        long utcOffsetNs,
        int firstHookFailureStatus) {
    /** Status for a caller whose application cannot be asked, when nothing else is configured. */
    public static final int DEFAULT_FIRST_HOOK_FAILURE_STATUS = 480;
}
