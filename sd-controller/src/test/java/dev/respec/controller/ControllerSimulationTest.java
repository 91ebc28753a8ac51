package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Ten minutes of generation against an oracle, with steps as noisy as they were measured beside a training thread
 * ({@link Slowness}), and with a quarter of that noise, as on a quiet machine. On a quiet machine the goals hold for every seed.
 *
 * <p>{@code -Drespec.seed=} and {@code -Drespec.seeds=} run others and more; docs/LOG.md has the distribution over fifty.
 */
class ControllerSimulationTest {
    private static final double NOISE_BESIDE_TRAINING = 1;
    private static final double QUIET = 0.25;
    private static final int RECOVERY_SECONDS = 20;
    private static final int MOST_CHANGES = 20;

    private record Outcome(double ofBest, double recovered, double ofPlain, double changes, double exploring) {}

    private static List<Outcome> simulate(Scenario scenario, double noise) {
        long first = Long.getLong("respec.seed", 17);
        int seeds = Integer.getInteger("respec.seeds", 4);
        List<Outcome> outcomes = LongStream.range(first, first + seeds)
                .parallel()
                .mapToObj(seed -> outcome(scenario.simulate(seed, noise)))
                .toList();
        System.out.printf(
                Locale.ROOT,
                "%s, noise %.2f, %d seeds from %d (worst/mean): best %s, recovered %s, plain %s, changes %s, exploring %s%n",
                scenario,
                noise,
                seeds,
                first,
                text(outcomes, Outcome::ofBest, 1),
                text(outcomes, Outcome::recovered, 1),
                text(outcomes, Outcome::ofPlain, 1),
                text(outcomes, Outcome::changes, -1),
                text(outcomes, Outcome::exploring, -1));
        return outcomes;
    }

    private static String text(List<Outcome> outcomes, ToDoubleFunction<Outcome> value, int sign) {
        double[] sorted = outcomes.stream()
                .mapToDouble(outcome -> sign * value.applyAsDouble(outcome))
                .sorted()
                .toArray();
        return "%.3f/%.3f"
                .formatted(
                        sign * sorted[0], sign * Arrays.stream(sorted).average().orElseThrow());
    }

    private static Outcome outcome(Simulation simulation) {
        int jump = Scenario.JUMP_AT + RECOVERY_SECONDS;
        int after = Scenario.JUMP_ENDS + RECOVERY_SECONDS;
        return new Outcome(
                simulation.shareOfBest(),
                Math.min(
                        simulation.shareOfBest(jump, Scenario.JUMP_ENDS),
                        simulation.shareOfBest(after, Scenario.SECONDS)),
                simulation.byBatch.keySet().stream()
                        .mapToDouble(simulation::gainOverOff)
                        .min()
                        .orElseThrow(),
                simulation.changes(),
                simulation.exploringMillis / simulation.totalMillis);
    }

    private static double mean(List<Outcome> outcomes, ToDoubleFunction<Outcome> value) {
        return outcomes.stream().mapToDouble(value).average().orElseThrow();
    }

    /** With all of the noise the goal holds in the mean; one seed may keep a near rival for a while. */
    @ParameterizedTest
    @EnumSource
    void shouldComeNearTheBestBesideATrainingThread(Scenario scenario) {
        List<Outcome> outcomes = simulate(scenario, NOISE_BESIDE_TRAINING);

        assertThat(mean(outcomes, Outcome::ofBest)).as("share of best").isGreaterThanOrEqualTo(0.96);
        assertThat(mean(outcomes, Outcome::ofPlain)).as("least of plain").isGreaterThanOrEqualTo(0.98);
        assertThat(outcomes).allSatisfy(outcome -> {
            assertThat(outcome.ofBest()).as("share of best").isGreaterThanOrEqualTo(0.95);
            assertThat(outcome.recovered()).as("share of best after a jump").isGreaterThanOrEqualTo(0.95);
            assertThat(outcome.ofPlain()).as("least of plain").isGreaterThanOrEqualTo(0.97);
            assertThat(outcome.changes()).as("changes").isLessThanOrEqualTo(MOST_CHANGES);
        });
    }

    @ParameterizedTest
    @EnumSource
    void shouldReachItsGoalsOnAQuietMachine(Scenario scenario) {
        assertThat(simulate(scenario, QUIET)).allSatisfy(outcome -> {
            assertThat(outcome.ofBest()).as("share of best").isGreaterThanOrEqualTo(0.97);
            assertThat(outcome.recovered()).as("share of best after a jump").isGreaterThanOrEqualTo(0.96);
            assertThat(outcome.ofPlain()).as("least of plain").isGreaterThanOrEqualTo(0.98);
            assertThat(outcome.changes()).as("changes").isLessThanOrEqualTo(MOST_CHANGES);
        });
    }
}
