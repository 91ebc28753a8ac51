package dev.respec.model.chat;

import org.jspecify.annotations.Nullable;

/** A value of the template language with attributes of its own. */
interface Attributed {
    /** The attribute, or {@link Undefined}. */
    @Nullable
    Object attribute(String name);
}
