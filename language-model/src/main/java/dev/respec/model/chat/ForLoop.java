package dev.respec.model.chat;

import java.util.Iterator;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** {@code for target in elements if condition recursive}. */
record ForLoop(
        Target target,
        Expression elements,
        @Nullable Expression condition,
        boolean recursive,
        Statement body,
        Statement otherwise)
        implements Statement {
    @Override
    public Flow render(Scope scope, StringBuilder out) {
        return render(scope, out, elements.value(scope), 0);
    }

    private Flow render(Scope scope, StringBuilder out, @Nullable Object values, int depth0) {
        LoopContext.Recursion recursion = (inner, depth) -> {
            var text = new StringBuilder();
            render(scope, text, inner, depth);
            return text.toString();
        };
        Object chosen = condition == null ? values : new Generator(new Chosen(scope, Sequences.iterator(values)));
        var loop = new LoopContext(chosen, recursive ? recursion : null, depth0);
        boolean completed = false;
        while (loop.hasNext()) {
            var inner = new Scope(scope);
            Object value = loop.next();
            inner.set("loop", loop);
            target.assign(inner, value);
            Flow flow = body.render(inner, out);
            completed |= flow == Flow.NEXT;
            if (flow == Flow.BREAK) {
                break;
            }
        }
        // as in Jinja, a body that break or continue left each time does not keep the else from running
        return completed ? Flow.NEXT : otherwise.render(new Scope(scope), out);
    }

    /** The elements that meet the condition, tested as they are read. */
    private final class Chosen implements Iterator<@Nullable Object> {
        private final Scope scope;
        private final Iterator<@Nullable Object> all;
        private boolean found;
        private @Nullable Object ahead;

        Chosen(Scope scope, Iterator<@Nullable Object> all) {
            this.scope = scope;
            this.all = all;
        }

        @Override
        public boolean hasNext() {
            while (!found && all.hasNext()) {
                ahead = all.next();
                var inner = new Scope(scope);
                target.assign(inner, ahead);
                found = condition == null || Values.truth(condition.value(inner));
            }
            return found;
        }

        @Override
        public @Nullable Object next() {
            if (!hasNext()) {
                throw new NoSuchElementException();
            }
            found = false;
            return ahead;
        }
    }
}
