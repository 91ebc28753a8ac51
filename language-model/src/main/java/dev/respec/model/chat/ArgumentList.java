package dev.respec.model.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Arguments of a call as the template writes them.
 *
 * @param allPositional {@code *more}, or null
 * @param allNamed {@code **more}, or null
 */
record ArgumentList(
        List<Expression> positional,
        Map<String, Expression> named,
        @Nullable Expression allPositional,
        @Nullable Expression allNamed) {
    static final ArgumentList NONE = new ArgumentList(List.of(), Map.of(), null, null);

    static ArgumentList of(Expression argument) {
        return new ArgumentList(List.of(argument), Map.of(), null, null);
    }

    Arguments values(Scope scope) {
        if (this == NONE) {
            return Arguments.NONE;
        }
        List<@Nullable Object> values = new ArrayList<>();
        positional.forEach(argument -> values.add(argument.value(scope)));
        Map<String, @Nullable Object> byName = new LinkedHashMap<>();
        named.forEach((name, argument) -> byName.put(name, argument.value(scope)));
        if (allPositional != null) {
            values.addAll(Sequences.list(allPositional.value(scope)));
        }
        if (allNamed != null) {
            addAll(byName, allNamed.value(scope));
        }
        return new Arguments(values, byName);
    }

    private static void addAll(Map<String, @Nullable Object> byName, @Nullable Object more) {
        if (!(more instanceof Map<?, ?> map)) {
            throw new TemplateFault("expected a mapping behind **, found " + Values.describe(more));
        }
        map.forEach((name, value) -> {
            if (byName.containsKey(Values.string(name))) {
                throw new TemplateFault("the argument '" + name + "' is given twice");
            }
            byName.put(Values.string(name), value);
        });
    }
}
