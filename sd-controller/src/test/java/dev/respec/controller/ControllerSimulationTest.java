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
 * ({@link Slowness}), and with a quarter of that noise, as on a quiet machine.
 *
 * <p>The goal is 0.97 of the best setting, 0.98 of plain decoding at every batch, 0.97 of the best from 20 s after a jump on and
 * at most 20 changes. On a quiet machine these seeds reach it. Beside a training thread they reach it in the mean, except 0.97
 * of the best, which is 0.957 where a jump changes what is best; single seeds fall to 0.943 of the best, 0.921 of it after a
 * jump and 0.973 of plain decoding. The bounds lie below what the seeds reach by 0.01 on a quiet machine and by 0.02 to 0.03
 * beside a training thread, because any change to a trial gives the same seed other noise.
 *
 * <p>{@code -Drespec.seed=} and {@code -Drespec.seeds=} run others and more; docs/decisions/024 has the distribution.
 */
class ControllerSimulationTest {
    private static final double NOISE_BESIDE_TRAINING = 1;
    private static final double QUIET = 0.25;
    private static final int RECOVERY_SECONDS = 20;

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

    @ParameterizedTest
    @EnumSource
    void shouldComeNearTheBestBesideATrainingThread(Scenario scenario) {
        List<Outcome> outcomes = simulate(scenario, NOISE_BESIDE_TRAINING);

        assertThat(mean(outcomes, Outcome::ofBest)).as("share of best").isGreaterThanOrEqualTo(0.945);
        assertThat(mean(outcomes, Outcome::ofPlain)).as("least of plain").isGreaterThanOrEqualTo(0.97);
        assertEach(outcomes, 0.92, 0.89, 0.95, 25);
    }

    @ParameterizedTest
    @EnumSource
    void shouldComeNearerOnAQuietMachine(Scenario scenario) {
        assertEach(simulate(scenario, QUIET), 0.96, 0.96, 0.975, 20);
    }

    private static void assertEach(
            List<Outcome> outcomes, double ofBest, double recovered, double ofPlain, int changes) {
        assertThat(outcomes).allSatisfy(outcome -> {
            assertThat(outcome.ofBest()).as("share of best").isGreaterThanOrEqualTo(ofBest);
            assertThat(outcome.recovered()).as("share of best after a jump").isGreaterThanOrEqualTo(recovered);
            assertThat(outcome.ofPlain()).as("least of plain").isGreaterThanOrEqualTo(ofPlain);
            assertThat(outcome.changes()).as("changes").isLessThanOrEqualTo(changes);
        });
    }
}
