package dev.respec.model.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What operators and filters apply to: literals, variables, and their attributes, items, slices and calls. */
final class OperandParser {
    private final TokenStream tokens;
    private final ExpressionParser expressions;
    private final NamesRead names;

    /** @param expressions of the same tokens */
    OperandParser(TokenStream tokens, ExpressionParser expressions, NamesRead names) {
        this.tokens = tokens;
        this.expressions = expressions;
        this.names = names;
    }

    Expression operand() {
        return postfix(primary());
    }

    private Expression primary() {
        Token token = tokens.peek();
        switch (token.kind()) {
            case STRING:
                return text();
            case NUMBER:
                Object number = tokens.next().value();
                return scope -> number;
            case NAME:
                return named(tokens.next().text());
            default:
                break;
        }
        if (tokens.accept("(")) {
            Expression inside = expressions.tuple(true, true, ")");
            tokens.expect(")");
            return inside;
        }
        if (tokens.accept("[")) {
            return list();
        }
        if (tokens.accept("{")) {
            return mapping();
        }
        throw tokens.fault("unexpected " + token.describe());
    }

    private Expression text() {
        var joined = new StringBuilder();
        while (tokens.is(Token.Kind.STRING)) {
            joined.append(tokens.next().text());
        }
        String value = joined.toString();
        return scope -> value;
    }

    private Expression named(String name) {
        return switch (name) {
            case "true", "True" -> scope -> true;
            case "false", "False" -> scope -> false;
            case "none", "None" -> scope -> null;
            default -> {
                names.read(name);
                yield scope -> scope.get(name);
            }
        };
    }

    private static List<@Nullable Object> values(List<Expression> parts, Scope scope) {
        List<@Nullable Object> values = new ArrayList<>();
        parts.forEach(part -> values.add(part.value(scope)));
        return values;
    }

    static Expression tuple(List<Expression> parts) {
        return scope -> new Tuple(values(parts, scope));
    }

    private Expression list() {
        List<Expression> parts = new ArrayList<>();
        while (!tokens.accept("]")) {
            parts.add(expressions.expression());
            separator("]");
        }
        return scope -> values(parts, scope);
    }

    private void separator(String close) {
        if (!tokens.peek().is(close)) {
            tokens.expect(",");
        }
    }

    private Expression mapping() {
        Map<Expression, Expression> entries = new LinkedHashMap<>();
        while (!tokens.accept("}")) {
            Expression key = expressions.expression();
            tokens.expect(":");
            entries.put(key, expressions.expression());
            separator("}");
        }
        return scope -> {
            Map<@Nullable Object, @Nullable Object> values = new LinkedHashMap<>();
            entries.forEach((key, value) -> Dictionaries.put(values, key.value(scope), value.value(scope)));
            return values;
        };
    }

    Expression postfix(Expression value) {
        Expression result = value;
        while (true) {
            if (tokens.accept(".")) {
                result = member(result);
            } else if (tokens.accept("[")) {
                result = subscript(result);
            } else if (tokens.peek().is("(")) {
                result = new Call(result, arguments());
            } else {
                return result;
            }
        }
    }

    private Expression member(Expression base) {
        if (tokens.is(Token.Kind.NUMBER) && tokens.peek().value() instanceof Long place) {
            tokens.next();
            return scope -> Members.item(base.value(scope), place);
        }
        if (!tokens.is(Token.Kind.NAME)) {
            throw tokens.fault(
                    "expected a name behind '.', found " + tokens.peek().describe());
        }
        if (tokens.peek().text().startsWith("__")) {
            throw tokens.fault("the attribute '" + tokens.peek().text() + "' is internal to Python");
        }
        String name = tokens.next().text();
        return scope -> Members.attribute(base.value(scope), name);
    }

    private Expression subscript(Expression base) {
        List<@Nullable Expression> bounds = new ArrayList<>();
        bounds.add(null);
        while (!tokens.accept("]")) {
            if (tokens.accept(":")) {
                bounds.add(null);
            } else if (bounds.get(bounds.size() - 1) == null && !tokens.peek().is(",")) {
                bounds.set(bounds.size() - 1, expressions.expression());
            } else {
                throw tokens.fault("unexpected " + tokens.peek().describe() + " in a subscript");
            }
        }
        Expression first = bounds.get(0);
        if (bounds.size() > 3 || (bounds.size() == 1 && first == null)) {
            throw tokens.fault("a subscript has an index or up to three bounds");
        }
        if (bounds.size() == 1 && first != null) {
            return scope -> Members.item(base.value(scope), first.value(scope));
        }
        return scope -> Sequences.slice(
                base.value(scope), bound(bounds, 0, scope), bound(bounds, 1, scope), bound(bounds, 2, scope));
    }

    private static @Nullable Object bound(List<@Nullable Expression> bounds, int index, Scope scope) {
        Expression bound = index < bounds.size() ? bounds.get(index) : null;
        return bound == null ? null : bound.value(scope);
    }

    /** {@code (a, b, *c, name=d, **e)}. */
    ArgumentList arguments() {
        tokens.expect("(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        Expression allPositional = null;
        Expression allNamed = null;
        while (!tokens.accept(")")) {
            if (allNamed != null) {
                throw tokens.fault("arguments behind ** are not allowed");
            }
            if (tokens.accept("*")) {
                allPositional = onlyOne(allPositional);
            } else if (tokens.accept("**")) {
                allNamed = expressions.expression();
            } else if (tokens.is(Token.Kind.NAME) && tokens.peek(1).is("=")) {
                named(named);
            } else if (allPositional != null || !named.isEmpty()) {
                throw tokens.fault("an argument without a name stands behind one with a name");
            } else {
                positional.add(expressions.expression());
            }
            separator(")");
        }
        return new ArgumentList(positional, named, allPositional, allNamed);
    }

    private Expression onlyOne(@Nullable Expression earlier) {
        if (earlier != null) {
            throw tokens.fault("only one argument may be spread with *");
        }
        return expressions.expression();
    }

    private void named(Map<String, Expression> named) {
        String name = tokens.name();
        tokens.expect("=");
        if (named.put(name, expressions.expression()) != null) {
            throw tokens.fault("the argument '" + name + "' is given twice");
        }
    }
}
