package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingCost;
import dev.respec.speculation.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Ten minutes of generation in which the batch drains from 64 to 1 again and again, against an oracle. Steps are as noisy as
 * they were measured beside a training thread ({@link Slowness}), or as on a quiet machine.
 *
 * <p>Bounds are those of the worst of many seeds, {@code -Drespec.seed=} and {@code -Drespec.seeds=}: what noise hides for a while costs what
 * the settings differ by. docs/LOG.md has the distribution.
 */
class ControllerSimulationTest {
    private static final DecisionConfig CONFIG = DecisionConfig.defaults();
    private static final int SECONDS = 600;
    private static final int RECOVERY_SECONDS = 20;

    /** Least share of the best setting, and of plain decoding at any batch, with all of the measured noise. */
    private static final double NEAR_BEST = 0.94;

    private static final double NEAR_PLAIN = 0.94;

    /** Share of the measured noise that a machine has whose other processes rest. */
    private static final double QUIET = 0.25;

    static LongStream seeds() {
        long seed = Long.getLong("respec.seed", 17);
        System.out.println("seeds from " + seed);
        return LongStream.range(seed, seed + Integer.getInteger("respec.seeds", 6));
    }

    private static Machine goodDrafters() {
        return new Machine(0.2).accepting("eagle3", 0.75).accepting("suffix", 0.35);
    }

    private static int draining(int second) {
        return Machine.BATCHES[Machine.BATCHES.length - 1 - (second / 3) % Machine.BATCHES.length];
    }

    private static void print(String name, long seed, Simulation simulation) {
        var text = new StringBuilder();
        simulation.byBatch.forEach((batch, tally) -> text.append(
                " %d:%.3f(%.3f)".formatted(batch, tally.emitted / tally.byOff, tally.byBest / tally.byOff)));
        System.out.printf(
                "%s seed %d: share of best %.3f, changes %d, tables %d, jumps %d, exploring %.3f, gain by batch"
                        + " (best)%s%n",
                name,
                seed,
                simulation.shareOfBest(),
                simulation.changes(),
                simulation.tables.size(),
                simulation.controller().jumps(),
                simulation.exploringMillis / simulation.totalMillis,
                text);
    }

    private static void assertNeverSlowerThanOff(Simulation simulation) {
        assertAtLeast(NEAR_PLAIN, simulation);
    }

