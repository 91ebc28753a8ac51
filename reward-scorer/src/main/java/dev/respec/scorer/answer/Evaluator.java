package dev.respec.scorer.answer;

import dev.respec.scorer.answer.Value.Approximate;
import dev.respec.scorer.answer.Value.Exact;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.function.Function;

/**
 * Evaluates expressions at a point. Fractions stay exact as long as operations allow it. Undefined values, numbers past
 * {@value #MOST_BITS} bits and, in the real domain, values that are not real throw {@link UnsupportedAnswerException}.
 */
final class Evaluator {
    static final int MOST_BITS = 8_192;
    private static final int APPROXIMATE_COST = 4;

    /** The numbers that every step of the evaluation may have. */
    enum Domain {
        REAL,
        COMPLEX
    }

    private final Function<String, Rational> point;
    private final Domain domain;
    private final Budget budget;
    private final Functions functions;

    Evaluator(Function<String, Rational> point, Domain domain, Budget budget) {
        this.point = point;
        this.domain = domain;
        this.budget = budget;
        this.functions = new Functions(budget);
    }

    Value value(Expression expression) {
        try {
            return checked(evaluate(expression));
        } catch (ArithmeticException e) {
            throw new UnsupportedAnswerException("undefined");
        }
    }

    private Value evaluate(Expression expression) {
        budget.charge(1);
        if (expression instanceof Expression.Number number) {
            return new Exact(number.value());
        }
        if (expression instanceof Expression.Symbol symbol) {
            return new Exact(point.apply(symbol.name()));
        }
        if (expression instanceof Expression.Constant constant) {
            return constant(constant);
        }
        if (expression instanceof Expression.Sum sum) {
            return sum(value(sum.left()), value(sum.right()));
        }
        if (expression instanceof Expression.Product product) {
            return product(value(product.left()), value(product.right()));
        }
        if (expression instanceof Expression.Quotient quotient) {
            return quotient(value(quotient.dividend()), value(quotient.divisor()));
        }
        if (expression instanceof Expression.Power power && power.base() == Expression.Constant.E) {
            return functions.apply("exp", List.of(value(power.exponent())));
        }
        if (expression instanceof Expression.Power power) {
            return power(value(power.base()), value(power.exponent()));
        }
        Expression.Call call = (Expression.Call) expression;
        return functions.apply(
                call.function(), call.arguments().stream().map(this::value).toList());
    }

    private Value checked(Value value) {
        if (value instanceof Exact exact) {
            budget.chargeExact(exact.value().bits());
            if (exact.value().bits() > MOST_BITS) {
                throw new UnsupportedAnswerException("number too long");
            }
        } else {
            budget.charge(APPROXIMATE_COST);
            if (domain == Domain.REAL && !value.isReal()) {
                throw new UnsupportedAnswerException("not real");
            }
        }
        return value;
    }

    private static Value constant(Expression.Constant constant) {
        return switch (constant) {
            case PI -> new Approximate(Complex.of(RealFunctions.PI.round(RealFunctions.PRECISION)));
            case E -> new Approximate(Complex.of(RealFunctions.exp(BigDecimal.ONE)));
            case I -> new Approximate(Complex.I);
            case INFINITY -> throw new UnsupportedAnswerException("infinite");
        };
    }

    private static Value sum(Value left, Value right) {
        return left instanceof Exact exact && right instanceof Exact other
                ? new Exact(exact.value().plus(other.value()))
                : new Approximate(left.complex().plus(right.complex()));
    }

    private static Value product(Value left, Value right) {
        return left instanceof Exact exact && right instanceof Exact other
                ? new Exact(exact.value().times(other.value()))
                : new Approximate(left.complex().times(right.complex()));
    }

    private static Value quotient(Value dividend, Value divisor) {
        if (divisor.isZero()) {
            throw new UnsupportedAnswerException("divided by 0");
        }
        return dividend instanceof Exact exact && divisor instanceof Exact other
                ? new Exact(exact.value().dividedBy(other.value()))
                : new Approximate(dividend.complex().dividedBy(divisor.complex()));
    }

    /** A negative base with an odd root is real: (−8)^(1/3) is −2. */
    private Value power(Value base, Value exponent) {
        if (base.isZero()) {
            if (!(exponent instanceof Exact exact) || exact.value().signum() <= 0) {
                throw new UnsupportedAnswerException("power of 0");
            }
            return new Exact(Rational.ZERO);
        }
        if (exponent instanceof Exact exact) {
            if (exact.value().isInteger()) {
                return integerPower(base, exact.value().numerator());
            }
            BigInteger degree = exact.value().denominator();
            if (degree.bitLength() < Integer.SIZE) {
                Value root = functions.root(base, degree.intValue());
                return integerPower(root, exact.value().numerator());
            }
        }
        budget.charge(2 * Functions.COST);
        return new Approximate(base.complex().ln().times(exponent.complex()).exp());
    }

    private Value integerPower(Value base, BigInteger exponent) {
        if (base instanceof Exact exact) {
            if (exact.value().equals(Rational.ONE)) {
                return base;
            }
            if (exact.value().equals(Rational.of(-1))) {
                return exponent.testBit(0) ? base : new Exact(Rational.ONE);
            }
            boolean fits = exponent.bitLength() < Integer.SIZE
                    && Math.abs((long) exponent.intValue()) * exact.value().bits() <= 2L * MOST_BITS;
            if (!fits) {
                throw new UnsupportedAnswerException("power too large");
            }
            budget.chargeExact(Math.abs(exponent.intValue()) * exact.value().bits());
            return new Exact(exact.value().power(exponent.intValue()));
        }
        return approximatePower(base.complex(), exponent);
    }

    private Value approximatePower(Complex base, BigInteger exponent) {
        if (exponent.bitLength() > 12) {
            throw new UnsupportedAnswerException("power too large");
        }
        int size = Math.abs(exponent.intValue());
        Complex power = Complex.of(BigDecimal.ONE);
        for (int bit = Integer.SIZE - Integer.numberOfLeadingZeros(size); bit-- > 0; ) {
            budget.charge(2);
            power = power.times(power);
            power = (size >> bit & 1) == 1 ? power.times(base) : power;
        }
        return new Approximate(
                exponent.signum() < 0 ? Complex.of(BigDecimal.ONE).dividedBy(power) : power);
    }
}
