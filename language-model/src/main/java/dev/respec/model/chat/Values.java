package dev.respec.model.chat;

import java.math.BigInteger;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What Python does with values of any type: truth, equality, order, membership. */
final class Values {
    private Values() {}

    static boolean truth(@Nullable Object value) {
        if (value == null || value instanceof Undefined) {
            return false;
        }
        if (value instanceof Boolean bool) {
            return bool;
        }
        if (value instanceof BigInteger) {
            return true;
        }
        if (value instanceof Number number) {
            return number.doubleValue() != 0;
        }
        if (value instanceof String || value instanceof Markup) {
            return !string(value).isEmpty();
        }
        if (value instanceof Collection<?> list) {
            return !list.isEmpty();
        }
        if (value instanceof DictionaryView view) {
            return !view.map().isEmpty();
        }
        return !(value instanceof Map<?, ?> map) || !map.isEmpty();
    }

    static boolean equal(@Nullable Object left, @Nullable Object right) {
        if (left == right) {
            return !(left instanceof Double number) || !number.isNaN();
        }
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return Numbers.equal(left, right);
        }
        if (isText(left) && isText(right)) {
            return string(left).equals(string(right));
        }
        if (left instanceof List<?> a && right instanceof List<?> b) {
            return kind(a) == kind(b) && equalElements(a, b);
        }
        if (left instanceof Map<?, ?> a && right instanceof Map<?, ?> b) {
            return equalEntries(a, b);
        }
        if (left instanceof DictionaryView a && right instanceof DictionaryView b) {
            if (a.part() == DictionaryView.Part.VALUES || b.part() == DictionaryView.Part.VALUES) {
                return false;
            }
            return a.map().size() == b.map().size() && a.elements().stream().allMatch(item -> contains(b, item));
        }
        return left instanceof Undefined && right instanceof Undefined;
    }

    private static int kind(List<?> list) {
        return list instanceof Tuple ? 1 : list instanceof Range ? 2 : 0;
    }

    private static boolean equalElements(List<?> left, List<?> right) {
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            if (!equal(left.get(i), right.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean equalEntries(Map<?, ?> left, Map<?, ?> right) {
        return left.size() == right.size()
                && left.entrySet().stream()
                        .allMatch(entry -> Dictionaries.has(right, entry.getKey())
                                && equal(entry.getValue(), Dictionaries.get(right, entry.getKey())));
    }

    /** Negative, zero or positive; refuses what Python does not order. */
    static int compare(@Nullable Object left, @Nullable Object right) {
        if (isText(left) && isText(right)) {
            return PythonStrings.compare(string(left), string(right));
        }
        if (left instanceof List<?> a && right instanceof List<?> b && kind(a) == kind(b) && kind(a) != 2) {
            for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
                if (!equal(a.get(i), b.get(i))) {
                    return compare(a.get(i), b.get(i));
                }
            }
            return Integer.compare(a.size(), b.size());
        }
        if (Numbers.isNumber(left) && Numbers.isNumber(right)) {
            return Numbers.compare(left, right);
        }
        requireDefined(left);
        requireDefined(right);
        throw new TemplateFault("%s and %s have no order".formatted(describe(left), describe(right)));
    }

    static boolean compare(String operator, @Nullable Object left, @Nullable Object right) {
        if (operator.equals("==") || operator.equals("!=")) {
            return equal(left, right) == operator.equals("==");
        }
        if (Numbers.isNaN(left) || Numbers.isNaN(right)) {
            return false;
        }
        int order = compare(left, right);
        return switch (operator) {
            case "<" -> order < 0;
            case ">" -> order > 0;
            case "<=" -> order <= 0;
            default -> order >= 0;
        };
    }

    static boolean contains(@Nullable Object container, @Nullable Object item) {
        if (isText(container)) {
            if (!isText(item)) {
                requireDefined(item);
                throw new TemplateFault("'in' a string needs a string on its left, found " + describe(item));
            }
            return string(container).contains(string(item));
        }
        if (container instanceof Map<?, ?> map) {
            return Dictionaries.has(map, item);
        }
        Iterator<@Nullable Object> elements = Sequences.iterator(container);
        while (elements.hasNext()) {
            Object element = elements.next();
            if (element == item || equal(element, item)) {
                return true;
            }
        }
        return false;
    }

    static boolean isText(@Nullable Object value) {
        return value instanceof String || value instanceof Markup;
    }

    /** The text of a string; refuses anything else. */
    static String string(@Nullable Object value) {
        if (value instanceof String text) {
            return text;
        }
        if (value instanceof Markup markup) {
            return markup.text();
        }
        requireDefined(value);
        throw new TemplateFault("expected a string, found " + describe(value));
    }

    static void requireDefined(@Nullable Object value) {
        if (value instanceof Undefined missing) {
            throw missing.fault();
        }
    }

    static @Nullable Object call(@Nullable Object function, Arguments arguments) {
        if (function instanceof Callable callable) {
            return callable.call(arguments);
        }
        requireDefined(function);
        throw new TemplateFault(describe(function) + " cannot be called");
    }

    static String describe(@Nullable Object value) {
        if (value == null) {
            return "none";
        }
        if (isText(value)) {
            return "a string";
        }
        if (value instanceof Boolean || Numbers.isNumber(value)) {
            return PythonText.text(value);
        }
        if (value instanceof Undefined) {
            return "an undefined value";
        }
        return value instanceof Map<?, ?>
                ? "a mapping"
                : value instanceof Collection<?>
                        ? "a list"
                        : value instanceof Generator
                                ? "a generator"
                                : value instanceof DictionaryView
                                        ? "a view of a mapping"
                                        : value instanceof Namespace ? "a namespace" : "a function";
    }
}
