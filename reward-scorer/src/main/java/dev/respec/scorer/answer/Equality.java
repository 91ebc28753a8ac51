package dev.respec.scorer.answer;

import dev.respec.scorer.answer.Evaluator.Domain;
import dev.respec.scorer.answer.Value.Exact;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Whether formulas are equal. Constants are compared by value; formulas with symbols at {@value #POINTS} fixed points,
 * of which those count at which both are defined (over the reals, unless a formula contains i). Two different polynomials
 * agree at such a point only by an accident that nobody can arrange for all of them.
 */
final class Equality {
    private static final int POINTS = 14;
    /** From here on, symbols differ in size and sign, for formulas that are defined in a corner alone. */
    private static final int FIRST_MIXED_POINT = 4;
    /** The last points are integers, for formulas that are defined there alone. */
    private static final int FIRST_INTEGER_POINT = 10;

    private static final int[] LOWEST = {100, 1_100, -900, -6_000, 10_000, -60_000};
    private static final int[] WIDTH = {800, 4_000, 800, 4_900, 50_000, 50_000};
    private static final int LARGEST_INTEGER = 12;
    private static final int DENOMINATOR = 1009;
    private static final int FEWEST_POINTS = 2;
    private static final int ENOUGH_POINTS = 8;
    private static final int SIGNIFICANT_DECIMALS = 6;

    private final Budget budget;

    Equality(Budget budget) {
        this.budget = budget;
    }

    boolean same(Expression one, Expression other) {
        if (one.equals(other)) {
            return true;
        }
        int infinity = infinity(one);
        int otherInfinity = infinity(other);
        if (infinity != 0 || otherInfinity != 0) {
            return infinity == otherInfinity;
        }
        Set<String> symbols = symbols(one, other);
        if (!symbols.isEmpty()) {
            return everywhere(one, other, sample -> Value.equal(sample.one(), sample.other()));
        }
        Value value = constant(one);
        Value otherValue = constant(other);
        return Value.equal(value, otherValue) || rounds(one, other, otherValue) || rounds(other, one, value);
    }

    private static int infinity(Expression expression) {
        if (expression == Expression.Constant.INFINITY) {
            return 1;
        }
        return expression instanceof Expression.Product product
                        && product.left().equals(Expression.of(-1))
                ? -infinity(product.right())
                : 0;
    }

    private static Set<String> symbols(Expression one, Expression other) {
        Set<String> symbols = new TreeSet<>(Expression.symbols(one));
        symbols.addAll(Expression.symbols(other));
        return symbols;
    }

    private Value constant(Expression expression) {
        return new Evaluator(name -> Rational.ZERO, Domain.COMPLEX, budget).value(expression);
    }

    /**
     * Whether a decimal of at least six places and six significant digits is the other value rounded: 0.333333 is 1/3.
     * A whole number is only itself, and of two decimals the shorter one is rounded.
     */
    private static boolean rounds(Expression decimal, Expression other, Value value) {
        if (!(decimal instanceof Expression.Number number) || number.decimals() < SIGNIFICANT_DECIMALS) {
            return false;
        }
        boolean longer = other instanceof Expression.Number literal
                && literal.decimals() > 0
                && literal.decimals() <= number.decimals();
        boolean whole = value instanceof Exact exact && exact.value().isInteger()
                || number.value().isInteger();
        if (longer || whole || !value.isReal()) {
            return false;
        }
        var written = number.value().rounded(number.decimals());
        var rounded = value.complex().re().setScale(number.decimals(), RoundingMode.HALF_EVEN);
        return written.unscaledValue().abs().toString().length() >= SIGNIFICANT_DECIMALS
                && written.compareTo(rounded) == 0;
    }

    private record Sample(Value one, Value other) {}

    /** Whether the condition holds at the points where both are defined, of which there must be a few. */
    private boolean everywhere(Expression one, Expression other, Predicate<Sample> condition) {
        boolean complex =
                Expression.contains(one, Expression.Constant.I) || Expression.contains(other, Expression.Constant.I);
        int defined = 0;
        for (int i = 0; i < POINTS && defined < ENOUGH_POINTS; i++) {
            int point = i;
            var evaluator =
                    new Evaluator(name -> coordinate(name, point), complex ? Domain.COMPLEX : Domain.REAL, budget);
            Sample sample;
            try {
                sample = new Sample(evaluator.value(one), evaluator.value(other));
            } catch (UnsupportedAnswerException e) {
                budget.charge(1); // Undefined here; still fails once the budget is spent.
                continue;
            }
            if (!condition.test(sample)) {
                return false;
            }
            defined++;
        }
        return defined >= FEWEST_POINTS;
    }

    private static Rational coordinate(String name, int point) {
        long mixed = (name.hashCode() * 31L + point + 1) * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ mixed >>> 29) * 0xBF58476D1CE4E5B9L;
        mixed ^= mixed >>> 32;
        if (point >= FIRST_INTEGER_POINT) {
            return Rational.of(2 + Math.floorMod(mixed, (long) LARGEST_INTEGER - 1));
        }
        int rotation = point < FIRST_MIXED_POINT ? 0 : name.hashCode();
        int range = Math.floorMod(point + rotation, LOWEST.length);
        return Rational.of(LOWEST[range] + Math.floorMod(mixed, (long) WIDTH[range]), DENOMINATOR);
    }

    /** Whether one is the other times a constant, so that both vanish at the same points. */
    boolean proportional(Expression one, Expression other) {
        if (symbols(one, other).isEmpty()) {
            return false;
        }
        Sample[] first = new Sample[1];
        return everywhere(one, other, sample -> {
            if (first[0] == null) {
                first[0] = sample;
                return !sample.one().isZero() && !sample.other().isZero();
            }
            return Value.equal(product(sample.one(), first[0].other()), product(sample.other(), first[0].one()));
        });
    }

    private static Value product(Value one, Value other) {
        return one instanceof Exact exact && other instanceof Exact otherExact
                ? new Exact(exact.value().times(otherExact.value()))
                : new Value.Approximate(one.complex().times(other.complex()));
    }

    boolean sameInOrder(List<Expression> ones, List<Expression> others) {
        for (int i = 0; i < ones.size(); i++) {
            if (!same(ones.get(i), others.get(i))) {
                return false;
            }
        }
        return true;
    }

    boolean sameProportions(List<Expression> ones, List<Expression> others) {
        Expression first = ones.get(0);
        Expression otherFirst = others.get(0);
        for (int i = 1; i < ones.size(); i++) {
            boolean same =
                    same(new Expression.Product(ones.get(i), otherFirst), new Expression.Product(others.get(i), first));
            if (!same) {
                return false;
            }
        }
        return !constantZero(first) && !constantZero(otherFirst);
    }

    private boolean constantZero(Expression expression) {
        return Expression.symbols(expression).isEmpty() && constant(expression).isZero();
    }

    boolean congruent(Expression one, Expression other, Expression modulus) {
        if (constant(one) instanceof Exact left
                && constant(other) instanceof Exact right
                && constant(modulus) instanceof Exact divisor
                && divisor.value().signum() > 0) {
            Rational quotient = left.value().minus(right.value()).dividedBy(divisor.value());
            return quotient.denominator().equals(BigInteger.ONE);
        }
        return false;
    }
}
