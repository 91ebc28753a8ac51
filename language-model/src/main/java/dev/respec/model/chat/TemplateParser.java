package dev.respec.model.chat;

import dev.respec.model.chat.Statement.Flow;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Jinja's statements, as far as chat templates use them. */
final class TemplateParser {
    private final List<Piece> pieces;
    private int at;

    private TemplateParser(List<Piece> pieces) {
        this.pieces = pieces;
    }

    static Statement parse(String template) {
        var parser = new TemplateParser(TemplateScanner.scan(template));
        Statement all = parser.body(Set.of());
        return all;
    }

    /** What stands before one of these tags; the tag itself is not read. */
    private Statement body(Set<String> ends) {
        List<Statement> statements = new ArrayList<>();
        while (at < pieces.size() && !ends.contains(tag(pieces.get(at)))) {
            statements.add(statement(pieces.get(at++)));
        }
        if (at == pieces.size() && !ends.isEmpty()) {
            throw new TemplateFault("the template ends before one of " + ends);
        }
        return (scope, out) -> {
            for (Statement statement : statements) {
                Flow flow = statement.render(scope, out);
                if (flow != Flow.NEXT) {
                    return flow;
                }
            }
            return Flow.NEXT;
        };
    }

    private static String tag(Piece piece) {
        return piece.kind() == Piece.Kind.BLOCK ? piece.tokens().get(0).text() : "";
    }

    private Statement statement(Piece piece) {
        if (piece.kind() == Piece.Kind.TEXT) {
            return (scope, out) -> {
                out.append(piece.text());
                return Flow.NEXT;
            };
        }
        try {
            var tokens = new TokenStream(piece.tokens());
            Statement inner = piece.kind() == Piece.Kind.OUTPUT ? output(tokens) : block(tokens);
            return (scope, out) -> {
                try {
                    return inner.render(scope, out);
                } catch (TemplateFault e) {
                    throw e.at(piece.line());
                } catch (IndexOutOfBoundsException | ArithmeticException | NumberFormatException e) {
                    throw new TemplateFault("a filter or method has an argument too few or a wrong one")
                            .at(piece.line());
                }
            };
        } catch (TemplateFault e) {
            throw e.at(piece.line());
        }
    }

    private static Statement output(TokenStream tokens) {
        Expression value = new ExpressionParser(tokens).tuple();
        tokens.expectEnd();
        return (scope, out) -> {
            out.append(Values.text(value.value(scope)));
            return Flow.NEXT;
        };
    }

    private Statement block(TokenStream tokens) {
        String name = tokens.name();
        return switch (name) {
            case "if" -> condition(tokens);
            case "for" -> loop(tokens);
            case "set" -> assignment(tokens);
            case "macro" -> macro(tokens);
            case "break" -> (scope, out) -> Flow.BREAK;
            case "continue" -> (scope, out) -> Flow.CONTINUE;
            case "generation" -> closed("endgeneration");
            default -> throw new TemplateFault("the tag '" + name + "' is not supported");
        };
    }

    private Statement closed(String end) {
        Statement body = body(Set.of(end));
        at++;
        return body;
    }

    private Statement condition(TokenStream tokens) {
        Expression test = new ExpressionParser(tokens).tuple();
        tokens.expectEnd();
        Statement then = body(Set.of("elif", "else", "endif"));
        Statement otherwise = (scope, out) -> Flow.NEXT;
        var next = new TokenStream(pieces.get(at++).tokens());
        switch (next.name()) {
            case "elif" -> otherwise = condition(next);
            case "else" -> otherwise = closed("endif");
            default -> next.expectEnd();
        }
        Statement no = otherwise;
        return (scope, out) -> (Values.truth(test.value(scope)) ? then : no).render(scope, out);
    }

    private Statement loop(TokenStream tokens) {
        List<String> names = names(tokens);
        tokens.expect("in");
        var expressions = new ExpressionParser(tokens);
        Expression all = expressions.or();
        Expression condition = tokens.accept("if") ? expressions.expression() : null;
        tokens.expectEnd();
        Statement body = body(Set.of("else", "endfor"));
        Statement otherwise =
                pieces.get(at++).tokens().get(0).is("else") ? closed("endfor") : (scope, out) -> Flow.NEXT;
        return (scope, out) -> {
            List<@Nullable Object> items = chosen(scope, names, Values.items(all.value(scope)), condition);
            return items.isEmpty() ? otherwise.render(scope, out) : iterate(scope, out, names, items, body);
        };
    }

