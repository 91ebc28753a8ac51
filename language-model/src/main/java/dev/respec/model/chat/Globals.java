package dev.respec.model.chat;

import java.time.Clock;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Functions that transformers gives to chat templates. */
final class Globals {
    private static final int MOST_NUMBERS = 100_000;
    private static final Map<Character, String> DATE_PATTERNS = Map.ofEntries(
            Map.entry('d', "dd"),
            Map.entry('m', "MM"),
            Map.entry('Y', "yyyy"),
            Map.entry('y', "yy"),
            Map.entry('b', "MMM"),
            Map.entry('B', "MMMM"),
            Map.entry('a', "EEE"),
            Map.entry('A', "EEEE"),
            Map.entry('H', "HH"),
            Map.entry('M', "mm"),
            Map.entry('S', "ss"));

    private Globals() {}

    /** @param clock what {@code strftime_now} reads */
    static Scope scope(Clock clock) {
        var scope = new Scope(null);
        scope.set("namespace", (Callable) (arguments, named) -> new Namespace(new LinkedHashMap<>(named)));
        scope.set("dict", (Callable) (arguments, named) -> new LinkedHashMap<>(named));
        scope.set("range", (Callable) (arguments, named) -> range(arguments));
        scope.set("raise_exception", (Callable) (arguments, named) -> {
            throw new TemplateFault("the template refuses: " + Values.text(arguments.get(0)));
        });
        scope.set("strftime_now", (Callable)
                (arguments, named) -> date(LocalDateTime.now(clock), Values.string(arguments.get(0))));
        return scope;
    }

    private static Object range(List<@Nullable Object> arguments) {
        int from = arguments.size() > 1 ? Values.integer(arguments.get(0)) : 0;
        int to = Values.integer(arguments.get(arguments.size() > 1 ? 1 : 0));
        int step = arguments.size() > 2 ? Values.integer(arguments.get(2)) : 1;
        if (step == 0 || Math.abs((long) to - from) / Math.abs((long) step) > MOST_NUMBERS) {
            throw new TemplateFault("range(%d, %d, %d) is out of bounds".formatted(from, to, step));
        }
        List<Object> numbers = new ArrayList<>();
        for (long i = from; step > 0 ? i < to : i > to; i += step) {
            numbers.add(i);
        }
        return numbers;
    }

    private static String date(LocalDateTime now, String format) {
        var text = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                text.append(c);
                continue;
            }
            String pattern = DATE_PATTERNS.get(format.charAt(++i));
            if (pattern == null) {
                throw new TemplateFault("strftime_now: %" + format.charAt(i) + " is not supported");
            }
            text.append(now.format(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH)));
        }
        return text.toString();
    }
}
