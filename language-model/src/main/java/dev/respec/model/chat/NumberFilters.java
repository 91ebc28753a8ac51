package dev.respec.model.chat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Filters of numbers. */
final class NumberFilters {
    private static final Pattern REAL = Pattern.compile(
            "[+-]?(?:\\d+(?:_\\d+)*\\.?(?:\\d+(?:_\\d+)*)?|\\.\\d+(?:_\\d+)*)(?:[eE][+-]?\\d+(?:_\\d+)*)?");
    private static final Pattern NOT_FINITE = Pattern.compile("(?i)([+-]?)(inf|infinity|nan)");
    private static final Map<Integer, String> PREFIXES = Map.of(2, "[bB]", 8, "[oO]", 16, "[xX]");

    static final Map<String, Filters.Filter> FILTERS = Map.of(
            "abs", NumberFilters::absolute,
            "filesizeformat", NumberFilters::fileSize,
            "float", NumberFilters::real,
            "int", NumberFilters::integer,
            "round", NumberFilters::round);

    private NumberFilters() {}

    private static Object absolute(@Nullable Object value, Arguments arguments) {
        arguments.bind("abs");
        return value instanceof Double real
                ? (Object) Math.abs(real)
                : Numbers.integer(Numbers.big(Numbers.requireNumber(value)).abs());
    }

    /** A float without its decimals. */
    static Object truncated(double real) {
        if (Double.isNaN(real) || Double.isInfinite(real)) {
            throw new TemplateFault(PythonText.real(real) + " is not an integer");
        }
        return Numbers.integer(new BigDecimal(real).toBigInteger());
    }

    private static @Nullable Object integer(@Nullable Object value, Arguments arguments) {
        var bound = arguments.bind("int", "default?", "base?");
        Values.requireDefined(value);
        Object fallback = bound.get("default", 0L);
        if (Numbers.isNumber(value)) {
            if (value instanceof Double real && (real.isNaN() || real.isInfinite())) {
                if (real.isInfinite()) {
                    throw new TemplateFault("an infinite float is not an integer");
                }
                return fallback;
            }
            return value instanceof Double real ? truncated(real) : Numbers.plain(value);
        }
        if (!Values.isText(value)) {
            return fallback;
        }
        String text = PythonStrings.strip(Values.string(value), null);
        BigInteger whole = parse(text, bound.integer("base", 10));
        if (whole != null) {
            return Numbers.integer(whole);
        }
        Double real = parse(text);
        return real == null || real.isNaN() || real.isInfinite() ? fallback : truncated(real);
    }

    private static @Nullable BigInteger parse(String text, int base) {
        if (base != 0 && (base < 2 || base > 36)) {
            return null;
        }
        String sign = text.startsWith("-") ? "-" : "";
        String digits = text.startsWith("-") || text.startsWith("+") ? text.substring(1) : text;
        int radix = base;
        for (Map.Entry<Integer, String> prefix : PREFIXES.entrySet()) {
            if (digits.matches("(?s)0" + prefix.getValue() + "_?[\\da-zA-Z].*")
                    && (base == 0 || base == prefix.getKey())) {
                radix = prefix.getKey();
                digits = digits.substring(digits.charAt(2) == '_' ? 3 : 2);
            }
        }
        if (radix == 0) {
            radix = 10;
            if (digits.matches("0[\\d_]*[1-9][\\d_]*")) {
                return null;
            }
        }
        if (!digits.matches("[\\p{Nd}a-zA-Z]+(_[\\p{Nd}a-zA-Z]+)*")) {
            return null;
        }
        String plain = digits.replace("_", "");
        int limit = radix;
        if (!plain.codePoints().allMatch(c -> Character.digit(c, limit) >= 0)) {
            return null;
        }
        return new BigInteger(sign + plain, radix);
    }

    private static @Nullable Double parse(String text) {
        if (REAL.matcher(text).matches()) {
            return Double.valueOf(text.replace("_", ""));
        }
        var special = NOT_FINITE.matcher(text);
        if (!special.matches()) {
            return null;
        }
        double value = special.group(2).equalsIgnoreCase("nan") ? Double.NaN : Double.POSITIVE_INFINITY;
        return special.group(1).equals("-") ? -value : value;
    }

    private static @Nullable Object real(@Nullable Object value, Arguments arguments) {
        var bound = arguments.bind("float", "default?");
        Values.requireDefined(value);
        if (Numbers.isNumber(value)) {
            return Numbers.real(value);
        }
        Double real = Values.isText(value) ? parse(PythonStrings.strip(Values.string(value), null)) : null;
        return real == null ? bound.get("default", 0.0) : real;
    }

    private static Object round(@Nullable Object value, Arguments arguments) {
        var bound = arguments.bind("round", "precision?", "method?");
        String method = bound.has("method") ? bound.string("method") : "common";
        int precision = bound.integer("precision", 0);
        Numbers.requireNumber(value);
        return switch (method) {
            case "common" -> value instanceof Double real ? (Object) rounded(real, precision) : whole(value, precision);
            case "ceil", "floor" -> directed(value, precision, method);
            default -> throw new TemplateFault("round: the method must be common, ceil or floor");
        };
    }

    private static double rounded(double value, int precision) {
        if (Double.isNaN(value) || Double.isInfinite(value) || precision > 323) {
            return value;
        }
        double result = new BigDecimal(value)
                .setScale(Math.max(-400, precision), RoundingMode.HALF_EVEN)
                .doubleValue();
        return Math.copySign(result, value);
    }

    private static Object whole(@Nullable Object value, int precision) {
        BigInteger whole = Numbers.big(value);
        if (precision >= 0) {
            return Numbers.integer(whole);
        }
        return Numbers.integer(new BigDecimal(whole)
                .setScale(Math.max(-5000, precision), RoundingMode.HALF_EVEN)
                .toBigInteger());
    }

    private static double directed(@Nullable Object value, int precision, String method) {
        Object scale = Numbers.arithmetic("**", 10L, (long) precision);
        Object scaled = Numbers.arithmetic("*", value, scale);
        Object whole = scaled instanceof Double real
                ? truncated(method.equals("ceil") ? Math.ceil(real) : Math.floor(real))
                : scaled;
        return Numbers.real(Numbers.arithmetic("/", whole, scale));
    }

    private static String fileSize(@Nullable Object value, Arguments arguments) {
        boolean binary = arguments.bind("filesizeformat", "binary?").truth("binary");
        Double parsed = Values.isText(value) ? parse(PythonStrings.strip(Values.string(value), null)) : null;
        double bytes = parsed == null ? Numbers.real(value) : parsed;
        double base = binary ? 1024 : 1000;
        if (bytes == 1) {
            return "1 Byte";
        }
        if (bytes < base) {
            return PythonText.text(truncated(bytes)) + " Bytes";
        }
        String prefixes = binary ? "KMGTPEZY" : "kMGTPEZY";
        double unit = base;
        int place = 0;
        while (place < prefixes.length() - 1 && bytes >= unit * base) {
            unit *= base;
            place++;
        }
        return "%s %c%sB"
                .formatted(
                        FormatSpecification.real(base * bytes / (unit * base), 'f', 1, false),
                        prefixes.charAt(place),
                        binary ? "i" : "");
    }
}
