package dev.respec.model.chat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a value is assigned to: a name, an attribute of a namespace, or several of them. */
@FunctionalInterface
interface Target {
    void assign(Scope scope, @Nullable Object value);

    /** Reads targets up to {@code =}, {@code in} or the end of the tag. */
    static Target parse(TokenStream tokens, boolean withNamespaces) {
        List<Target> targets = new ArrayList<>();
        boolean comma = false;
        while (!ends(tokens)) {
            targets.add(one(tokens, withNamespaces));
            if (!tokens.accept(",")) {
                break;
            }
            comma = true;
        }
        if (targets.isEmpty()) {
            throw tokens.fault("expected a name, found " + tokens.peek().describe());
        }
        return comma ? several(targets) : targets.get(0);
    }

    private static boolean ends(TokenStream tokens) {
        return tokens.is(Token.Kind.BLOCK_END)
                || tokens.peek().is("=")
                || tokens.peek().is("in")
                || tokens.peek().is(")");
    }

    private static Target one(TokenStream tokens, boolean withNamespaces) {
        if (tokens.accept("(")) {
            Target inside = parse(tokens, withNamespaces);
            tokens.expect(")");
            return inside;
        }
        String name = tokens.name();
        if (List.of("true", "false", "none", "True", "False", "None").contains(name)) {
            throw tokens.fault("'" + name + "' cannot be assigned to");
        }
        if (withNamespaces && tokens.accept(".")) {
            String attribute = tokens.name();
            return (scope, value) -> {
                if (!(scope.get(name) instanceof Namespace space)) {
                    throw new TemplateFault("only a namespace's attributes can be set, not those of " + name);
                }
                space.values().put(attribute, value);
            };
        }
        return (scope, value) -> scope.set(name, value);
    }

    private static Target several(List<Target> targets) {
        return (scope, value) -> {
            List<@Nullable Object> parts = Sequences.list(value);
            if (parts.size() != targets.size()) {
                throw new TemplateFault("%d values for %d names".formatted(parts.size(), targets.size()));
            }
            for (int i = 0; i < parts.size(); i++) {
                targets.get(i).assign(scope, parts.get(i));
            }
        };
    }
}
