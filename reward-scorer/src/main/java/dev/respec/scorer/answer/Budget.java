package dev.respec.scorer.answer;

/** Work that one comparison may do. Not thread-safe. */
final class Budget {
    private static final int WHOLE = 20_000;
    private static final int BITS_OF_A_UNIT = 512;

    private int left = WHOLE;

    /** @throws UnsupportedAnswerException once the work exceeds the budget */
    void charge(int units) {
        left -= units;
        if (left < 0) {
            throw new UnsupportedAnswerException("too much to compute");
        }
    }

    /** Charges an operation on numbers of this size; its time grows with the square. */
    void chargeExact(int bits) {
        int size = bits / BITS_OF_A_UNIT;
        charge(1 + 2 * size * size);
    }
}
