package dev.respec.scorer.answer;

import dev.respec.scorer.answer.Answer.Based;
import dev.respec.scorer.answer.Answer.Congruence;
import dev.respec.scorer.answer.Answer.Equation;
import dev.respec.scorer.answer.Answer.Interval;
import dev.respec.scorer.answer.Answer.Matrix;
import dev.respec.scorer.answer.Answer.Named;
import dev.respec.scorer.answer.Answer.Quantity;
import dev.respec.scorer.answer.Answer.Ratio;
import dev.respec.scorer.answer.Answer.Tuple;
import dev.respec.scorer.answer.Answer.Union;
import dev.respec.scorer.answer.Answer.Unordered;
import dev.respec.scorer.answer.Units.Unit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.regex.Pattern;

/** Whether two answers say the same. Not thread-safe. */
final class Comparison {
    private static final Pattern FUNCTION = Pattern.compile("[a-zA-Z]\\([a-zA-Z]\\)");

    private final Equality equality = new Equality(new Budget());

    boolean same(Answer one, Answer other) {
        if (one instanceof Named named && other instanceof Named otherNamed) {
            return sameName(named.name(), otherNamed.name()) && same(named.value(), otherNamed.value())
                    || sameEquations(one, other);
        }
        if (one instanceof Equation || other instanceof Equation) {
            return sameEquations(one, other);
        }
        if (one instanceof Named named) {
            return same(named.value(), other);
        }
        if (other instanceof Named named) {
            return same(one, named.value());
        }
        if (one instanceof Quantity quantity && other instanceof Quantity otherQuantity) {
            return same(quantity, otherQuantity);
        }
        if (one instanceof Unordered || other instanceof Unordered) {
            return sameElements(one, other);
        }
        return sameStructure(one, other);
    }

    /** {@code y = …} and {@code f(x) = …} give the same function. */
    private static boolean sameName(String one, String other) {
        return one.equals(other)
                || one.equals("y") && FUNCTION.matcher(other).matches()
                || other.equals("y") && FUNCTION.matcher(one).matches();
    }

    private boolean sameStructure(Answer one, Answer other) {
        if (one instanceof Ratio || other instanceof Ratio) {
            return sameRatio(one, other);
        }
        if (one instanceof Matrix matrix && other instanceof Matrix otherMatrix) {
            return inOrder(matrix.rows(), otherMatrix.rows());
        }
        if (one instanceof Matrix matrix) {
            return other instanceof Tuple tuple && inOrder(vector(matrix), tuple.elements());
        }
        if (other instanceof Matrix matrix) {
            return one instanceof Tuple tuple && inOrder(tuple.elements(), vector(matrix));
        }
        if (one instanceof Tuple tuple && other instanceof Tuple otherTuple) {
            return inOrder(tuple.elements(), otherTuple.elements());
        }
        if (one instanceof Union union && other instanceof Union otherUnion) {
            return matched(union.parts(), otherUnion.parts(), this::same);
        }
        if (one instanceof Based based && other instanceof Based otherBased) {
            return based.digits().equalsIgnoreCase(otherBased.digits())
                    && equality.same(based.base(), otherBased.base());
        }
        if (one instanceof Congruence congruence && other instanceof Congruence otherCongruence) {
            return equality.same(congruence.modulus(), otherCongruence.modulus())
                    && equality.congruent(congruence.residue(), otherCongruence.residue(), congruence.modulus());
        }
        return sameIntervals(one, other);
    }

    /** A pair in round brackets may be an open interval. */
    private boolean sameIntervals(Answer one, Answer other) {
        if (!(one instanceof Interval) && !(other instanceof Interval)) {
            return false;
        }
        Interval left = interval(one);
        Interval right = interval(other);
        return left.lowClosed() == right.lowClosed()
                && left.highClosed() == right.highClosed()
                && same(left.low(), right.low())
                && same(left.high(), right.high());
    }

    private static Interval interval(Answer answer) {
        if (answer instanceof Interval interval) {
            return interval;
        }
        if (answer instanceof Tuple pair && pair.elements().size() == 2) {
            return new Interval(pair.elements().get(0), pair.elements().get(1), false, false);
        }
        throw new UnsupportedAnswerException("not an interval");
    }

    /** The elements of a matrix of one row or one column; none otherwise. */
    private static List<Answer> vector(Matrix matrix) {
        List<List<Answer>> rows =
                matrix.rows().stream().map(row -> ((Tuple) row).elements()).toList();
        if (rows.size() == 1) {
            return rows.get(0);
        }
        return rows.stream().allMatch(row -> row.size() == 1)
                ? rows.stream().map(row -> row.get(0)).toList()
                : List.of();
    }

    private boolean inOrder(List<Answer> ones, List<Answer> others) {
        if (ones.size() != others.size()) {
            return false;
        }
        for (int i = 0; i < ones.size(); i++) {
            if (!same(ones.get(i), others.get(i))) {
                return false;
            }
        }
        return true;
    }

