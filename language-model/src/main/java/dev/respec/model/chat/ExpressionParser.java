package dev.respec.model.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Jinja's expressions, each level of precedence a method, the loosest first. */
final class ExpressionParser {
    private static final Set<String> COMPARISONS = Set.of("==", "!=", "<", ">", "<=", ">=");

    private final TokenStream tokens;
    private final OperandParser operands;

    /** @param names receives every variable that is read */
    ExpressionParser(TokenStream tokens, NamesRead names) {
        this.tokens = tokens;
        this.operands = new OperandParser(tokens, this, names);
    }

    /** {@code a if b else c}. */
    Expression expression() {
        Expression value = or();
        while (tokens.accept("if")) {
            Expression condition = or();
            Expression then = value;
            Expression otherwise = tokens.accept("else")
                    ? expression()
                    : scope -> new Undefined("the condition of an inline if is false and it has no else");
            value = scope -> Values.truth(condition.value(scope)) ? then.value(scope) : otherwise.value(scope);
        }
        return value;
    }

    /** {@code a, b}: a tuple if there is a comma. */
    Expression tuple(boolean withConditions, boolean mayBeEmpty, String end) {
        List<Expression> parts = new ArrayList<>();
        boolean comma = false;
        while (!isTupleEnd(end)) {
            parts.add(withConditions ? expression() : or());
            if (!tokens.peek().is(",")) {
                break;
            }
            comma = true;
            tokens.next();
        }
        if (!comma && !parts.isEmpty()) {
            return parts.get(0);
        }
        if (!comma && !mayBeEmpty) {
            throw tokens.fault("expected an expression, found " + tokens.peek().describe());
        }
        return OperandParser.tuple(parts);
    }

    private boolean isTupleEnd(String end) {
        return tokens.is(Token.Kind.OUTPUT_END)
                || tokens.is(Token.Kind.BLOCK_END)
                || tokens.peek().is(")")
                || tokens.peek().is(end);
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

    /** {@code a < b < c} compares neighbours; every operand is read once. */
    private Expression comparison() {
        Expression first = sum();
        List<String> operators = new ArrayList<>();
        List<Expression> others = new ArrayList<>();
        for (String operator = comparisonOperator(); operator != null; operator = comparisonOperator()) {
            operators.add(operator);
            others.add(sum());
        }
        if (operators.isEmpty()) {
            return first;
        }
        return scope -> {
            Object left = first.value(scope);
            for (int i = 0; i < operators.size(); i++) {
                Object right = others.get(i).value(scope);
                if (!holds(operators.get(i), left, right)) {
                    return false;
                }
                left = right;
            }
            return true;
        };
    }

    private @Nullable String comparisonOperator() {
        Token token = tokens.peek();
        if (token.kind() == Token.Kind.SYMBOL && COMPARISONS.contains(token.text())) {
            return tokens.next().text();
        }
        if (tokens.accept("in")) {
            return "in";
        }
        if (token.is("not") && tokens.peek(1).is("in")) {
            tokens.next();
            tokens.next();
            return "not in";
        }
        return null;
    }

    private static boolean holds(String operator, @Nullable Object left, @Nullable Object right) {
        return switch (operator) {
            case "in" -> Values.contains(right, left);
            case "not in" -> !Values.contains(right, left);
            default -> Values.compare(operator, left, right);
        };
    }

    private Expression sum() {
        Expression left = joined();
        while (tokens.peek().is("+") || tokens.peek().is("-")) {
            left = operation(tokens.next().text(), left, joined());
        }
        return left;
    }

    private static Expression operation(String operator, Expression a, Expression b) {
        return scope -> Operators.apply(operator, a.value(scope), b.value(scope));
    }

    private Expression joined() {
        Expression first = product();
        if (!tokens.peek().is("~")) {
            return first;
        }
        List<Expression> parts = new ArrayList<>(List.of(first));
        while (tokens.accept("~")) {
            parts.add(product());
        }
        return scope -> {
            var text = new StringBuilder();
            parts.forEach(part -> text.append(PythonText.text(part.value(scope))));
            return text.toString();
        };
    }

    private Expression product() {
        Expression left = power();
        while (tokens.peek().is("*")
                || tokens.peek().is("/")
                || tokens.peek().is("//")
                || tokens.peek().is("%")) {
            left = operation(tokens.next().text(), left, power());
        }
        return left;
    }

    private Expression power() {
        boolean negative = tokens.peek().is("-");
        Expression left = unary(true);
        while (tokens.accept("**")) {
            if (negative) {
                // Jinja negates the base or the power, depending on what it can compute when it reads the template
                throw tokens.fault("a negated base of '**' is not supported; set it to a variable first");
            }
            left = operation("**", left, unary(true));
        }
        return left;
    }

    private Expression unary(boolean withFilter) {
        Expression value;
        if (tokens.accept("-")) {
            Expression negated = unary(false);
            value = operands.postfix(scope -> Numbers.negative(negated.value(scope)));
        } else if (tokens.accept("+")) {
            Expression kept = unary(false);
            value = operands.postfix(scope -> Numbers.positive(kept.value(scope)));
        } else {
            value = operands.operand();
        }
        return withFilter ? filtered(value) : value;
    }

    private Expression filtered(Expression value) {
        Expression result = value;
        while (true) {
            if (tokens.accept("|")) {
                result = filter(result);
            } else if (tokens.accept("is")) {
                result = test(result);
            } else if (tokens.peek().is("(")) {
                result = new Call(result, operands.arguments());
            } else {
                return result;
            }
        }
    }

    /** The filters behind a value, the first bar already read. */
    Expression filter(Expression base) {
        Filters.Filter filter = placed(() -> Filters.named(dotted()));
        ArgumentList arguments = tokens.peek().is("(") ? operands.arguments() : ArgumentList.NONE;
        return scope -> filter.apply(base.value(scope), arguments.values(scope));
    }

    private String dotted() {
        var name = new StringBuilder(tokens.name());
        while (tokens.accept(".")) {
            name.append('.').append(tokens.name());
        }
        return name.toString();
    }

    private Expression test(Expression base) {
        boolean wanted = !tokens.accept("not");
        Tests.Test test = placed(() -> Tests.named(dotted()));
        ArgumentList arguments = ArgumentList.NONE;
        Token next = tokens.peek();
        if (next.is("(")) {
            arguments = operands.arguments();
        } else if (beginsArgument(next)) {
            if (next.is("is")) {
                throw tokens.fault("tests cannot be chained with 'is'");
            }
            arguments = ArgumentList.of(operands.operand());
        }
        ArgumentList given = arguments;
        return scope -> test.holds(base.value(scope), given.values(scope)) == wanted;
    }

    private static boolean beginsArgument(Token token) {
        boolean value = token.kind() == Token.Kind.NAME
                || token.kind() == Token.Kind.STRING
                || token.kind() == Token.Kind.NUMBER
                || token.is("[")
                || token.is("{");
        return value && !token.is("else") && !token.is("or") && !token.is("and");
    }

    private <T> T placed(java.util.function.Supplier<T> named) {
        int line = tokens.line();
        try {
            return named.get();
        } catch (TemplateFault e) {
            throw e.at(line);
        }
    }
}
