package dev.respec.model.chat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What stands behind the colon in {@code '{:>8.2f}'}. */
final class FormatSpecification {
    private static final Pattern SYNTAX =
            Pattern.compile("(?s)(?:(.)?([<>=^]))?([-+ ])?(#)?(0)?(\\d{1,6})?([,_])?(?:\\.(\\d{1,6}))?([a-zA-Z%])?");

    private final String fill;
    private final String align;
    private final String sign;
    private final boolean alternative;
    private final int width;
    private final String grouping;
    private final int precision;
    private final char type;

    private FormatSpecification(Matcher parts) {
        boolean zero = parts.group(5) != null;
        this.fill = parts.group(1) != null ? parts.group(1) : zero && parts.group(2) == null ? "0" : " ";
        this.align = parts.group(2) != null ? parts.group(2) : zero ? "=" : "";
        this.sign = parts.group(3) == null ? "-" : parts.group(3);
        this.alternative = parts.group(4) != null;
        this.width = parts.group(6) == null ? 0 : Integer.parseInt(parts.group(6));
        this.grouping = parts.group(7) == null ? "" : parts.group(7);
        this.precision = parts.group(8) == null ? -1 : Integer.parseInt(parts.group(8));
        this.type = parts.group(9) == null ? ' ' : parts.group(9).charAt(0);
    }

    static String format(@Nullable Object value, String specification) {
        if (specification.isEmpty()) {
            return PythonText.text(value);
        }
        Matcher parts = SYNTAX.matcher(specification);
        boolean formats = Values.isText(value) || Numbers.isNumber(value);
        if (!parts.matches() || !formats) {
            throw new TemplateFault("%s has no format '%s'".formatted(Values.describe(value), specification));
        }
        var format = new FormatSpecification(parts);
        return Numbers.isNumber(value) && !(value instanceof Boolean && specification.endsWith("s"))
                ? format.number(value)
                : format.text(Values.string(value));
    }

    private String text(String text) {
        if ((type != ' ' && type != 's')
                || align.equals("=")
                || !sign.equals("-")
                || alternative
                || !grouping.isEmpty()) {
            throw new TemplateFault("a string has no such format");
        }
        int length = text.codePointCount(0, text.length());
        String cut =
                precision < 0 || precision >= length ? text : text.substring(0, text.offsetByCodePoints(0, precision));
        return padded("", cut, align.isEmpty() ? "<" : align);
    }

    private String number(@Nullable Object value) {
        boolean whole = !(value instanceof Double);
        if (whole && "bcdoxX ".indexOf(type) >= 0) {
            return whole(Numbers.big(value));
        }
        if ("eEfFgG% ".indexOf(type) < 0) {
            throw new TemplateFault("a number has no format '" + type + "'");
        }
        double real = Numbers.real(value);
        String digits = magnitude(Math.abs(real));
        boolean negative = real < 0 || (real == 0 && 1 / real < 0);
        return signed(negative, "", grouped(digits, 3));
    }

    private String magnitude(double real) {
        if (type == '%') {
            return real(real * 100, 'f', precision < 0 ? 6 : precision, alternative) + "%";
        }
        if (type != ' ') {
            return real(real, type, precision < 0 ? 6 : precision, alternative);
        }
        if (precision < 0) {
            return PythonText.real(real);
        }
        throw new TemplateFault("a float with a precision needs a type such as f");
    }

    private String whole(BigInteger value) {
        if (precision >= 0 || type == 'c') {
            throw new TemplateFault("an integer has no such format");
        }
        int radix = type == 'b' ? 2 : type == 'o' ? 8 : type == 'x' || type == 'X' ? 16 : 10;
        String digits = value.abs().toString(radix);
        String prefix = alternative && radix != 10 ? "0" + type : "";
        return signed(
                value.signum() < 0,
                prefix,
                grouped(type == 'X' ? PythonStrings.upper(digits) : digits, radix == 10 ? 3 : 4));
    }

    private String grouped(String digits, int size) {
        if (grouping.isEmpty()) {
            return digits;
        }
        int end = 0;
        while (end < digits.length() && Character.digit(digits.charAt(end), 16) >= 0) {
            end++;
        }
        if (fill.equals("0") && align.equals("=") && width > digits.length()) {
            throw new TemplateFault("zero padding with separators is not supported");
        }
        var out = new StringBuilder(digits);
        for (int i = end - size; i > 0; i -= size) {
            out.insert(i, grouping);
        }
        return out.toString();
    }

    private String signed(boolean negative, String prefix, String digits) {
        String before = negative ? "-" : sign.equals("-") ? "" : sign;
        return padded(before + prefix, digits, align.isEmpty() ? ">" : align);
    }

    private String padded(String head, String text, String where) {
        int missing = Math.max(0, width - head.length() - text.codePointCount(0, text.length()));
        return switch (where) {
            case "<" -> head + text + fill.repeat(missing);
            case "^" -> fill.repeat(missing / 2) + head + text + fill.repeat(missing - missing / 2);
            case "=" -> head + fill.repeat(missing) + text;
            default -> fill.repeat(missing) + head + text;
        };
    }

    /** A float in the notation of C's {@code e}, {@code f} or {@code g}. */
    static String real(double value, char type, int precision, boolean alternative) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            String text = PythonText.real(value);
            return Character.isUpperCase(type) ? PythonStrings.upper(text) : text;
        }
        boolean negative = value < 0 || (value == 0 && 1 / value < 0);
        var exact = new BigDecimal(Math.abs(value));
        String text = switch (Character.toLowerCase(type)) {
            case 'f' -> exact.setScale(precision, RoundingMode.HALF_EVEN).toPlainString();
            case 'e' -> scientific(exact, precision);
            default -> general(exact, Math.max(1, precision), alternative);
        };
        if (alternative && precision == 0 && !text.contains(".")) {
            throw new TemplateFault("the alternative form without decimals is not supported");
        }
        return (negative ? "-" : "") + (Character.isUpperCase(type) ? PythonStrings.upper(text) : text);
    }

    private static String scientific(BigDecimal value, int precision) {
        BigDecimal rounded = value.round(new MathContext(precision + 1, RoundingMode.HALF_EVEN));
        String digits = rounded.unscaledValue().toString();
        int exponent = value.signum() == 0 ? 0 : digits.length() - 1 - rounded.scale();
        String all = value.signum() == 0 ? "0" : digits;
        all = all.length() > precision + 1
                ? all.substring(0, precision + 1)
                : all + "0".repeat(precision + 1 - all.length());
        return all.charAt(0)
                + (precision > 0 ? "." + all.substring(1) : "")
                + "e%s%02d".formatted(exponent < 0 ? "-" : "+", Math.abs(exponent));
    }

    private static String general(BigDecimal value, int precision, boolean alternative) {
        if (alternative) {
            throw new TemplateFault("the alternative form of g is not supported");
        }
        String scientific = scientific(value, precision - 1);
        int mark = scientific.indexOf('e');
        int exponent = Integer.parseInt(scientific.substring(mark + 1));
        if (exponent < -4 || exponent >= precision) {
            return withoutZeros(scientific.substring(0, mark)) + scientific.substring(mark);
        }
        return withoutZeros(
                value.setScale(precision - 1 - exponent, RoundingMode.HALF_EVEN).toPlainString());
    }

    private static String withoutZeros(String digits) {
        return digits.contains(".")
                ? PythonStrings.stripTrailing(PythonStrings.stripTrailing(digits, "0"), ".")
                : digits;
    }
}
