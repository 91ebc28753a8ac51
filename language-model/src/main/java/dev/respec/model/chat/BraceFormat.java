package dev.respec.model.chat;

import org.jspecify.annotations.Nullable;

/** {@code '{} {name.field[0]!r:>8}'.format(…)}. */
final class BraceFormat {
    private final Arguments arguments;
    private int nextPlace;

    BraceFormat(Arguments arguments) {
        this.arguments = arguments;
    }

    String apply(String format) {
        return apply(format, 2);
    }

    private String apply(String format, int depth) {
        if (depth < 0) {
            throw new TemplateFault("format: places are nested too deeply");
        }
        var out = new StringBuilder();
        int at = 0;
        while (at < format.length()) {
            char c = format.charAt(at);
            boolean doubled = at + 1 < format.length() && format.charAt(at + 1) == c;
            if ((c == '{' || c == '}') && doubled) {
                out.append(c);
                at += 2;
            } else if (c == '{') {
                int end = end(format, at);
                out.append(field(format.substring(at + 1, end), depth));
                at = end + 1;
            } else if (c == '}') {
                throw new TemplateFault("format: a single '}'");
            } else {
                out.append(c);
                at++;
            }
        }
        return out.toString();
    }

    private static int end(String format, int open) {
        int depth = 0;
        for (int i = open; i < format.length(); i++) {
            depth += format.charAt(i) == '{' ? 1 : format.charAt(i) == '}' ? -1 : 0;
            if (depth == 0) {
                return i;
            }
        }
        throw new TemplateFault("format: '{' is not closed");
    }

    private String field(String field, int depth) {
        int bracket = field.indexOf('[');
        int colon = field.indexOf(':', bracket < 0 ? 0 : Math.max(bracket, field.indexOf(']')));
        if (bracket >= 0 && field.indexOf(':') >= 0 && field.indexOf(':') < bracket) {
            colon = field.indexOf(':');
        }
        String specification = colon < 0 ? "" : field.substring(colon + 1);
        String name = colon < 0 ? field : field.substring(0, colon);
        char conversion = ' ';
        if (name.length() >= 2 && name.charAt(name.length() - 2) == '!') {
            conversion = name.charAt(name.length() - 1);
            name = name.substring(0, name.length() - 2);
        }
        Object value = converted(value(name), conversion);
        return FormatSpecification.format(value, specification.isEmpty() ? "" : apply(specification, depth - 1));
    }

    private static @Nullable Object converted(@Nullable Object value, char conversion) {
        return switch (conversion) {
            case ' ' -> value;
            case 's' -> PythonText.text(value);
            case 'r' -> PythonText.representation(value);
            case 'a' -> PythonText.ascii(value);
            default -> throw new TemplateFault("format: unknown conversion !" + conversion);
        };
    }

    private @Nullable Object value(String name) {
        int end = 0;
        while (end < name.length() && ".[".indexOf(name.charAt(end)) < 0) {
            end++;
        }
        Object value = first(name.substring(0, end));
        int at = end;
        while (at < name.length()) {
            boolean attribute = name.charAt(at) == '.';
            int to = attribute ? at + 1 : name.indexOf(']', at);
            while (attribute && to < name.length() && ".[".indexOf(name.charAt(to)) < 0) {
                to++;
            }
            if (to < 0 || to == at + 1) {
                throw new TemplateFault("format: cannot read the place '" + name + "'");
            }
            String key = name.substring(at + 1, to);
            value = attribute
                    ? Members.attribute(value, key)
                    : Members.item(value, isPlace(key) ? Long.valueOf(key) : key);
            at = attribute ? to : to + 1;
        }
        return value;
    }

    private @Nullable Object first(String name) {
        if (!name.isEmpty() && !isPlace(name)) {
            if (!arguments.named().containsKey(name)) {
                throw new TemplateFault("format: no value for '" + name + "'");
            }
            return arguments.named().get(name);
        }
        int place = name.isEmpty() ? nextPlace++ : Integer.parseInt(name);
        if (place >= arguments.positional().size()) {
            throw new TemplateFault("format: no value for place " + place);
        }
        return arguments.positional().get(place);
    }

    private static boolean isPlace(String name) {
        return !name.isEmpty() && name.length() < 7 && name.chars().allMatch(c -> c >= '0' && c <= '9');
    }
}
