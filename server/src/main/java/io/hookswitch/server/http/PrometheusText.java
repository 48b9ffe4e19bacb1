package io.hookswitch.server.http;

import java.util.Map;

/** The text format of Prometheus, version 0.0.4: one family a counter, no labels. */
final class PrometheusText {
    private static final String PREFIX = "hookswitch_";

    private PrometheusText() {}

    static String of(Map<String, Long> values) {
        StringBuilder text = new StringBuilder();
        values.forEach((name, value) -> {
            String metric = PREFIX + name.replaceAll("[^a-zA-Z0-9_]", "_");
            text.append("# TYPE ")
                    .append(metric)
                    .append(name.endsWith("_total") ? " counter\n" : " gauge\n")
                    .append(metric)
                    .append(' ')
                    .append(value)
                    .append('\n');
        });
        return text.toString();
    }
}
