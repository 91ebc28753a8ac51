package dev.respec.model.chat;

import org.jspecify.annotations.Nullable;

/**
 * Something with a value: null for none, {@link Undefined}, Boolean, Long, BigInteger beyond its range, Double, String,
 * {@link Markup}, List, {@link Tuple}, {@link Range}, Map, {@link DictionaryView}, {@link Generator}, {@link Namespace},
 * or {@link Callable}.
 */
@FunctionalInterface
interface Expression {
    @Nullable
    Object value(Scope scope);
}
