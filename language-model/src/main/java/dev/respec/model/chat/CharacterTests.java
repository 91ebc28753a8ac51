package dev.respec.model.chat;

import java.util.Map;
import java.util.function.Predicate;

/** Python's {@code isalpha} and its siblings. */
final class CharacterTests {
    static final Map<String, StringMethods.Method> METHODS = Map.ofEntries(
            entry("isalnum", text -> PythonStrings.all(text, c -> Character.isLetter(c) || isNumeric(c))),
            entry("isalpha", text -> PythonStrings.all(text, Character::isLetter)),
            entry("isascii", text -> text.chars().allMatch(c -> c < 128)),
            entry("isdecimal", text -> PythonStrings.all(text, Character::isDigit)),
            entry("isdigit", text -> PythonStrings.all(text, CharacterTests::isDigit)),
            entry("isidentifier", CharacterTests::isIdentifier),
            entry(
                    "islower",
                    text -> PythonStrings.allCased(text, c -> Character.isUpperCase(c) || Character.isTitleCase(c))),
            entry("isnumeric", text -> PythonStrings.all(text, CharacterTests::isNumeric)),
            entry("isprintable", text -> text.codePoints().allMatch(PythonStrings::isPrintable)),
            entry("isspace", text -> PythonStrings.all(text, PythonStrings::isSpace)),
            entry("istitle", PythonStrings::isTitle),
            entry(
                    "isupper",
                    text -> PythonStrings.allCased(text, c -> Character.isLowerCase(c) || Character.isTitleCase(c))));

    private CharacterTests() {}

    private static Map.Entry<String, StringMethods.Method> entry(String name, Predicate<String> test) {
        return Map.entry(name, (text, arguments) -> StringMethods.none(arguments, test.test(text)));
    }

    private static boolean isIdentifier(String text) {
        return !text.isEmpty()
                && (text.charAt(0) == '_' || Character.isUnicodeIdentifierStart(text.codePointAt(0)))
                && text.codePoints()
                        .allMatch(c -> Character.isUnicodeIdentifierPart(c) && !Character.isIdentifierIgnorable(c));
    }

    /** Decimal digits, and superscripts, subscripts and circled digits. */
    private static boolean isDigit(int c) {
        boolean other = Character.getType(c) == Character.OTHER_NUMBER;
        return Character.isDigit(c)
                || (other && (c < 0xba || (c >= 0x2070 && c <= 0x2089)))
                || (other && inBlock(c, 0x2460, 9, 0x2474, 9, 0x2488, 9, 0x24ea, 1, 0x24f5, 9, 0x24ff, 1))
                || (other && inBlock(c, 0x2776, 9, 0x2780, 9, 0x278a, 9, 0x1369, 9, 0x1f100, 11));
    }

    private static boolean inBlock(int c, int... firstAndCount) {
        for (int i = 0; i < firstAndCount.length; i += 2) {
            if (c >= firstAndCount[i] && c < firstAndCount[i] + firstAndCount[i + 1]) {
                return true;
            }
        }
        return false;
    }

    private static boolean isNumeric(int c) {
        return Character.isDigit(c)
                || Character.getType(c) == Character.OTHER_NUMBER
                || Character.getType(c) == Character.LETTER_NUMBER
                || "〇一二三四五六七八九十百千万億兆亿零壹贰叁肆伍陆柒捌玖拾佰仟两".indexOf(c) >= 0;
    }
}
