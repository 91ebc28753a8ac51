package dev.respec.stage.config;

import java.time.Duration;

/** A value that a section refuses; the loader knows the section's place in the tree and adds it. */
final class InvalidValue extends IllegalArgumentException {
    private final String key;

    private InvalidValue(String key, String expected, Object actual) {
        super("expected " + expected + ", got '" + actual + "'");
        this.key = key;
    }

    /** Key within the section. */
    String key() {
        return key;
    }

    static void require(boolean valid, String key, Object actual, String expected) {
        if (!valid) {
            throw new InvalidValue(key, expected, actual);
        }
    }

    static void atLeast(long least, String key, long value) {
        require(value >= least, key, value, "a number of at least " + least);
    }

    static void positive(String key, double value) {
        require(value > 0, key, value, "a number above 0");
    }

    static void positive(String key, Duration value) {
        require(!value.isZero() && !value.isNegative(), key, ConfigValue.text(value), "a duration above 0");
    }

    static void notNegative(String key, double value) {
        require(value >= 0, key, value, "a number of at least 0");
    }

    static void fraction(String key, double value) {
        require(value >= 0 && value <= 1, key, value, "a number from 0 to 1");
    }
}
