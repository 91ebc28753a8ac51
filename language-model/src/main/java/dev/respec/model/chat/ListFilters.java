package dev.respec.model.chat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Filters of lists and mappings. Where Jinja returns a generator, so do they. */
final class ListFilters {
    static final Map<String, Filters.Filter> FILTERS = Map.ofEntries(
            Map.entry("batch", ListFilters::batch),
            Map.entry("count", ListFilters::length),
            Map.entry("first", ListFilters::first),
            Map.entry("items", ListFilters::items),
            Map.entry("join", ListFilters::join),
            Map.entry("last", ListFilters::last),
            Map.entry("length", ListFilters::length),
            Map.entry("list", (value, arguments) -> StringMethods.none(arguments, Sequences.list(value))),
            Map.entry("map", ListFilters::map),
            Map.entry("reject", (value, arguments) -> chosen(value, arguments, false, false)),
            Map.entry("rejectattr", (value, arguments) -> chosen(value, arguments, true, false)),
            Map.entry("reverse", ListFilters::reverse),
            Map.entry("select", (value, arguments) -> chosen(value, arguments, false, true)),
            Map.entry("selectattr", (value, arguments) -> chosen(value, arguments, true, true)),
            Map.entry("slice", ListFilters::slices),
            Map.entry("sum", ListFilters::sum));

    private ListFilters() {}

    private static Object length(@Nullable Object value, Arguments arguments) {
        return StringMethods.none(arguments, Sequences.length(value));
    }

    private static @Nullable Object first(@Nullable Object value, Arguments arguments) {
        arguments.bind("first");
        Iterator<@Nullable Object> elements = Sequences.iterator(value);
        return elements.hasNext() ? elements.next() : new Undefined("no first item, the sequence is empty");
    }

    private static @Nullable Object last(@Nullable Object value, Arguments arguments) {
        arguments.bind("last");
        if (value instanceof Generator) {
            throw new TemplateFault("a generator has no last item; make a list of it first");
        }
        List<@Nullable Object> elements = Sequences.list(value);
        return elements.isEmpty()
                ? new Undefined("no last item, the sequence is empty")
                : elements.get(elements.size() - 1);
    }

    private static Object items(@Nullable Object value, Arguments arguments) {
        arguments.bind("items");
        if (value instanceof Undefined) {
            return new Generator(Collections.emptyIterator());
        }
        if (value instanceof Map<?, ?> map) {
            return new Generator(new DictionaryView(map, DictionaryView.Part.ITEMS)
                    .elements()
                    .iterator());
        }
        // a generator fails when it is read
        return new Generator(new Lazy(() -> {
            throw new TemplateFault("items: expected a mapping, found " + Values.describe(value));
        }));
    }

    private static String join(@Nullable Object value, Arguments arguments) {
        var bound = arguments.bind("join", "d?", "attribute?");
        List<String> parts = new ArrayList<>();
        for (Object element : Sequences.list(value)) {
            parts.add(PythonText.text(Members.path(element, bound.get("attribute"))));
        }
        return String.join(PythonText.text(bound.get("d", "")), parts);
    }

    private static Object reverse(@Nullable Object value, Arguments arguments) {
        arguments.bind("reverse");
        if (Values.isText(value)) {
            return new StringBuilder(Values.string(value)).reverse().toString();
        }
        List<@Nullable Object> elements = Sequences.list(value);
        Collections.reverse(elements);
        return value instanceof Generator ? elements : new Generator(elements.iterator());
    }

    private static Object map(@Nullable Object value, Arguments arguments) {
        Function<@Nullable Object, @Nullable Object> function = mapping(arguments);
        if (!Values.truth(value)) {
            return new Generator(Collections.emptyIterator());
        }
        return new Generator(new Lazy(() -> {
            Iterator<@Nullable Object> elements = Sequences.iterator(value);
            return () -> {
                if (!elements.hasNext()) {
                    return Lazy.END;
                }
                return function.apply(elements.next());
            };
        }));
    }

    private static Function<@Nullable Object, @Nullable Object> mapping(Arguments arguments) {
        if (arguments.positional().isEmpty() && arguments.named().containsKey("attribute")) {
            var bound = new Arguments(List.of(), arguments.named()).bind("map", "attribute", "default?");
            Object path = bound.get("attribute");
            return item -> Members.path(item, path, bound.get("default"));
        }
        if (arguments.positional().isEmpty()) {
            throw new TemplateFault("map needs a filter or an attribute");
        }
        Filters.Filter filter =
                Filters.named(Values.string(arguments.positional().get(0)));
        return item -> filter.apply(item, arguments.from(1));
    }

