package dev.respec.model.chat;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code function(…)}. */
record Call(Expression function, ArgumentList arguments) implements Expression {
    @Override
    public @Nullable Object value(Scope scope) {
        return Values.call(function.value(scope), arguments.values(scope));
    }

    /** The same with the body of a call block. */
    @Nullable
    Object withCaller(Scope scope, Callable caller) {
        Arguments values = arguments.values(scope);
        Map<String, @Nullable Object> named = new LinkedHashMap<>(values.named());
        named.put("caller", caller);
        return Values.call(function.value(scope), new Arguments(values.positional(), named));
    }
}
