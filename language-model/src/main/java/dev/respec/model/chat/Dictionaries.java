package dev.respec.model.chat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Mappings with Python's equality of keys, where 1, 1.0 and true are one key. */
final class Dictionaries {
    private Dictionaries() {}

    static boolean has(Map<?, ?> map, @Nullable Object key) {
        requireHashable(key);
        return map.containsKey(key) || (!(key instanceof String) && equalKey(map, key) != null);
    }

    /** The value of a key that is there. */
    static @Nullable Object get(Map<?, ?> map, @Nullable Object key) {
        if (map.containsKey(key)) {
            return map.get(key);
        }
        var entry = equalKey(map, key);
        return entry == null ? null : entry.getValue();
    }

    /** Adds an entry; an equal key that is there already stays and takes the value. */
    static void put(Map<@Nullable Object, @Nullable Object> map, @Nullable Object key, @Nullable Object value) {
        requireHashable(key);
        var entry = key instanceof String ? null : equalKey(map, key);
        map.put(entry == null ? key : entry.getKey(), value);
    }

    /** {@code dict(…)} of a mapping or of pairs, and of named values. */
    static Map<@Nullable Object, @Nullable Object> of(Arguments arguments) {
        Map<@Nullable Object, @Nullable Object> map = new LinkedHashMap<>();
        if (arguments.positional().size() > 1) {
            throw new TemplateFault("dict takes at most 1 argument by place");
        }
        for (Object source : arguments.positional()) {
            if (source instanceof Map<?, ?> other) {
                other.forEach((key, value) -> put(map, key, value));
                continue;
            }
            for (Object pair : Sequences.list(source)) {
                List<@Nullable Object> parts = Sequences.list(pair);
                if (parts.size() != 2) {
                    throw new TemplateFault("dict: expected pairs, found %d values".formatted(parts.size()));
                }
                put(map, parts.get(0), parts.get(1));
            }
        }
        map.putAll(arguments.named());
        return map;
    }

    private static Map.@Nullable Entry<?, ?> equalKey(Map<?, ?> map, @Nullable Object key) {
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (Values.equal(entry.getKey(), key)) {
                return entry;
            }
        }
        return null;
    }

    static void requireHashable(@Nullable Object key) {
        boolean fixed = !(key instanceof List<?>) || key instanceof Tuple || key instanceof Range;
        if (key instanceof Tuple tuple) {
            tuple.forEach(Dictionaries::requireHashable);
        }
        if (!fixed || key instanceof Map<?, ?> || key instanceof DictionaryView) {
            throw new TemplateFault(Values.describe(key) + " cannot be a key");
        }
    }
}
