package dev.respec.scorer.answer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Units of measurement as answers write them: {@code square units}, {@code miles per hour}, {@code cm^2}. */
final class Units {
    /**
     * A unit as a multiple of basic ones.
     *
     * @param powers by name of the basic unit; a noun that is not a unit of measurement is one of its own
     */
    record Unit(Rational factor, Map<String, Integer> powers) {
        static final Unit NONE = new Unit(Rational.ONE, Map.of());

        Unit {
            powers = Map.copyOf(powers);
        }

        boolean isNone() {
            return powers.isEmpty();
        }

        Unit times(Unit other, int power) {
            Map<String, Integer> product = new TreeMap<>(powers);
            other.powers.forEach((name, exponent) -> product.merge(name, exponent * power, Integer::sum));
            product.values().removeIf(exponent -> exponent == 0);
            return new Unit(factor.times(other.factor.power(power)), product);
        }
    }

    /** What follows a number: its unit, and what the number is multiplied by first. */
    record Suffix(Unit unit, Rational multiplier, boolean percent) {}

    private static final Map<String, Unit> KNOWN = new HashMap<>();
    private static final Set<String> WITHOUT_DIMENSION = Set.of("unit", "units", "radian", "radians", "rad");
    private static final Set<String> FILLERS = Set.of("of", "a", "an", "the", "each", "per", "total");
    /** Words that restrict or negate what stands before them. */
    private static final Set<String> NOT_UNITS = Set.of(
            "if",
            "when",
            "where",
            "for",
            "not",
            "or",
            "and",
            "except",
            "unless",
            "otherwise",
            "mod",
            "base",
            "to",
            "than",
            "least",
            "most",
            "about",
            "is",
            "are");

    private static final Set<String> ORDINALS = Set.of("st", "nd", "rd", "th");
    private static final Map<String, Rational> MULTIPLIERS = Map.of(
            "hundred", Rational.of(100),
            "thousand", Rational.of(1_000),
            "million", Rational.of(1_000_000),
            "billion", Rational.of(1_000_000_000),
            "trillion", Rational.of(1_000_000_000_000L),
            "dozen", Rational.of(12));
    private static final Pattern PIECE = Pattern.compile("[a-zA-Z°]+|\\^\\{?(-?\\d)\\}?|/|\\\\?cdot|\\*|[ .{}()-]");
    private static final int MOST_CHARACTERS = 80;

    static {
        base("m", "meter", "meters", "metre", "metres");
        multiple("m", Rational.of(1, 1000), "mm", "millimeter", "millimeters", "millimetre", "millimetres");
        multiple("m", Rational.of(1, 100), "cm", "centimeter", "centimeters", "centimetre", "centimetres");
        multiple("m", Rational.of(1000), "km", "kilometer", "kilometers", "kilometre", "kilometres");
        multiple("m", Rational.of(254, 10_000), "inch", "inches", "in");
        multiple("m", Rational.of(3048, 10_000), "foot", "feet", "ft");
        multiple("m", Rational.of(9144, 10_000), "yard", "yards", "yd", "yds");
        multiple("m", Rational.of(1_609_344, 1000), "mile", "miles", "mi");
        base("s", "second", "seconds", "sec", "secs");
        multiple("s", Rational.of(60), "minute", "minutes", "min", "mins");
        multiple("s", Rational.of(3600), "hour", "hours", "hr", "hrs", "h");
        multiple("s", Rational.of(86_400), "day", "days");
        multiple("s", Rational.of(604_800), "week", "weeks");
        base("g", "gram", "grams");
        multiple("g", Rational.of(1000), "kg", "kilogram", "kilograms", "kgs");
        multiple("g", Rational.of(1, 1000), "mg", "milligram", "milligrams");
        multiple("g", Rational.of(45_359_237, 100_000), "pound", "pounds", "lb", "lbs");
        multiple("g", Rational.of(45_359_237, 1_600_000), "ounce", "ounces", "oz");
        base("liter", "liters", "litre", "litres", "l", "L");
        multiple("liter", Rational.of(1, 1000), "ml", "mL", "milliliter", "milliliters", "millilitre", "millilitres");
        base("dollar", "dollars", "usd", "USD", "buck", "bucks");
        multiple("dollar", Rational.of(1, 100), "cent", "cents");
        base("euro", "euros", "eur", "EUR");
        base("gbp", "GBP");
        base("yen");
        base("degree", "degrees", "deg", "°");
        base("month", "months");
        base("year", "years", "yr", "yrs");
        compound("mph", "mile", "hour");
        compound("kph", "km", "hour");
        compound("kmh", "km", "hour");
        compound("fps", "foot", "second");
    }

