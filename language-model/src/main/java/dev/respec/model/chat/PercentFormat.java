package dev.respec.model.chat;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code 'format' % values}, as in C. */
final class PercentFormat {
    private final String format;
    private final @Nullable Object values;
    private final List<@Nullable Object> places;
    private final StringBuilder out = new StringBuilder();
    private int at;
    private int used;
    private boolean byName;

    private PercentFormat(String format, @Nullable Object values) {
        this.format = format;
        this.values = values;
        this.places = values instanceof Tuple tuple ? tuple : Tuple.of(values);
    }

    static String apply(String format, @Nullable Object values) {
        return new PercentFormat(format, values).apply();
    }

    private String apply() {
        while (at < format.length()) {
            char c = format.charAt(at++);
            if (c != '%') {
                out.append(c);
            } else {
                specifier();
            }
        }
        boolean mapping = values instanceof Map<?, ?> || byName;
        boolean indexed = values instanceof List<?> && !(values instanceof Tuple);
        if (used < places.size() && !mapping && !indexed) {
            throw new TemplateFault("the format has fewer places than values");
        }
        return out.toString();
    }

    private char current() {
        if (at >= format.length()) {
            throw new TemplateFault("the format ends within a place");
        }
        return format.charAt(at);
    }

    private @Nullable Object nextValue() {
        if (used >= places.size()) {
            throw new TemplateFault("the format has more places than values");
        }
        return places.get(used++);
    }

    private void specifier() {
        Object named = null;
        boolean isNamed = current() == '(';
        if (isNamed) {
            named = namedValue();
        }
        String flags = run("#0- +");
        int width = number();
        boolean left = flags.contains("-") || width < 0;
        int precision = -1;
        if (current() == '.') {
            at++;
            precision = Math.max(0, number());
        }
        run("hlL");
        char type = current();
        at++;
        if (type == '%') {
            out.append('%');
            return;
        }
        Object value = isNamed ? named : nextValue();
        out.append(padded(text(type, value, flags, precision), flags, Math.abs(width), left, type, value));
    }

    private @Nullable Object namedValue() {
        int depth = 0;
        int from = ++at;
        while (current() != ')' || depth > 0) {
            depth += current() == '(' ? 1 : current() == ')' ? -1 : 0;
            at++;
        }
        String name = format.substring(from, at++);
        byName = true;
        if (!(values instanceof Map<?, ?> map)) {
            throw new TemplateFault("the format needs a mapping for '" + name + "'");
        }
        if (!map.containsKey(name)) {
            throw new TemplateFault("the format needs a value for '" + name + "'");
        }
        return map.get(name);
    }

    private String run(String allowed) {
        int from = at;
        while (allowed.indexOf(current()) >= 0) {
            at++;
        }
        return format.substring(from, at);
    }

    private int number() {
        if (current() == '*') {
            at++;
            return Numbers.index(nextValue());
        }
        String digits = run("0123456789");
        if (digits.length() > 6) {
            throw new TemplateFault("a width of " + digits + " is too large");
        }
        return digits.isEmpty() ? 0 : Integer.parseInt(digits);
    }

    private static String text(char type, @Nullable Object value, String flags, int precision) {
        return switch (type) {
            case 's', 'r', 'a' -> {
                String text = type == 's'
                        ? PythonText.text(value)
                        : type == 'r' ? PythonText.representation(value) : PythonText.ascii(value);
                int length = text.codePointCount(0, text.length());
                yield precision < 0 || precision >= length
                        ? text
                        : text.substring(0, text.offsetByCodePoints(0, precision));
            }
            case 'c' -> character(value);
            case 'd', 'i', 'u', 'x', 'X', 'o' -> whole(type, value, flags, precision);
            case 'e', 'E', 'f', 'F', 'g', 'G' ->
                signed(
                        FormatSpecification.real(
                                Numbers.real(value), type, precision < 0 ? 6 : precision, flags.contains("#")),
                        flags);
            default -> throw new TemplateFault("the format has an unknown place %" + type);
        };
    }

    private static String character(@Nullable Object value) {
        if (Numbers.isInteger(value)) {
            return Character.toString(Numbers.index(value));
        }
        String text = Values.string(value);
        if (text.codePointCount(0, text.length()) != 1) {
            throw new TemplateFault("%c needs one character");
        }
        return text;
    }

    private static String whole(char type, @Nullable Object value, String flags, int precision) {
        boolean decimal = type == 'd' || type == 'i' || type == 'u';
        Object number = decimal && value instanceof Double real ? NumberFilters.truncated(real) : value;
        var big = Numbers.big(number);
        String digits = big.abs().toString(decimal ? 10 : type == 'o' ? 8 : 16);
        digits = "0".repeat(Math.max(0, precision - digits.length())) + digits;
        String prefix = !flags.contains("#") || decimal ? "" : "0" + type;
        digits = prefix + (type == 'X' ? PythonStrings.upper(digits) : digits);
        return signed(big.signum() < 0 ? "-" + digits : digits, flags);
    }

    private static String signed(String number, String flags) {
        return number.startsWith("-")
                ? number
                : flags.contains("+") ? "+" + number : flags.contains(" ") ? " " + number : number;
    }

    private static String padded(
            String text, String flags, int width, boolean left, char type, @Nullable Object value) {
        int missing = width - text.codePointCount(0, text.length());
        if (missing <= 0) {
            return text;
        }
        if (left) {
            return text + " ".repeat(missing);
        }
        boolean numeric = "diuxXoeEfFgG".indexOf(type) >= 0;
        if (flags.contains("0") && numeric && Numbers.isNumber(value)) {
            int head = !text.isEmpty() && "+- ".indexOf(text.charAt(0)) >= 0 ? 1 : 0;
            if (flags.contains("#") && "xXo".indexOf(type) >= 0) {
                head += 2;
            }
            return text.substring(0, head) + "0".repeat(missing) + text.substring(head);
        }
        return " ".repeat(missing) + text;
    }
}
