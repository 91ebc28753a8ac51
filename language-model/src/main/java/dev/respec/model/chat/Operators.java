package dev.respec.model.chat;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Binary operators of any operands. */
final class Operators {
    private static final int LONGEST = 1 << 24;

    private Operators() {}

    static @Nullable Object apply(String operator, @Nullable Object left, @Nullable Object right) {
        if (left instanceof Markup || right instanceof Markup) {
            throw new TemplateFault("'%s' of text marked as safe is not supported; use ~".formatted(operator));
        }
        return switch (operator) {
            case "+" -> add(left, right);
            case "*" -> multiply(left, right);
            case "%" ->
                left instanceof String format ? PercentFormat.apply(format, right) : arithmetic("%", left, right);
            default -> arithmetic(operator, left, right);
        };
    }

    private static Object arithmetic(String operator, @Nullable Object left, @Nullable Object right) {
        return Numbers.arithmetic(operator, left, right);
    }

    private static @Nullable Object add(@Nullable Object left, @Nullable Object right) {
        if (left instanceof String a && right instanceof String b) {
            return a + b;
        }
        boolean lists = left instanceof List<?> && right instanceof List<?>;
        if (lists
                && left instanceof Tuple == right instanceof Tuple
                && !(left instanceof Range || right instanceof Range)) {
            List<@Nullable Object> both = Sequences.list(left);
            both.addAll(Sequences.list(right));
            return left instanceof Tuple ? new Tuple(both) : both;
        }
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return arithmetic("+", left, right);
        }
        Values.requireDefined(left);
        Values.requireDefined(right);
        throw new TemplateFault("cannot add " + Values.describe(right) + " to " + Values.describe(left));
    }

    private static @Nullable Object multiply(@Nullable Object left, @Nullable Object right) {
        boolean repeats = left instanceof String || (left instanceof List<?> && !(left instanceof Range));
        if (repeats && (Numbers.isInteger(right) || right instanceof Boolean)) {
            return repeat(left, Math.max(0, Numbers.clamped(right)));
        }
        boolean repeated = right instanceof String || (right instanceof List<?> && !(right instanceof Range));
        if (repeated && (Numbers.isInteger(left) || left instanceof Boolean)) {
            return repeat(right, Math.max(0, Numbers.clamped(left)));
        }
        return arithmetic("*", left, right);
    }

    private static Object repeat(@Nullable Object value, long times) {
        if (Sequences.length(value) * times > LONGEST) {
            throw new TemplateFault("a repetition is longer than " + LONGEST);
        }
        if (value instanceof String text) {
            return text.repeat(text.isEmpty() ? 0 : (int) times);
        }
        List<@Nullable Object> all = new ArrayList<>();
        List<@Nullable Object> once = Sequences.list(value);
        for (long i = 0; i < times && !once.isEmpty(); i++) {
            all.addAll(once);
        }
        return value instanceof Tuple ? new Tuple(all) : all;
    }
}
