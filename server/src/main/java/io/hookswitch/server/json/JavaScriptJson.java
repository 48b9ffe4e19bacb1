package io.hookswitch.server.json;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes JSON byte for byte as {@code JSON.stringify} does (ECMA-262 section 25.5.2), so that a receiver that parses
 * and writes again gets the
 * bytes that were signed; reads JSON into plain values: {@code Map<String, Object>} in arrival order (of duplicate keys
 * the last wins),
 * {@code List<Object>}, {@code String}, {@code Long}, {@code BigDecimal}, {@code Boolean}, {@code null}.
 */
public final class JavaScriptJson {
    /** Longest document that is read, in bytes. */
    public static final int MAX_BYTES = 1 << 20;

    private static final int MAX_DEPTH = 100;
    private static final BigInteger MAX_LONG = BigInteger.valueOf(Long.MAX_VALUE);
    private static final BigInteger MIN_LONG = BigInteger.valueOf(Long.MIN_VALUE);
    /** Beyond it a JavaScript number cannot hold every integer. */
    private static final long MAX_SAFE_INTEGER = (1L << 53) - 1;
    /** Beyond it, either way, a double has no value. */
    private static final int MAX_EXPONENT = 400;
    /** Greatest array index (ECMA-262 section 6.1.7): keys up to here are moved to the front, ascending. */
    private static final long MAX_ARRAY_INDEX = (1L << 32) - 2;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(MAX_BYTES)
                    .maxNumberLength(100)
                    .maxDocumentLength(MAX_BYTES)
                    .build())
            .build();

    private JavaScriptJson() {}

    /** Why a text is not JSON, in one line. */
    public static final class NotJson extends Exception {
        private static final long serialVersionUID = 1L;

        NotJson(String message) {
            super(message);
        }
    }

    /**
     * Reads one document.
     *
     * @throws NotJson when the bytes are anything else than one JSON value of at most {@link #MAX_BYTES} bytes and 100
     * levels
     */
    public static Object read(byte[] json) throws NotJson {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), json)) {
            if (parser.nextToken() == null) {
                throw new NotJson("empty");
            }
            Object value = value(parser);
            if (parser.nextToken() != null) {
                throw new NotJson("more than one value");
            }
            return value;
        } catch (JacksonException e) {
            throw new NotJson(e.getOriginalMessage());
        }
    }

    private static Object value(JsonParser parser) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> parser.getString();
            case VALUE_NUMBER_INT -> integer(parser.getBigIntegerValue());
            case VALUE_NUMBER_FLOAT -> decimal(parser.getDecimalValue());
            case VALUE_TRUE -> Boolean.TRUE;
            case VALUE_FALSE -> Boolean.FALSE;
            default -> null;
        };
    }

    private static Object integer(BigInteger number) {
        return number.compareTo(MIN_LONG) < 0 || number.compareTo(MAX_LONG) > 0
                ? new BigDecimal(number)
                : Long.valueOf(number.longValue());
    }

    /**
     * What no double can hold is infinite or 0 in JavaScript. Kept as it is written it could fill the memory of whoever
     * makes an integer of it.
     */
    private static BigDecimal decimal(BigDecimal number) {
        long exponent = (long) number.precision() - number.scale();
        if (exponent > MAX_EXPONENT) {
            return BigDecimal.valueOf(number.signum()).scaleByPowerOfTen(MAX_EXPONENT);
        }
        return exponent < -MAX_EXPONENT ? BigDecimal.ZERO : number;
    }

    private static Map<String, Object> object(JsonParser parser) {
        Map<String, Object> map = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            map.put(name, value(parser));
        }
        return map;
    }

    private static List<Object> array(JsonParser parser) {
        List<Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            list.add(value(parser));
        }
        return list;
    }

    /** Writes a value in UTF-8. @throws IllegalArgumentException for a class that is not one of the plain values. */
    public static byte[] write(Object value) {
        return text(value).getBytes(StandardCharsets.UTF_8);
    }

    /** Writes a value as text. @throws IllegalArgumentException for a class that is not one of the plain values. */
    public static String text(Object value) {
        StringBuilder out = new StringBuilder(512);
        append(out, value);
        return out.toString();
    }

    private static void append(StringBuilder out, Object value) {
        switch (value) {
            case null -> out.append("null");
            case String text -> appendString(out, text);
            case Boolean truth -> out.append(truth);
            case Map<?, ?> map -> appendObject(out, map);
            case List<?> list -> appendArray(out, list);
            case Integer number -> out.append(number);
            case Long number when Math.abs(number) <= MAX_SAFE_INTEGER -> out.append(number);
            case Number number -> out.append(number(number.doubleValue()));
            default -> throw new IllegalArgumentException("not a JSON value: " + value.getClass());
        }
    }

    private static void appendArray(StringBuilder out, List<?> list) {
        out.append('[');
        for (int i = 0; i < list.size(); i++) {
            if (i > 0) {
                out.append(',');
            }
            append(out, list.get(i));
        }
        out.append(']');
    }

    private static void appendObject(StringBuilder out, Map<?, ?> map) {
        TreeMap<Long, String> indices = new TreeMap<>();
        for (Object key : map.keySet()) {
            if (isArrayIndex((String) key)) {
                indices.put(Long.valueOf((String) key), (String) key);
            }
        }
        out.append('{');
        int start = out.length();
        indices.values().forEach(key -> appendMember(out, start, key, map.get(key)));
        for (Map.Entry<?, ?> member : map.entrySet()) {
            if (indices.isEmpty() || !isArrayIndex((String) member.getKey())) {
                appendMember(out, start, (String) member.getKey(), member.getValue());
            }
        }
        out.append('}');
    }

    private static void appendMember(StringBuilder out, int start, String key, Object value) {
        if (out.length() > start) {
            out.append(',');
        }
        appendString(out, key);
        out.append(':');
        append(out, value);
    }

    private static boolean isArrayIndex(String key) {
        if (key.isEmpty() || key.length() > 10 || key.length() > 1 && key.charAt(0) == '0') {
            return false;
        }
        for (int i = 0; i < key.length(); i++) {
            if (key.charAt(i) < '0' || key.charAt(i) > '9') {
                return false;
            }
        }
        return Long.parseLong(key) <= MAX_ARRAY_INDEX;
    }

    private static void appendString(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ' || Character.isSurrogate(c) && !isPaired(text, i)) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    private static boolean isPaired(String text, int index) {
        char c = text.charAt(index);
        return Character.isHighSurrogate(c)
                ? index + 1 < text.length() && Character.isLowSurrogate(text.charAt(index + 1))
                : index > 0 && Character.isHighSurrogate(text.charAt(index - 1));
    }

    /** A number as JavaScript prints it (ECMA-262 section 6.1.6.1.20); what is not finite becomes null. */
    private static String number(double value) {
        if (!Double.isFinite(value)) {
            return "null";
        }
        if (value == 0) {
            return "0";
        }
        BigDecimal shortest = shortest(Math.abs(value));
        String digits = shortest.unscaledValue().toString();
        int point = digits.length() - shortest.scale();
        StringBuilder out = new StringBuilder(value < 0 ? "-" : "");
        if (point > 21 || point <= -6) {
            out.append(digits.charAt(0));
            if (digits.length() > 1) {
                out.append('.').append(digits, 1, digits.length());
            }
            int exponent = point - 1;
            return out.append('e')
                    .append(exponent < 0 ? "-" : "+")
                    .append(Math.abs(exponent))
                    .toString();
        }
        if (point <= 0) {
            return out.append("0.").append("0".repeat(-point)).append(digits).toString();
        }
        if (point >= digits.length()) {
            return out.append(digits)
                    .append("0".repeat(point - digits.length()))
                    .toString();
        }
        return out.append(digits, 0, point)
                .append('.')
                .append(digits, point, digits.length())
                .toString();
    }

    /**
     * Double.toString gives the shortest digits that read back, but never fewer than two: 4.9E-324 where 5e-324 does.
     */
    private static BigDecimal shortest(double value) {
        BigDecimal digits = new BigDecimal(Double.toString(value)).stripTrailingZeros();
        BigDecimal one = digits.precision() == 2 ? digits.round(new MathContext(1)) : digits;
        return one.doubleValue() == value ? one.stripTrailingZeros() : digits;
    }
}
