package dev.respec.model.chat;

import java.util.ArrayList;
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
    private final OperandParser operands;

    ExpressionParser(TokenStream tokens) {
        this.tokens = tokens;
        this.operands = new OperandParser(tokens, this);
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
        return OperandParser.list(parts);
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
        return filtered(operands.operand());
    }

    private Expression unaryWithoutFilter() {
        if (tokens.accept("-")) {
            Expression negated = unaryWithoutFilter();
            return scope -> Values.arithmetic("-", 0L, negated.value(scope));
        }
        return operands.operand();
    }

    private Expression filtered(Expression value) {
        Expression result = value;
        while (true) {
            Expression base = result;
            if (tokens.accept("|")) {
                String name = tokens.name();
                Arguments arguments = tokens.peek().is("(") ? operands.arguments() : Arguments.NONE;
                result = scope ->
                        Filters.apply(name, base.value(scope), arguments.positional(scope), arguments.named(scope));
            } else if (tokens.accept("is")) {
                result = test(base);
            } else if (tokens.peek().is("(")) {
                Arguments arguments = operands.arguments();
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
            arguments = operands.arguments();
        } else if (next.kind() == Token.Kind.STRING
                || next.kind() == Token.Kind.NUMBER
                || next.is("[")
                || (next.kind() == Token.Kind.NAME && !KEYWORDS.contains(next.text()))) {
            arguments = new Arguments(List.of(operands.operand()), Map.of());
        }
        Arguments given = arguments;
        return scope -> Tests.holds(name, base.value(scope), given.positional(scope)) == wanted;
    }
}
