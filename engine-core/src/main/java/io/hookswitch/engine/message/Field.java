package io.hookswitch.engine.message;

/** Tags of the variable fields of a {@link MessageFlyweight}. Values are UTF-8 text unless said otherwise. */
public final class Field {
    /** SIP Call-ID. */
    public static final int CALL_ID = 1;
    /** User part of From. */
    public static final int FROM_USER = 2;
    /** Display name of From, unquoted. */
    public static final int FROM_DISPLAY = 3;
    /** Host part of From. */
    public static final int FROM_HOST = 4;
    /** User part of the Request-URI of an incoming INVITE. */
    public static final int TO_USER = 5;
    /** Request-URI. */
    public static final int REQUEST_URI = 6;
    /**
     * Where to send, {@code transport:address:port} with a literal address, {@code udp:127.0.0.1:5060}, {@code
     * tcp:[::1]:5060}; with TLS behind a slash the name that its certificate must be for.
     */
    public static final int NEXT_HOP = 7;
    /** Reason phrase of the status. */
    public static final int REASON = 8;
    /** One header, {@code Name: value}; repeats. */
    public static final int HEADER = 9;
    /** Message body as text. */
    public static final int BODY = 10;
    /** The whole message as received. */
    public static final int RAW = 11;
    /** Where a message came from, form of {@link #NEXT_HOP}. */
    public static final int SOURCE = 12;
    /** Our address that received it, form of {@link #NEXT_HOP}. */
    public static final int LOCAL = 13;
    /** Who the caller is: {@code carrier:<account>:<carrier name>} or {@code user:<account>:<user>@<realm>}. */
    public static final int ORIGIN = 14;
    /** Digest user name for a challenge. */
    public static final int AUTH_USER = 15;
    /** Digest password for a challenge. Never logged. */
    public static final int AUTH_PASSWORD = 16;
    /** Seconds for a Retry-After header, decimal text. */
    public static final int RETRY_AFTER = 17;
    /** To header's URI when it is not the Request-URI. */
    public static final int TO_URI = 18;

    /** Keys to send: 0-9, *, #, A-D, w = a pause of 0.5 s, W = of 1 s; ASCII. */
    public static final int DIGITS = 19;

    /** Present: offer SRTP with keys in SDP (RFC 4568); the text says how, {@link #SDES} or {@link #SDES_WITH_ICE}. */
    public static final int SRTP = 20;
    /** Keys in SDP. */
    public static final String SDES = "sdes";
    /** Keys in SDP, and our side of ICE (RFC 8839, lite). */
    public static final String SDES_WITH_ICE = "sdes ice";

    /** What to play and how, numbers ({@link PlayFlyweight}). */
    public static final int PLAY = 21;

    /** Method of a request. */
    public static final int METHOD = 22;

    /** Content-Type of a {@link #BODY}. */
    public static final int CONTENT_TYPE = 23;

    /** A datagram, bytes as they are on the wire. */
    public static final int DATAGRAM = 24;

    /** {@code user@host} of our Contact when it is not our address. */
    public static final int CONTACT = 40;

    private Field() {}
}
