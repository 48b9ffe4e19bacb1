package io.hookswitch.server.simulate;

import io.hookswitch.control.CallUpdate;
import io.hookswitch.control.verb.CallUpdateParser;
import io.hookswitch.control.verb.CallUpdateParser.Parsed;
import io.hookswitch.server.settings.Fault;
import io.hookswitch.server.settings.SettingsException;
import io.hookswitch.server.simulate.FarEnds.Caller;
import io.hookswitch.server.simulate.FarEnds.HookScript;
import io.hookswitch.server.simulate.FarEnds.Press;
import io.hookswitch.server.simulate.FarEnds.Target;
import io.hookswitch.server.simulate.FarEnds.Update;
import io.hookswitch.server.simulate.FarEnds.Way;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Reads a script of far ends; every fault in it is found in one reading and named by its path. */
public final class FarEndsReader {
    private static final long MAX_MS = 86_400_000;
    private static final int MAX_CHARACTERS = 1 << 20;
    private static final String KEYS = "0123456789*#ABCD";
    private static final Set<String> WAY_KEYS = Set.of(
            "ring_after_ms",
            "early_media",
            "answer_after_ms",
            "reject_after_ms",
            "reject",
            "hang_up_after_ms",
            "press");

    private final List<Fault> faults = new ArrayList<>();

    private FarEndsReader() {}

    /** Reads the file's text. */
    public static FarEnds read(String yaml) throws SettingsException {
        FarEndsReader reader = new FarEndsReader();
        FarEnds ends = reader.script(load(yaml));
        if (!reader.faults.isEmpty()) {
            throw new SettingsException(reader.faults);
        }
        return ends;
    }

    private static Object load(String yaml) throws SettingsException {
        LoadSettings options = LoadSettings.builder()
                .setLabel("far ends")
                .setAllowDuplicateKeys(false)
                .setMaxAliasesForCollections(20)
                .setCodePointLimit(MAX_CHARACTERS)
                .build();
        try {
            return new Load(options).loadFromString(yaml);
        } catch (YamlEngineException e) {
            throw new SettingsException(List.of(new Fault("", "not YAML: " + e.getMessage())));
        }
    }

    private FarEnds script(Object file) {
        Map<String, Object> top = mapping(file, "", Set.of("caller", "targets", "hooks", "files", "updates"));
        Map<String, Object> caller =
                mapping(top.get("caller"), "caller", Set.of("from", "to", "hang_up_after_ms", "press"));
        Map<String, Target> targets = new LinkedHashMap<>();
        mapping(top.get("targets"), "targets", null)
                .forEach((name, value) -> targets.put(name, target(value, "targets." + name)));
        Map<String, List<HookScript>> hooks = new LinkedHashMap<>();
        mapping(top.get("hooks"), "hooks", null).forEach((url, value) -> hooks.put(url, hooks(value, "hooks." + url)));
        Map<String, Object> lengths = mapping(top.get("files"), "files", null);
        Map<String, Long> files = new LinkedHashMap<>();
        lengths.keySet().forEach(url -> files.put(url, ms(lengths, url, "files", 0)));
        return new FarEnds(
                new Caller(
                        text(caller, "from", "caller", "+15550100"),
                        text(caller, "to", "caller", "+15550199"),
                        ms(caller, "hang_up_after_ms", "caller", FarEnds.NEVER),
                        presses(caller, "caller")),
                targets,
                hooks,
                files,
                updates(top.get("updates")));
    }

    private Target target(Object value, String path) {
        Map<String, Object> map = mapping(value, path, null);
        if (!map.containsKey("ways") && !map.containsKey("nowhere")) {
            return new Target(0, false, List.of(way(value, path)));
        }
        mapping(value, path, Set.of("ways", "nowhere", "together"));
        List<Way> ways = new ArrayList<>();
        List<?> list = list(map.get("ways"), path + ".ways");
        for (int i = 0; i < list.size(); i++) {
            ways.add(way(list.get(i), path + ".ways[" + i + "]"));
        }
        return new Target(status(map, "nowhere", path), flag(map, "together", path), ways);
    }

    private Way way(Object value, String path) {
        Map<String, Object> map = mapping(value, path, WAY_KEYS);
        int reject = status(map, "reject", path);
        long answer = ms(map, "answer_after_ms", path, FarEnds.NEVER);
        if (reject != 0 && answer != FarEnds.NEVER) {
            fault(path, "rejects and answers: one of reject and answer_after_ms");
        }
        if (answer == FarEnds.NEVER) {
            for (String key : List.of("hang_up_after_ms", "press")) {
                if (map.containsKey(key)) {
                    fault(path + "." + key, "counts from the answer: answer_after_ms is required");
                }
            }
        }
        if (map.containsKey("reject_after_ms") && reject == 0) {
            fault(path + ".reject_after_ms", "needs reject, a SIP status");
        }
        return new Way(
                ms(map, "ring_after_ms", path, FarEnds.NEVER),
                flag(map, "early_media", path),
                answer,
                ms(map, "reject_after_ms", path, 0),
                reject,
                ms(map, "hang_up_after_ms", path, FarEnds.NEVER),
                presses(map, path));
    }