    private boolean sameElements(Answer one, Answer other) {
        if (one instanceof Unordered set && other instanceof Unordered otherSet) {
            return sameLists(set, otherSet);
        }
        Unordered set = (Unordered) (one instanceof Unordered ? one : other);
        Answer single = one instanceof Unordered ? other : one;
        if (single instanceof Tuple tuple) {
            return sameAssignment(set, tuple);
        }
        return set.braces() && set.elements().size() == 1 && same(set.elements().get(0), single);
    }

    private boolean sameLists(Unordered set, Unordered other) {
        if (set.braces() && other.braces()) {
            return contains(set, other) && contains(other, set);
        }
        if (isAssignment(set) != isAssignment(other)) {
            return inOrder(values(set), values(other));
        }
        return matched(set.elements(), other.elements(), this::same);
    }

    /** {@code x = 2, y = 3} is the point (2, 3), while {@code x = 2, x = 3} is a list of values. */
    private boolean sameAssignment(Unordered set, Tuple point) {
        return isAssignment(set) && inOrder(values(set), point.elements());
    }

    private static boolean isAssignment(Unordered set) {
        var names = new HashSet<String>();
        return set.elements().size() > 1
                && set.elements().stream()
                        .allMatch(element -> element instanceof Named named && names.add(named.name()));
    }

    private static List<Answer> values(Unordered set) {
        return set.elements().stream()
                .map(element -> element instanceof Named named ? named.value() : element)
                .toList();
    }

    private boolean contains(Unordered whole, Unordered part) {
        return part.elements().stream()
                .allMatch(element -> whole.elements().stream().anyMatch(candidate -> same(candidate, element)));
    }

    private static boolean matched(List<Answer> ones, List<Answer> others, BiPredicate<Answer, Answer> same) {
        if (ones.size() != others.size()) {
            return false;
        }
        List<Answer> left = new ArrayList<>(others);
        for (Answer one : ones) {
            int found = -1;
            for (int i = 0; i < left.size() && found < 0; i++) {
                found = same.test(one, left.get(i)) ? i : -1;
            }
            if (found < 0) {
                return false;
            }
            left.remove(found);
        }
        return true;
    }

    private boolean sameEquations(Answer one, Answer other) {
        return equality.proportional(difference(one), difference(other));
    }

    private static Expression difference(Answer answer) {
        if (answer instanceof Equation equation) {
            return new Expression.Sum(equation.left(), Expression.negated(equation.right()));
        }
        if (answer instanceof Named named
                && named.value() instanceof Quantity quantity
                && quantity.unit().isNone()) {
            return new Expression.Sum(new Expression.Symbol(named.name()), Expression.negated(quantity.value()));
        }
        throw new UnsupportedAnswerException("not an equation");
    }

    private boolean sameRatio(Answer one, Answer other) {
        if (one instanceof Ratio ratio && other instanceof Ratio otherRatio) {
            if (ratio.parts().size() != otherRatio.parts().size()) {
                return false;
            }
            boolean asTime = ratio.timeOfDay() || otherRatio.timeOfDay();
            boolean suffixes = ratio.suffix().equals(otherRatio.suffix())
                    || ratio.suffix().isEmpty()
                    || otherRatio.suffix().isEmpty();
            return asTime
                    ? suffixes && equality.sameInOrder(ratio.parts(), otherRatio.parts())
                    : equality.sameProportions(ratio.parts(), otherRatio.parts());
        }
        Ratio ratio = (Ratio) (one instanceof Ratio ? one : other);
        Answer single = one instanceof Ratio ? other : one;
        return !ratio.timeOfDay()
                && ratio.parts().size() == 2
                && single instanceof Quantity quantity
                && equality.same(
                        new Expression.Quotient(
                                ratio.parts().get(0), ratio.parts().get(1)),
                        quantity.value());
    }

    /** A unit that only one side names is left out; degrees are then also taken as radians. */
    private boolean same(Quantity one, Quantity other) {
        if (one.plainPercent()) {
            return same(Quantity.of(one.value()), other) || same(Quantity.of(Quantities.hundredth(one.value())), other);
        }
        if (other.plainPercent()) {
            return same(other, one);
        }
        Unit unit = one.unit();
        Unit otherUnit = other.unit();
        if (!unit.isNone() && !otherUnit.isNone()) {
            return unit.powers().equals(otherUnit.powers()) && equality.same(scaled(one), scaled(other));
        }
        return equality.same(one.value(), other.value())
                || isDegree(unit) && equality.same(Expression.call("degrees", one.value()), other.value())
                || isDegree(otherUnit) && equality.same(one.value(), Expression.call("degrees", other.value()));
    }

    private static boolean isDegree(Unit unit) {
        return unit.powers().equals(Units.parse("degree").unit().powers());
    }

    private static Expression scaled(Quantity quantity) {
        Rational factor = quantity.unit().factor();
        return factor.equals(Rational.ONE)
                ? quantity.value()
                : new Expression.Product(new Expression.Number(factor, 0), quantity.value());
    }
}
