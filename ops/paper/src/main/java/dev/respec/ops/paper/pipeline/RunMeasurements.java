package dev.respec.ops.paper.pipeline;

import dev.respec.ops.paper.simulation.Workload;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The measurements of a finished run, kept as {@code measured.json} in its folder. Parts that were not measured are NaN
 * or empty.
 *
 * @param settings that differ from the defaults, to recognise a folder that was made with others
 * @param passBefore held-out pass@1, sampled, of the initial policy
 * @param passAfter the same of the final one
 * @param generatedTokens of all rollouts
 * @param generationSeconds that the workers computed for them
 * @param steps policy steps in order
 * @param acceptance tokens per verify step of the drafting settings, by policy step; NaN if too few were counted
 * @param activeSequences mean over the steps of the sequences generated at once, by twentieth of a step's generation
 * @param gain over plain decoding during the run, from adjacent turns; NaN if nothing was compared
 * @param drafterVersions published by the learner
 * @param conditions null in files of earlier builds
 */
public record RunMeasurements(
        String arm,
        int seed,
        List<String> settings,
        double passBefore,
        double passAfter,
        long generatedTokens,
        double generationSeconds,
        List<StepPoint> steps,
        List<Double> acceptance,
        List<Double> activeSequences,
        double gain,
        long drafterVersions,
        boolean proved,
        @Nullable Workload workload,
        @Nullable Conditions conditions) {
    public RunMeasurements {
        settings = List.copyOf(settings);
        steps = List.copyOf(steps);
        acceptance = List.copyOf(acceptance);
        activeSequences = List.copyOf(activeSequences);
    }

    /**
     * One policy step.
     *
     * @param seconds since the step before ended; NaN for the first
     * @param trainingSeconds of it that the trainer computed
     */
    public record StepPoint(long step, double reward, double seconds, double trainingSeconds) {}

    /** Over the whole run; NaN if nothing was generated. */
    double tokensPerGenerationSecond() {
        return generatedTokens == 0 ? Double.NaN : generatedTokens / generationSeconds;
    }

    /** Tokens of a step by its time. */
    double tokensPerStepSecond() {
        return steps.isEmpty() ? Double.NaN : (double) generatedTokens / steps.size() / secondsPerStep();
    }

    /** What workers computed for a step, on average over the run. */
    double generationSecondsPerStep() {
        return steps.isEmpty() ? Double.NaN : generationSeconds / steps.size();
    }

    double trainingSecondsPerStep() {
        return steps.stream().mapToDouble(StepPoint::trainingSeconds).average().orElse(Double.NaN);
    }

    /** Mean time of a step, without the first, which includes the start. */
    double secondsPerStep() {
        return steps.stream()
                .mapToDouble(StepPoint::seconds)
                .filter(Double::isFinite)
                .average()
                .orElse(Double.NaN);
    }

    /** Mean reward that the last third of the steps trained on. */
    double lateReward() {
        return steps.subList(2 * steps.size() / 3, steps.size()).stream()
                .mapToDouble(StepPoint::reward)
                .filter(Double::isFinite)
                .average()
                .orElse(Double.NaN);
    }

    /** Mean acceptance in a part of the run, given as shares of its steps. */
    double acceptance(double from, double to) {
        int size = acceptance.size();
        return acceptance.subList((int) Math.floor(from * size), (int) Math.ceil(to * size)).stream()
                .mapToDouble(Double::doubleValue)
                .filter(Double::isFinite)
                .average()
                .orElse(Double.NaN);
    }
}
