package dev.respec.model.chat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code value | name(…)}: Jinja's filters that templates use. */
final class Filters {
    private Filters() {}

    static @Nullable Object apply(
            String name,
            @Nullable Object value,
            List<@Nullable Object> arguments,
            Map<String, @Nullable Object> named) {
        return switch (name) {
            case "trim" -> Values.text(value).strip();
            case "length", "count" -> Values.length(value);
            case "string", "safe" -> Values.text(value);
            case "upper" -> Values.text(value).toUpperCase(Locale.ROOT);
            case "lower" -> Values.text(value).toLowerCase(Locale.ROOT);
            case "capitalize" -> Methods.capitalize(Values.text(value));
            case "title" -> Methods.title(Values.text(value));
            case "replace" ->
                Values.text(value).replace(Values.string(arguments.get(0)), Values.string(arguments.get(1)));
            case "tojson" -> PythonJson.write(value, indent(arguments, named));
            case "default", "d" -> orDefault(value, arguments, named);
            case "join" -> join(value, arguments);
            case "first" -> Values.item(Values.items(value), 0L);
            case "last" -> Values.item(Values.items(value), -1L);
            case "list" -> Values.items(value);
            case "reverse" -> reversed(value);
            case "items" -> Methods.pairs((Map<?, ?>) requireMap(value));
            case "int" -> (long) Double.parseDouble(Values.text(value));
            case "float" -> Double.parseDouble(Values.text(value));
            case "abs" ->
                value instanceof Long whole ? (Object) Math.abs(whole) : (Object) Math.abs(Values.number(value));
            case "map" -> map(value, arguments, named);
            case "select", "reject", "selectattr", "rejectattr" -> select(name, value, arguments);
            default -> throw new TemplateFault("the filter '" + name + "' is not supported");
        };
    }

    private static int indent(List<@Nullable Object> arguments, Map<String, @Nullable Object> named) {
        Object indent = arguments.isEmpty() ? named.get("indent") : arguments.get(0);
        return indent == null ? 0 : Values.integer(indent);
    }

    private static @Nullable Object orDefault(
            @Nullable Object value, List<@Nullable Object> arguments, Map<String, @Nullable Object> named) {
        boolean also = arguments.size() > 1 ? Values.truth(arguments.get(1)) : Values.truth(named.get("boolean"));
        boolean missing = value instanceof Undefined || (also && !Values.truth(value));
        return !missing ? value : arguments.isEmpty() ? "" : arguments.get(0);
    }

    private static String join(@Nullable Object value, List<@Nullable Object> arguments) {
        return Values.items(value).stream()
                .map(Values::text)
                .collect(Collectors.joining(arguments.isEmpty() ? "" : Values.string(arguments.get(0))));
    }

    private static Object reversed(@Nullable Object value) {
        if (value instanceof String text) {
            return new StringBuilder(text).reverse().toString();
        }
        List<@Nullable Object> items = Values.items(value);
        Collections.reverse(items);
        return items;
    }

    private static Object requireMap(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw new TemplateFault("expected a mapping, found " + Values.describe(value));
    }

    private static Object map(
            @Nullable Object value, List<@Nullable Object> arguments, Map<String, @Nullable Object> named) {
        Object attribute = named.get("attribute");
        List<@Nullable Object> mapped = new ArrayList<>();
        for (Object item : Values.items(value)) {
            mapped.add(
                    attribute == null
                            ? apply(
                                    Values.string(arguments.get(0)),
                                    item,
                                    arguments.subList(1, arguments.size()),
                                    Map.of())
                            : Values.attribute(item, Values.string(attribute)));
        }
        return mapped;
    }

    private static Object select(String name, @Nullable Object value, List<@Nullable Object> arguments) {
        boolean byAttribute = name.endsWith("attr");
        boolean wanted = name.startsWith("select");
        int test = byAttribute ? 1 : 0;
        List<@Nullable Object> selected = new ArrayList<>();
        for (Object item : Values.items(value)) {
            Object tested = byAttribute ? Values.attribute(item, Values.string(arguments.get(0))) : item;
            boolean holds = arguments.size() > test
                    ? Tests.holds(
                            Values.string(arguments.get(test)), tested, arguments.subList(test + 1, arguments.size()))
                    : Values.truth(tested);
            if (holds == wanted) {
                selected.add(item);
            }
        }
        return selected;
    }
}