    private List<Press> presses(Map<String, Object> map, String path) {
        List<Press> presses = new ArrayList<>();
        List<?> list = list(map.get("press"), path + ".press");
        for (int i = 0; i < list.size(); i++) {
            String at = path + ".press[" + i + "]";
            Map<String, Object> press = mapping(list.get(i), at, Set.of("after_ms", "key"));
            String key = text(press, "key", at, "");
            if (key.length() != 1 || KEYS.indexOf(key.charAt(0)) < 0) {
                fault(at + ".key", "must be one of " + KEYS);
            } else {
                presses.add(new Press(ms(press, "after_ms", at, 0), key.charAt(0)));
            }
        }
        return presses;
    }

    private List<Update> updates(Object value) {
        List<Update> updates = new ArrayList<>();
        List<?> list = list(value, "updates");
        for (int i = 0; i < list.size(); i++) {
            String at = "updates[" + i + "]";
            Map<String, Object> map = mapping(list.get(i), at, Set.of("after_ms", "leg", "update"));
            switch (CallUpdateParser.parse(json(map.get("update")))) {
                case Parsed.Good(CallUpdate update) ->
                    updates.add(new Update(ms(map, "after_ms", at, 0), text(map, "leg", at, ""), update));
                case Parsed.Bad(List<String> wrong) -> wrong.forEach(each -> fault(at + ".update", each));
                case Parsed.Later(String key) -> fault(at + ".update." + key, "not supported yet");
            }
        }
        return updates;
    }

    private List<HookScript> hooks(Object value, String path) {
        if (!(value instanceof List<?> list)) {
            return List.of(hook(value, path));
        }
        List<HookScript> hooks = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            hooks.add(hook(list.get(i), path + "[" + i + "]"));
        }
        if (hooks.isEmpty()) {
            fault(path, "has no reply");
        }
        return hooks;
    }

    private HookScript hook(Object value, String path) {
        Map<String, Object> map = mapping(value, path, Set.of("after_ms", "reply", "status", "silent"));
        int status = number(map, "status", path, 200, 100, 599);
        boolean isSilent = flag(map, "silent", path);
        if (isSilent && (map.containsKey("reply") || map.containsKey("status"))) {
            fault(path, "is silent and replies");
        }
        return new HookScript(ms(map, "after_ms", path, 0), json(map.get("reply")), status, isSilent);
    }

    /** YAML's values as those of JSON: whole numbers are Long, others BigDecimal, keys texts. */
    private static Object json(Object value) {
        return switch (value) {
            case null -> null;
            case Map<?, ?> map -> {
                Map<String, Object> object = new LinkedHashMap<>();
                map.forEach((key, member) -> object.put(String.valueOf(key), json(member)));
                yield object;
            }
            case List<?> list -> list.stream().map(FarEndsReader::json).toList();
            case Integer number -> (long) number;
            case Double number -> BigDecimal.valueOf(number);
            default -> value;
        };
    }

    /** @param known null = any key */
    private Map<String, Object> mapping(Object value, String path, Set<String> known) {
        Map<String, Object> map = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> read) {
            read.forEach((key, member) -> map.put(String.valueOf(key), member));
        } else if (value != null) {
            fault(path, "must be a mapping of keys");
        }
        if (known != null) {
            for (String key : map.keySet()) {
                if (!known.contains(key)) {
                    fault(
                            path.isEmpty() ? key : path + "." + key,
                            "unknown; known are " + String.join(", ", sorted(known)));
                }
            }
        }
        return map;
    }

    private static List<String> sorted(Set<String> names) {
        return names.stream().sorted().toList();
    }

    private List<?> list(Object value, String path) {
        if (value == null) {
            return List.of();
        }
        if (value instanceof List<?> list) {
            return list;
        }
        fault(path, "must be a list");
        return List.of();
    }

    private String text(Map<String, Object> map, String key, String path, String absent) {
        Object value = map.get(key);
        if (value == null) {
            return absent;
        }
        if (value instanceof String || value instanceof Integer || value instanceof Long) {
            return value.toString();
        }
        fault(path + "." + key, "must be text");
        return absent;
    }

    private boolean flag(Map<String, Object> map, String key, String path) {
        Object value = map.getOrDefault(key, Boolean.FALSE);
        if (value instanceof Boolean flag) {
            return flag;
        }
        fault(path + "." + key, "must be true or false");
        return false;
    }

    private long ms(Map<String, Object> map, String key, String path, long absent) {
        return map.containsKey(key) ? number(map, key, path, 0, 0, (int) MAX_MS) : absent;
    }

    private int status(Map<String, Object> map, String key, String path) {
        return map.containsKey(key) ? number(map, key, path, 0, 300, 699) : 0;
    }

    private int number(Map<String, Object> map, String key, String path, int absent, int min, int max) {
        Object value = map.get(key);
        if (!map.containsKey(key)) {
            return absent;
        }
        if (value instanceof Integer number && number >= min && number <= max) {
            return number;
        }
        fault(path + "." + key, "must be a whole number in " + min + ".." + max);
        return absent;
    }

    private void fault(String path, String message) {
        faults.add(new Fault(path, message));
    }
}
