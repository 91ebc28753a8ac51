package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.DoubleUnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Ten minutes of generation in which the batch drains from 64 to 1 again and again. */
class ControllerSimulationTest {
    private static final DecisionConfig CONFIG = DecisionConfig.defaults();
    private static final int SECONDS = 600;

    static LongStream seeds() {
        long seed = Long.getLong("seed", 17);
        System.out.println("seeds from " + seed);
        return LongStream.range(seed, seed + 4);
    }

    private static int draining(int second) {
        return Machine.BATCHES[Machine.BATCHES.length - 1 - (second / 3) % Machine.BATCHES.length];
    }

    private static void print(String name, long seed, Simulation simulation) {
        var text = new StringBuilder();
        simulation.byBatch.forEach((batch, tally) -> text.append(
                " %d:%.3f(%.3f)".formatted(batch, tally.emitted / tally.byOff, tally.byBest / tally.byOff)));
        System.out.printf(
                "%s seed %d: share of best %.3f, tables %d, exploring %.3f, gain by batch (best)%s%n",
                name,
                seed,
                simulation.shareOfBest(),
                simulation.tables.size(),
                simulation.exploringMillis / simulation.totalMillis,
                text);
    }

    private static void assertNeverSlowerThanOff(Simulation simulation) {
        for (int batch : simulation.byBatch.keySet()) {
            assertThat(simulation.gainOverOff(batch)).as("batch " + batch).isGreaterThanOrEqualTo(0.97);
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldComeNearTheBestSettingOfEveryBatch(long seed) {
        var machine = new Machine(0.2).accepting("eagle3", 0.75).accepting("suffix", 0.35);

        var simulation = new Simulation(machine, CONFIG, seed).run(SECONDS, ControllerSimulationTest::draining);

        print("good drafter", seed, simulation);
        assertNeverSlowerThanOff(simulation);
        assertThat(simulation.shareOfBest()).isGreaterThan(0.94);
        assertThat(simulation.gainOverOff(1)).isGreaterThan(0.92 * machine.gain(machine.best(1), 1));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldStayOffWhereNoDrafterPays(long seed) {
        var machine = new Machine(0.2).accepting("eagle3", 0.12).accepting("suffix", 0.0);

        var simulation = new Simulation(machine, CONFIG, seed).run(SECONDS, ControllerSimulationTest::draining);

        print("bad drafter", seed, simulation);
        assertNeverSlowerThanOff(simulation);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldCorrectAProfileThatIsWrong(long seed) {
        // Given: by the profile eagle3 pays at small batches, in truth drafting takes five times as long
        var machine = new Machine(0.2).accepting("eagle3", 0.5).accepting("suffix", 0.0);
        assertThat(machine.gain(Setting.chain("eagle3", 2), 1)).isGreaterThan(1.2);

        var simulation = new Simulation(machine, CONFIG, seed)
                .withDraftFactor(second -> 5)
                .run(SECONDS, ControllerSimulationTest::draining);

        print("wrong profile", seed, simulation);
        assertNeverSlowerThanOff(simulation);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldNotMistakeAChangingLoadForAChangingSetting(long seed) {
        var machine = new Machine(0.2).accepting("eagle3", 0.75).accepting("suffix", 0.35);
        DoubleUnaryOperator training = second -> second % 9 < 4 ? 2.2 : 1;

        var simulation = new Simulation(machine, CONFIG, seed)
                .withLoad(training)
                .run(SECONDS, ControllerSimulationTest::draining);

        print("changing load", seed, simulation);
        assertNeverSlowerThanOff(simulation);
        assertThat(simulation.shareOfBest()).isGreaterThan(0.92);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldLiveWithANoisyProfileAndAJumpyMachine(long seed) {
        var machine = new Machine(0.2).accepting("eagle3", 0.6).accepting("suffix", 0.3);
        DoubleUnaryOperator jumpy = second -> second % 0.7 < 0.3 ? 1.8 : 1;

        var simulation = new Simulation(machine, CONFIG, seed)
                .withProfileNoise(0.2)
                .withLoad(jumpy)
                .run(SECONDS, ControllerSimulationTest::draining);

        print("noisy profile", seed, simulation);
        assertThat(simulation.shareOfBest()).isGreaterThan(0.93);
        assertNeverSlowerThanOff(simulation);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldFindADrafterThatGetsBetter(long seed) {
        var machine = new Machine(0.2).accepting("eagle3", 0.1).accepting("suffix", 0.0);
        var simulation = new Simulation(machine, CONFIG, seed).run(120, second -> 4);
        assertThat(simulation.gainOverOff(4)).isGreaterThanOrEqualTo(0.97);

        machine.accepting("eagle3", 0.8);
        simulation.byBatch.clear();
        simulation.run(300, second -> 4);

        print("better drafter", seed, simulation);
        assertThat(simulation.gainOverOff(4)).isGreaterThan(0.75 * machine.gain(machine.best(4), 4));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldKeepTrialsWithinTheirBudget(long seed) {
        var machine = new Machine(0.2).accepting("eagle3", 0.12).accepting("suffix", 0.1);

        var simulation = new Simulation(machine, CONFIG, seed).run(SECONDS, second -> 2);

        double budget = CONFIG.exploration() * SECONDS * 1000
                + Exploration.BURST_INTERVALS * CONFIG.decideInterval().toMillis()
                + CONFIG.dwell().toMillis();
        assertThat(simulation.exploringMillis).isPositive().isLessThan(budget);
    }
}
