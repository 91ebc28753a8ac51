package dev.respec.ops.paper.pipeline;

import dev.respec.ops.paper.findings.Claim;
import dev.respec.ops.paper.findings.Verdict;
import dev.respec.ops.paper.pipeline.ArmRuns.Outcome;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Where the acceptance length of a run was lowest, against its first value. Both are means over a fifth of the steps, as
 * single steps are too noisy; every fifth counts, not only those that do not overlap.
 *
 * @param share of the first value
 * @param firstStep of the lowest fifth, counted from 1
 */
record LowestAcceptance(int seed, double share, int firstStep, int lastStep) {
    private static final double KEPT = 0.95;
    private static final int FIFTHS = 5;

    /** Empty if the run has no value for the first fifth or for any other. */
    static Optional<LowestAcceptance> of(RunMeasurements run) {
        int steps = run.acceptance().size();
        int length = (steps + FIFTHS - 1) / FIFTHS;
        LowestAcceptance lowest = null;
        for (int from = 1; from + length <= steps; from++) {
            double share = mean(run, from, length) / mean(run, 0, length);
            if (Double.isFinite(share) && (lowest == null || share < lowest.share)) {
                lowest = new LowestAcceptance(run.seed(), share, from + 1, from + length);
            }
        }
        return Optional.ofNullable(lowest);
    }

    private static double mean(RunMeasurements run, int from, int length) {
        return run.acceptance().subList(from, from + length).stream()
                .mapToDouble(Double::doubleValue)
                .filter(Double::isFinite)
                .average()
                .orElse(Double.NaN);
    }

    /** Of all runs of an arm. */
    static Optional<LowestAcceptance> of(List<RunMeasurements> runs) {
        return runs.stream().flatMap(run -> of(run).stream()).min(Comparator.comparingDouble(LowestAcceptance::share));
    }

    static Claim claim(Outcome outcome, Arm arm) {
        String statement =
                "The acceptance length never falls below 95 %% of its first value (arm %s)".formatted(arm.name());
        Optional<String> lacking =
                outcome.lacking(run -> of(run).map(LowestAcceptance::share).orElse(Double.NaN), arm);
        Optional<LowestAcceptance> lowest = of(outcome.of(arm));
        if (lacking.isPresent() || lowest.isEmpty()) {
            return Claim.notMeasured(statement, "ours", lacking.orElse("no step has enough verify steps."));
        }
        return new Claim(
                statement,
                "ours",
                Verdict.of(lowest.get().share() >= KEPT),
                "it was lowest " + lowest.get().words()
                        + " of the value at the run's start. Values are means over a fifth of the steps.");
    }

    /** {@code at steps 17 to 24 of seed 2, at 97.1 %}. */
    private String words() {
        String at = firstStep == lastStep ? "step " + firstStep : "steps " + firstStep + " to " + lastStep;
        return String.format(Locale.ROOT, "at %s of seed %d, at %.1f %%", at, seed, 100 * share);
    }

    /** {@code 97.1 % (17 to 24)}, for a cell. */
    static String cell(List<RunMeasurements> runs) {
        return of(runs).map(lowest -> String.format(
                        Locale.ROOT, "%.1f %% (%d to %d)", 100 * lowest.share(), lowest.firstStep(), lowest.lastStep()))
                .orElse("not measured");
    }
}
