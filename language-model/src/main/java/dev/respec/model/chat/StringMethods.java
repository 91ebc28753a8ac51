package dev.respec.model.chat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Methods of Python's {@code str}. */
final class StringMethods {
    /** A method of a text. */
    @FunctionalInterface
    interface Method {
        @Nullable
        Object call(String text, Arguments arguments);
    }

    private static final Set<String> NOT_SUPPORTED = Set.of("encode", "maketrans", "translate");
    private static final Map<String, Method> METHODS = Map.ofEntries(
            Map.entry("capitalize", (text, arguments) -> none(arguments, PythonStrings.capitalize(text))),
            Map.entry("casefold", (text, arguments) -> none(arguments, PythonStrings.lower(PythonStrings.upper(text)))),
            Map.entry("center", (text, arguments) -> padded("center", text, arguments)),
            Map.entry("count", (text, arguments) -> StringSearch.count(text, arguments)),
            Map.entry("endswith", (text, arguments) -> StringSearch.endsWith(text, arguments)),
            Map.entry("expandtabs", (text, arguments) -> expandTabs(text, arguments)),
            Map.entry("find", (text, arguments) -> StringSearch.find("find", text, arguments)),
            Map.entry("format", (text, arguments) -> new BraceFormat(arguments).apply(text)),
            Map.entry("index", (text, arguments) -> StringSearch.find("index", text, arguments)),
            Map.entry("join", (text, arguments) -> join(text, arguments)),
            Map.entry("ljust", (text, arguments) -> padded("ljust", text, arguments)),
            Map.entry("lower", (text, arguments) -> none(arguments, PythonStrings.lower(text))),
            Map.entry("lstrip", (text, arguments) -> PythonStrings.stripLeading(text, characters(arguments))),
            Map.entry("partition", (text, arguments) -> partition(text, arguments, false)),
            Map.entry("removeprefix", (text, arguments) -> withoutPrefix(text, one(arguments))),
            Map.entry("removesuffix", (text, arguments) -> withoutSuffix(text, one(arguments))),
            Map.entry("replace", (text, arguments) -> replace(text, arguments)),
            Map.entry("rfind", (text, arguments) -> StringSearch.find("rfind", text, arguments)),
            Map.entry("rindex", (text, arguments) -> StringSearch.find("rindex", text, arguments)),
            Map.entry("rjust", (text, arguments) -> padded("rjust", text, arguments)),
            Map.entry("rpartition", (text, arguments) -> partition(text, arguments, true)),
            Map.entry("rsplit", (text, arguments) -> split(text, arguments, true)),
            Map.entry("rstrip", (text, arguments) -> PythonStrings.stripTrailing(text, characters(arguments))),
            Map.entry("split", (text, arguments) -> split(text, arguments, false)),
            Map.entry("splitlines", (text, arguments) -> splitLines(text, arguments)),
            Map.entry("startswith", (text, arguments) -> StringSearch.startsWith(text, arguments)),
            Map.entry("strip", (text, arguments) -> PythonStrings.strip(text, characters(arguments))),
            Map.entry("swapcase", (text, arguments) -> none(arguments, PythonStrings.swapCase(text))),
            Map.entry("title", (text, arguments) -> none(arguments, PythonStrings.title(text))),
            Map.entry("upper", (text, arguments) -> none(arguments, PythonStrings.upper(text))),
            Map.entry("zfill", (text, arguments) -> zeroFilled(text, arguments)));

    private StringMethods() {}

    /** The method of that name bound to the text, or null. */
    static @Nullable Callable of(String text, String name) {
        Method method = METHODS.getOrDefault(name, CharacterTests.METHODS.get(name));
        if (method != null) {
            return arguments -> method.call(text, arguments);
        }
        if (name.equals("format_map")) {
            return arguments -> new BraceFormat(new Arguments(List.of(), named(arguments))).apply(text);
        }
        if (NOT_SUPPORTED.contains(name)) {
            throw new TemplateFault("the method '" + name + "' of a string is not supported");
        }
        return null;
    }

    private static Map<String, @Nullable Object> named(Arguments arguments) {
        Object values = arguments.bindByPlace("format_map", "mapping").get("mapping");
        Map<String, @Nullable Object> named = new java.util.LinkedHashMap<>();
        Dictionaries.of(Arguments.of(values)).forEach((key, value) -> named.put(Values.string(key), value));
        return named;
    }

