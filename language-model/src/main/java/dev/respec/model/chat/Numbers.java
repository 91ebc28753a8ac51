package dev.respec.model.chat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import org.jspecify.annotations.Nullable;

/** Python's integers without bounds and its floats. An integer is a Long if it fits and a BigInteger otherwise. */
final class Numbers {
    private static final int MOST_BITS = 1 << 16;
    private static final MathContext PRECISE = new MathContext(60);
    private static final BigInteger EXACT = BigInteger.ONE.shiftLeft(53);

    private Numbers() {}

    static boolean isNumber(@Nullable Object value) {
        return value instanceof Number || value instanceof Boolean;
    }

    /** True for Python's int without bool. */
    static boolean isInteger(@Nullable Object value) {
        return value instanceof Long || value instanceof BigInteger;
    }

    static boolean isNaN(@Nullable Object value) {
        return value instanceof Double number && number.isNaN();
    }

    static Object integer(BigInteger value) {
        return value.bitLength() < 64 ? (Object) value.longValue() : value;
    }

    /** A bool as the integer that it is. */
    static @Nullable Object plain(@Nullable Object value) {
        return value instanceof Boolean bool ? (Object) (bool ? 1L : 0L) : value;
    }

    static BigInteger big(@Nullable Object value) {
        Object number = plain(value);
        if (number instanceof BigInteger big) {
            return big;
        }
        if (number instanceof Long whole) {
            return BigInteger.valueOf(whole);
        }
        Values.requireDefined(value);
        throw new TemplateFault("expected an integer, found " + Values.describe(value));
    }

    /** An integer that counts or names a place. */
    static int index(@Nullable Object value) {
        BigInteger whole = big(value);
        if (whole.bitLength() > 31) {
            throw new TemplateFault("the number " + whole + " is too large here");
        }
        return whole.intValue();
    }

    /** An integer, held within the range of places. */
    static long clamped(@Nullable Object value) {
        BigInteger whole = big(value);
        return whole.bitLength() < 32 ? whole.longValue() : (long) whole.signum() * Integer.MAX_VALUE;
    }

    static double real(@Nullable Object value) {
        Object number = plain(value);
        if (number instanceof Number real) {
            double result = real.doubleValue();
            if (Double.isInfinite(result) && number instanceof BigInteger) {
                throw new TemplateFault("an integer is too large for a float");
            }
            return result;
        }
        Values.requireDefined(value);
        throw new TemplateFault("expected a number, found " + Values.describe(value));
    }

    static boolean equal(@Nullable Object left, @Nullable Object right) {
        return !isNaN(left) && !isNaN(right) && compare(left, right) == 0;
    }

    static int compare(@Nullable Object left, @Nullable Object right) {
        Object a = plain(left);
        Object b = plain(right);
        if (a instanceof Double x && (b instanceof Double || x.isInfinite() || x.isNaN())) {
            double y = ((Number) java.util.Objects.requireNonNull(b)).doubleValue();
            return x < y ? -1 : x > y ? 1 : 0;
        }
        if (b instanceof Double y && (y.isInfinite() || y.isNaN())) {
            return y > 0 ? -1 : 1;
        }
        return decimal(a).compareTo(decimal(b));
    }

    private static BigDecimal decimal(@Nullable Object number) {
        return number instanceof Double real ? new BigDecimal(real) : new BigDecimal(big(number));
    }

    static Object arithmetic(String operator, @Nullable Object left, @Nullable Object right) {
        if (!isNumber(left) || !isNumber(right)) {
            Values.requireDefined(left);
            Values.requireDefined(right);
            throw new TemplateFault("'%s' does not apply to %s and %s"
                    .formatted(operator, Values.describe(left), Values.describe(right)));
        }
        if (left instanceof Double || right instanceof Double) {
            return real(operator, real(left), real(right));
        }
        return integer(operator, big(left), big(right));
    }

    private static Object integer(String operator, BigInteger a, BigInteger b) {
        return switch (operator) {
            case "+" -> integer(a.add(b));
            case "-" -> integer(a.subtract(b));
            case "*" -> integer(bounded(a.bitLength() + (long) b.bitLength()) ? a.multiply(b) : a);
            case "/" -> quotient(a, b);
            case "//" -> integer(floored(a, nonZero(b))[0]);
            case "%" -> integer(floored(a, nonZero(b))[1]);
            case "**" -> power(a, b);
            default -> throw new TemplateFault("no operator " + operator);
        };
    }

