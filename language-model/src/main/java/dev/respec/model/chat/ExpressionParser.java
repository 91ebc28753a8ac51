package dev.respec.model.chat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Jinja's expressions, each level of precedence a method, the loosest first. */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", ">", "<=", ">=");

    /** Names that end the argument of a test such as {@code x is divisibleby 3}. */
    private static final Set<String> KEYWORDS = Set.of("else", "or", "and", "is", "if", "not", "in");

    private final TokenStream tokens;

    ExpressionParser(TokenStream tokens) {
        this.tokens = tokens;
    }

    /** {@code a if b else c}. */
    Expression expression() {
        Expression value = or();
        while (tokens.accept("if")) {
            Expression condition = or();
            Expression then = value;
            Expression otherwise =
                    tokens.accept("else") ? expression() : scope -> new Undefined("the other case of an if");
            value = scope -> Values.truth(condition.value(scope)) ? then.value(scope) : otherwise.value(scope);
        }
        return value;
    }

    /** {@code a, b}: a list where there is a comma. */
    Expression tuple() {
        Expression first = expression();
        if (!tokens.peek().is(",")) {
            return first;
        }
        List<Expression> parts = new ArrayList<>(List.of(first));
        while (tokens.accept(",") && !tokens.atEnd() && !tokens.peek().is(")")) {
            parts.add(expression());
        }
        return list(parts);
    }

    Expression or() {
        Expression left = and();
        while (tokens.accept("or")) {
            Expression a = left;
            Expression b = and();
            left = scope -> {
                Object value = a.value(scope);
                return Values.truth(value) ? value : b.value(scope);
            };
        }
        return left;
    }

    private Expression and() {
        Expression left = not();
        while (tokens.accept("and")) {
            Expression a = left;
            Expression b = not();
            left = scope -> {
                Object value = a.value(scope);
                return Values.truth(value) ? b.value(scope) : value;
            };
        }
        return left;
    }

    private Expression not() {
        if (tokens.accept("not")) {
            Expression negated = not();
            return scope -> !Values.truth(negated.value(scope));
        }
        return comparison();
    }

    private Expression comparison() {
        Expression left = sum();
        while (true) {
            Expression a = left;
            Token operator = tokens.peek();
            if (operator.kind() == Token.Kind.SYMBOL && COMPARISONS.contains(operator.text())) {
                tokens.next();
                Expression b = sum();
                left = scope -> compare(operator.text(), a.value(scope), b.value(scope));
            } else if (tokens.accept("in")) {
                Expression b = sum();
                left = scope -> Values.contains(b.value(scope), a.value(scope));
            } else if (operator.is("not") && tokens.peek(1).is("in")) {
                tokens.next();
                tokens.next();
                Expression b = sum();
                left = scope -> !Values.contains(b.value(scope), a.value(scope));
            } else {
                return left;
            }
        }
    }

    private static boolean compare(String operator, @Nullable Object left, @Nullable Object right) {
        return switch (operator) {
            case "==" -> Values.equal(left, right);
            case "!=" -> !Values.equal(left, right);
            case "<" -> Values.compare(left, right) < 0;
            case ">" -> Values.compare(left, right) > 0;
            case "<=" -> Values.compare(left, right) <= 0;
            default -> Values.compare(left, right) >= 0;
        };
    }

    private Expression sum() {
        Expression left = joined();
        while (tokens.peek().is("+") || tokens.peek().is("-")) {
            Expression a = left;
            boolean plus = tokens.next().is("+");
            Expression b = joined();
            left = scope -> plus
                    ? Values.add(a.value(scope), b.value(scope))
                    : Values.arithmetic("-", a.value(scope), b.value(scope));
        }
        return left;
    }

    private Expression joined() {
        Expression left = product();
        while (tokens.accept("~")) {
            Expression a = left;
            Expression b = product();
            left = scope -> Values.text(a.value(scope)) + Values.text(b.value(scope));
        }
        return left;
    }

    private Expression product() {
        Expression left = power();
        while (Set.of("*", "/", "//", "%").contains(tokens.peek().text())
                && tokens.peek().kind() == Token.Kind.SYMBOL) {
            Expression a = left;
            String operator = tokens.next().text();
            Expression b = power();
            left = scope -> Values.arithmetic(operator, a.value(scope), b.value(scope));
        }
        return left;
    }

    private Expression power() {
        Expression left = unary();
        while (tokens.accept("**")) {
            Expression a = left;
            Expression b = unary();
            left = scope -> Values.arithmetic("**", a.value(scope), b.value(scope));
        }
        return left;
    }

    private Expression unary() {
        if (tokens.accept("-")) {
            Expression negated = unaryWithoutFilter();
            return filtered(scope -> Values.arithmetic("-", 0L, negated.value(scope)));
        }
        if (tokens.accept("+")) {
            return filtered(unaryWithoutFilter());
        }
        return filtered(postfix(primary()));
    }

    private Expression unaryWithoutFilter() {
        if (tokens.accept("-")) {
            Expression negated = unaryWithoutFilter();
            return scope -> Values.arithmetic("-", 0L, negated.value(scope));
        }
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
                    case "[" -> list(expressions("]"));
                    case "{" -> mapping();
                    default -> throw new TemplateFault("unexpected '" + token.text() + "'");
                };
        };
    }

    private Expression nested() {
        Expression inside = tokens.peek().is(")") ? list(List.of()) : tuple();
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

    private static Expression list(List<Expression> parts) {
        return scope -> {
            List<@Nullable Object> values = new ArrayList<>();
            parts.forEach(part -> values.add(part.value(scope)));
            return values;
        };
    }

    private List<Expression> expressions(String close) {
        List<Expression> parts = new ArrayList<>();
        while (!tokens.accept(close)) {
            parts.add(expression());
            if (!tokens.peek().is(close)) {
                tokens.expect(",");
            }
        }
        return parts;
    }

    private Expression mapping() {
        Map<Expression, Expression> entries = new LinkedHashMap<>();
        while (!tokens.accept("}")) {
            Expression key = expression();
            tokens.expect(":");
            entries.put(key, expression());
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
                bounds.set(bounds.size() - 1, expression());
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
                named.put(name, expression());
            } else {
                positional.add(expression());
            }
            if (!tokens.peek().is(")")) {
                tokens.expect(",");
            }
        }
        return new Arguments(positional, named);
    }

    private Expression filtered(Expression value) {
        Expression result = value;
        while (true) {
            Expression base = result;
            if (tokens.accept("|")) {
                String name = tokens.name();
                Arguments arguments = tokens.peek().is("(") ? arguments() : Arguments.NONE;
                result = scope ->
                        Filters.apply(name, base.value(scope), arguments.positional(scope), arguments.named(scope));
            } else if (tokens.accept("is")) {
                result = test(base);
            } else if (tokens.peek().is("(")) {
                Arguments arguments = arguments();
                result = scope -> arguments.call(base.value(scope), scope);
            } else {
                return result;
            }
        }
    }

    private Expression test(Expression base) {
        boolean wanted = !tokens.accept("not");
        String name = tokens.next().text();
        Arguments arguments = Arguments.NONE;
        Token next = tokens.peek();
        if (next.is("(")) {
            arguments = arguments();
        } else if (next.kind() == Token.Kind.STRING
                || next.kind() == Token.Kind.NUMBER
                || next.is("[")
                || (next.kind() == Token.Kind.NAME && !KEYWORDS.contains(next.text()))) {
            arguments = new Arguments(List.of(postfix(primary())), Map.of());
        }
        Arguments given = arguments;
        return scope -> Tests.holds(name, base.value(scope), given.positional(scope)) == wanted;
    }
}
