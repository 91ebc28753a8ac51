package dev.respec.model.chat;

import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON as Python's {@code json.dumps(value, ensure_ascii=False, indent=…)} writes it. */
final class PythonJson {
    private final StringBuilder out = new StringBuilder();
    private final int indent;

    private PythonJson(int indent) {
        this.indent = indent;
    }

    /** @param indent spaces a level, or 0 for one line */
    static String write(@Nullable Object value, int indent) {
        var json = new PythonJson(indent);
        json.value(value, 1);
        return json.out.toString();
    }

    private void value(@Nullable Object value, int level) {
        if (value == null) {
            out.append("null");
        } else if (value instanceof String text) {
            quote(text);
        } else if (value instanceof Boolean || value instanceof Number) {
            out.append(value);
        } else if (value instanceof Map<?, ?> map) {
            writeAll(map.entrySet(), '{', '}', level);
        } else if (value instanceof Collection<?> list) {
            writeAll(list, '[', ']', level);
        } else {
            throw new TemplateFault(Values.describe(value) + " cannot be written as JSON");
        }
    }

    private void writeAll(Collection<?> elements, char open, char close, int level) {
        out.append(open);
        String separator = "";
        for (Object element : elements) {
            out.append(separator);
            newLine(level);
            if (element instanceof Map.Entry<?, ?> entry) {
                quote(String.valueOf(entry.getKey()));
                out.append(": ");
                value(entry.getValue(), level + 1);
            } else {
                value(element, level + 1);
            }
            separator = indent == 0 ? ", " : ",";
        }
        if (!elements.isEmpty()) {
            newLine(level - 1);
        }
        out.append(close);
    }

    private void newLine(int level) {
        if (indent > 0) {
            out.append('\n').append(" ".repeat(indent * level));
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
                    if (c < ' ') {
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
