package dev.respec.model.chat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Iteration, length, places and slices. */
final class Sequences {
    private Sequences() {}

    /** Elements of a list, keys of a mapping, characters of a string. */
    static Iterator<@Nullable Object> iterator(@Nullable Object value) {
        if (value instanceof Generator generator) {
            return generator;
        }
        if (value instanceof LoopContext loop) {
            return loop.rest();
        }
        if (value instanceof Collection<?> list) {
            return new ArrayList<@Nullable Object>(list).iterator();
        }
        if (value instanceof Map<?, ?> map) {
            return new ArrayList<@Nullable Object>(map.keySet()).iterator();
        }
        if (value instanceof DictionaryView view) {
            return view.elements().iterator();
        }
        if (Values.isText(value)) {
            return characters(Values.string(value)).iterator();
        }
        if (value instanceof Undefined) {
            return Collections.emptyIterator();
        }
        throw new TemplateFault(Values.describe(value) + " cannot be iterated over");
    }

    /** All elements, in a new list. */
    static List<@Nullable Object> list(@Nullable Object value) {
        List<@Nullable Object> elements = new ArrayList<>();
        iterator(value).forEachRemaining(elements::add);
        return elements;
    }

    private static List<@Nullable Object> characters(String text) {
        List<@Nullable Object> characters = new ArrayList<>();
        text.codePoints().forEach(c -> characters.add(Character.toString(c)));
        return characters;
    }

    static boolean hasLength(@Nullable Object value) {
        return Values.isText(value)
                || value instanceof Collection<?>
                || value instanceof Map<?, ?>
                || value instanceof DictionaryView
                || value instanceof LoopContext
                || value instanceof Undefined;
    }

    static long length(@Nullable Object value) {
        if (!hasLength(value)) {
            throw new TemplateFault(Values.describe(value) + " has no length");
        }
        if (value instanceof LoopContext loop) {
            return loop.length();
        }
        return Values.isText(value)
                ? Values.string(value).codePointCount(0, Values.string(value).length())
                : list(value).size();
    }

    /** Whether {@code value[0]} means a place. */
    static boolean hasPlaces(@Nullable Object value) {
        return Values.isText(value) || value instanceof List<?>;
    }

    /** The element at a place, from the end if negative; {@link Undefined} outside. */
    static @Nullable Object at(@Nullable Object value, @Nullable Object index) {
        List<@Nullable Object> elements = list(value);
        long size = elements.size();
        Object place = Numbers.plain(index);
        if (place instanceof Long at) {
            long from = at < 0 ? at + size : at;
            if (from >= 0 && from < size) {
                return elements.get((int) from);
            }
        }
        return new Undefined(
                "%s of %d has no element %s".formatted(Values.describe(value), size, PythonText.representation(index)));
    }

    /** {@code value[from:to:step]}, null for what is left out. */
    static @Nullable Object slice(
            @Nullable Object value, @Nullable Object from, @Nullable Object to, @Nullable Object step) {
        if (!hasPlaces(value)) {
            Values.requireDefined(value);
            throw new TemplateFault(Values.describe(value) + " has no slices");
        }
        if (!isBound(from) || !isBound(to) || !isBound(step)) {
            throw new TemplateFault("a slice needs integers");
        }
        List<@Nullable Object> elements = list(value);
        int size = elements.size();
        int stride = step == null ? 1 : Numbers.index(step);
        if (stride == 0) {
            throw new TemplateFault("a slice's step must not be 0");
        }
        int low = stride > 0 ? 0 : -1;
        int high = stride > 0 ? size : size - 1;
        int begin = from == null ? (stride > 0 ? low : high) : bound(from, size, low, high);
        int end = to == null ? (stride > 0 ? high : low) : bound(to, size, low, high);
        List<@Nullable Object> chosen = new ArrayList<>();
        for (long i = begin; stride > 0 ? i < end : i > end; i += stride) {
            chosen.add(elements.get((int) i));
        }
        if (value instanceof Range range) {
            return range.slice(begin, end, stride);
        }
        return value instanceof Tuple ? new Tuple(chosen) : value instanceof List<?> ? chosen : joined(chosen);
    }

    private static boolean isBound(@Nullable Object value) {
        return value == null || value instanceof Boolean || Numbers.isInteger(value);
    }

    private static int bound(@Nullable Object index, int size, int low, int high) {
        long place = Numbers.clamped(index);
        return (int) Math.max(low, Math.min(high, place < 0 ? place + size : place));
    }

    private static String joined(List<@Nullable Object> characters) {
        var text = new StringBuilder();
        characters.forEach(text::append);
        return text.toString();
    }
}
