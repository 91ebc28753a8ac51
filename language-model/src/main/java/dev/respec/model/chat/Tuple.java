package dev.respec.model.chat;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Python's tuple: a list that prints in round brackets and equals tuples only. Its places may have names. */
final class Tuple extends AbstractList<@Nullable Object> {
    private final List<@Nullable Object> elements;
    private final Map<String, Integer> names;

    Tuple(List<@Nullable Object> elements) {
        this(elements, Map.of());
    }

    private Tuple(List<@Nullable Object> elements, Map<String, Integer> names) {
        this.elements = new ArrayList<>(elements);
        this.names = names;
    }

    static Tuple of(@Nullable Object... elements) {
        return new Tuple(Arrays.asList(elements));
    }

    static Tuple named(Map<String, Integer> names, @Nullable Object... elements) {
        return new Tuple(Arrays.asList(elements), names);
    }

    /** The place of a name, or -1. */
    int place(String name) {
        return names.getOrDefault(name, -1);
    }

    @Override
    public @Nullable Object get(int index) {
        return elements.get(index);
    }

    @Override
    public int size() {
        return elements.size();
    }
}
