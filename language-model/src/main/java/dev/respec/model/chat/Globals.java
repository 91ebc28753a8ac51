package dev.respec.model.chat;

import java.time.Clock;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Functions that Jinja and transformers give to chat templates. */
final class Globals {
    private Globals() {}

    /** @param clock what {@code strftime_now} reads */
    static Scope scope(Clock clock) {
        var scope = new Scope(null);
        scope.set("namespace", (Callable) Globals::namespace);
        scope.set("dict", (Callable) Dictionaries::of);
        scope.set("range", (Callable) Globals::range);
        scope.set("cycler", (Callable) arguments -> new Cycler(arguments.positional()));
        scope.set("joiner", (Callable) Globals::joiner);
        scope.set("lipsum", (Callable) arguments -> {
            throw new TemplateFault("lipsum is not supported: a prompt must not depend on chance");
        });
        scope.set("raise_exception", (Callable) arguments -> {
            throw new TemplateFault("the template refuses: "
                    + PythonText.text(
                            arguments.bind("raise_exception", "message").get("message")));
        });
        scope.set("strftime_now", (Callable) arguments -> DateText.of(
                LocalDateTime.now(clock),
                arguments.bind("strftime_now", "format").string("format")));
        return scope;
    }

    private static Namespace namespace(Arguments arguments) {
        var space = new Namespace(new LinkedHashMap<>());
        Dictionaries.of(arguments).forEach((name, value) -> space.values().put(Values.string(name), value));
        return space;
    }

    private static Range range(Arguments arguments) {
        if (!arguments.named().isEmpty()
                || arguments.positional().isEmpty()
                || arguments.positional().size() > 3) {
            throw new TemplateFault("range takes one to three integers");
        }
        List<@Nullable Object> bounds = arguments.positional();
        int from = bounds.size() > 1 ? Numbers.index(bounds.get(0)) : 0;
        int to = Numbers.index(bounds.get(bounds.size() > 1 ? 1 : 0));
        return new Range(from, to, bounds.size() > 2 ? Numbers.index(bounds.get(2)) : 1);
    }

    /** Nothing the first time, then the separator. */
    private static Callable joiner(Arguments arguments) {
        Object separator = arguments.bind("joiner", "sep?").get("sep", ", ");
        boolean[] used = {false};
        return call -> {
            boolean first = !used[0];
            used[0] = true;
            return first ? "" : separator;
        };
    }

    /** Values in turn. */
    private static final class Cycler implements Attributed {
        private final List<@Nullable Object> values;
        private int at;

        Cycler(List<@Nullable Object> values) {
            if (values.isEmpty()) {
                throw new TemplateFault("cycler needs at least one value");
            }
            this.values = values;
        }

        @Override
        public @Nullable Object attribute(String name) {
            return switch (name) {
                case "current" -> values.get(at);
                case "next" ->
                    (Callable) arguments -> {
                        Object value = values.get(at);
                        at = (at + 1) % values.size();
                        return value;
                    };
                case "reset" ->
                    (Callable) arguments -> {
                        at = 0;
                        return null;
                    };
                default -> new Undefined("a cycler has no attribute '" + name + "'");
            };
        }
    }
}
