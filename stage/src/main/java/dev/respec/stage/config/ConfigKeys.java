package dev.respec.stage.config;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** Full names of all keys, from the records' components. */
final class ConfigKeys {
    private final Map<String, Type> types = new LinkedHashMap<>();

    ConfigKeys(Class<? extends Record> root) {
        collect(root, "");
    }

    /** Names and types of the leaves, in the order of the tree. */
    Map<String, Type> types() {
        return types;
    }

    boolean isLeaf(String key) {
        return types.containsKey(key);
    }

    boolean isMap(String key) {
        return types.get(key) instanceof ParameterizedType generic && generic.getRawType() == Map.class;
    }

    /** The map that a key names an entry of, as {@code kafka.properties.acks} does. */
    Optional<String> mapOf(String key) {
        return types.keySet().stream()
                .filter(leaf -> isMap(leaf) && key.startsWith(leaf + "."))
                .findFirst();
    }

    boolean isSection(String key) {
        return types.keySet().stream().anyMatch(leaf -> leaf.startsWith(key + "."));
    }

    /** Names directly below a section; below the root for "". */
    SortedSet<String> children(String section) {
        var start = section.isEmpty() ? "" : section + ".";
        var names = new TreeSet<String>();
        for (String leaf : types.keySet()) {
            if (leaf.startsWith(start)) {
                names.add(leaf.substring(start.length()).split("\\.")[0]);
            }
        }
        return names;
    }

    static String join(String section, String name) {
        return section.isEmpty() ? name : section + "." + name;
    }

    /** {@code topP} is {@code top-p}. */
    static String kebab(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
    }

    private void collect(Class<?> section, String path) {
        for (RecordComponent component : section.getRecordComponents()) {
            var key = join(path, kebab(component.getName()));
            if (component.getType().isRecord()) {
                collect(component.getType(), key);
            } else {
                types.put(key, component.getGenericType());
            }
        }
    }
}
