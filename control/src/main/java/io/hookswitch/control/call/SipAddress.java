package io.hookswitch.control.call;

/** Parts of {@code transport:address:port}. */
final class SipAddress {
    private SipAddress() {}

    /** @return {@code udp}, {@code tcp}, …; "" when there is none. */
    static String transport(String address) {
        int colon = address.indexOf(':');
        return colon < 0 ? "" : address.substring(0, colon);
    }

    /** @return {@code address:port}. */
    static String withoutTransport(String address) {
        return address.substring(address.indexOf(':') + 1);
    }

    /** @return address literal, without the brackets of IPv6. */
    static String host(String address) {
        String rest = withoutTransport(address);
        int colon = rest.lastIndexOf(':');
        String host = colon < 0 ? rest : rest.substring(0, colon);
        return host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    }

    /** @return port, 0 when it is none. */
    static long port(String address) {
        String digits = address.substring(address.lastIndexOf(':') + 1);
        boolean number =
                !digits.isEmpty() && digits.length() <= 5 && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        return number ? Long.parseLong(digits) : 0;
    }
}
