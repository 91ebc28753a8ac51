package dev.respec.model.chat;

import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** Elements computed as they are read, once: always true, without a length and without places. */
final class Generator implements Iterator<@Nullable Object> {
    private final Iterator<@Nullable Object> elements;

    Generator(Iterator<@Nullable Object> elements) {
        this.elements = elements;
    }

    @Override
    public boolean hasNext() {
        return elements.hasNext();
    }

    @Override
    public @Nullable Object next() {
        return elements.next();
    }
}
