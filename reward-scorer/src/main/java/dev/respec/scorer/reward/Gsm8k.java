package dev.respec.scorer.reward;

import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code gsm8k}: numbers compared as numbers, so {@code 42.0} is {@code 42}. Strict reads the last
 * {@code #### number}; flexible reads the last number of the response. Both verdicts are reward parts; the value is
 * the strict one unless the data line says {@code "match": "flexible"} in its metadata.
 *
 * <p>The answer may be a bare number or GSM8K's worked solution, of which the text after {@code ####} counts.
 */
public final class Gsm8k implements RewardFunction {
    private static final Pattern STRICT = Pattern.compile("#### (-?[0-9.,]+)");
    private static final Pattern FLEXIBLE = Pattern.compile("-?[$0-9.,]{2,}|-?[0-9]+");
    /** Longer numbers are no answers, and would be slow to compare. */
    private static final int MOST_CHARACTERS = 200;

    @Override
    public String name() {
        return "gsm8k";
    }

    @Override
    public Reward score(ScoringInput input) {
        String answer = input.answer();
        int mark = answer.lastIndexOf("####");
        BigDecimal gold = number(mark < 0 ? answer : answer.substring(mark + 4))
                .orElseThrow(() -> new IllegalArgumentException(
                        "answer '%s' is no number: gsm8k wants a number, or text ending in '#### number'"
                                .formatted(Text.shorten(answer))));
        boolean strict = last(STRICT, 1, input.response()).filter(gold::equals).isPresent();
        boolean flexible =
                last(FLEXIBLE, 0, input.response()).filter(gold::equals).isPresent();
        boolean correct = "flexible".equals(input.metadata().get("match")) ? flexible : strict;
        return new Reward(correct ? 1.0 : 0.0, Map.of("strict", strict ? 1.0 : 0.0, "flexible", flexible ? 1.0 : 0.0));
    }

    private static Optional<BigDecimal> last(Pattern pattern, int group, String text) {
        String found = null;
        for (Matcher matcher = pattern.matcher(text); matcher.find(); ) {
            found = matcher.group(group);
        }
        return found == null ? Optional.empty() : number(found);
    }

    /** Without separators, currency and trailing zeros, so that equal numbers are {@code equals}. */
    private static Optional<BigDecimal> number(String text) {
        String digits = text.strip().replace(",", "").replace("$", "");
        if (digits.endsWith(".")) {
            digits = digits.substring(0, digits.length() - 1);
        }
        if (digits.isEmpty()
                || digits.length() > MOST_CHARACTERS
                || !digits.matches("-?([0-9]+\\.?[0-9]*|\\.[0-9]+)")) {
            return Optional.empty();
        }
        BigDecimal value = new BigDecimal(digits);
        return Optional.of(value.signum() == 0 ? BigDecimal.ZERO : value.stripTrailingZeros());
    }
}
