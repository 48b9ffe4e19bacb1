package io.hookswitch.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * Runs every benchmark that gates.csv names and compares. Bytes are exact; times are gated only as ratios to another
 * benchmark of the
 * same run, because absolute times on shared machines lie.
 *
 * <p>A line of gates.csv: {@code benchmark,parameters,figure,relation,limit}; figure {@code bytes} (allocated per
 * operation) or
 * {@code ratio:<other benchmark>} (mean time over the other's, equal parameters where both have them). Exit 0 only when
 * all hold.
 */
public final class Gates {
    /**
     * Below this, bytes are the harness's own (it allocates between iterations): one object in a batch of 32 would be
     * 0.5.
     */
    private static final double HARNESS_BYTES = 0.1;
    /** It allocates some 7 kB a second, whatever an operation takes: twice and a half that much. */
    private static final double HARNESS_BYTES_PER_NS = 18e-6;

    private static final String ALLOCATION = "gc.alloc.rate.norm";

    private record Gate(String benchmark, String parameters, String figure, double limit) {}

    private record Outcome(Gate gate, double measured, boolean held) {}

    private record Measured(double nsPerOperation, double bytesPerOperation) {}

    private Gates() {}

    /** {@code --gates FILE [--list]}. */
    public static void main(String[] args) throws IOException, RunnerException {
        List<String> words = List.of(args);
        int at = words.indexOf("--gates");
        if (at < 0 || at + 1 >= words.size()) {
            System.err.println("usage: Gates --gates FILE [--list]");
            System.exit(2);
        }
        List<Gate> gates = read(Path.of(words.get(at + 1)));
        if (words.contains("--list")) {
            gates.forEach(gate -> System.out.println(
                    gate.benchmark() + " " + gate.parameters() + " " + gate.figure() + " <= " + gate.limit()));
            return;
        }
        List<Outcome> outcomes = judge(gates, run(gates));
        outcomes.forEach(outcome -> System.out.printf(
                Locale.ROOT,
                "%-5s %-42s %-14s %-36s %10.4f <= %.4f%n",
                outcome.held() ? "held" : "BROKE",
                outcome.gate().benchmark(),
                outcome.gate().parameters(),
                outcome.gate().figure(),
                outcome.measured(),
                outcome.gate().limit()));
        long broken = outcomes.stream().filter(outcome -> !outcome.held()).count();
        System.out.printf("gates: %d passed, %d failed%n", outcomes.size() - broken, broken);
        System.exit(broken == 0 ? 0 : 1);
    }

    private static List<Gate> read(Path file) throws IOException {
        List<Gate> gates = new ArrayList<>();
        int number = 0;
        for (String line : Files.readAllLines(file)) {
            number++;
            String text = line.strip();
            if (text.isEmpty() || text.startsWith("#")) {
                continue;
            }
            String[] cells = text.split(",", -1);
            if (cells.length != 5 || !cells[3].equals("<=")) {
                throw new IllegalArgumentException(
                        file + ":" + number + ": not benchmark,parameters,figure,<=,limit: " + text);
            }
            gates.add(new Gate(cells[0], cells[1], cells[2], Double.parseDouble(cells[4])));
        }
        return gates;
    }

    private static Map<String, Measured> run(List<Gate> gates) throws RunnerException {
        TreeSet<String> names = new TreeSet<>();
        for (Gate gate : gates) {
            names.add(gate.benchmark());
            if (gate.figure().startsWith("ratio:")) {
                names.add(gate.figure().substring("ratio:".length()));
            }
        }
        ChainedOptionsBuilder options = new OptionsBuilder()
                .forks(1)
                .warmupIterations(3)
                .warmupTime(TimeValue.seconds(1))
                .measurementIterations(3)
                .measurementTime(TimeValue.seconds(1))
                .shouldFailOnError(true)
                .jvmArgsAppend(
                        "-da",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED")
                .addProfiler(GCProfiler.class);
        for (String name : names) {
            options.include("\\." + name.replace(".", "\\.") + "$");
        }
        return measured(new Runner(options.build()).run());
    }

    private static Map<String, Measured> measured(Collection<RunResult> results) {
        Map<String, Measured> measured = new LinkedHashMap<>();
        for (RunResult result : results) {
            BenchmarkParams params = result.getParams();
            String[] path = params.getBenchmark().split("\\.");
            StringBuilder key = new StringBuilder(path[path.length - 2] + "." + path[path.length - 1] + "|");
            for (String name : params.getParamsKeys()) {
                key.append(name).append('=').append(params.getParam(name)).append(' ');
            }
            measured.put(
                    key.toString().strip(),
                    new Measured(
                            result.getPrimaryResult().getScore(),
                            result.getSecondaryResults().get(ALLOCATION).getScore()));
        }
        return measured;
    }

    private static List<Outcome> judge(List<Gate> gates, Map<String, Measured> measured) {
        List<Outcome> outcomes = new ArrayList<>();
        for (Gate gate : gates) {
            List<String> keys = measured.keySet().stream()
                    .filter(key -> key.startsWith(gate.benchmark() + "|"))
                    .filter(key -> gate.parameters().isEmpty() || key.contains(gate.parameters()))
                    .toList();
            if (keys.isEmpty()) {
                throw new IllegalStateException("no benchmark ran for " + gate);
            }
            for (String key : keys) {
                double figure = figure(gate, key, measured);
                double limit = gate.limit();
                if (gate.figure().equals("bytes")) {
                    limit += HARNESS_BYTES + measured.get(key).nsPerOperation() * HARNESS_BYTES_PER_NS;
                }
                Gate shown =
                        new Gate(gate.benchmark(), key.substring(key.indexOf('|') + 1), gate.figure(), gate.limit());
                outcomes.add(new Outcome(shown, figure, figure <= limit));
            }
        }
        return outcomes;
    }

    private static double figure(Gate gate, String key, Map<String, Measured> measured) {
        Measured own = measured.get(key);
        if (gate.figure().equals("bytes")) {
            return own.bytesPerOperation();
        }
        String other = gate.figure().substring("ratio:".length());
        String parameters = key.substring(key.indexOf('|'));
        Measured base = measured.getOrDefault(other + parameters, measured.get(other + "|"));
        if (base == null) {
            throw new IllegalStateException("nothing to compare with for " + gate);
        }
        return own.nsPerOperation() / base.nsPerOperation();
    }
}
