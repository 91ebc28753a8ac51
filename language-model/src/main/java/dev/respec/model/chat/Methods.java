package dev.respec.model.chat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Methods of Python's strings, dictionaries and lists that templates call. */
final class Methods {
    private Methods() {}

    /** The method of that name; {@link Undefined} where there is none. */
    static Object of(@Nullable Object value, String name) {
        if (value instanceof String text && isOfString(name)) {
            return (Callable) (arguments, named) -> ofString(text, name, arguments);
        }
        if (value instanceof Map<?, ?> map
                && List.of("get", "items", "keys", "values").contains(name)) {
            return (Callable) (arguments, named) -> ofMap(map, name, arguments);
        }
        if (value instanceof ArrayList<?> list && name.equals("append")) {
            return (Callable) (arguments, named) -> append(list, arguments);
        }
        return new Undefined(name);
    }

    private static boolean isOfString(String name) {
        return List.of(
                        "startswith",
                        "endswith",
                        "strip",
                        "lstrip",
                        "rstrip",
                        "split",
                        "upper",
                        "lower",
                        "title",
                        "capitalize",
                        "replace",
                        "find",
                        "count")
                .contains(name);
    }

    private static Object ofString(String text, String name, List<@Nullable Object> arguments) {
        return switch (name) {
            case "startswith" -> text.startsWith(string(arguments, 0));
            case "endswith" -> text.endsWith(string(arguments, 0));
            case "strip" -> stripTrailing(stripLeading(text, arguments), arguments);
            case "lstrip" -> stripLeading(text, arguments);
            case "rstrip" -> stripTrailing(text, arguments);
            case "split" -> split(text, arguments);
            case "upper" -> text.toUpperCase(Locale.ROOT);
            case "lower" -> text.toLowerCase(Locale.ROOT);
            case "title" -> title(text);
            case "capitalize" -> capitalize(text);
            case "replace" -> text.replace(string(arguments, 0), string(arguments, 1));
            case "find" -> (long) text.indexOf(string(arguments, 0));
            case "count" -> (long) text.split(Pattern.quote(string(arguments, 0)), -1).length - 1;
            default -> throw new TemplateFault("a string has no method " + name);
        };
    }

    private static String string(List<@Nullable Object> arguments, int index) {
        if (index >= arguments.size()) {
            throw new TemplateFault("a method needs " + (index + 1) + " arguments");
        }
        return Values.string(arguments.get(index));
    }

    private static boolean isStripped(char c, List<@Nullable Object> arguments) {
        return arguments.isEmpty() || arguments.get(0) == null
                ? Character.isWhitespace(c)
                : string(arguments, 0).indexOf(c) >= 0;
    }

    private static String stripLeading(String text, List<@Nullable Object> arguments) {
        int from = 0;
        while (from < text.length() && isStripped(text.charAt(from), arguments)) {
            from++;
        }
        return text.substring(from);
    }

    private static String stripTrailing(String text, List<@Nullable Object> arguments) {
        int to = text.length();
        while (to > 0 && isStripped(text.charAt(to - 1), arguments)) {
            to--;
        }
        return text.substring(0, to);
    }

    private static List<Object> split(String text, List<@Nullable Object> arguments) {
        if (arguments.isEmpty() || arguments.get(0) == null) {
            return text.isBlank()
                    ? new ArrayList<>()
                    : new ArrayList<>(Arrays.asList(text.strip().split("\\s+")));
        }
        int limit = arguments.size() > 1 ? Values.integer(arguments.get(1)) + 1 : -1;
        return new ArrayList<>(Arrays.asList(text.split(Pattern.quote(string(arguments, 0)), limit == 0 ? -1 : limit)));
    }

    static String capitalize(String text) {
        return text.isEmpty()
                ? text
                : text.substring(0, 1).toUpperCase(Locale.ROOT)
                        + text.substring(1).toLowerCase(Locale.ROOT);
    }

    static String title(String text) {
        var out = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            boolean inside = i > 0 && Character.isLetter(text.charAt(i - 1));
            char c = text.charAt(i);
            out.append(inside ? Character.toLowerCase(c) : Character.toTitleCase(c));
        }
        return out.toString();
    }

    private static @Nullable Object ofMap(Map<?, ?> map, String name, List<@Nullable Object> arguments) {
        return switch (name) {
            case "get" ->
                map.containsKey(arguments.get(0))
                        ? map.get(arguments.get(0))
                        : arguments.size() > 1 ? arguments.get(1) : null;
            case "keys" -> new ArrayList<>(map.keySet());
            case "values" -> new ArrayList<>(map.values());
            default -> pairs(map);
        };
    }

    static List<Object> pairs(Map<?, ?> map) {
        List<Object> pairs = new ArrayList<>();
        map.forEach((key, value) -> pairs.add(Arrays.asList(key, value)));
        return pairs;
    }

    @SuppressWarnings("unchecked") // lists that templates make hold anything
    private static @Nullable Object append(ArrayList<?> list, List<@Nullable Object> arguments) {
        ((List<@Nullable Object>) list).addAll(arguments);
        return null;
    }
}
