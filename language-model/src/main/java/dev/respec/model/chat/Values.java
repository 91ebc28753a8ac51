package dev.respec.model.chat;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What Python does with values: truth, equality, order, text, iteration. */
final class Values {
    private Values() {}

    static boolean truth(@Nullable Object value) {
        if (value == null || value instanceof Undefined) {
            return false;
        }
        if (value instanceof Boolean bool) {
            return bool;
        }
        if (value instanceof Number number) {
            return number.doubleValue() != 0;
        }
        if (value instanceof String text) {
            return !text.isEmpty();
        }
        if (value instanceof Collection<?> list) {
            return !list.isEmpty();
        }
        return !(value instanceof Map<?, ?> map) || !map.isEmpty();
    }

    /** As an output tag writes it. */
    static String text(@Nullable Object value) {
        if (value instanceof Undefined) {
            return "";
        }
        if (value == null) {
            return "None";
        }
        if (value instanceof Boolean bool) {
            return bool ? "True" : "False";
        }
        if (value instanceof String || value instanceof Number) {
            return value.toString();
        }
        throw new TemplateFault(describe(value) + " cannot be written as text; use tojson");
    }

    static boolean equal(@Nullable Object left, @Nullable Object right) {
        if (isNumber(left) && isNumber(right)) {
            return number(left) == number(right);
        }
        return Objects.equals(left, right);
    }

    static int compare(@Nullable Object left, @Nullable Object right) {
        if (left instanceof String a && right instanceof String b) {
            return a.compareTo(b);
        }
        return Double.compare(number(left), number(right));
    }

    static boolean isNumber(@Nullable Object value) {
        return value instanceof Number || value instanceof Boolean;
    }

    static double number(@Nullable Object value) {
        if (value instanceof Boolean bool) {
            return bool ? 1 : 0;
        }
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw new TemplateFault("expected a number, found " + describe(value));
    }

    static int integer(@Nullable Object value) {
        if (value instanceof Long whole) {
            return Math.toIntExact(whole);
        }
        throw new TemplateFault("expected an integer, found " + describe(value));
    }

    static String string(@Nullable Object value) {
        if (value instanceof String text) {
            return text;
        }
        throw new TemplateFault("expected a string, found " + describe(value));
    }

    static @Nullable Object add(@Nullable Object left, @Nullable Object right) {
        if (left instanceof String a && right instanceof String b) {
            return a + b;
        }
        if (left instanceof List<?> a && right instanceof List<?> b) {
            List<@Nullable Object> both = new ArrayList<>(a);
            both.addAll(b);
            return both;
        }
        if (isNumber(left) && isNumber(right)) {
            return arithmetic("+", left, right);
        }
        throw new TemplateFault("cannot add " + describe(right) + " to " + describe(left));
    }

    static Object arithmetic(String operator, @Nullable Object left, @Nullable Object right) {
        double a = number(left);
        double b = number(right);
        if (b == 0 && "/%//".contains(operator)) {
            throw new TemplateFault("division by zero");
        }
        double result = switch (operator) {
            case "+" -> a + b;
            case "-" -> a - b;
            case "*" -> a * b;
            case "/" -> a / b;
            case "//" -> Math.floor(a / b);
            case "%" -> a - b * Math.floor(a / b);
            case "**" -> Math.pow(a, b);
            default -> throw new TemplateFault("no operator " + operator);
        };
        boolean whole = !(left instanceof Double) && !(right instanceof Double) && !operator.equals("/");
        return whole && result == Math.rint(result) ? (Object) (long) result : (Object) result;
    }

    static boolean contains(@Nullable Object container, @Nullable Object item) {
        if (container instanceof String text) {
            return text.contains(string(item));
        }
        if (container instanceof Map<?, ?> map) {
            return map.containsKey(item);
        }
        return items(container).stream().anyMatch(element -> equal(element, item));
    }

    /** Elements of a list, keys of a mapping, characters of a string. */
    static List<@Nullable Object> items(@Nullable Object value) {
        if (value instanceof Collection<?> list) {
            return new ArrayList<>(list);
        }
        if (value instanceof Map<?, ?> map) {
            return new ArrayList<>(map.keySet());
        }
        if (value instanceof String text) {
            return new ArrayList<>(
                    text.codePoints().mapToObj(Character::toString).toList());
        }
        if (value instanceof Undefined) {
            return List.of();
        }
        throw new TemplateFault(describe(value) + " cannot be iterated over");
    }

    static long length(@Nullable Object value) {
        return value instanceof String text
                ? text.codePointCount(0, text.length())
                : items(value).size();
    }

    /** {@code value.name} or {@code value['name']}. */
    static @Nullable Object attribute(@Nullable Object value, String name) {
        if (value instanceof Undefined missing) {
            throw new TemplateFault("'" + missing.name() + "' is undefined, so it has no '" + name + "'");
        }
        if (value instanceof Namespace space) {
            return space.values().containsKey(name) ? space.values().get(name) : new Undefined(name);
        }
        if (value instanceof Map<?, ?> map && map.containsKey(name)) {
            return map.get(name);
        }
        return new Undefined(name);
    }

    /** {@code value[key]}. */
    static @Nullable Object item(@Nullable Object value, @Nullable Object key) {
        if (key instanceof Long index && (value instanceof List<?> || value instanceof String)) {
            var elements = items(value);
            long place = index < 0 ? index + elements.size() : index;
            return place >= 0 && place < elements.size() ? elements.get((int) place) : new Undefined("[" + index + "]");
        }
        if (key instanceof String name) {
            return attribute(value, name);
        }
        throw new TemplateFault(describe(value) + " has no item " + describe(key));
    }

    /** {@code value[from:to:step]}, null for what is left out. */
    static Object slice(@Nullable Object value, @Nullable Object from, @Nullable Object to, @Nullable Object step) {
        var elements = items(value);
        int size = elements.size();
        int stride = step == null ? 1 : integer(step);
        if (stride == 0) {
            throw new TemplateFault("a slice's step must not be 0");
        }
        int low = stride > 0 ? 0 : -1;
        int high = stride > 0 ? size : size - 1;
        int begin = from == null ? (stride > 0 ? low : high) : bound(integer(from), size, low, high);
        int end = to == null ? (stride > 0 ? high : low) : bound(integer(to), size, low, high);
        List<@Nullable Object> chosen = new ArrayList<>();
        for (int i = begin; stride > 0 ? i < end : i > end; i += stride) {
            chosen.add(elements.get(i));
        }
        return value instanceof String ? join(chosen) : chosen;
    }

    private static int bound(int index, int size, int low, int high) {
        return Math.max(low, Math.min(high, index < 0 ? index + size : index));
    }

    private static String join(List<@Nullable Object> characters) {
        var text = new StringBuilder();
        characters.forEach(text::append);
        return text.toString();
    }

    static String describe(@Nullable Object value) {
        if (value instanceof Undefined missing) {
            return "undefined '" + missing.name() + "'";
        }
        return value == null
                ? "none"
                : value instanceof String
                        ? "a string"
                        : value instanceof Map<?, ?>
                                ? "a mapping"
                                : value instanceof Collection<?>
                                        ? "a list"
                                        : isNumber(value) ? value.toString() : "a function";
    }
}
