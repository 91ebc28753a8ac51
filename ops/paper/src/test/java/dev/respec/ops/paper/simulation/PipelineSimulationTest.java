package dev.respec.ops.paper.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class PipelineSimulationTest {
    private static final Cluster.Rates FAST = new Cluster.Rates(1e9, 1e9, 1e9);

    /** Every response has 10 tokens, every step takes 2 ms and emits one token per sequence. */
    private static Workload workload(double trainingMillisecondsPerToken) {
        return new Workload(List.of(10), List.of(new Workload.Step(1, 2, 1)), trainingMillisecondsPerToken, 0);
    }

    private static Cluster cluster(int workers, int staleness, double trainers, Cluster.Rates rates) {
        return new Cluster(workers, 4, 4, workers, staleness, trainers, rates, 1e9);
    }

    @Test
    void shouldAddGenerationAndTrainingWhenSynchronous() {
        // One group of 4 per worker and step: 10 steps of 2 ms, then 40 tokens of 0.5 ms on one trainer per worker
        var result = new PipelineSimulation(cluster(3, 0, 3, FAST), workload(0.5), 1).run(5);

        assertThat(result.stepMilliseconds()).isCloseTo(20 + 20, within(0.01));
        assertThat(result.rolloutsPerSecond()).isCloseTo(3 * 4 / 0.04, within(0.2));
        assertThat(result.workersBusy()).isCloseTo(0.5, within(0.001));
        assertThat(result.trainerBusy()).isCloseTo(0.5, within(0.001));
    }

    @Test
    void shouldBeBoundByTheSlowerOfBothWhenAsynchronous() {
        // Generation of a step takes 20 ms, training 60 ms: after the first step the trainer never waits
        var result = new PipelineSimulation(cluster(2, 2, 1, FAST), workload(0.75), 1).run(20);

        assertThat(result.stepMilliseconds()).isCloseTo((20 + 20 * 60) / 20.0, within(0.1));
        assertThat(result.trainerBusy()).isGreaterThan(0.98);
    }

    @Test
    void shouldSaturateASlowScorer() {
        // 8 rollouts per step at 100 per second: 80 ms of the scorer for 20 ms of generation
        var slow = new Cluster.Rates(100, 1e9, 1e9);

        var result = new PipelineSimulation(cluster(2, 2, 2, slow), workload(0), 1).run(20);

        assertThat(result.scorerBusy()).isGreaterThan(0.97);
        assertThat(result.rolloutsPerSecond()).isCloseTo(100, within(3.0));
    }

    @Test
    void shouldWaitForTheBroadcastWhenSynchronous() {
        var heavy = new Workload(List.of(10), List.of(new Workload.Step(1, 2, 1)), 0, 5_000_000);

        var result = new PipelineSimulation(cluster(2, 0, 1, FAST), heavy, 1).run(50);

        // two workers, 5 MB each at 1 GB/s: 10 ms between steps; the last one ends the simulation
        assertThat(result.stepMilliseconds()).isCloseTo((50 * 20 + 49 * 10) / 50.0, within(0.01));
    }

    @Test
    void shouldLetTheLongestRolloutHoldUpAStep() {
        // Given lengths of 1 and 100 tokens, equally likely: with 32 rollouts a step has a long one almost surely
        var uneven = new Workload(List.of(1, 100), List.of(new Workload.Step(1, 1, 1)), 0, 0);
        var cluster = new Cluster(8, 4, 4, 8, 0, 1, FAST, 1e9);

        var result = new PipelineSimulation(cluster, uneven, 1).run(10);

        assertThat(result.stepMilliseconds()).isCloseTo(100, within(1.0));
    }

    @Test
    void shouldRepeatItselfWithTheSameSeed() {
        Workload recorded = RecordedWorkloads.shipped();
        Cluster cluster = new Cluster(4, 32, 8, 64, 2, 4, Cluster.Rates.MEASURED, 1e9);

        assertThat(new PipelineSimulation(cluster, recorded, 5).run(4))
                .isEqualTo(new PipelineSimulation(cluster, recorded, 5).run(4));
    }

    @Test
    void shouldStayWithinTheBoundOfThePapersTable() {
        PaperCase paper = PaperCase.simulate(RecordedWorkloads.shipped());

        // 1 / (0.14 + 0.86 / 1.46)
        assertThat(paper.bound()).isCloseTo(1.3715, within(1e-3));
        assertThat(paper.speedUp()).isBetween(1.0, paper.bound());
    }
}
