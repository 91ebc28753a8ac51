package dev.respec.model.chat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Filters that order, group and compare elements. Letters are compared without their case unless asked otherwise. */
final class OrderFilters {
    static final Map<String, Filters.Filter> FILTERS = Map.of(
            "dictsort", OrderFilters::dictionary,
            "groupby", OrderFilters::groups,
            "max", (value, arguments) -> extreme(value, arguments, "max", 1),
            "min", (value, arguments) -> extreme(value, arguments, "min", -1),
            "sort", OrderFilters::sort,
            "unique", OrderFilters::unique);

    private OrderFilters() {}

    private static @Nullable Object folded(@Nullable Object value, boolean caseSensitive) {
        return Values.isText(value) && !caseSensitive ? PythonStrings.lower(Values.string(value)) : value;
    }

    private static void sort(
            List<@Nullable Object> elements, Function<@Nullable Object, @Nullable Object> key, boolean reverse) {
        // every key is read before any two are compared, as in Python, so that a wrong one is always refused
        List<Keyed> keyed = new ArrayList<>();
        elements.forEach(element -> keyed.add(new Keyed(key.apply(element), element)));
        Comparator<Keyed> order = (a, b) -> Values.compare(a.key(), b.key());
        keyed.sort(reverse ? order.reversed() : order);
        elements.clear();
        keyed.forEach(one -> elements.add(one.element()));
    }

    private record Keyed(@Nullable Object key, @Nullable Object element) {}

    private static Object sort(@Nullable Object value, Arguments arguments) {
        var bound = arguments.bind("sort", "reverse?", "case_sensitive?", "attribute?");
        boolean sensitive = bound.truth("case_sensitive");
        Object attribute = bound.get("attribute");
        List<@Nullable Object> paths = new ArrayList<>();
        if (Values.isText(attribute)) {
            paths.addAll(PythonStrings.split(Values.string(attribute), ",", -1));
        } else {
            paths.add(attribute);
        }
        List<@Nullable Object> elements = Sequences.list(value);
        sort(elements, item -> keys(item, paths, sensitive), bound.truth("reverse"));
        return elements;
    }

    private static List<@Nullable Object> keys(@Nullable Object item, List<@Nullable Object> paths, boolean sensitive) {
        List<@Nullable Object> keys = new ArrayList<>();
        paths.forEach(path -> keys.add(folded(Members.path(item, path), sensitive)));
        return keys;
    }

    private static Object dictionary(@Nullable Object value, Arguments arguments) {
        var bound = arguments.bind("dictsort", "case_sensitive?", "by?", "reverse?");
        String by = bound.has("by") ? bound.string("by") : "key";
        if (!by.equals("key") && !by.equals("value")) {
            throw new TemplateFault("dictsort: sorts by key or value");
        }
        Values.requireDefined(value);
        if (!(value instanceof Map<?, ?> map)) {
            throw new TemplateFault("dictsort: expected a mapping, found " + Values.describe(value));
        }
        int place = by.equals("key") ? 0 : 1;
        List<@Nullable Object> pairs = new DictionaryView(map, DictionaryView.Part.ITEMS).elements();
        sort(
                pairs,
                pair -> folded(
                        ((Tuple) java.util.Objects.requireNonNull(pair)).get(place), bound.truth("case_sensitive")),
                bound.truth("reverse"));
        return pairs;
    }

    private static Object unique(@Nullable Object value, Arguments arguments) {
        var bound = arguments.bind("unique", "case_sensitive?", "attribute?");
        List<@Nullable Object> seen = new ArrayList<>();
        List<@Nullable Object> unique = new ArrayList<>();
        for (Object element : Sequences.list(value)) {
            Object key = folded(Members.path(element, bound.get("attribute")), bound.truth("case_sensitive"));
            Dictionaries.requireHashable(key);
            if (!Values.contains(seen, key)) {
                seen.add(key);
                unique.add(element);
            }
        }
        return new Generator(unique.iterator());
    }

    private static @Nullable Object extreme(@Nullable Object value, Arguments arguments, String name, int sign) {
        var bound = arguments.bind(name, "case_sensitive?", "attribute?");
        List<@Nullable Object> elements = Sequences.list(value);
        if (elements.isEmpty()) {
            return new Undefined("no aggregated item, the sequence is empty");
        }
        Object best = elements.get(0);
        Object bestKey = key(best, bound);
        for (Object element : elements.subList(1, elements.size())) {
            Object key = key(element, bound);
            if (Values.compare(sign > 0 ? ">" : "<", key, bestKey)) {
                best = element;
                bestKey = key;
            }
        }
        return best;
    }

    private static @Nullable Object key(@Nullable Object item, Arguments.Bound bound) {
        return folded(Members.path(item, bound.get("attribute")), bound.truth("case_sensitive"));
    }

    private static Object groups(@Nullable Object value, Arguments arguments) {
        var bound = arguments.bind("groupby", "attribute", "default?", "case_sensitive?");
        boolean sensitive = bound.truth("case_sensitive");
        Function<@Nullable Object, @Nullable Object> plain =
                item -> Members.path(item, bound.get("attribute"), bound.get("default"));
        List<@Nullable Object> elements = Sequences.list(value);
        sort(elements, item -> folded(plain.apply(item), sensitive), false);
        List<@Nullable Object> groups = new ArrayList<>();
        List<@Nullable Object> group = new ArrayList<>();
        for (Object element : elements) {
            Object key = folded(plain.apply(element), sensitive);
            if (!group.isEmpty() && !Values.equal(folded(plain.apply(group.get(0)), sensitive), key)) {
                groups.add(new Group(plain.apply(group.get(0)), group).tuple());
                group = new ArrayList<>();
            }
            group.add(element);
        }
        if (!group.isEmpty()) {
            groups.add(new Group(plain.apply(group.get(0)), group).tuple());
        }
        return groups;
    }

    private record Group(@Nullable Object grouper, List<@Nullable Object> list) {
        Tuple tuple() {
            return Tuple.named(Map.of("grouper", 0, "list", 1), grouper, list);
        }
    }
}
