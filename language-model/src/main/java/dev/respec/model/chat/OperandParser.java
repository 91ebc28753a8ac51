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

    /** @param expressions of the same tokens */
    OperandParser(TokenStream tokens, ExpressionParser expressions) {
        this.tokens = tokens;
        this.expressions = expressions;
    }

    Expression operand() {
        return postfix(primary());
    }

    private Expression primary() {
        Token token = tokens.next();
        return switch (token.kind()) {
            case STRING -> text(token.text());
            case NUMBER -> number(token.text());
            case NAME -> named(token.text());
            default ->
                switch (token.text()) {
                    case "(" -> nested();
                    case "[" -> list(elements("]"));
                    case "{" -> mapping();
                    default -> throw new TemplateFault("unexpected '" + token.text() + "'");
                };
        };
    }

    private Expression nested() {
        Expression inside = tokens.peek().is(")") ? list(List.of()) : expressions.tuple();
        tokens.expect(")");
        return inside;
    }

    private Expression text(String first) {
        var joined = new StringBuilder(first);
        while (tokens.peek().kind() == Token.Kind.STRING) {
            joined.append(tokens.next().text());
        }
        String value = joined.toString();
        return scope -> value;
    }

    private static Expression number(String digits) {
        try {
            Object value = digits.contains(".") ? (Object) Double.parseDouble(digits) : (Object) Long.parseLong(digits);
            return scope -> value;
        } catch (NumberFormatException e) {
            throw new TemplateFault("not a number: " + digits);
        }
    }

    private static Expression named(String name) {
        return switch (name) {
            case "true", "True" -> scope -> true;
            case "false", "False" -> scope -> false;
            case "none", "None" -> scope -> null;
            default -> scope -> scope.get(name);
        };
    }

    static Expression list(List<Expression> parts) {
        return scope -> {
            List<@Nullable Object> values = new ArrayList<>();
            parts.forEach(part -> values.add(part.value(scope)));
            return values;
        };
    }

    private List<Expression> elements(String close) {
        List<Expression> parts = new ArrayList<>();
        while (!tokens.accept(close)) {
            parts.add(expressions.expression());
            if (!tokens.peek().is(close)) {
                tokens.expect(",");
            }
        }
        return parts;
    }

    private Expression mapping() {
        Map<Expression, Expression> entries = new LinkedHashMap<>();
        while (!tokens.accept("}")) {
            Expression key = expressions.expression();
            tokens.expect(":");
            entries.put(key, expressions.expression());
            if (!tokens.peek().is("}")) {
                tokens.expect(",");
            }
        }
        return scope -> {
            Map<@Nullable Object, @Nullable Object> values = new LinkedHashMap<>();
            entries.forEach((key, value) -> values.put(key.value(scope), value.value(scope)));
            return values;
        };
    }

    private Expression postfix(Expression value) {
        Expression result = value;
        while (true) {
            Expression base = result;
            if (tokens.accept(".")) {
                String name = tokens.next().text();
                result = scope -> member(base.value(scope), name);
            } else if (tokens.accept("[")) {
                result = subscript(base);
            } else if (tokens.peek().is("(")) {
                Arguments arguments = arguments();
                result = scope -> arguments.call(base.value(scope), scope);
            } else {
                return result;
            }
        }
    }

    private static @Nullable Object member(@Nullable Object value, String name) {
        Object attribute = Values.attribute(value, name);
        return attribute instanceof Undefined ? Methods.of(value, name) : attribute;
    }

    private Expression subscript(Expression base) {
        List<@Nullable Expression> bounds = new ArrayList<>();
        bounds.add(null);
        while (!tokens.accept("]")) {
            if (tokens.accept(":")) {
                bounds.add(null);
            } else {
                bounds.set(bounds.size() - 1, expressions.expression());
            }
        }
        Expression first = bounds.get(0);
        if (bounds.size() == 1 && first != null) {
            return scope -> Values.item(base.value(scope), first.value(scope));
        }
        return scope -> Values.slice(
                base.value(scope), bound(bounds, 0, scope), bound(bounds, 1, scope), bound(bounds, 2, scope));
    }

    private static @Nullable Object bound(List<@Nullable Expression> bounds, int index, Scope scope) {
        Expression bound = index < bounds.size() ? bounds.get(index) : null;
        return bound == null ? null : bound.value(scope);
    }

    /** {@code (a, b, name=c)}. */
    Arguments arguments() {
        tokens.expect("(");
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> named = new LinkedHashMap<>();
        while (!tokens.accept(")")) {
            if (tokens.peek().kind() == Token.Kind.NAME && tokens.peek(1).is("=")) {
                String name = tokens.name();
                tokens.expect("=");
                named.put(name, expressions.expression());
            } else {
                positional.add(expressions.expression());
            }
            if (!tokens.peek().is(")")) {
                tokens.expect(",");
            }
        }
        return new Arguments(positional, named);
    }
}
