package dev.respec.scorer.answer;

import dev.respec.scorer.answer.Value.Approximate;
import dev.respec.scorer.answer.Value.Exact;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The functions that expressions may call. */
final class Functions {
    /** Those of one argument that are written by name. */
    static final Set<String> NAMED = Set.of(
            "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "ln", "log",
            "lg", "exp");

    /** Units of the budget that an elementary function takes. */
    static final int COST = 100;

    private static final int LARGEST_FACTORIAL = 1000;
    private static final int LARGEST_ROOT = 64;

    private final Budget budget;

    Functions(Budget budget) {
        this.budget = budget;
    }

    Value apply(String name, List<Value> arguments) {
        Value first = arguments.get(0);
        return switch (name) {
            case "sqrt" -> root(first, 2);
            case "root" -> root(first, small(arguments.get(1), LARGEST_ROOT));
            case "abs" -> absolute(first);
            case "floor" -> floor(first);
            case "ceil" -> new Exact(floor(negated(first)).value().negated());
            case "factorial" -> new Exact(new Rational(factorial(small(first, LARGEST_FACTORIAL)), BigInteger.ONE));
            case "binom" -> binomial(first, arguments.get(1));
            case "degrees" -> new Approximate(first.complex().times(Complex.of(degree())));
            case "logbase" -> new Approximate(ln(first).dividedBy(ln(arguments.get(1))));
            case "log", "lg" -> new Approximate(ln(first).dividedBy(ln(new Exact(Rational.of(10)))));
            default -> elementary(name, first);
        };
    }

    /** The real root if there is one. */
    Value root(Value value, int degree) {
        if (degree < 1) {
            throw new UnsupportedAnswerException("no such root");
        }
        if (value instanceof Exact exact) {
            boolean odd = (degree & 1) == 1;
            if (exact.value().signum() < 0 && odd) {
                return negated(root(negated(value), degree));
            }
            Rational root = exact.value().signum() < 0 ? null : exactRoot(exact.value(), degree);
            if (root != null) {
                return new Exact(root);
            }
        } else if (value.isReal() && value.complex().re().signum() < 0 && (degree & 1) == 1) {
            return negated(root(negated(value), degree));
        }
        budget.charge(COST);
        Complex argument = value.isReal() ? Complex.of(value.complex().re()) : value.complex();
        return new Approximate(
                degree == 2
                        ? argument.sqrt()
                        : argument.ln()
                                .dividedBy(Complex.of(Rational.of(degree)))
                                .exp());
    }

    private static @Nullable Rational exactRoot(Rational value, int degree) {
        BigInteger numerator = exactRoot(value.numerator(), degree);
        BigInteger denominator = exactRoot(value.denominator(), degree);
        return numerator == null || denominator == null ? null : new Rational(numerator, denominator);
    }

    /** Null unless the root is an integer that a double finds. */
    private static @Nullable BigInteger exactRoot(BigInteger value, int degree) {
        if (degree == 2) {
            BigInteger[] parts = value.sqrtAndRemainder();
            return parts[1].signum() == 0 ? parts[0] : null;
        }
        double estimate = Math.rint(Math.pow(value.doubleValue(), 1.0 / degree));
        if (degree > LARGEST_ROOT || !(estimate < 1L << 52)) {
            return null;
        }
        BigInteger root = BigInteger.valueOf((long) estimate);
        return root.pow(degree).equals(value) ? root : null;
    }

    private Value elementary(String name, Value value) {
        Complex x = value.complex();
        if (name.equals("ln")) {
            return new Approximate(ln(value));
        }
        budget.charge(COST);
        if (name.equals("exp")) {
            return new Approximate(x.exp());
        }
        if (!value.isReal()) {
            throw new UnsupportedAnswerException("function of a complex number");
        }
        return new Approximate(Complex.of(real(name, x.re())));
    }

