package dev.respec.model.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Arguments of a call, in the order of the template. */
record Arguments(List<Expression> positional, Map<String, Expression> named) {
    static final Arguments NONE = new Arguments(List.of(), Map.of());

    List<@Nullable Object> positional(Scope scope) {
        List<@Nullable Object> values = new ArrayList<>();
        positional.forEach(argument -> values.add(argument.value(scope)));
        return values;
    }

    Map<String, @Nullable Object> named(Scope scope) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        named.forEach((name, argument) -> values.put(name, argument.value(scope)));
        return values;
    }

    @Nullable
    Object call(@Nullable Object function, Scope scope) {
        if (function instanceof Callable callable) {
            return callable.call(positional(scope), named(scope));
        }
        throw new TemplateFault(Values.describe(function) + " cannot be called");
    }
}
