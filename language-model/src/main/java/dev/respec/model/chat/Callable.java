package dev.respec.model.chat;

import org.jspecify.annotations.Nullable;

/** A function, macro or method of a template. */
@FunctionalInterface
interface Callable {
    @Nullable
    Object call(Arguments arguments);
}
