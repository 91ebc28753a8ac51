package dev.respec.model.chat;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A function, macro or method of a template. */
@FunctionalInterface
interface Callable {
    @Nullable
    Object call(List<@Nullable Object> arguments, Map<String, @Nullable Object> named);
}
