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
    private static final BigDecimal SMALLEST_TERM = BigDecimal.ONE.movePointLeft(80);
    private static final BigDecimal LARGEST_EXPONENT = BigDecimal.valueOf(2000);
    private static final BigDecimal LARGEST_ANGLE = BigDecimal.ONE.movePointRight(15);
    private static final int HALVINGS = 8;
    private static final int MOST_TERMS = 120;
    private static final BigDecimal LN_10 = lnOfModerate(BigDecimal.TEN);

    private RealFunctions() {}

    static BigDecimal exp(BigDecimal x) {
        if (x.abs().compareTo(LARGEST_EXPONENT) > 0) {
            throw new UnsupportedAnswerException("exponent too large");
        }
        int halvings = HALVINGS + Math.max(0, x.toBigInteger().bitLength());
        BigDecimal small = x.divide(new BigDecimal(BigInteger.ONE.shiftLeft(halvings)), PRECISION);
        BigDecimal sum = BigDecimal.ONE;
        BigDecimal term = BigDecimal.ONE;
        for (int n = 1; n < MOST_TERMS && term.abs().compareTo(SMALLEST_TERM) > 0; n++) {
            term = term.multiply(small, PRECISION).divide(BigDecimal.valueOf(n), PRECISION);
            sum = sum.add(term, PRECISION);
        }
        for (int i = 0; i < halvings; i++) {
            sum = sum.multiply(sum, PRECISION);
        }
        return sum;
    }

    /** @param x above 0 */
    static BigDecimal ln(BigDecimal x) {
        int magnitude = x.precision() - x.scale();
        BigDecimal moderate = x.movePointLeft(magnitude);
        return lnOfModerate(moderate).add(LN_10.multiply(BigDecimal.valueOf(magnitude)), PRECISION);
    }

    /** Halley's iteration; three steps triple the sixteen digits of the start past {@link #PRECISION}. */
    private static BigDecimal lnOfModerate(BigDecimal x) {
        BigDecimal y = new BigDecimal(Math.log(x.doubleValue()));
        for (int i = 0; i < 3; i++) {
            BigDecimal power = exp(y);
            BigDecimal step = x.subtract(power).divide(x.add(power), PRECISION);
            y = y.add(step.multiply(BigDecimal.valueOf(2)), PRECISION);
        }
        return y;
    }

    static BigDecimal sin(BigDecimal x) {
        BigDecimal angle = reduced(x);
        return alternatingSeries(angle, angle, 1);
    }

    static BigDecimal cos(BigDecimal x) {
        return alternatingSeries(reduced(x), BigDecimal.ONE, 0);
    }

    private static BigDecimal reduced(BigDecimal x) {
        if (x.abs().compareTo(LARGEST_ANGLE) > 0) {
            throw new UnsupportedAnswerException("angle too large");
        }
        BigDecimal turns = x.divide(TWO_PI, 0, RoundingMode.HALF_EVEN);
        return x.subtract(turns.multiply(TWO_PI)).round(PRECISION);
    }

    private static BigDecimal alternatingSeries(BigDecimal x, BigDecimal first, int degree) {
        BigDecimal square = x.multiply(x, PRECISION).negate();
        BigDecimal sum = first;
        BigDecimal term = first;
        for (int n = degree; n < MOST_TERMS && term.abs().compareTo(SMALLEST_TERM) > 0; n += 2) {
            term = term.multiply(square, PRECISION).divide(BigDecimal.valueOf((n + 1L) * (n + 2L)), PRECISION);
            sum = sum.add(term, PRECISION);
        }
        return sum;
    }

    /** Newton's iteration on the tangent; four steps double the sixteen digits of the start past the precision. */
    static BigDecimal atan(BigDecimal x) {
        if (x.abs().compareTo(BigDecimal.ONE) > 0) {
            BigDecimal rest = atan(BigDecimal.ONE.divide(x, PRECISION));
            BigDecimal quarter = PI.divide(BigDecimal.valueOf(2));
            return (x.signum() > 0 ? quarter : quarter.negate()).subtract(rest, PRECISION);
        }
        BigDecimal y = new BigDecimal(Math.atan(x.doubleValue()));
        for (int i = 0; i < 4; i++) {
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
