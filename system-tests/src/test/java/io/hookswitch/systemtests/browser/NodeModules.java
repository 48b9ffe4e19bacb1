package io.hookswitch.systemtests.browser;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A package of the npm registry as one script for a browser: its CommonJS modules and those they require, unchanged,
 * each in a function.
 */
final class NodeModules {
    private static final Pattern REQUIRE = Pattern.compile("\\brequire\\(['\"]([^'\"]+)['\"]\\)");

    private final JsonMapper json = new JsonMapper();
    private final Path root;
    private final Map<Path, String> modules = new LinkedHashMap<>();

    private NodeModules(Path root) {
        this.root = root;
    }

    /** @return a script that sets the global {@code name} to what a package exports. */
    static String script(Path nodeModules, String packageName, String name) {
        if (!Files.isDirectory(nodeModules.resolve(packageName))) {
            throw new AssertionError("the npm package " + packageName + " is not in " + nodeModules
                    + ": run ./hookswitch test, which installs it");
        }
        NodeModules from = new NodeModules(nodeModules);
        try {
            Path entry = from.packaged(packageName);
            from.take(entry);
            return "(() => {\nconst modules = {\n" + String.join("", from.modules.values())
                    + """
                    };
                    const made = {};
                    const need = (id) => {
                      if (!made[id]) {
                        made[id] = { exports: {} };
                        modules[id][0](made[id], made[id].exports, (name) => need(modules[id][1][name]));
                      }
                      return made[id].exports;
                    };
                    globalThis.%s = need(%s);
                    })();
                    """.formatted(name, from.quoted(entry));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void take(Path module) throws IOException {
        if (modules.containsKey(module)) {
            return;
        }
        modules.put(module, "");
        String text = Files.readString(module);
        if (module.toString().endsWith(".json")) {
            modules.put(module, quoted(module) + ": [(module) => { module.exports = " + text + "; }, {}],\n");
            return;
        }
        Map<String, String> needs = new LinkedHashMap<>();
        for (Matcher each = REQUIRE.matcher(text); each.find(); ) {
            Path needed = each.group(1).startsWith(".")
                    ? file(module.resolveSibling(each.group(1)).normalize())
                    : packaged(each.group(1));
            needs.put(each.group(1), root.relativize(needed).toString());
            take(needed);
        }
        String function = "(module, exports, require) => {\n" + text + "\n}";
        modules.put(module, quoted(module) + ": [" + function + ", " + json.writeValueAsString(needs) + "],\n");
    }

    private String quoted(Path module) {
        return json.writeValueAsString(root.relativize(module).toString());
    }

    private Path packaged(String name) throws IOException {
        Path directory = root.resolve(name);
        JsonNode described = json.readTree(Files.readString(directory.resolve("package.json")));
        String entry = described.path("browser").isString()
                ? described.path("browser").asString()
                : described.path("main").asString("index.js");
        return file(directory.resolve(entry).normalize());
    }

    private static Path file(Path named) {
        for (Path each : new Path[] {named, Path.of(named + ".js"), named.resolve("index.js")}) {
            if (Files.isRegularFile(each)) {
                return each;
            }
        }
        throw new AssertionError("no module " + named);
    }
}