    /** The result of a method without arguments. */
    static Object none(Arguments arguments, Object result) {
        arguments.bindByPlace("the method");
        return result;
    }

    private static String one(Arguments arguments) {
        return arguments.bindByPlace("the method", "text").string("text");
    }

    private static @Nullable String characters(Arguments arguments) {
        var bound = arguments.bindByPlace("strip", "characters?");
        return bound.get("characters") == null ? null : bound.string("characters");
    }

    /** {@code center}, {@code ljust} or {@code rjust}. */
    static String padded(String name, String text, Arguments arguments) {
        var bound = arguments.bindByPlace(name, "width", "fill?");
        String fill = bound.has("fill") ? bound.string("fill") : " ";
        if (fill.codePointCount(0, fill.length()) != 1) {
            throw new TemplateFault(name + ": the fill must be one character");
        }
        int width = bound.integer("width", 0);
        int missing = Math.max(0, width - text.codePointCount(0, text.length()));
        int left = switch (name) {
            case "ljust" -> 0;
            case "rjust" -> missing;
            default -> missing / 2 + (missing & width & 1);
        };
        return fill.repeat(left) + text + fill.repeat(missing - left);
    }

    private static String zeroFilled(String text, Arguments arguments) {
        int width = arguments.bindByPlace("zfill", "width").integer("width", 0);
        String zeros = "0".repeat(Math.max(0, width - text.codePointCount(0, text.length())));
        boolean signed = text.startsWith("+") || text.startsWith("-");
        return signed ? text.charAt(0) + zeros + text.substring(1) : zeros + text;
    }

    private static String expandTabs(String text, Arguments arguments) {
        int size = arguments.bind("expandtabs", "tabsize?").integer("tabsize", 8);
        var out = new StringBuilder();
        int column = 0;
        for (int c : text.codePoints().toArray()) {
            if (c == '\t') {
                int spaces = size > 0 ? size - column % size : 0;
                out.append(" ".repeat(spaces));
                column += spaces;
            } else {
                out.appendCodePoint(c);
                column = c == '\n' || c == '\r' ? 0 : column + 1;
            }
        }
        return out.toString();
    }

    private static String join(String separator, Arguments arguments) {
        Object values = arguments.bindByPlace("join", "iterable").get("iterable");
        List<String> parts = new ArrayList<>();
        Sequences.list(values).forEach(part -> parts.add(Values.string(part)));
        return String.join(separator, parts);
    }

    private static Tuple partition(String text, Arguments arguments, boolean fromRight) {
        String separator = one(arguments);
        if (separator.isEmpty()) {
            throw new TemplateFault("partition: the separator is empty");
        }
        int at = fromRight ? text.lastIndexOf(separator) : text.indexOf(separator);
        if (at < 0) {
            return fromRight ? Tuple.of("", "", text) : Tuple.of(text, "", "");
        }
        return Tuple.of(text.substring(0, at), separator, text.substring(at + separator.length()));
    }

    private static String withoutPrefix(String text, String prefix) {
        return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
    }

    private static String withoutSuffix(String text, String suffix) {
        return text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
    }

    private static String replace(String text, Arguments arguments) {
        var bound = arguments.bindByPlace("replace", "old", "new", "count?");
        return PythonStrings.replace(
                text, bound.string("old"), bound.string("new"), Numbers.clamped(bound.get("count", -1L)));
    }

    private static List<@Nullable Object> split(String text, Arguments arguments, boolean fromRight) {
        var bound = arguments.bind("split", "sep?", "maxsplit?");
        long cuts = Numbers.clamped(bound.get("maxsplit", -1L));
        if (bound.get("sep") == null) {
            return fromRight ? PythonStrings.splitAtSpaceFromRight(text, cuts) : PythonStrings.splitAtSpace(text, cuts);
        }
        return fromRight
                ? PythonStrings.splitFromRight(text, bound.string("sep"), cuts)
                : PythonStrings.split(text, bound.string("sep"), cuts);
    }

    private static List<@Nullable Object> splitLines(String text, Arguments arguments) {
        var bound = arguments.bind("splitlines", "keepends?");
        return new ArrayList<>(PythonStrings.lines(text, bound.truth("keepends")));
    }
}
