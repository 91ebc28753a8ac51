package dev.respec.model.chat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Filters of text. */
final class TextFilters {
    private static final String SPACE =
            "\\s\\x0b\\x1c-\\x1f\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
    private static final Pattern BETWEEN_WORDS = Pattern.compile("[-" + SPACE + "({\\[<]+");
    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}_]+");

    static final Map<String, Filters.Filter> FILTERS = Map.ofEntries(
            Map.entry(
                    "capitalize",
                    (value, arguments) -> StringMethods.none(arguments, PythonStrings.capitalize(text(value)))),
            Map.entry(
                    "center",
                    (value, arguments) -> StringMethods.padded("center", text(value), Arguments.of((long)
                            arguments.bind("center", "width?").integer("width", 80)))),
            Map.entry("e", TextFilters::escape),
            Map.entry("escape", TextFilters::escape),
            Map.entry("forceescape", (value, arguments) -> escaped(PythonText.text(value))),
            Map.entry("format", TextFilters::format),
            Map.entry("indent", TextFilters::indent),
            Map.entry("lower", (value, arguments) -> StringMethods.none(arguments, PythonStrings.lower(text(value)))),
            Map.entry("replace", TextFilters::replace),
            Map.entry("safe", (value, arguments) -> new Markup(PythonText.text(value))),
            Map.entry("string", (value, arguments) -> value instanceof Markup ? value : PythonText.text(value)),
            Map.entry("title", (value, arguments) -> StringMethods.none(arguments, title(text(value)))),
            Map.entry("trim", TextFilters::trim),
            Map.entry("truncate", TextFilters::truncate),
            Map.entry("upper", (value, arguments) -> StringMethods.none(arguments, PythonStrings.upper(text(value)))),
            Map.entry("urlencode", TextFilters::urlEncode),
            Map.entry(
                    "wordcount",
                    (value, arguments) -> StringMethods.none(
                            arguments, WORD.matcher(text(value)).results().count())));

    private TextFilters() {}

    private static String text(@Nullable Object value) {
        if (value instanceof Markup) {
            throw new TemplateFault("this filter of text marked as safe is not supported");
        }
        return PythonText.text(value);
    }

    private static Object escape(@Nullable Object value, Arguments arguments) {
        return value instanceof Markup ? value : StringMethods.none(arguments, escaped(PythonText.text(value)));
    }

    private static Markup escaped(String text) {
        return new Markup(text.replace("&", "&amp;")
                .replace(">", "&gt;")
                .replace("<", "&lt;")
                .replace("'", "&#39;")
                .replace("\"", "&#34;"));
    }

    private static String format(@Nullable Object value, Arguments arguments) {
        if (!arguments.named().isEmpty() && !arguments.positional().isEmpty()) {
            throw new TemplateFault("format takes values by place or by name, not both");
        }
        Object values = arguments.named().isEmpty() ? new Tuple(arguments.positional()) : arguments.named();
        return PercentFormat.apply(text(value), values);
    }

    private static String replace(@Nullable Object value, Arguments arguments) {
        var bound = arguments.bind("replace", "old", "new", "count?");
        long most = bound.get("count") == null ? -1 : Numbers.clamped(bound.get("count"));
        return PythonStrings.replace(
                PythonText.text(value), PythonText.text(bound.get("old")), PythonText.text(bound.get("new")), most);
    }

    private static String trim(@Nullable Object value, Arguments arguments) {
        var bound = arguments.bind("trim", "chars?");
        return PythonStrings.strip(text(value), bound.get("chars") == null ? null : bound.string("chars"));
    }

    private static String title(String text) {
        var out = new StringBuilder();
        Matcher between = BETWEEN_WORDS.matcher(text);
        int from = 0;
        while (between.find()) {
            out.append(titled(text.substring(from, between.start()))).append(between.group());
            from = between.end();
        }
        return out.append(titled(text.substring(from))).toString();
    }

    private static String titled(String word) {
        if (word.isEmpty()) {
            return word;
        }
        int first = word.offsetByCodePoints(0, 1);
        return PythonStrings.upper(word.substring(0, first)) + PythonStrings.lower(word.substring(first));
    }

    private static String indent(@Nullable Object value, Arguments arguments) {
        var bound = arguments.bind("indent", "width?", "first?", "blank?");
        Object width = bound.get("width", 4L);
        String indentation =
                Values.isText(width) ? Values.string(width) : " ".repeat(Math.max(0, Numbers.index(width)));
        List<String> lines = PythonStrings.lines(Values.string(text(requireText(value))) + "\n", false);
        List<String> indented = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            boolean indents = i > 0 && (bound.truth("blank") || !lines.get(i).isEmpty());
            indented.add(indents ? indentation + lines.get(i) : lines.get(i));
        }
        String result = String.join("\n", indented);
        return bound.truth("first") ? indentation + result : result;
    }

    private static Object requireText(@Nullable Object value) {
        return Values.string(value);
    }

    private static String truncate(@Nullable Object value, Arguments arguments) {
        var bound = arguments.bind("truncate", "length?", "killwords?", "end?", "leeway?");
        String text = Values.string(value);
        String end = bound.has("end") ? bound.string("end") : "...";
        int length = bound.integer("length", 255);
        int leeway = bound.get("leeway") == null ? 5 : bound.integer("leeway", 5);
        int kept = length - end.codePointCount(0, end.length());
        if (kept < 0 || leeway < 0) {
            throw new TemplateFault("truncate: the length is less than that of its end, or the leeway is negative");
        }
        if (text.codePointCount(0, text.length()) <= length + (long) leeway) {
            return text;
        }
        String cut = text.substring(0, text.offsetByCodePoints(0, kept));
        return (bound.truth("killwords") || cut.lastIndexOf(' ') < 0 ? cut : cut.substring(0, cut.lastIndexOf(' ')))
                + end;
    }

    private static String urlEncode(@Nullable Object value, Arguments arguments) {
        arguments.bind("urlencode");
        if (!Values.isText(value) && (value instanceof Map<?, ?> || value instanceof List<?>)) {
            throw new TemplateFault("urlencode of a mapping or a list is not supported");
        }
        return URLEncoder.encode(PythonText.text(value), StandardCharsets.UTF_8)
                .replace("+", "%20")
                .replace("*", "%2A")
                .replace("%7E", "~")
                .replace("%2F", "/");
    }
}
