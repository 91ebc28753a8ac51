package dev.respec.scorer.answer;

import static dev.respec.scorer.answer.RealFunctions.PRECISION;

import java.math.BigDecimal;

/** The value of an expression: an exact fraction where possible, else a complex number to many digits. */
sealed interface Value {
    record Exact(Rational value) implements Value {}

    record Approximate(Complex value) implements Value {}

    /** Relative difference up to which approximations are taken to be equal. */
    BigDecimal TOLERANCE = BigDecimal.ONE.movePointLeft(55);
    /** Approximations below this are taken to be 0. */
    BigDecimal ZERO_BELOW = BigDecimal.ONE.movePointLeft(50);

    default Complex complex() {
        return this instanceof Exact exact ? Complex.of(exact.value()) : ((Approximate) this).value();
    }

    default boolean isReal() {
        return this instanceof Exact || complex().im().abs().compareTo(ZERO_BELOW) <= 0;
    }

    default boolean isZero() {
        return this instanceof Exact exact
                ? exact.value().signum() == 0
                : complex().size().compareTo(ZERO_BELOW) <= 0;
    }

    static boolean equal(Value one, Value other) {
        if (one instanceof Exact exact && other instanceof Exact otherExact) {
            return exact.value().equals(otherExact.value());
        }
        BigDecimal size = one.complex().size().max(other.complex().size());
        if (size.compareTo(ZERO_BELOW) <= 0) {
            return true;
        }
        BigDecimal difference = one.complex().minus(other.complex()).size();
        return difference.compareTo(size.multiply(TOLERANCE, PRECISION)) <= 0;
    }
}
