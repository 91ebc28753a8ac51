package dev.respec.model.chat;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The variable {@code loop}. Elements are read one ahead and only on demand, as in Jinja. */
final class LoopContext implements Attributed, Callable {
    /** Renders a recursive loop over inner elements. */
    @FunctionalInterface
    interface Recursion {
        String render(@Nullable Object elements, int depth0);
    }

    private final @Nullable Recursion recursion;
    private final int depth0;
    private Iterator<@Nullable Object> elements;
    private long known;
    private long index0 = -1;
    private boolean peeked;
    private @Nullable Object after;
    private @Nullable Object current = new Undefined("there is no previous item");
    private @Nullable Object before = current;
    private @Nullable List<@Nullable Object> lastChecked;

    LoopContext(@Nullable Object iterable, @Nullable Recursion recursion, int depth0) {
        this.elements = Sequences.iterator(iterable);
        this.known = Sequences.hasLength(iterable) ? Sequences.length(iterable) : -1;
        this.recursion = recursion;
        this.depth0 = depth0;
    }

    boolean hasNext() {
        return peeked || elements.hasNext();
    }

    @Nullable
    Object next() {
        Object value = peeked ? after : elements.next();
        peeked = false;
        after = null;
        index0++;
        before = current;
        current = value;
        return value;
    }

    /** The elements that are left, taken from the loop itself. */
    Iterator<@Nullable Object> rest() {
        throw new TemplateFault("iterating over 'loop' itself is not supported");
    }

    long length() {
        if (known < 0) {
            List<@Nullable Object> rest = new ArrayList<>();
            elements.forEachRemaining(rest::add);
            elements = rest.iterator();
            known = rest.size() + index0 + 1 + (peeked ? 1 : 0);
        }
        return known;
    }

    private boolean isLast() {
        if (!peeked && elements.hasNext()) {
            after = elements.next();
            peeked = true;
        }
        return !peeked;
    }

    @Override
    public @Nullable Object attribute(String name) {
        return switch (name) {
            case "index" -> index0 + 1;
            case "index0" -> index0;
            case "revindex" -> length() - index0;
            case "revindex0" -> length() - index0 - 1;
            case "first" -> index0 == 0;
            case "last" -> isLast();
            case "length" -> length();
            case "depth" -> depth0 + 1L;
            case "depth0" -> (long) depth0;
            case "previtem" -> index0 == 0 ? new Undefined("there is no previous item") : before;
            case "nextitem" -> isLast() ? new Undefined("there is no next item") : after;
            case "cycle" -> (Callable) this::cycle;
            case "changed" -> (Callable) this::changed;
            default -> new Undefined("'loop' has no attribute '" + name + "'");
        };
    }

    private @Nullable Object cycle(Arguments arguments) {
        List<@Nullable Object> values = arguments.positional();
        if (values.isEmpty() || !arguments.named().isEmpty()) {
            throw new TemplateFault("cycle needs values, by place");
        }
        return values.get((int) (index0 % values.size()));
    }

    private Object changed(Arguments arguments) {
        var values = new Tuple(arguments.positional());
        if (lastChecked != null && Values.equal(lastChecked, values)) {
            return false;
        }
        lastChecked = values;
        return true;
    }

    @Override
    public @Nullable Object call(Arguments arguments) {
        if (recursion == null) {
            throw new TemplateFault("only a loop marked 'recursive' can be called");
        }
        return recursion.render(arguments.bind("loop", "iterable").get("iterable"), depth0 + 1);
    }
}