    private static List<String> names(TokenStream tokens) {
        List<String> names = new ArrayList<>(List.of(tokens.name()));
        while (tokens.accept(",")) {
            names.add(tokens.name());
        }
        return names;
    }

    private static List<@Nullable Object> chosen(
            Scope scope, List<String> names, List<@Nullable Object> items, @Nullable Expression condition) {
        List<@Nullable Object> chosen = new ArrayList<>();
        for (Object item : items) {
            var inner = new Scope(scope);
            assign(inner, names, item);
            if (condition == null || Values.truth(condition.value(inner))) {
                chosen.add(item);
            }
        }
        return chosen;
    }

    private static Flow iterate(
            Scope scope, StringBuilder out, List<String> names, List<@Nullable Object> items, Statement body) {
        for (int i = 0; i < items.size(); i++) {
            var inner = new Scope(scope);
            inner.set("loop", loopVariables(items, i));
            assign(inner, names, items.get(i));
            if (body.render(inner, out) == Flow.BREAK) {
                break;
            }
        }
        return Flow.NEXT;
    }

    private static Map<String, @Nullable Object> loopVariables(List<@Nullable Object> items, int index) {
        Map<String, @Nullable Object> loop = new LinkedHashMap<>();
        int size = items.size();
        loop.put("index", index + 1L);
        loop.put("index0", (long) index);
        loop.put("revindex", (long) size - index);
        loop.put("revindex0", size - index - 1L);
        loop.put("first", index == 0);
        loop.put("last", index == size - 1);
        loop.put("length", (long) size);
        loop.put("previtem", index > 0 ? items.get(index - 1) : new Undefined("loop.previtem"));
        loop.put("nextitem", index + 1 < size ? items.get(index + 1) : new Undefined("loop.nextitem"));
        return loop;
    }

    private static void assign(Scope scope, List<String> names, @Nullable Object value) {
        if (names.size() == 1) {
            scope.set(names.get(0), value);
            return;
        }
        List<@Nullable Object> parts = Values.items(value);
        if (parts.size() != names.size()) {
            throw new TemplateFault("%d values for the names %s".formatted(parts.size(), names));
        }
        for (int i = 0; i < names.size(); i++) {
            scope.set(names.get(i), parts.get(i));
        }
    }

    private Statement assignment(TokenStream tokens) {
        List<String> names = names(tokens);
        String attribute = tokens.accept(".") ? tokens.name() : null;
        if (tokens.atEnd()) {
            Statement body = closed("endset");
            return (scope, out) -> {
                var text = new StringBuilder();
                Flow flow = body.render(scope, text);
                assign(scope, names, text.toString());
                return flow;
            };
        }
        tokens.expect("=");
        Expression value = new ExpressionParser(tokens).tuple();
        tokens.expectEnd();
        return (scope, out) -> {
            if (attribute == null) {
                assign(scope, names, value.value(scope));
            } else if (scope.get(names.get(0)) instanceof Namespace space) {
                space.values().put(attribute, value.value(scope));
            } else {
                throw new TemplateFault("only a namespace's attributes can be set, not those of " + names.get(0));
            }
            return Flow.NEXT;
        };
    }

    private Statement macro(TokenStream tokens) {
        String name = tokens.name();
        tokens.expect("(");
        Map<String, Expression> defaults = new LinkedHashMap<>();
        while (!tokens.accept(")")) {
            String parameter = tokens.name();
            defaults.put(
                    parameter,
                    tokens.accept("=") ? new ExpressionParser(tokens).expression() : scope -> new Undefined(parameter));
            if (!tokens.peek().is(")")) {
                tokens.expect(",");
            }
        }
        tokens.expectEnd();
        Statement body = closed("endmacro");
        return (scope, out) -> {
            scope.set(name, (Callable) (arguments, named) -> called(scope, defaults, arguments, named, body));
            return Flow.NEXT;
        };
    }

    private static String called(
            Scope scope,
            Map<String, Expression> defaults,
            List<@Nullable Object> arguments,
            Map<String, @Nullable Object> named,
            Statement body) {
        var inner = new Scope(scope);
        int position = 0;
        for (String parameter : new LinkedHashSet<>(defaults.keySet())) {
            Expression fallback = defaults.get(parameter);
            if (position < arguments.size()) {
                inner.set(parameter, arguments.get(position++));
            } else if (named.containsKey(parameter)) {
                inner.set(parameter, named.get(parameter));
            } else if (fallback != null) {
                inner.set(parameter, fallback.value(scope));
            }
        }
        var text = new StringBuilder();
        body.render(inner, text);
        return text.toString();
    }
}