    private static Object chosen(@Nullable Object value, Arguments arguments, boolean byAttribute, boolean wanted) {
        if (!Values.truth(value)) {
            return new Generator(Collections.emptyIterator());
        }
        if (byAttribute && arguments.positional().isEmpty()) {
            throw new TemplateFault("selectattr and rejectattr need an attribute");
        }
        int test = byAttribute ? 1 : 0;
        Predicate<@Nullable Object> holds;
        if (arguments.positional().size() > test) {
            Tests.Test named = Tests.named(Values.string(arguments.positional().get(test)));
            holds = item -> named.holds(item, arguments.from(test + 1));
        } else {
            holds = Values::truth;
        }
        Object path = byAttribute ? arguments.positional().get(0) : null;
        return new Generator(new Lazy(() -> {
            Iterator<@Nullable Object> elements = Sequences.iterator(value);
            return () -> {
                while (elements.hasNext()) {
                    Object item = elements.next();
                    if (holds.test(Members.path(item, path)) == wanted) {
                        return item;
                    }
                }
                return Lazy.END;
            };
        }));
    }

    private static Object batch(@Nullable Object value, Arguments arguments) {
        var bound = arguments.bind("batch", "linecount", "fill_with?");
        int size = bound.integer("linecount", 1);
        List<@Nullable Object> batches = new ArrayList<>();
        List<@Nullable Object> batch = new ArrayList<>();
        for (Object element : Sequences.list(value)) {
            if (batch.size() == size) {
                batches.add(batch);
                batch = new ArrayList<>();
            }
            batch.add(element);
        }
        if (!batch.isEmpty()) {
            while (bound.get("fill_with") != null && batch.size() < size) {
                batch.add(bound.get("fill_with"));
            }
            batches.add(batch);
        }
        return new Generator(batches.iterator());
    }

    private static Object slices(@Nullable Object value, Arguments arguments) {
        var bound = arguments.bind("slice", "slices", "fill_with?");
        List<@Nullable Object> all = Sequences.list(value);
        int count = bound.integer("slices", 1);
        if (count == 0) {
            throw new TemplateFault("slice: division by zero");
        }
        int size = Math.floorDiv(all.size(), count);
        int longer = Math.floorMod(all.size(), count);
        List<@Nullable Object> slices = new ArrayList<>();
        int from = 0;
        for (int i = 0; i < count; i++) {
            int to = from + size + (i < longer ? 1 : 0);
            List<@Nullable Object> slice = new ArrayList<>(all.subList(from, to));
            if (bound.get("fill_with") != null && i >= longer) {
                slice.add(bound.get("fill_with"));
            }
            slices.add(slice);
            from = to;
        }
        return new Generator(slices.iterator());
    }

    private static @Nullable Object sum(@Nullable Object value, Arguments arguments) {
        var bound = arguments.bind("sum", "attribute?", "start?");
        Object sum = bound.get("start", 0L);
        if (Values.isText(sum)) {
            throw new TemplateFault("sum does not add strings; use join");
        }
        for (Object element : Sequences.list(value)) {
            sum = Operators.apply("+", sum, Members.path(element, bound.get("attribute")));
        }
        return sum;
    }

    /** An iterator that begins its work with the first element asked for. */
    private static final class Lazy implements Iterator<@Nullable Object> {
        static final Object END = new Object();

        /** The next element, or {@link #END}. */
        @FunctionalInterface
        interface Source {
            @Nullable
            Object next();
        }

        private final java.util.function.Supplier<Source> opening;
        private @Nullable Source source;
        private @Nullable Object ahead;
        private boolean peeked;

        Lazy(java.util.function.Supplier<Source> opening) {
            this.opening = opening;
        }

        @Override
        public boolean hasNext() {
            if (source == null) {
                source = opening.get();
            }
            if (!peeked) {
                ahead = source.next();
                peeked = true;
            }
            return ahead != END;
        }

        @Override
        public @Nullable Object next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            peeked = false;
            return ahead;
        }
    }
}
