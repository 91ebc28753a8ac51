package dev.respec.model.chat;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Python's methods that look for a text within bounds. */
final class StringSearch {
    private StringSearch() {}

    /** {@code find}, {@code rfind}, {@code index} or {@code rindex}. */
    static Object find(String name, String text, Arguments arguments) {
        var window = Window.of(name, text, arguments);
        String wanted = arguments.bindByPlace(name, "text", "start?", "end?").string("text");
        int at = window.outside
                ? -1
                : name.startsWith("r") ? window.text.lastIndexOf(wanted) : window.text.indexOf(wanted);
        if (at < 0 && name.endsWith("index")) {
            throw new TemplateFault(name + ": the text is not there");
        }
        return at < 0 ? -1L : (long) window.from + window.text.codePointCount(0, at);
    }

    static Object count(String text, Arguments arguments) {
        var window = Window.of("count", text, arguments);
        String wanted = arguments.bindByPlace("count", "text", "start?", "end?").string("text");
        if (window.outside) {
            return 0L;
        }
        if (wanted.isEmpty()) {
            return 1L + window.text.codePointCount(0, window.text.length());
        }
        long count = 0;
        for (int at = window.text.indexOf(wanted); at >= 0; at = window.text.indexOf(wanted, at + wanted.length())) {
            count++;
        }
        return count;
    }

    static Object startsWith(String text, Arguments arguments) {
        return any("startswith", text, arguments);
    }

    static Object endsWith(String text, Arguments arguments) {
        return any("endswith", text, arguments);
    }

    private static boolean any(String name, String text, Arguments arguments) {
        var window = Window.of(name, text, arguments);
        Object wanted = arguments.bindByPlace(name, "text", "start?", "end?").get("text");
        List<@Nullable Object> all = wanted instanceof Tuple tuple ? tuple : Tuple.of(wanted);
        for (Object one : all) {
            String part = Values.string(one);
            boolean holds = name.equals("startswith") ? window.text.startsWith(part) : window.text.endsWith(part);
            if (holds && !window.outside) {
                return true;
            }
        }
        return false;
    }

    /** A text between the optional second and third argument. */
    private record Window(String text, int from, boolean outside) {
        static Window of(String name, String text, Arguments arguments) {
            var bound = arguments.bindByPlace(name, "text", "start?", "end?");
            int size = text.codePointCount(0, text.length());
            long from = place(bound.get("start"), 0, size);
            long to = Math.min(size, place(bound.get("end"), size, size));
            if (from > to) {
                return new Window("", (int) Math.min(from, size), true);
            }
            String inside =
                    text.substring(text.offsetByCodePoints(0, (int) from), text.offsetByCodePoints(0, (int) to));
            return new Window(inside, (int) from, false);
        }

        private static long place(@Nullable Object value, int fallback, int size) {
            if (value == null) {
                return fallback;
            }
            long at = Numbers.clamped(value);
            return at < 0 ? Math.max(0, at + size) : at;
        }
    }
}
