package dev.respec.model.chat;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Values as Python prints them: {@code str()} and {@code repr()}. */
final class PythonText {
    private PythonText() {}

    /** As an output tag writes it. */
    static String text(@Nullable Object value) {
        if (value instanceof Undefined) {
            return "";
        }
        return Values.isText(value) ? Values.string(value) : representation(value);
    }

    static String representation(@Nullable Object value) {
        if (value == null) {
            return "None";
        }
        if (value instanceof Boolean bool) {
            return bool ? "True" : "False";
        }
        if (value instanceof Double real) {
            return real(real);
        }
        if (value instanceof Number) {
            return value.toString();
        }
        if (value instanceof String text) {
            return quoted(text);
        }
        if (value instanceof Markup markup) {
            return "Markup(" + quoted(markup.text()) + ")";
        }
        if (value instanceof Undefined) {
            return "Undefined";
        }
        return composite(value);
    }

    private static String composite(Object value) {
        if (value instanceof Range range) {
            return range.text();
        }
        if (value instanceof Tuple tuple) {
            return "(" + elements(tuple) + (tuple.size() == 1 ? ",)" : ")");
        }
        if (value instanceof List<?> list) {
            return "[" + elements(list) + "]";
        }
        if (value instanceof Map<?, ?> map) {
            return entries(map);
        }
        if (value instanceof DictionaryView view) {
            return view.text();
        }
        if (value instanceof Namespace space) {
            return "<Namespace " + entries(space.values()) + ">";
        }
        throw new TemplateFault(Values.describe(value) + " cannot be written as text"
                + (value instanceof Generator ? "; make a list of it first" : ""));
    }

    private static String elements(List<?> list) {
        List<String> parts = new ArrayList<>();
        list.forEach(element -> parts.add(representation(element)));
        return String.join(", ", parts);
    }

    private static String entries(Map<?, ?> map) {
        List<String> parts = new ArrayList<>();
        map.forEach((key, value) -> parts.add(representation(key) + ": " + representation(value)));
        return "{" + String.join(", ", parts) + "}";
    }

    /** The shortest digits that read back as the same float; an exponent outside of 1e-4 to 1e16. */
    static String real(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return Double.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
        }
        String sign = value < 0 || (value == 0 && 1 / value < 0) ? "-" : "";
        if (value == 0) {
            return sign + "0.0";
        }
        BigDecimal shortest = shortest(Math.abs(value));
        String digits = shortest.unscaledValue().toString();
        int exponent = digits.length() - 1 - shortest.scale();
        if (exponent < -4 || exponent >= 16) {
            String fraction = digits.length() > 1 ? "." + digits.substring(1) : "";
            return "%s%c%se%s%02d"
                    .formatted(sign, digits.charAt(0), fraction, exponent < 0 ? "-" : "+", Math.abs(exponent));
        }
        String plain = shortest.toPlainString();
        return sign + plain + (plain.contains(".") ? "" : ".0");
    }

    // Double.toString is not the shortest before Java 19
    private static BigDecimal shortest(double value) {
        var exact = new BigDecimal(value);
        for (int digits = 1; digits < 17; digits++) {
            BigDecimal rounded = exact.round(new MathContext(digits));
            if (rounded.doubleValue() == value) {
                return rounded.stripTrailingZeros();
            }
        }
        return exact.round(new MathContext(17)).stripTrailingZeros();
    }

    private static String quoted(String text) {
        char quote = text.indexOf('\'') >= 0 && text.indexOf('"') < 0 ? '"' : '\'';
        var out = new StringBuilder().append(quote);
        text.codePoints().forEach(c -> {
            switch (c) {
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\\' -> out.append("\\\\");
                default -> {
                    if (c == quote) {
                        out.append('\\');
                    }
                    appendEscaped(out, c, PythonStrings.isPrintable(c));
                }
            }
        });
        return out.append(quote).toString();
    }

    /** A character as it is if plain, or as its escape. */
    static void appendEscaped(StringBuilder out, int c, boolean plain) {
        if (plain) {
            out.appendCodePoint(c);
        } else {
            out.append((c < 256 ? "\\x%02x" : c < 65536 ? "\\u%04x" : "\\U%08x").formatted(c));
        }
    }

    /** {@code ascii()}. */
    static String ascii(@Nullable Object value) {
        var out = new StringBuilder();
        representation(value).codePoints().forEach(c -> appendEscaped(out, c, c < 128));
        return out.toString();
    }
}