    private static boolean bounded(long bits) {
        if (bits > MOST_BITS) {
            throw new TemplateFault("an integer has more than %d bits".formatted(MOST_BITS));
        }
        return true;
    }

    private static BigInteger nonZero(BigInteger divisor) {
        if (divisor.signum() == 0) {
            throw new TemplateFault("division by zero");
        }
        return divisor;
    }

    private static double quotient(BigInteger a, BigInteger b) {
        nonZero(b);
        if (a.abs().compareTo(EXACT) <= 0 && b.abs().compareTo(EXACT) <= 0) {
            return a.doubleValue() / b.doubleValue();
        }
        double result = new BigDecimal(a).divide(new BigDecimal(b), PRECISE).doubleValue();
        if (Double.isInfinite(result)) {
            throw new TemplateFault("the quotient is too large for a float");
        }
        return result;
    }

    private static BigInteger[] floored(BigInteger a, BigInteger b) {
        BigInteger[] parts = a.divideAndRemainder(b);
        boolean down = parts[1].signum() != 0 && parts[1].signum() != b.signum();
        return down ? new BigInteger[] {parts[0].subtract(BigInteger.ONE), parts[1].add(b)} : parts;
    }

    private static Object power(BigInteger base, BigInteger exponent) {
        if (exponent.signum() < 0) {
            return real("**", base.doubleValue(), exponent.doubleValue());
        }
        boolean small = base.abs().bitLength() <= 1;
        int times = small ? exponent.testBit(0) ? 1 : exponent.signum() == 0 ? 0 : 2 : exponent.intValue();
        if (!small) {
            bounded(exponent.bitLength() > 31 ? Long.MAX_VALUE : (long) base.bitLength() * times);
        }
        return integer(base.pow(times));
    }

    private static double real(String operator, double a, double b) {
        if (b == 0 && (operator.equals("/") || operator.equals("//") || operator.equals("%"))) {
            throw new TemplateFault("division by zero");
        }
        return switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "/" -> a / b;
            case "//" -> flooredQuotient(a, b);
            case "%" -> modulus(a, b);
            case "**" -> power(a, b);
            default -> throw new TemplateFault("no operator " + operator);
        };
    }

    private static double modulus(double a, double b) {
        double rest = a % b;
        if (rest == 0) {
            return Math.copySign(0.0, b);
        }
        return (b < 0) != (rest < 0) ? rest + b : rest;
    }

    private static double flooredQuotient(double a, double b) {
        double rest = a % b;
        double quotient = (a - rest) / b;
        if (rest != 0 && (b < 0) != (rest < 0)) {
            quotient -= 1;
        }
        if (quotient == 0) {
            return Math.copySign(0.0, a / b);
        }
        double floor = Math.floor(quotient);
        return quotient - floor > 0.5 ? floor + 1 : floor;
    }

    private static double power(double a, double b) {
        if (a == 0 && b < 0) {
            throw new TemplateFault("0 cannot be raised to a negative power");
        }
        double result = a == 1 || b == 0 ? 1 : Math.pow(a, b);
        boolean finite = !Double.isInfinite(a) && !Double.isInfinite(b);
        if ((Double.isInfinite(result) && finite) || (Double.isNaN(result) && !Double.isNaN(a) && !Double.isNaN(b))) {
            throw new TemplateFault(
                    "%s ** %s is not a float".formatted(PythonText.representation(a), PythonText.representation(b)));
        }
        return result;
    }

    static Object negative(@Nullable Object value) {
        return value instanceof Double real
                ? (Object) (-real)
                : integer(big(requireNumber(value)).negate());
    }

    static @Nullable Object positive(@Nullable Object value) {
        return plain(requireNumber(value));
    }

    static @Nullable Object requireNumber(@Nullable Object value) {
        if (!isNumber(value)) {
            Values.requireDefined(value);
            throw new TemplateFault("expected a number, found " + Values.describe(value));
        }
        return value;
    }
}
