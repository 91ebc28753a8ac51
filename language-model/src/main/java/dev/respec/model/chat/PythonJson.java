package dev.respec.model.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON as Python's {@code json.dumps(value, ensure_ascii, indent, separators, sort_keys)} writes it. */
final class PythonJson {
    private final StringBuilder out = new StringBuilder();
    private final boolean ascii;
    private final @Nullable String indent;
    private final String itemSeparator;
    private final String keySeparator;
    private final boolean sorted;

    private PythonJson(Arguments.Bound options) {
        ascii = options.truth("ensure_ascii");
        indent = indent(options.get("indent"));
        sorted = options.truth("sort_keys");
        Object separators = options.get("separators");
        List<@Nullable Object> both =
                separators == null ? Tuple.of(indent == null ? ", " : ",", ": ") : Sequences.list(separators);
        if (both.size() != 2) {
            throw new TemplateFault("tojson: expected two separators, found " + both.size());
        }
        itemSeparator = Values.string(both.get(0));
        keySeparator = Values.string(both.get(1));
    }

    /** The filter {@code tojson} of transformers. */
    static String write(@Nullable Object value, Arguments arguments) {
        var json = new PythonJson(arguments.bind("tojson", "ensure_ascii?", "indent?", "separators?", "sort_keys?"));
        json.value(value, 1);
        return json.out.toString();
    }

    private static @Nullable String indent(@Nullable Object indent) {
        if (indent == null || Values.isText(indent)) {
            return indent == null ? null : Values.string(indent);
        }
        return " ".repeat(Math.max(0, Numbers.index(indent)));
    }

    private void value(@Nullable Object value, int level) {
        if (level > 900) {
            throw new TemplateFault("tojson: the value is nested too deeply");
        }
        if (value == null || value instanceof Boolean || Numbers.isNumber(value)) {
            out.append(scalar(value));
        } else if (Values.isText(value)) {
            quote(Values.string(value));
        } else if (value instanceof Map<?, ?> map) {
            entries(map, level);
        } else if (value instanceof List<?> list && !(value instanceof Range)) {
            elements(list, level);
        } else {
            throw new TemplateFault(Values.describe(value) + " cannot be written as JSON");
        }
    }

    private static String scalar(@Nullable Object value) {
        if (value == null || value instanceof Boolean) {
            return String.valueOf(value);
        }
        if (value instanceof Double real && (real.isNaN() || real.isInfinite())) {
            return real.isNaN() ? "NaN" : real > 0 ? "Infinity" : "-Infinity";
        }
        return PythonText.representation(value);
    }

    private void elements(List<?> list, int level) {
        String separator = "";
        out.append('[');
        for (Object element : list) {
            out.append(separator);
            newLine(level);
            value(element, level + 1);
            separator = itemSeparator;
        }
        close(list.isEmpty(), ']', level);
    }

    private void entries(Map<?, ?> map, int level) {
        List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
        if (sorted) {
            entries.sort((a, b) -> Values.compare(a.getKey(), b.getKey()));
        }
        String separator = "";
        out.append('{');
        for (Map.Entry<?, ?> entry : entries) {
            out.append(separator);
            newLine(level);
            quote(key(entry.getKey()));
            out.append(keySeparator);
            value(entry.getValue(), level + 1);
            separator = itemSeparator;
        }
        close(map.isEmpty(), '}', level);
    }

    private static String key(@Nullable Object key) {
        if (Values.isText(key)) {
            return Values.string(key);
        }
        if (key == null || Numbers.isNumber(key)) {
            return scalar(key);
        }
        throw new TemplateFault("tojson: " + Values.describe(key) + " cannot be a key");
    }

    private void close(boolean empty, char bracket, int level) {
        if (!empty) {
            newLine(level - 1);
        }
        out.append(bracket);
    }

    private void newLine(int level) {
        if (indent != null) {
            out.append('\n').append(indent.repeat(level));
        }
    }

    private void quote(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < ' ' || (ascii && c > '~')) {
                        out.append("\\u%04x".formatted((int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
