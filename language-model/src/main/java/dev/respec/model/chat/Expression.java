package dev.respec.model.chat;

import org.jspecify.annotations.Nullable;

/**
 * Something with a value: null for none, {@link Undefined}, Boolean, Long, Double, String, List, Map or {@link Callable}.
 */
@FunctionalInterface
interface Expression {
    @Nullable
    Object value(Scope scope);
}
