package dev.respec.model.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values given to a function, filter, test or macro. */
record Arguments(List<@Nullable Object> positional, Map<String, @Nullable Object> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());

    static Arguments of(@Nullable Object value) {
        List<@Nullable Object> values = new ArrayList<>();
        values.add(value);
        return new Arguments(values, Map.of());
    }

    /**
     * Matches the values to parameters by place and name.
     *
     * @param function names it in errors
     * @param parameters names in their order; {@code ?} behind a name makes it optional
     */
    Bound bind(String function, String... parameters) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        if (positional.size() > parameters.length) {
            throw new TemplateFault("%s takes at most %d arguments, found %d"
                    .formatted(function, parameters.length, positional.size()));
        }
        for (int i = 0; i < parameters.length; i++) {
            boolean optional = parameters[i].endsWith("?");
            String name = optional ? parameters[i].substring(0, parameters[i].length() - 1) : parameters[i];
            if (i < positional.size()) {
                values.put(name, positional.get(i));
            }
            if (named.containsKey(name)) {
                if (i < positional.size()) {
                    throw new TemplateFault(function + " has two values for its argument '" + name + "'");
                }
                values.put(name, named.get(name));
            }
            if (!optional && !values.containsKey(name)) {
                throw new TemplateFault(function + " needs the argument '" + name + "'");
            }
        }
        for (String name : named.keySet()) {
            if (!values.containsKey(name)) {
                throw new TemplateFault(function + " has no argument '" + name + "'");
            }
        }
        return new Bound(values);
    }

    /** As {@link #bind}, of a method that Python lets be called by place only. */
    Bound bindByPlace(String function, String... parameters) {
        if (!named.isEmpty()) {
            throw new TemplateFault(function + " takes no named arguments");
        }
        return bind(function, parameters);
    }

    /** The arguments behind the first ones. */
    Arguments from(int index) {
        return new Arguments(positional.subList(Math.min(index, positional.size()), positional.size()), named);
    }

    /** Arguments by parameter. */
    record Bound(Map<String, @Nullable Object> values) {
        boolean has(String name) {
            return values.containsKey(name);
        }

        @Nullable
        Object get(String name) {
            return values.get(name);
        }

        @Nullable
        Object get(String name, @Nullable Object fallback) {
            return values.containsKey(name) ? values.get(name) : fallback;
        }

        boolean truth(String name) {
            return Values.truth(values.get(name));
        }

        String string(String name) {
            return Values.string(values.get(name));
        }

        int integer(String name, int fallback) {
            return values.containsKey(name) ? Numbers.index(values.get(name)) : fallback;
        }
    }
}
