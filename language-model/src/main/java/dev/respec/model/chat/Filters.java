package dev.respec.model.chat;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Jinja's filters by name. */
final class Filters {
    /** {@code value | name(…)}. */
    @FunctionalInterface
    interface Filter {
        @Nullable
        Object apply(@Nullable Object value, Arguments arguments);
    }

    private static final Map<String, String> NOT_SUPPORTED = Map.of(
            "pprint", "its line breaks are Python's own",
            "random", "a prompt must not depend on chance",
            "striptags", "it is for HTML",
            "urlize", "it is for HTML",
            "xmlattr", "it is for HTML",
            "wordwrap", "its line breaks are Python's own");
    private static final Map<String, Filter> FILTERS = new HashMap<>();

    static {
        FILTERS.putAll(TextFilters.FILTERS);
        FILTERS.putAll(NumberFilters.FILTERS);
        FILTERS.putAll(ListFilters.FILTERS);
        FILTERS.putAll(OrderFilters.FILTERS);
        FILTERS.put("tojson", PythonJson::write);
        FILTERS.put("default", Filters::orDefault);
        FILTERS.put("d", Filters::orDefault);
        FILTERS.put("attr", (value, arguments) -> {
            Values.requireDefined(value);
            return Members.own(value, arguments.bind("attr", "name").string("name"));
        });
    }

    private Filters() {}

    static Set<String> names() {
        return FILTERS.keySet();
    }

    /** Refuses a name that is not known. */
    static Filter named(String name) {
        Filter filter = FILTERS.get(name);
        if (filter == null) {
            String reason = NOT_SUPPORTED.get(name);
            throw new TemplateFault(
                    "the filter '%s' is not supported%s".formatted(name, reason == null ? "" : ": " + reason));
        }
        return filter;
    }

    private static @Nullable Object orDefault(@Nullable Object value, Arguments arguments) {
        var bound = arguments.bind("default", "default_value?", "boolean?");
        boolean missing = value instanceof Undefined || (bound.truth("boolean") && !Values.truth(value));
        return missing ? bound.get("default_value", "") : value;
    }
}
