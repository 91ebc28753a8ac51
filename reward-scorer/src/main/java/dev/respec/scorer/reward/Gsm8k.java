package dev.respec.scorer.reward;

import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code gsm8k}: numbers compared as numbers, so {@code 42.0} is {@code 42}. Strict reads the number after the last
 * {@code ####} that has one; flexible reads the last number of the response. Punctuation, currency and emphasis around
 * a number do not count. Both verdicts are reward parts; the value is the strict one unless the data line says
 * {@code "match": "flexible"} in its metadata.
 *
 * <p>The answer may be a number, with a unit or without, or GSM8K's worked solution, of which the text after
 * {@code ####} counts.
 */
public final class Gsm8k implements RewardFunction {
    private static final Pattern STRICT = Pattern.compile("####[\\s*$]*+(-?[$0-9.,]++)");
    private static final Pattern FLEXIBLE = Pattern.compile("-?[$0-9.,]++");
    private static final Pattern NUMBER = Pattern.compile("-?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)");
    /** Longer numbers are not answers, and would be slow to compare. */
    private static final int MOST_CHARACTERS = 200;

    @Override
    public String name() {
        return "gsm8k";
    }

    @Override
    public Reward score(ScoringInput input) {
        BigDecimal gold = gold(input.answer());
        String response = input.response().replace('−', '-');
        boolean strict = last(STRICT, 1, response).filter(gold::equals).isPresent();
        boolean flexible = last(FLEXIBLE, 0, response).filter(gold::equals).isPresent();
        boolean correct = "flexible".equals(input.metadata().get("match")) ? flexible : strict;
        return new Reward(correct ? 1.0 : 0.0, Map.of("strict", strict ? 1.0 : 0.0, "flexible", flexible ? 1.0 : 0.0));
    }

    private static BigDecimal gold(String answer) {
        int mark = answer.lastIndexOf("####");
        String text = (mark < 0 ? answer : answer.substring(mark + 4)).replace('−', '-');
        return number(text.strip())
                .or(() -> onlyNumber(text))
                .orElseThrow(() -> new IllegalArgumentException(
                        "answer '%s' is not a number: gsm8k expects a number, or text ending in '#### number'"
                                .formatted(Text.shorten(answer))));
    }

    private static Optional<BigDecimal> onlyNumber(String text) {
        String found = null;
        for (Matcher matcher = FLEXIBLE.matcher(text); matcher.find(); ) {
            if (hasDigit(matcher.group())) {
                if (found != null) {
                    return Optional.empty();
                }
                found = matcher.group();
            }
        }
        return found == null ? Optional.empty() : number(found);
    }

    private static Optional<BigDecimal> last(Pattern pattern, int group, String text) {
        String found = null;
        for (Matcher matcher = pattern.matcher(text); matcher.find(); ) {
            found = hasDigit(matcher.group(group)) ? matcher.group(group) : found;
        }
        return found == null ? Optional.empty() : number(found);
    }

    private static boolean hasDigit(String text) {
        return text.chars().anyMatch(character -> character >= '0' && character <= '9');
    }

    /** Without separators, currency and trailing zeros, so that equal numbers are {@code equals}. */
    private static Optional<BigDecimal> number(String text) {
        String digits = text.replace(",", "").replace("$", "");
        int end = digits.length();
        while (end > 0 && digits.charAt(end - 1) == '.') {
            end--;
        }
        digits = digits.substring(0, end);
        if (digits.length() > MOST_CHARACTERS || !NUMBER.matcher(digits).matches()) {
            return Optional.empty();
        }
        BigDecimal value = new BigDecimal(digits);
        return Optional.of(value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros());
    }
}
