package dev.respec.model.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Attributes and items as Jinja's sandbox finds them: {@code value.name} prefers a method of the Python type,
 * {@code value['name']} an item, and each falls back to the other.
 */
final class Members {
    private static final Set<String> CHANGING_LIST =
            Set.of("append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort");
    private static final Set<String> CHANGING_MAP = Set.of("clear", "pop", "popitem", "setdefault", "update");
    private static final Set<String> OF_NUMBERS = Set.of(
            "as_integer_ratio",
            "bit_count",
            "bit_length",
            "conjugate",
            "denominator",
            "fromhex",
            "hex",
            "imag",
            "is_integer",
            "numerator",
            "real",
            "to_bytes",
            "from_bytes");

    private Members() {}

    /** {@code value.name}. */
    static @Nullable Object attribute(@Nullable Object value, String name) {
        Values.requireDefined(value);
        Object own = own(value, name);
        if (!(own instanceof Undefined)) {
            return own;
        }
        return value instanceof Map<?, ?> map && map.containsKey(name) ? map.get(name) : own;
    }

    /** {@code value[key]}. */
    static @Nullable Object item(@Nullable Object value, @Nullable Object key) {
        Values.requireDefined(value);
        if (value instanceof Map<?, ?> map && isHashable(key) && Dictionaries.has(map, key)) {
            return Dictionaries.get(map, key);
        }
        if (Sequences.hasPlaces(value) && (Numbers.isInteger(key) || key instanceof Boolean)) {
            return Sequences.at(value, key);
        }
        if (Values.isText(key)) {
            return own(value, Values.string(key));
        }
        return new Undefined("%s has no item %s".formatted(Values.describe(value), Values.describe(key)));
    }

    private static boolean isHashable(@Nullable Object key) {
        try {
            Dictionaries.requireHashable(key);
            return true;
        } catch (TemplateFault e) {
            return false;
        }
    }

    /** A path such as {@code function.name} or {@code items.0}, as filters read attributes; null is the value itself. */
    static @Nullable Object path(@Nullable Object value, @Nullable Object path) {
        return path(value, path, null);
    }

    /** The same with what stands in for anything undefined on the way; null is nothing. */
    static @Nullable Object path(@Nullable Object value, @Nullable Object path, @Nullable Object fallback) {
        if (path == null) {
            return value;
        }
        if (!Values.isText(path)) {
            return orElse(item(value, path), fallback);
        }
        Object found = value;
        for (String part : Values.string(path).split("\\.", -1)) {
            boolean place = !part.isEmpty() && part.chars().allMatch(c -> c >= '0' && c <= '9');
            found = orElse(item(found, place ? (Object) Long.valueOf(part) : part), fallback);
        }
        return found;
    }

    private static @Nullable Object orElse(@Nullable Object found, @Nullable Object fallback) {
        return found instanceof Undefined && fallback != null ? fallback : found;
    }

    /** What the Python type itself has by this name. */
    static @Nullable Object own(@Nullable Object value, String name) {
        if (value instanceof Attributed attributed) {
            return attributed.attribute(name);
        }
        if (value instanceof Namespace space && space.values().containsKey(name)) {
            return space.values().get(name);
        }
        if (value instanceof Tuple tuple && tuple.place(name) >= 0) {
            return tuple.get(tuple.place(name));
        }
        Callable method = method(value, name);
        return method == null
                ? new Undefined("%s has no attribute '%s'".formatted(Values.describe(value), name))
                : method;
    }

    private static @Nullable Callable method(@Nullable Object value, String name) {
        if (value instanceof String text) {
            return StringMethods.of(text, name);
        }
        if (value instanceof Markup && StringMethods.of("", name) != null) {
            throw new TemplateFault("methods of text marked as safe are not supported");
        }
        if (value instanceof Map<?, ?> map) {
            return ofMap(map, name);
        }
        if (value instanceof List<?> list) {
            return ofList(list, name);
        }
        if (Numbers.isNumber(value) && OF_NUMBERS.contains(name)) {
            throw new TemplateFault("the attribute '" + name + "' of a number is not supported");
        }
        return null;
    }

    private static @Nullable Callable ofMap(Map<?, ?> map, String name) {
        if (CHANGING_MAP.contains(name)) {
            return refused(name, "a mapping");
        }
        return switch (name) {
            case "get" ->
                arguments -> {
                    var bound = arguments.bindByPlace("get", "key", "default?");
                    return Dictionaries.has(map, bound.get("key"))
                            ? Dictionaries.get(map, bound.get("key"))
                            : bound.get("default");
                };
            case "keys" -> view(map, DictionaryView.Part.KEYS);
            case "values" -> view(map, DictionaryView.Part.VALUES);
            case "items" -> view(map, DictionaryView.Part.ITEMS);
            case "copy" ->
                arguments -> StringMethods.none(arguments, new LinkedHashMap<@Nullable Object, @Nullable Object>(map));
            case "fromkeys" -> throw new TemplateFault("the method 'fromkeys' of a mapping is not supported");
            default -> null;
        };
    }

    private static Callable view(Map<?, ?> map, DictionaryView.Part part) {
        return arguments -> StringMethods.none(arguments, new DictionaryView(map, part));
    }

    private static Callable refused(String name, String what) {
        return arguments -> {
            throw new TemplateFault(
                    "'%s' would change %s; the sandbox of chat templates refuses it".formatted(name, what));
        };
    }

    private static @Nullable Callable ofList(List<?> list, String name) {
        boolean changeable = !(list instanceof Tuple) && !(list instanceof Range);
        if (changeable && CHANGING_LIST.contains(name)) {
            return refused(name, "a list");
        }
        return switch (name) {
            case "count" ->
                arguments -> {
                    Object wanted = arguments.bindByPlace("count", "value").get("value");
                    return list.stream()
                            .filter(element -> Values.equal(element, wanted))
                            .count();
                };
            case "index" -> arguments -> index(list, arguments);
            case "copy" ->
                changeable ? arguments -> StringMethods.none(arguments, new ArrayList<@Nullable Object>(list)) : null;
            default -> null;
        };
    }

    private static Object index(List<?> list, Arguments arguments) {
        var bound = arguments.bindByPlace("index", "value", "start?", "stop?");
        if (bound.has("start")) {
            throw new TemplateFault("index: bounds are not supported for a list");
        }
        for (int i = 0; i < list.size(); i++) {
            if (Values.equal(list.get(i), bound.get("value"))) {
                return (long) i;
            }
        }
        throw new TemplateFault("index: the value is not in the list");
    }
}
