package dev.respec.model.chat;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Jinja's tests by name. */
final class Tests {
    /** {@code value is name(…)}. */
    @FunctionalInterface
    interface Test {
        boolean holds(@Nullable Object value, Arguments arguments);
    }

    private static final Map<String, Test> TESTS = Map.ofEntries(
            plain("boolean", value -> value instanceof Boolean),
            plain("callable", value -> value instanceof Callable || value instanceof Undefined),
            plain("defined", value -> !(value instanceof Undefined)),
            plain("escaped", value -> value instanceof Markup),
            plain("even", value -> rest(value, 2L) == 0),
            plain("false", value -> Boolean.FALSE.equals(value)),
            plain("filter", value -> Filters.names().contains(hashable(value))),
            plain("float", value -> value instanceof Double),
            plain("integer", Numbers::isInteger),
            plain("iterable", Tests::isIterable),
            plain(
                    "lower",
                    value -> PythonStrings.allCased(
                            PythonText.text(value), c -> Character.isUpperCase(c) || Character.isTitleCase(c))),
            plain("mapping", value -> value instanceof Map<?, ?>),
            plain("none", value -> value == null),
            plain("number", Numbers::isNumber),
            plain("odd", value -> rest(value, 2L) == 1),
            plain(
                    "sequence",
                    value -> Sequences.hasPlaces(value) || value instanceof Map<?, ?> || value instanceof Undefined),
            plain("string", Values::isText),
            plain("test", value -> isTest(hashable(value))),
            plain("true", value -> Boolean.TRUE.equals(value)),
            plain("undefined", value -> value instanceof Undefined),
            plain(
                    "upper",
                    value -> PythonStrings.allCased(
                            PythonText.text(value), c -> Character.isLowerCase(c) || Character.isTitleCase(c))),
            Map.entry("divisibleby", (value, arguments) -> rest(value, other(arguments, "num")) == 0),
            Map.entry("sameas", (value, arguments) -> same(value, other(arguments, "other"))),
            Map.entry("in", (value, arguments) -> Values.contains(other(arguments, "seq"), value)),
            comparison("==", "=="),
            comparison("eq", "=="),
            comparison("equalto", "=="),
            comparison("!=", "!="),
            comparison("ne", "!="),
            comparison(">", ">"),
            comparison("gt", ">"),
            comparison("greaterthan", ">"),
            comparison("<", "<"),
            comparison("lt", "<"),
            comparison("lessthan", "<"),
            comparison(">=", ">="),
            comparison("ge", ">="),
            comparison("<=", "<="),
            comparison("le", "<="));

    private Tests() {}

    private static String hashable(@Nullable Object name) {
        Dictionaries.requireHashable(name);
        return Values.isText(name) ? Values.string(name) : "";
    }

    private static boolean isTest(String name) {
        return TESTS.containsKey(name);
    }

    /** Refuses a name that is not known. */
    static Test named(String name) {
        Test test = TESTS.get(name);
        if (test == null) {
            throw new TemplateFault("the test '" + name + "' is not supported");
        }
        return test;
    }

    /** A test without arguments. */
    @FunctionalInterface
    private interface Plain {
        boolean holds(@Nullable Object value);
    }

    private static Map.Entry<String, Test> plain(String name, Plain test) {
        return Map.entry(name, (value, arguments) -> {
            arguments.bind("the test '" + name + "'");
            return test.holds(value);
        });
    }

    private static Map.Entry<String, Test> comparison(String name, String operator) {
        return Map.entry(name, (value, arguments) -> Values.compare(operator, value, other(arguments, "other")));
    }

    private static @Nullable Object other(Arguments arguments, String name) {
        return arguments.bind("the test", name).get(name);
    }

    private static double rest(@Nullable Object value, @Nullable Object divisor) {
        if (value instanceof String) {
            throw new TemplateFault("expected a number, found a string");
        }
        return Numbers.real(Numbers.arithmetic("%", value, divisor));
    }

    private static boolean isIterable(@Nullable Object value) {
        return Sequences.hasLength(value) || value instanceof Generator;
    }

    private static boolean same(@Nullable Object value, @Nullable Object other) {
        if (value == other) {
            return true;
        }
        if (value instanceof Boolean || other instanceof Boolean || value == null || other == null) {
            return java.util.Objects.equals(value, other);
        }
        boolean fixed = Values.isText(value) || Numbers.isNumber(value) || value instanceof Tuple;
        if (fixed && Values.equal(value, other)) {
            throw new TemplateFault("sameas of equal strings, numbers or tuples is not supported; use ==");
        }
        return false;
    }
}
