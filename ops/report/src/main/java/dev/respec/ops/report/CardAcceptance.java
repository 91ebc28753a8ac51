package dev.respec.ops.report;

import dev.respec.ops.report.DrafterAcceptance.Counts;
import dev.respec.ops.report.RunSummary.AcceptanceLength;
import dev.respec.schemas.AcceptanceStats;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Collectors;

/** What a model card says about drafts: all drafters beside the policy, one drafter by its versions beside the drafter. */
final class CardAcceptance {
    private static final int MOST_VERSIONS = 11;

    private CardAcceptance() {}

    /** Of the policy's card. */
    static String ofRun(List<AcceptanceStats> intervals, AcceptanceLength all) {
        SortedMap<String, Counts> drafters = new DrafterAcceptance(intervals).byDrafter();
        if (drafters.isEmpty()) {
            return "No step of the run drafted.\n";
        }
        return String.format(
                Locale.ROOT,
                "Acceptance length during the run (tokens per verify step that drafted, all drafters together): %.2f at first, %.2f at last, %.2f on average. By drafter, on average: %s.%n",
                all.first(),
                all.last(),
                all.mean(),
                listed(drafters));
    }

    /**
     * Of the drafter's card.
     *
     * @param newest version that the card is of
     */
    static String ofDrafter(List<AcceptanceStats> intervals, long newest) {
        DrafterAcceptance acceptance = new DrafterAcceptance(intervals);
        SortedMap<String, Counts> others = acceptance.byDrafter();
        Counts own = others.remove(DrafterAcceptance.LEARNED);
        StringBuilder text = new StringBuilder();
        if (own == null) {
            text.append("No step of the run drafted with it.\n");
        } else {
            AcceptanceLength length = acceptance.learned();
            text.append(String.format(
                    Locale.ROOT,
                    "Acceptance length during the run (tokens per verify step that drafted with this drafter): %.2f at first, %.2f at last, %.2f on average; %.1f %% of its draft tokens were accepted.%n%n",
                    length.first(),
                    length.last(),
                    length.mean(),
                    100 * own.share()));
            text.append(versions(acceptance.byVersion(), newest));
        }
        if (!others.isEmpty()) {
            text.append("%nOther drafters of the run, on average: %s.%n".formatted(listed(others)));
        }
        return text.toString();
    }

    private static String versions(SortedMap<Long, Counts> byVersion, long newest) {
        StringBuilder text = new StringBuilder(
                "| version | acceptance length | draft tokens accepted | steps of one sequence |\n|---|---|---|---|\n");
        List<Map.Entry<Long, Counts>> all = new ArrayList<>(byVersion.entrySet());
        int rows = Math.min(MOST_VERSIONS, all.size());
        for (int i = 0; i < rows; i++) {
            Map.Entry<Long, Counts> each =
                    all.get(rows == 1 ? 0 : Math.round((float) i * (all.size() - 1) / (rows - 1)));
            text.append(String.format(
                    Locale.ROOT,
                    "| %d | %.2f | %.1f %% | %,d |%n",
                    each.getKey(),
                    each.getValue().length(),
                    100 * each.getValue().share(),
                    each.getValue().steps()));
        }
        if (!byVersion.containsKey(newest)) {
            text.append("%nVersion %d, the newest, did not draft in the run any more.%n".formatted(newest));
        }
        return text.append(
                        "\nA longer draft has a larger acceptance length at the same share of accepted tokens, so versions that drafted at other lengths do not compare.\n")
                .toString();
    }

    private static String listed(SortedMap<String, Counts> drafters) {
        return drafters.entrySet().stream()
                .map(each -> String.format(
                        Locale.ROOT,
                        "%s %.2f (%.1f %% of its draft tokens)",
                        each.getKey(),
                        each.getValue().length(),
                        100 * each.getValue().share()))
                .collect(Collectors.joining(", "));
    }
}
