package dev.respec.model.chat;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Variables; a loop's body and a macro have a scope of their own, which sees the outer one and does not change it. */
final class Scope {
    private final @Nullable Scope outer;
    private final Map<String, @Nullable Object> variables = new HashMap<>();

    Scope(@Nullable Scope outer) {
        this.outer = outer;
    }

    @Nullable
    Object get(String name) {
        for (Scope scope = this; scope != null; scope = scope.outer) {
            if (scope.variables.containsKey(name)) {
                return scope.variables.get(name);
            }
        }
        return Undefined.variable(name);
    }

    void set(String name, @Nullable Object value) {
        variables.put(name, value);
    }
}