    private static void assertAtLeast(double gain, Simulation simulation) {
        for (int batch : simulation.byBatch.keySet()) {
            assertThat(simulation.gainOverOff(batch)).as("batch " + batch).isGreaterThanOrEqualTo(gain);
        }
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldComeNearTheBestSettingOfEveryBatch(long seed) {
        var simulation = new Simulation(goodDrafters(), CONFIG, seed).run(SECONDS, ControllerSimulationTest::draining);

        print("good drafter", seed, simulation);
        assertNeverSlowerThanOff(simulation);
        assertThat(simulation.shareOfBest()).isGreaterThanOrEqualTo(NEAR_BEST);
        assertThat(simulation.changes()).isLessThanOrEqualTo(20);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldComeNearerOnAQuietMachine(long seed) {
        var simulation = new Simulation(goodDrafters(), CONFIG, seed)
                .withNoise(QUIET)
                .run(SECONDS, ControllerSimulationTest::draining);

        print("quiet", seed, simulation);
        assertAtLeast(0.975, simulation);
        assertThat(simulation.shareOfBest()).isGreaterThanOrEqualTo(0.97);
        assertThat(simulation.changes()).isLessThanOrEqualTo(20);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldStayOffWhereNoDrafterPays(long seed) {
        var machine = new Machine(0.2).accepting("eagle3", 0.12).accepting("suffix", 0.0);

        var simulation = new Simulation(machine, CONFIG, seed).run(SECONDS, ControllerSimulationTest::draining);

        print("bad drafter", seed, simulation);
        assertNeverSlowerThanOff(simulation);
        assertThat(simulation.changes()).isLessThanOrEqualTo(20);
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
        assertThat(simulation.shareOfBest()).isGreaterThanOrEqualTo(NEAR_BEST);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldOverruleATableFromABusyStartWithinSeconds(long seed) {
        // Given: others ran while some of the costs were measured
        var machine = goodDrafters();
        var profile = machine.profile(Machine.SETTINGS, new Random(seed), 0.25);

        var simulation =
                new Simulation(machine, CONFIG, seed, profile).run(SECONDS, ControllerSimulationTest::draining);

        print("busy start", seed, simulation);
        assertAtLeast(0.85, simulation);
        assertThat(simulation.shareOfBest()).isGreaterThanOrEqualTo(NEAR_BEST);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldNotLeaveSpeculationOffWhereTheTableIsWrongAboutIt(long seed) {
        // Given: measured while another process ran, what is 1.6 times as fast seems to be slower than plain decoding
        var machine = goodDrafters();
        Setting best = machine.best(8);
        assertThat(machine.gain(best, 8)).isGreaterThan(1.4);
        var costs = new ArrayList<SettingCost>();
        for (SettingCost cost : machine.profile().getCosts()) {
            double factor = SettingCodec.of(cost.getSetting()).isOff() ? 1 : 2.2;
            cost.setVerifyMilliseconds(cost.getVerifyMilliseconds() * factor);
            cost.setDraftMilliseconds(cost.getDraftMilliseconds() * factor);
            costs.add(cost);
        }

        var simulation = new Simulation(machine, CONFIG, seed, machine.profile(costs))
                .run(SECONDS, second -> second % 6 < 3 ? 8 : 16);

        print("slow by the table", seed, simulation);
        // settings 10 % apart, and a table that is wrong about all of them
        assertThat(simulation.shareOfBest(10, SECONDS)).isGreaterThanOrEqualTo(0.85);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldLearnCostsThatWereNotMeasured(long seed) {
        var machine = goodDrafters();
        var profile = machine.profile(List.of(Setting.OFF), new Random(seed), 0);

        var simulation =
                new Simulation(machine, CONFIG, seed, profile).run(SECONDS, ControllerSimulationTest::draining);

        print("only plain measured", seed, simulation);
        assertNeverSlowerThanOff(simulation);
        assertThat(simulation.shareOfBest()).isGreaterThanOrEqualTo(NEAR_BEST);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldLearnEveryCostWhereNoneWasMeasured(long seed) {
        var machine = goodDrafters();

        var simulation = new Simulation(machine, CONFIG, seed, machine.profile(List.of()))
                .run(SECONDS, ControllerSimulationTest::draining);

        print("nothing measured", seed, simulation);
        assertThat(simulation.shareOfBest(RECOVERY_SECONDS, SECONDS)).isGreaterThanOrEqualTo(NEAR_BEST);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldNotMistakeAChangingLoadForAChangingSetting(long seed) {
        DoubleUnaryOperator training = second -> second % 9 < 4 ? 2.2 : 1;

        var simulation = new Simulation(goodDrafters(), CONFIG, seed)
                .withLoad(training)
                .run(SECONDS, ControllerSimulationTest::draining);

        print("changing load", seed, simulation);
        assertAtLeast(NEAR_BEST, simulation);
        assertThat(simulation.shareOfBest()).isGreaterThanOrEqualTo(NEAR_BEST);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldLiveWithANoisyProfileAndAJumpyMachine(long seed) {
        var machine = new Machine(0.2).accepting("eagle3", 0.6).accepting("suffix", 0.3);
        DoubleUnaryOperator jumpy = second -> second % 0.7 < 0.3 ? 1.8 : 1;

        var simulation = new Simulation(machine, CONFIG, seed, machine.profile(Machine.SETTINGS, new Random(seed), 0.2))
                .withLoad(jumpy)
                .run(SECONDS, ControllerSimulationTest::draining);

        print("noisy profile", seed, simulation);
        assertThat(simulation.shareOfBest()).isGreaterThanOrEqualTo(NEAR_BEST);
        assertAtLeast(NEAR_BEST, simulation);
    }

    /** Between minutes four and five everything takes twice as long. */
    @ParameterizedTest
    @MethodSource("seeds")
    void shouldGoOnWhenTheMachineJumps(long seed) {
        var simulation = new Simulation(goodDrafters(), CONFIG, seed)
                .withLoad(second -> second >= 240 && second < 300 ? 2 : 1)
                .run(SECONDS, ControllerSimulationTest::draining);

        print("machine jumps", seed, simulation);
        assertNeverSlowerThanOff(simulation);
        assertThat(simulation.shareOfBest()).isGreaterThanOrEqualTo(NEAR_BEST);
        assertThat(simulation.shareOfBest(240 + RECOVERY_SECONDS, 300)).isGreaterThanOrEqualTo(0.9);
        assertThat(simulation.shareOfBest(300 + RECOVERY_SECONDS, SECONDS)).isGreaterThanOrEqualTo(NEAR_BEST);
    }

    /** Between minutes four and five everything takes twice as long and drafting four times, so that other settings win. */
    @ParameterizedTest
    @MethodSource("seeds")
    void shouldRecoverWhereTheJumpChangesWhatIsBest(long seed) {
        var simulation = new Simulation(goodDrafters(), CONFIG, seed)
                .withLoad(second -> second >= 240 && second < 300 ? 2 : 1)
                .withDraftFactor(second -> second >= 240 && second < 300 ? 4 : 1)
                .run(SECONDS, second -> 4);

        print("drafting jumps", seed, simulation);
        // within a minute, a choice that was right for four minutes is not always given up
        assertThat(simulation.shareOfBest(240 + RECOVERY_SECONDS, 300)).isGreaterThanOrEqualTo(0.6);
        assertThat(simulation.shareOfBest(300 + RECOVERY_SECONDS, SECONDS)).isGreaterThanOrEqualTo(0.8);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldFindADrafterThatGetsBetter(long seed) {
        var machine = new Machine(0.2).accepting("eagle3", 0.1).accepting("suffix", 0.0);
        var simulation = new Simulation(machine, CONFIG, seed).run(120, second -> 4);
        assertThat(simulation.gainOverOff(4)).isGreaterThanOrEqualTo(0.92);

        machine.accepting("eagle3", 0.8);
        simulation.run(300, second -> 4);

        print("better drafter", seed, simulation);
        assertThat(simulation.shareOfBest(120, 420)).isGreaterThan(0.8);
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void shouldKeepTrialsWithinTheirBudget(long seed) {
        var machine = new Machine(0.2).accepting("eagle3", 0.12).accepting("suffix", 0.1);

        var simulation = new Simulation(machine, CONFIG, seed).run(SECONDS, second -> 2);

        print("budget", seed, simulation);
        assertThat(simulation.exploringMillis).isPositive();
        assertThat(1 - simulation.gainOverOff(2)).isLessThan(CONFIG.exploration() + 2.0 / SECONDS);
    }
}