    private Units() {}

    private static void base(String name, String... others) {
        multiple(name, Rational.ONE, name);
        multiple(name, Rational.ONE, others);
    }

    private static void multiple(String base, Rational factor, String... names) {
        Arrays.stream(names).forEach(name -> KNOWN.put(name, new Unit(factor, Map.of(base, 1))));
    }

    private static void compound(String name, String dividend, String divisor) {
        KNOWN.put(name, unit(dividend).times(unit(divisor), -1));
    }

    private static Unit unit(String name) {
        Unit known = KNOWN.get(name);
        known = known == null ? KNOWN.get(name.toLowerCase(Locale.ROOT)) : known;
        if (known != null) {
            return known;
        }
        String noun = name.toLowerCase(Locale.ROOT);
        boolean plural = noun.length() > 3 && noun.endsWith("s") && !noun.endsWith("ss");
        return new Unit(Rational.ONE, Map.of(plural ? noun.substring(0, noun.length() - 1) : noun, 1));
    }

    /** Whether a run of letters right behind a number is a unit rather than a product of symbols. */
    static boolean known(String run) {
        return run.length() > 1 && (KNOWN.containsKey(run) || ORDINALS.contains(run) || MULTIPLIERS.containsKey(run));
    }

    /** @throws UnsupportedAnswerException if the text is more than a unit */
    static Suffix parse(String text) {
        List<String> words = new ArrayList<>();
        Matcher piece = PIECE.matcher(text);
        int end = 0;
        while (end < text.length() && text.length() <= MOST_CHARACTERS && piece.find(end) && piece.start() == end) {
            end = piece.end();
            String word = piece.group().strip();
            if (!word.isEmpty() && !"{}().-*".contains(word) && !word.endsWith("cdot")) {
                words.add(piece.group(1) == null ? word : "^" + piece.group(1));
            }
        }
        if (end < text.length()) {
            throw new UnsupportedAnswerException("not a unit");
        }
        return parse(words);
    }

    private static Suffix parse(List<String> words) {
        Unit unit = Unit.NONE;
        Rational multiplier = Rational.ONE;
        boolean percent = false;
        int sign = 1;
        int power = 1;
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            String lower = word.toLowerCase(Locale.ROOT);
            Rational multiple = MULTIPLIERS.get(lower);
            if (multiple != null) {
                multiplier = multiplier.times(multiple);
            } else if (lower.equals("percent")) {
                percent = true;
            } else if (word.equals("/") || lower.equals("per")) {
                sign = -1;
            } else if (lower.equals("square") || lower.equals("sq") || lower.equals("cubic") || lower.equals("cu")) {
                power = lower.startsWith("s") ? 2 : 3;
            } else if (NOT_UNITS.contains(lower)) {
                throw new UnsupportedAnswerException("not a unit");
            } else if (!ignored(word, lower)) {
                int exponent = i + 1 < words.size() ? exponent(words.get(i + 1)) : 0;
                i += exponent == 0 ? 0 : 1;
                unit = unit.times(unit(word), sign * (exponent == 0 ? power : exponent));
                power = 1;
            }
        }
        return new Suffix(unit, multiplier, percent);
    }

    private static int exponent(String word) {
        return switch (word) {
            case "squared" -> 2;
            case "cubed" -> 3;
            default -> word.startsWith("^") ? Integer.parseInt(word.substring(1)) : 0;
        };
    }

    private static boolean ignored(String word, String lower) {
        if (word.startsWith("^")) {
            return true;
        }
        return WITHOUT_DIMENSION.contains(lower) || FILLERS.contains(lower) || ORDINALS.contains(lower);
    }
}
