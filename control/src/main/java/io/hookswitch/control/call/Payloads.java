package io.hookswitch.control.call;

import io.hookswitch.control.ControlEvent.Header;
import io.hookswitch.control.ControlEvent.IncomingCall;
import io.hookswitch.control.dial.DialResult;
import io.hookswitch.control.dial.LegStatus;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What applications are told, as JSON objects with their keys in the order of the reference. */
final class Payloads {
    private Payloads() {}

    /** The first hook's: what came in. */
    static Map<String, Object> first(Call call) {
        IncomingCall incoming = call.incoming();
        Leg leg = call.leg();
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("call_sid", leg.callSid());
        payload.put("account_sid", call.account().sid());
        payload.put("application_sid", call.account().applicationSid());
        payload.put("service_provider_sid", call.settings().serviceProviderSid());
        payload.put("direction", leg.names().direction());
        payload.put("from", leg.names().from());
        payload.put("to", leg.names().to());
        payload.put("caller_name", incoming.fromDisplay());
        payload.put("call_id", leg.sipCallId());
        payload.put("sbc_callid", leg.sipCallId());
        payload.put("sip_status", (long) leg.sipStatus());
        payload.put("sip_reason", leg.sipReason());
        payload.put("call_status", LegStatus.TRYING.word());
        payload.put("trace_id", call.traceId());
        payload.put("has_recording", Boolean.FALSE);
        putUnlessNull(payload, "originating_sip_ip", leg.names().originatingIp());
        putUnlessNull(payload, "originating_sip_trunk_name", leg.names().originatingTrunk());
        payload.put("local_sip_address", SipAddress.withoutTransport(incoming.local()));
        payload.put("public_ip", call.settings().publicAddress());
        // No speech and no environment is configurable yet: the members are there, as applications expect them.
        payload.put("defaults", defaults());
        payload.put("env_vars", Map.of());
        payload.put("sip", sip(incoming));
        return payload;
    }

    private static Map<String, Object> defaults() {
        Map<String, Object> defaults = new LinkedHashMap<>();
        defaults.put("synthesizer", Map.of());
        defaults.put("recognizer", Map.of());
        return defaults;
    }

    private static Map<String, Object> sip(IncomingCall incoming) {
        Map<String, Object> sip = new LinkedHashMap<>();
        sip.put("headers", headers(incoming.headers()));
        sip.put("raw", incoming.raw());
        sip.put("body", incoming.body());
        sip.put("method", "INVITE");
        sip.put("version", "2.0");
        sip.put("uri", incoming.requestUri());
        sip.put("payload", List.of());
        sip.put("calledNumber", incoming.toUser());
        sip.put("callingNumber", incoming.fromUser());
        sip.put("source_address", SipAddress.host(incoming.source()));
        sip.put("source_port", SipAddress.port(incoming.source()));
        sip.put("protocol", SipAddress.transport(incoming.source()));
        return sip;
    }

    /** Names in lower case; a header that came more than once is one comma list (RFC 3261 section 7.3.1). */
    private static Map<String, Object> headers(List<Header> headers) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (Header header : headers) {
            map.merge(longName(header.name()), header.value(), (before, more) -> before + ", " + more);
        }
        return map;
    }

    private static String longName(String name) {
        return switch (name.toLowerCase(Locale.ROOT)) {
            case "b" -> "referred-by";
            case "c" -> "content-type";
            case "e" -> "content-encoding";
            case "f" -> "from";
            case "i" -> "call-id";
            case "k" -> "supported";
            case "l" -> "content-length";
            case "m" -> "contact";
            case "o" -> "event";
            case "r" -> "refer-to";
            case "s" -> "subject";
            case "t" -> "to";
            case "u" -> "allow-events";
            case "v" -> "via";
            case "x" -> "session-expires";
            case String other -> other;
        };
    }

    /** Every later hook's and every status callback's. */
    static Map<String, Object> of(Call call, Leg leg) {
        Leg.Names names = leg.names();
        Map<String, Object> payload = new LinkedHashMap<>();
        payload.put("call_sid", names.callSid());
        payload.put("direction", names.direction());
        payload.put("from", names.from());
        payload.put("to", names.to());
        putUnlessNull(payload, "call_id", leg.sipCallId());
        putUnlessNull(payload, "sbc_callid", leg.sipCallId());
        payload.put("sip_status", (long) leg.sipStatus());
        payload.put("sip_reason", leg.sipReason());
        payload.put("call_status", (leg.status() == null ? LegStatus.TRYING : leg.status()).word());
        putUnlessNull(payload, "caller_id", names.callerId());
        payload.put("account_sid", call.account().sid());
        payload.put("trace_id", call.traceId());
        payload.put("application_sid", call.account().applicationSid());
        payload.put("fs_sip_address", call.settings().sipAddress());
        putUnlessNull(payload, "parent_call_sid", names.parentCallSid());
        putUnlessNull(payload, "originating_sip_ip", names.originatingIp());
        putUnlessNull(payload, "originating_sip_trunk_name", names.originatingTrunk());
        putUnlessNull(payload, "call_termination_by", leg.terminatedBy());
        if (leg.status() == LegStatus.COMPLETED) {
            payload.put("duration", leg.durationSeconds());
        }
        putUnlessNull(payload, "customerData", leg.customerData());
        putEnd(payload, leg.endHeaders());
        if (!call.settings().apiBaseUrl().isEmpty()) {
            payload.put("api_base_url", call.settings().apiBaseUrl());
        }
        payload.put("fs_public_ip", call.settings().publicAddress());
        return payload;
    }

    private static void putEnd(Map<String, Object> payload, List<Header> endHeaders) {
        Map<String, Object> others = new LinkedHashMap<>();
        for (Header header : endHeaders) {
            if (header.name().equalsIgnoreCase("reason")) {
                payload.putIfAbsent("sip_reason_header", header.value());
            } else {
                others.put(snakeCase(header.name()), header.value());
            }
        }
        if (!others.isEmpty()) {
            payload.put("headers", others);
        }
    }

    private static String snakeCase(String headerName) {
        return headerName.toLowerCase(Locale.ROOT).replace('-', '_');
    }

    /** The end of a dial: the caller's call, then what became of the dial. */
    static Map<String, Object> dialEnded(Call call, String verbId, DialResult result) {
        Map<String, Object> payload = of(call, call.leg());
        payload.put("dial_status", result.status().word());
        payload.put("dial_call_status", result.status().word());
        payload.put("dial_sip_status", (long) result.sipStatus());
        putUnlessNull(payload, "dial_call_sid", result.callSid());
        putUnlessNull(payload, "dial_sbc_callid", result.sipCallId());
        putUnlessNull(payload, "verb_id", verbId);
        return payload;
    }

    /** The end of a verb on a leg, and any hook of it. */
    static Map<String, Object> verb(Call call, Leg leg, String verbId) {
        Map<String, Object> payload = of(call, leg);
        putUnlessNull(payload, "verb_id", verbId);
        return payload;
    }

    private static void putUnlessNull(Map<String, Object> payload, String key, Object value) {
        if (value != null) {
            payload.put(key, value);
        }
    }
}
