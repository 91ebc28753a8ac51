package dev.respec.model.chat;

import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;

/** {@code strftime} in the C locale. */
final class DateText {
    private static final Map<Character, String> PATTERNS = Map.ofEntries(
            Map.entry('d', "dd"),
            Map.entry('m', "MM"),
            Map.entry('Y', "yyyy"),
            Map.entry('y', "yy"),
            Map.entry('b', "MMM"),
            Map.entry('h', "MMM"),
            Map.entry('B', "MMMM"),
            Map.entry('a', "EEE"),
            Map.entry('A', "EEEE"),
            Map.entry('H', "HH"),
            Map.entry('I', "hh"),
            Map.entry('j', "DDD"),
            Map.entry('p', "a"),
            Map.entry('M', "mm"),
            Map.entry('S', "ss"),
            Map.entry('e', "ppd"),
            Map.entry('F', "yyyy-MM-dd"),
            Map.entry('T', "HH:mm:ss"),
            Map.entry('X', "HH:mm:ss"),
            Map.entry('R', "HH:mm"),
            Map.entry('D', "MM/dd/yy"),
            Map.entry('x', "MM/dd/yy"),
            Map.entry('c', "EEE MMM ppd HH:mm:ss yyyy"));
    private static final Map<Character, String> WITHOUT_ZERO =
            Map.of('d', "d", 'm', "M", 'H', "H", 'I', "h", 'M', "m", 'S', "s", 'j', "D");

    private DateText() {}

    static String of(LocalDateTime time, String format) {
        var text = new StringBuilder();
        for (int i = 0; i < format.length(); i++) {
            char c = format.charAt(i);
            if (c != '%' || i + 1 == format.length()) {
                text.append(c);
                continue;
            }
            c = format.charAt(++i);
            boolean bare = c == '-' && i + 1 < format.length();
            if (bare) {
                c = format.charAt(++i);
            }
            text.append(field(time, c, bare));
        }
        return text.toString();
    }

    private static String field(LocalDateTime time, char c, boolean bare) {
        if (c == '%' && !bare) {
            return "%";
        }
        String pattern = bare ? WITHOUT_ZERO.get(c) : PATTERNS.get(c);
        if (pattern == null) {
            throw new TemplateFault("strftime_now: %" + (bare ? "-" : "") + c + " is not supported");
        }
        return time.format(DateTimeFormatter.ofPattern(pattern, Locale.ENGLISH));
    }
}
