package dev.respec.trainer.data;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;

/** Reads fields of a data line as text, and says what they are if they cannot be read. */
final class JsonFields {
    /** Digits of a number written out; more would not be an answer. */
    private static final int MOST_DIGITS = 1000;

    private JsonFields() {}

    /** A text as it is, a number in plain digits: {@code 1e3} is 1000. */
    static String scalar(JsonNode value, String field) {
        if (value.isNumber()) {
            return plain(value.decimalValue(), field);
        }
        if (!value.isTextual() && !value.isBoolean()) {
            throw new PromptLineException("field '" + field + "' is " + kind(value) + ": expected a text or a number");
        }
        return unicode(anyText(value), field);
    }

    private static String plain(BigDecimal number, String field) {
        if (Math.max(number.precision(), Math.abs((long) number.scale())) > MOST_DIGITS) {
            throw new PromptLineException(
                    "field '%s' is a number of more than %d digits: write it as a text".formatted(field, MOST_DIGITS));
        }
        return number.toPlainString();
    }

    /** The text itself; half of a surrogate pair has no bytes in UTF-8 and would be lost on the way. */
    static String unicode(String text, String field) {
        for (int i = 0; i < text.length(); i++) {
            char character = text.charAt(i);
            boolean pair = Character.isHighSurrogate(character)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (pair) {
                i++;
            } else if (Character.isSurrogate(character)) {
                throw new PromptLineException("field '%s', character %d: \\u%04x is half of a surrogate pair: "
                                .formatted(field, i + 1, (int) character)
                        + "write the whole character");
            }
        }
        return text;
    }

    static String anyText(JsonNode value) {
        return value.isTextual() ? value.asText() : value.toString();
    }

    static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case ARRAY -> "a list";
            case OBJECT -> "an object";
            case STRING -> "a text";
            case NUMBER -> "the number " + value;
            case BOOLEAN -> "the value " + value;
            default -> "null";
        };
    }
}
