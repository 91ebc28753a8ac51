package dev.respec.scorer.answer;

import dev.respec.scorer.answer.Units.Unit;
import java.util.List;

/** What an answer says. */
sealed interface Answer {
    /**
     * A formula with a unit.
     *
     * @param plainPercent a percentage written as plain text, which states a number and its hundredth alike
     */
    record Quantity(Expression value, Unit unit, boolean plainPercent) implements Answer {
        static Quantity of(Expression value) {
            return new Quantity(value, Unit.NONE, false);
        }
    }

    /** Ordered: a point or a vector. */
    record Tuple(List<Answer> elements) implements Answer {
        public Tuple {
            elements = List.copyOf(elements);
        }
    }

    /** @param braces whether the text says that it is a set; a plain list of values counts repeats */
    record Unordered(List<Answer> elements, boolean braces) implements Answer {
        public Unordered {
            elements = List.copyOf(elements);
        }
    }

    record Interval(Answer low, Answer high, boolean lowClosed, boolean highClosed) implements Answer {}

    record Union(List<Answer> parts) implements Answer {
        public Union {
            parts = List.copyOf(parts);
        }
    }

    record Matrix(List<Answer> rows) implements Answer {
        public Matrix {
            rows = List.copyOf(rows);
        }
    }

    /** {@code x = 5} or {@code x ∈ [0, 1]}. */
    record Named(String name, Answer value) implements Answer {}

    record Equation(Expression left, Expression right) implements Answer {}

    /** A number modulo another. */
    record Congruence(Expression residue, Expression modulus) implements Answer {}

    /** A number in a base other than ten, whose digits are the answer. */
    record Based(String digits, Expression base) implements Answer {}

    /** {@code 3:2}, or a time of day. */
    record Ratio(List<Expression> parts, String suffix, boolean timeOfDay) implements Answer {
        public Ratio {
            parts = List.copyOf(parts);
        }
    }
}
