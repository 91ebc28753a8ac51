package dev.respec.scorer.answer;

import static dev.respec.scorer.answer.RealFunctions.PRECISION;

import java.math.BigDecimal;

/** A complex number to {@link RealFunctions#PRECISION} digits. */
record Complex(BigDecimal re, BigDecimal im) {
    static final Complex I = new Complex(BigDecimal.ZERO, BigDecimal.ONE);

    private static final BigDecimal TWO = BigDecimal.valueOf(2);

    static Complex of(BigDecimal re) {
        return new Complex(re, BigDecimal.ZERO);
    }

    static Complex of(Rational value) {
        return of(value.toDecimal(PRECISION));
    }

    boolean isReal() {
        return im.signum() == 0;
    }

    boolean isZero() {
        return re.signum() == 0 && im.signum() == 0;
    }

    Complex plus(Complex other) {
        return new Complex(re.add(other.re, PRECISION), im.add(other.im, PRECISION));
    }

    Complex minus(Complex other) {
        return new Complex(re.subtract(other.re, PRECISION), im.subtract(other.im, PRECISION));
    }

    Complex times(Complex other) {
        if (isReal() && other.isReal()) {
            return of(re.multiply(other.re, PRECISION));
        }
        return new Complex(
                re.multiply(other.re, PRECISION).subtract(im.multiply(other.im, PRECISION), PRECISION),
                re.multiply(other.im, PRECISION).add(im.multiply(other.re, PRECISION), PRECISION));
    }

    /** @throws ArithmeticException if {@code other} is 0 */
    Complex dividedBy(Complex other) {
        if (other.isReal()) {
            return new Complex(re.divide(other.re, PRECISION), im.divide(other.re, PRECISION));
        }
        BigDecimal norm = other.squaredSize();
        Complex product = times(new Complex(other.re, other.im.negate()));
        return new Complex(product.re.divide(norm, PRECISION), product.im.divide(norm, PRECISION));
    }

    private BigDecimal squaredSize() {
        return re.multiply(re, PRECISION).add(im.multiply(im, PRECISION), PRECISION);
    }

    BigDecimal size() {
        return isReal() ? re.abs() : RealFunctions.sqrt(squaredSize());
    }

    /** The root with a non-negative real part. */
    Complex sqrt() {
        if (isReal()) {
            BigDecimal root = RealFunctions.sqrt(re.abs());
            return re.signum() >= 0 ? of(root) : new Complex(BigDecimal.ZERO, root);
        }
        BigDecimal real = RealFunctions.sqrt(size().add(re).divide(TWO, PRECISION));
        if (real.signum() == 0) {
            throw new UnsupportedAnswerException("root too close to the imaginary axis");
        }
        return new Complex(real, im.divide(real.multiply(TWO), PRECISION));
    }

    Complex exp() {
        BigDecimal size = RealFunctions.exp(re);
        if (isReal()) {
            return of(size);
        }
        return new Complex(
                size.multiply(RealFunctions.cos(im), PRECISION), size.multiply(RealFunctions.sin(im), PRECISION));
    }

    /** The principal branch. */
    Complex ln() {
        if (isZero()) {
            throw new UnsupportedAnswerException("logarithm of 0");
        }
        return new Complex(
                RealFunctions.ln(size()), isReal() && re.signum() > 0 ? BigDecimal.ZERO : RealFunctions.atan2(im, re));
    }
}
