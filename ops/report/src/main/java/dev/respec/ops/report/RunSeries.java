package dev.respec.ops.report;

import dev.respec.ops.audit.PublishedRollout;
import dev.respec.ops.audit.RunRecords;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A run's records as curves. Time is minutes since the first record of work. */
final class RunSeries {
    /** An interval with fewer says nothing about a setting. */
    private static final int FEWEST_STEPS = 30;

    private final RunRecords records;
    private final List<TrainingStep> policySteps;
    private final List<TrainingStep> drafterSteps;
    private final Instant origin;

    RunSeries(RunRecords records) {
        this.records = records;
        policySteps = records.steps(WeightRole.POLICY);
        drafterSteps = records.steps(WeightRole.DRAFTER);
        origin = records.acceptance().stream()
                .map(AcceptanceStats::getIntervalStart)
                .min(Comparator.naturalOrder())
                .orElse(
                        policySteps.isEmpty()
                                ? Instant.EPOCH
                                : policySteps.get(0).getStartedAt());
    }

    List<TrainingStep> policySteps() {
        return policySteps;
    }

    List<TrainingStep> drafterSteps() {
        return drafterSteps;
    }

    double minutes(Instant instant) {
        return Duration.between(origin, instant).toMillis() / 60_000.0;
    }

    double lastMinute() {
        return records.acceptance().stream()
                .mapToDouble(stats -> minutes(stats.getIntervalEnd()))
                .max()
                .orElse(0);
    }

    /** Start and end, in minutes, of the times in which no worker reported. */
    double[][] pauses() {
        return Gaps.in(records.acceptance().stream()
                .mapToDouble(stats -> minutes(stats.getIntervalEnd()))
                .toArray());
    }

    static Series ofSteps(String name, int colour, List<TrainingStep> steps, ToDoubleFunction<TrainingStep> value) {
        return new Series(
                name,
                colour,
                Series.Style.DOTS,
                steps.stream().mapToDouble(TrainingStep::getStep).toArray(),
                steps.stream().mapToDouble(value).toArray());
    }

    /** Mean of a rollout's property over the groups each policy step trained on. */
    Series ofTrainedRollouts(String name, int colour, ToDoubleFunction<double[]> statistic) {
        Map<String, List<PublishedRollout>> byRequest = records.scoredByRequest();
        return ofSteps(name, colour, policySteps, step -> {
            double[] lengths = step.getRequestIds().stream()
                    .flatMap(id -> byRequest.getOrDefault(id, List.of()).stream())
                    .mapToDouble(PublishedRollout::responseTokens)
                    .sorted()
                    .toArray();
            return lengths.length == 0 ? Double.NaN : statistic.applyAsDouble(lengths);
        });
    }

    /** Tokens emitted per sequence step under one setting, an interval a point. */
    Series acceptanceLength(String setting, int colour) {
        return ofIntervals(setting, colour, stats -> {
            long emitted = 0;
            long steps = 0;
            for (SettingStatistics each : stats.getSettings()) {
                if (SettingCodec.text(each.getSetting()).equals(setting)) {
                    emitted += each.getEmittedTokens();
                    steps += each.getSequenceSteps();
                }
            }
            return steps < FEWEST_STEPS ? Double.NaN : (double) emitted / steps;
        });
    }

    /** The settings that emitted most tokens, by name; plain decoding left out. */
    List<String> mostUsedSettings(int most) {
        Map<String, Long> tokens = new HashMap<>();
        drafting()
                .forEach(
                        each -> tokens.merge(SettingCodec.text(each.getSetting()), each.getEmittedTokens(), Long::sum));
        return tokens.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue().reversed().thenComparing(Map.Entry.comparingByKey()))
                .limit(most)
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    /** The longest draft of a drafter. */
    int positions(String drafter) {
        return drafting()
                .filter(each -> each.getSetting().getDrafter().equals(drafter))
                .mapToInt(each -> each.getDraftedByPosition().size())
                .max()
                .orElse(0);
    }

    /**
     * Of a drafter's drafts of at least k tokens, the percentage whose first k were accepted.
     *
     * @param from share of the run's intervals where the part begins
     * @param to share of the run's intervals where the part ends
     * @return by k - 1; NaN if nothing was drafted
     */
    double[] acceptanceByPosition(String drafter, int positions, double from, double to) {
        long[] drafted = new long[positions];
        long[] accepted = new long[positions];
        List<AcceptanceStats> all = records.acceptance();
        all.subList((int) (from * all.size()), (int) Math.ceil(to * all.size())).stream()
                .flatMap(stats -> stats.getSettings().stream())
                .filter(each -> each.getSetting().getDrafter().equals(drafter))
                .forEach(each -> {
                    for (int k = 0; k < each.getDraftedByPosition().size(); k++) {
                        drafted[k] += each.getDraftedByPosition().get(k);
                        accepted[k] += each.getAcceptedByPosition().get(k);
                    }
                });
        return IntStream.range(0, positions)
                .mapToDouble(k -> drafted[k] == 0 ? Double.NaN : 100.0 * accepted[k] / drafted[k])
                .toArray();
    }

    private Stream<SettingStatistics> drafting() {
        return records.acceptance().stream()
                .flatMap(stats -> stats.getSettings().stream())
                .filter(each -> each.getSetting().getDraftLength() > 0);
    }

    Series tokensPerSecond(String name, int colour) {
        return ofIntervals(name, colour, stats -> {
            double seconds = Duration.between(stats.getIntervalStart(), stats.getIntervalEnd())
                            .toMillis()
                    / 1000.0;
            long emitted = stats.getSettings().stream()
                    .mapToLong(SettingStatistics::getEmittedTokens)
                    .sum();
            return seconds > 0 ? emitted / seconds : Double.NaN;
        });
    }

    /** Sequences a verify step served, mean over the interval. */
    Series activeBatch(String name, int colour) {
        return ofIntervals(name, colour, stats -> {
            long sequences = stats.getSettings().stream()
                    .mapToLong(SettingStatistics::getSequenceSteps)
                    .sum();
            long steps = stats.getSettings().stream()
                    .mapToLong(SettingStatistics::getVerifySteps)
                    .sum();
            return steps == 0 ? Double.NaN : (double) sequences / steps;
        });
    }

    private Series ofIntervals(String name, int colour, ToDoubleFunction<AcceptanceStats> value) {
        return new Series(
                name,
                colour,
                Series.Style.DOTS,
                records.acceptance().stream()
                        .mapToDouble(stats -> minutes(stats.getIntervalEnd()))
                        .toArray(),
                records.acceptance().stream().mapToDouble(value).toArray());
    }

    /** The drafters that were used, plain decoding left out. */
    SortedSet<String> drafters() {
        SortedSet<String> names = new TreeSet<>();
        drafting().forEach(each -> names.add(each.getSetting().getDrafter()));
        return names;
    }

    static double mean(double[] values) {
        return Arrays.stream(values).average().orElse(Double.NaN);
    }

    /** @param sorted ascending */
    static double percentile(double[] sorted, double share) {
        return sorted[(int) Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
    }
}