    private static BigDecimal real(String name, BigDecimal x) {
        return switch (name) {
            case "sin" -> RealFunctions.sin(x);
            case "cos" -> RealFunctions.cos(x);
            case "tan" -> ratio(RealFunctions.sin(x), RealFunctions.cos(x));
            case "cot" -> ratio(RealFunctions.cos(x), RealFunctions.sin(x));
            case "sec" -> ratio(BigDecimal.ONE, RealFunctions.cos(x));
            case "csc" -> ratio(BigDecimal.ONE, RealFunctions.sin(x));
            case "arctan" -> RealFunctions.atan(x);
            case "arcsin" -> RealFunctions.atan2(x, cosineOfArc(x));
            case "arccos" -> RealFunctions.atan2(cosineOfArc(x), x);
            case "sinh" -> half(RealFunctions.exp(x).subtract(RealFunctions.exp(x.negate())));
            case "cosh" -> half(RealFunctions.exp(x).add(RealFunctions.exp(x.negate())));
            case "tanh" -> {
                BigDecimal square = RealFunctions.exp(x.add(x));
                yield ratio(square.subtract(BigDecimal.ONE), square.add(BigDecimal.ONE));
            }
            default -> throw new UnsupportedAnswerException("no function " + name);
        };
    }

    private static BigDecimal cosineOfArc(BigDecimal sine) {
        BigDecimal square = BigDecimal.ONE.subtract(sine.multiply(sine, RealFunctions.PRECISION));
        if (square.signum() < 0) {
            throw new UnsupportedAnswerException("no such angle");
        }
        return RealFunctions.sqrt(square.round(RealFunctions.PRECISION));
    }

    /** A zero divisor is a pole; rounding leaves it slightly off 0. */
    private static BigDecimal ratio(BigDecimal dividend, BigDecimal divisor) {
        if (divisor.abs().compareTo(Value.ZERO_BELOW) <= 0) {
            throw new UnsupportedAnswerException("pole");
        }
        return dividend.divide(divisor, RealFunctions.PRECISION);
    }

    private static BigDecimal half(BigDecimal value) {
        return value.divide(BigDecimal.valueOf(2), RealFunctions.PRECISION);
    }

    private Complex ln(Value value) {
        budget.charge(COST);
        return value.complex().ln();
    }

    private static Value absolute(Value value) {
        if (value instanceof Exact exact) {
            return exact.value().signum() < 0 ? negated(value) : value;
        }
        return new Approximate(Complex.of(value.complex().size()));
    }

    private static Value negated(Value value) {
        return value instanceof Exact exact
                ? new Exact(exact.value().negated())
                : new Approximate(Complex.of(BigDecimal.ZERO).minus(value.complex()));
    }

    private static Exact floor(Value value) {
        if (value instanceof Exact exact) {
            return new Exact(new Rational(exact.value().floor(), BigInteger.ONE));
        }
        BigDecimal re = value.complex().re();
        if (!value.isReal() || re.precision() - re.scale() > RealFunctions.PRECISION.getPrecision()) {
            throw new UnsupportedAnswerException("floor of an unknown number");
        }
        return new Exact(Rational.of(re.setScale(0, RoundingMode.FLOOR)));
    }

    private static BigDecimal degree() {
        return RealFunctions.PI.divide(BigDecimal.valueOf(180), RealFunctions.PRECISION);
    }

    private BigInteger factorial(int n) {
        budget.charge(n);
        BigInteger product = BigInteger.ONE;
        for (int i = 2; i <= n; i++) {
            product = product.multiply(BigInteger.valueOf(i));
        }
        return product;
    }

    private Value binomial(Value n, Value k) {
        int all = small(n, LARGEST_FACTORIAL);
        int chosen = small(k, LARGEST_FACTORIAL);
        if (chosen > all) {
            return new Exact(Rational.ZERO);
        }
        return new Exact(new Rational(factorial(all), factorial(chosen).multiply(factorial(all - chosen))));
    }

    private static int small(Value value, int largest) {
        if (value instanceof Exact exact
                && exact.value().isInteger()
                && exact.value().signum() >= 0
                && exact.value().numerator().compareTo(BigInteger.valueOf(largest)) <= 0) {
            return exact.value().numerator().intValue();
        }
        throw new UnsupportedAnswerException("not a small whole number");
    }
}
