package dev.respec.scorer.answer;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;

/** Elementary functions to {@link #PRECISION} digits; each takes a bounded number of steps whatever its argument. */
final class RealFunctions {
    /** Digits carried; results agree with the exact value to about ten fewer. */
    static final MathContext PRECISION = new MathContext(70, RoundingMode.HALF_EVEN);

    static final BigDecimal PI = new BigDecimal("3.14159265358979323846264338327950288419716939937510"
            + "58209749445923078164062862089986280348253421170680");

    private static final BigDecimal TWO_PI = PI.multiply(BigDecimal.valueOf(2));
    private static final BigDecimal LN_2 = new BigDecimal("0.69314718055994530941723212145817656807550013436025"
            + "525412068000949339362196969471560586332699641868");
    private static final BigDecimal LARGEST_EXPONENT = BigDecimal.valueOf(2000);
    private static final BigDecimal LARGEST_ANGLE = BigDecimal.ONE.movePointRight(15);
    /** Series are summed in fixed point with this many bits behind the point. */
    private static final int FRACTION_BITS = 272;

    private static final BigDecimal FIXED_ONE = new BigDecimal(BigInteger.ONE.shiftLeft(FRACTION_BITS));
    private static final int HALVINGS = 10;
    private static final int MOST_TERMS = 120;
    private static final BigDecimal LN_10 = lnOfModerate(BigDecimal.TEN);

    private RealFunctions() {}

    /** e^x = 2^k e^r with |r| at most half of ln 2; the series takes r / 2^10, and the sum is squared ten times. */
    static BigDecimal exp(BigDecimal x) {
        if (x.abs().compareTo(LARGEST_EXPONENT) > 0) {
            throw new UnsupportedAnswerException("exponent too large");
        }
        BigDecimal twos = x.divide(LN_2, 0, RoundingMode.HALF_EVEN);
        BigInteger small = fixed(x.subtract(twos.multiply(LN_2))).shiftRight(HALVINGS);
        BigInteger sum = BigInteger.ONE.shiftLeft(FRACTION_BITS);
        BigInteger term = sum;
        for (int n = 1; n < MOST_TERMS && term.signum() != 0; n++) {
            term = term.multiply(small).shiftRight(FRACTION_BITS).divide(BigInteger.valueOf(n));
            sum = sum.add(term);
        }
        for (int i = 0; i < HALVINGS; i++) {
            sum = sum.multiply(sum).shiftRight(FRACTION_BITS);
        }
        BigDecimal scale = new BigDecimal(BigInteger.ONE.shiftLeft(twos.abs().intValueExact()));
        BigDecimal mantissa = decimal(sum);
        return twos.signum() < 0 ? mantissa.divide(scale, PRECISION) : mantissa.multiply(scale, PRECISION);
    }

    private static BigInteger fixed(BigDecimal value) {
        return value.multiply(FIXED_ONE).toBigInteger();
    }

    private static BigDecimal decimal(BigInteger fixed) {
        return new BigDecimal(fixed).divide(FIXED_ONE, PRECISION);
    }

    /** @param x above 0 */
    static BigDecimal ln(BigDecimal x) {
        int magnitude = x.precision() - x.scale();
        BigDecimal moderate = x.movePointLeft(magnitude);
        return lnOfModerate(moderate).add(LN_10.multiply(BigDecimal.valueOf(magnitude)), PRECISION);
    }

    /** Halley's iteration; each step triples the sixteen digits of the start. */
    private static BigDecimal lnOfModerate(BigDecimal x) {
        BigDecimal y = new BigDecimal(Math.log(x.doubleValue()), PRECISION);
        for (int i = 0; i < 2; i++) {
            BigDecimal power = exp(y);
            BigDecimal step = x.subtract(power).divide(x.add(power), PRECISION);
            y = y.add(step.multiply(BigDecimal.valueOf(2)), PRECISION);
        }
        return y;
    }

    static BigDecimal sin(BigDecimal x) {
        BigInteger angle = fixed(reduced(x));
        return decimal(alternatingSeries(angle, angle, 1));
    }

    static BigDecimal cos(BigDecimal x) {
        return decimal(alternatingSeries(fixed(reduced(x)), BigInteger.ONE.shiftLeft(FRACTION_BITS), 0));
    }

    private static BigDecimal reduced(BigDecimal x) {
        if (x.abs().compareTo(LARGEST_ANGLE) > 0) {
            throw new UnsupportedAnswerException("angle too large");
        }
        BigDecimal turns = x.divide(TWO_PI, 0, RoundingMode.HALF_EVEN);
        return x.subtract(turns.multiply(TWO_PI));
    }

    private static BigInteger alternatingSeries(BigInteger x, BigInteger first, int degree) {
        BigInteger square = x.multiply(x).shiftRight(FRACTION_BITS).negate();
        BigInteger sum = first;
        BigInteger term = first;
        for (int n = degree; n < MOST_TERMS && term.signum() != 0; n += 2) {
            term = term.multiply(square).shiftRight(FRACTION_BITS).divide(BigInteger.valueOf((n + 1L) * (n + 2L)));
            sum = sum.add(term);
        }
        return sum;
    }

    /** Newton's iteration on the tangent; each step doubles the sixteen digits of the start. */
    static BigDecimal atan(BigDecimal x) {
        if (x.abs().compareTo(BigDecimal.ONE) > 0) {
            BigDecimal rest = atan(BigDecimal.ONE.divide(x, PRECISION));
            BigDecimal quarter = PI.divide(BigDecimal.valueOf(2));
            return (x.signum() > 0 ? quarter : quarter.negate()).subtract(rest, PRECISION);
        }
        BigDecimal y = new BigDecimal(Math.atan(x.doubleValue()), PRECISION);
        for (int i = 0; i < 3; i++) {
            BigDecimal sine = sin(y);
            BigDecimal cosine = cos(y);
            BigDecimal error = x.multiply(cosine, PRECISION).subtract(sine).multiply(cosine, PRECISION);
            y = y.add(error, PRECISION);
        }
        return y;
    }

    /** The angle of (x, y), above −π and at most π. */
    static BigDecimal atan2(BigDecimal y, BigDecimal x) {
        if (x.signum() == 0) {
            BigDecimal quarter = PI.divide(BigDecimal.valueOf(2));
            return y.signum() == 0 ? BigDecimal.ZERO : y.signum() > 0 ? quarter : quarter.negate();
        }
        BigDecimal angle = atan(y.divide(x, PRECISION));
        if (x.signum() > 0) {
            return angle;
        }
        return y.signum() >= 0 ? angle.add(PI, PRECISION) : angle.subtract(PI, PRECISION);
    }

    static BigDecimal sqrt(BigDecimal x) {
        return x.signum() == 0 ? BigDecimal.ZERO : x.sqrt(PRECISION);
    }
}
