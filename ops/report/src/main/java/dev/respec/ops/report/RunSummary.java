package dev.respec.ops.report;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A run in numbers; {@code --json} writes it as it stands. Parts that were not measured are null.
 *
 * @param steps optimiser steps of the policy
 * @param wallSeconds from the start of the command to its summary, summed over resumed starts
 * @param trainingSeconds from the start of the command to the last training step, summed likewise
 * @param firstRolloutSeconds from the start of the command to the first record of {@code rollouts}
 * @param audit what the topics prove; empty if everything holds
 * @param machine that the run was made on
 * @param bestCheckpoint by the evaluations of the run; null if it made none
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RunSummary(
        String runId,
        long seed,
        long steps,
        double wallSeconds,
        double trainingSeconds,
        @Nullable Double firstRolloutSeconds,
        @Nullable Evaluation evaluation,
        Groups groups,
        Rollouts rollouts,
        Staleness staleness,
        AcceptanceLength acceptanceLength,
        @Nullable Throughput throughput,
        @Nullable GainDuringRun adaptiveGainDuringRun,
        TimeShare timeShare,
        Versions versions,
        Audit audit,
        List<StageActivity> stages,
        @Nullable Machine machine,
        @Nullable BestCheckpoint bestCheckpoint) {

    public RunSummary {
        stages = List.copyOf(stages);
    }

    /**
     * The checkpoint that scored highest while the run trained.
     *
     * @param by data set, mode and metric that decide
     * @param evaluations that the run made
     * @param endedRun why the run ended before its last step; null if it did not
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record BestCheckpoint(
            long step,
            long policyVersion,
            String by,
            double score,
            long evaluations,
            @Nullable String endedRun) {}

    /** Held-out prompts with the policy the run started with and with the one it ended with. */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record Evaluation(int prompts, PassRates before, PassRates after) {}

    /** Share of held-out prompts answered right at the first try. */
    public record PassRates(
            @JsonProperty("sampled_pass_at_1") double sampledPassAt1,
            @JsonProperty("greedy_pass_at_1") double greedyPassAt1,
            @JsonProperty("mean_response_tokens") double meanResponseTokens) {}

    /** @param open neither complete nor declared incomplete; 0 in a run that ended */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record Groups(int admitted, int complete, int incomplete, int open, int notTrainedOn) {}

    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record Rollouts(
            long expected, long scored, long duplicatesDropped, long missing, long trainedOn, double meanTokens) {}

    public record Staleness(long max, long bound) {}

    /**
     * Tokens a sequence emitted per verify step that drafted; 1 if no step did. First and last compare like with like:
     * each setting that was in force in both parts of the run, weighted alike, so that a change of setting is no change
     * of theirs.
     */
    public record AcceptanceLength(double first, double last, double mean) {}

    /**
     * Tokens a second of the run over those of plain decoding, both in turns while it was going, at the batches as they
     * occurred.
     *
     * @param error half the width of a 95 % interval
     * @param judgedTime share of the generating time whose setting was compared with plain decoding
     * @param pairs pairs of adjacent turns behind it
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record GainDuringRun(double gain, double error, double judgedTime, long pairs) {}

    /**
     * Keys are active batches, values tokens per second, the setting in force, their ratio and half the width of its 95 %
     * interval. Where the setting is off there is nothing to compare, and only the setting is told.
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record Throughput(
            SortedMap<Integer, Double> adaptiveTokensPerSecondByBatch,
            SortedMap<Integer, Double> plainTokensPerSecondByBatch,
            SortedMap<Integer, String> settingByBatch,
            @Nullable SortedMap<Integer, Double> gainByBatch,
            @Nullable SortedMap<Integer, Double> gainErrorByBatch) {
        /** Records from before the gains were paired have none. */
        public Throughput {
            gainByBatch = gainByBatch == null ? new TreeMap<>() : new TreeMap<>(gainByBatch);
            gainErrorByBatch = gainErrorByBatch == null ? new TreeMap<>() : new TreeMap<>(gainErrorByBatch);
            adaptiveTokensPerSecondByBatch = new TreeMap<>(adaptiveTokensPerSecondByBatch);
            plainTokensPerSecondByBatch = new TreeMap<>(plainTokensPerSecondByBatch);
            settingByBatch = new TreeMap<>(settingByBatch);
        }

        /** Of the pairs if there are any, else of the totals; not a number if nothing was measured. */
        double gain(int batch) {
            double totals = adaptiveTokensPerSecondByBatch.getOrDefault(batch, Double.NaN)
                    / plainTokensPerSecondByBatch.getOrDefault(batch, Double.NaN);
            return requireNonNull(gainByBatch).getOrDefault(batch, totals);
        }

        /** {@code ×1.42 ± 0.05}. */
        String gainText(int batch) {
            Double error = requireNonNull(gainErrorByBatch).get(batch);
            return String.format(Locale.ROOT, "×%.2f", gain(batch))
                    + (error == null ? "" : String.format(Locale.ROOT, " ± %.2f", error));
        }
    }

    /**
     * Shares of the training time; if generation and training overlap past 1, both are scaled down to sum to 1.
     *
     * @param idleWithRequestsWaitingByWorker of the time that steps took, by worker: it had nothing to generate while a
     *     request that it took later lay in the queue
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record TimeShare(
            double generation,
            double training,
            double other,
            @Nullable SortedMap<String, Double> idleWithRequestsWaitingByWorker) {
        /** Records from before idle time was kept have none. */
        public TimeShare {
            idleWithRequestsWaitingByWorker = idleWithRequestsWaitingByWorker == null
                    ? new TreeMap<>()
                    : new TreeMap<>(idleWithRequestsWaitingByWorker);
        }

        /** {@code 0.3 % of worker-1, 1.0 % of worker-2}. */
        String idleText() {
            SortedMap<String, Double> idle = requireNonNull(idleWithRequestsWaitingByWorker);
            return idle.isEmpty()
                    ? "not recorded"
                    : idle.entrySet().stream()
                            .map(each ->
                                    String.format(Locale.ROOT, "%.1f %% of %s", each.getValue() * 100, each.getKey()))
                            .collect(Collectors.joining(", "));
        }
    }

    public record Versions(long policy, long drafter) {}

    /**
     * What was proved.
     *
     * @param droppedGroups groups read and left out of updates, by reason
     * @param foreignRequests requests of other clients under this run's id
     * @param goingOn whether the run is not over: open groups are then in flight
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record Audit(
            boolean holds,
            List<String> violations,
            Map<String, Integer> droppedGroups,
            int foreignRequests,
            boolean goingOn) {
        public Audit {
            violations = List.copyOf(violations);
            droppedGroups = new TreeMap<>(droppedGroups);
        }
    }

    /** @param did one line for people */
    public record StageActivity(String stage, String did) {}
}
