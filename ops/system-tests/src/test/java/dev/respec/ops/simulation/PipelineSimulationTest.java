package dev.respec.ops.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.model.TextTokenizer;
import dev.respec.scorer.GuardedRewards;
import dev.respec.scorer.RewardScorer;
import dev.respec.scorer.SimulatedScorer;
import dev.respec.scorer.reward.RewardFunctions;
import dev.respec.trainer.SimulatedTrainer;
import dev.respec.worker.SimulatedWorker;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Weight updates, redelivery and crashes of everything, over many seeds: what the stages decide is the stages' own code,
 * topics and time are simulated. {@code -Drespec.simulation.seeds=N} plays more, {@code -Drespec.seed=N} starts there.
 */
class PipelineSimulationTest {
    private static final int SEEDS = Integer.getInteger("respec.simulation.seeds", 5_000);
    private static final long FIRST_SEED = Long.getLong("respec.seed", 1);
    private static final int MOST_MOVES = 20_000;

    static {
        // what the stages warn of is what the simulation does to them
        System.setProperty("org.slf4j.simpleLogger.log.dev.respec.scorer", "error");
        System.setProperty("org.slf4j.simpleLogger.log.dev.respec.trainer", "error");
    }

    @TempDir
    private Path folder;

    @Test
    void shouldKeepEveryInvariantOverRedeliveryAndCrashes() {
        TextTokenizer.writeCharacterTokenizer(folder, "123", List.of("<pad>", "<eos>"));
        long moves = 0;
        long crashes = 0;
        long repeats = 0;
        long setAside = 0;
        try (TextTokenizer tokenizer = TextTokenizer.open(folder);
                GuardedRewards guard = new GuardedRewards(Duration.ofMinutes(1), Clock.systemUTC())) {
            RewardScorer rewards = new RewardScorer(RewardFunctions.installed(), guard, Clock.systemUTC());
            for (long seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed++) {
                Run run = new Run(seed, tokenizer, rewards);
                try {
                    run.play();
                } catch (AssertionError | RuntimeException e) {
                    throw new AssertionError(
                            "seed " + seed + " (play it alone with -Drespec.seed=" + seed
                                    + " -Drespec.simulation.seeds=1): " + e.getMessage(),
                            e);
                }
                moves += run.moves;
                repeats += run.cluster.invariants.repeats();
                setAside += run.cluster.invariants.setAside();
                crashes += run.crashes;
            }
        }
        System.out.printf(
                "simulation: %d seeds from %d, %d moves, %d crashes, %d requests asked again, %d groups set aside%n",
                SEEDS, FIRST_SEED, moves, crashes, repeats, setAside);
        assertThat(crashes).isGreaterThan(SEEDS);
        assertThat(repeats).isGreaterThan(SEEDS);
        assertThat(setAside).isGreaterThanOrEqualTo(SEEDS / 2);
    }

    /** One pipeline from its first request to rest. */
    private static final class Run {
        private final SimulatedCluster cluster;
        private final SimulatedTrainer trainer;
        private final List<SimulatedWorker> workers = new ArrayList<>();
        private final List<SimulatedScorer> scorers = new ArrayList<>();
        private final long steps;
        private int moves;
        private int crashes;

        Run(long seed, TextTokenizer tokenizer, RewardScorer rewards) {
            int staleness = (int) Math.floorMod(seed, 3L);
            cluster = new SimulatedCluster(seed, staleness);
            steps = 2 + cluster.random.nextInt(4);
            trainer = new SimulatedTrainer(
                    cluster, 1 + cluster.random.nextInt(3), 1 + cluster.random.nextInt(3), staleness, steps);
            for (int worker = 0; worker < 2; worker++) {
                workers.add(new SimulatedWorker(cluster, tokenizer, "worker-" + worker));
            }
            for (int partition = 0; partition < cluster.rollouts.partitionCount(); partition++) {
                scorers.add(new SimulatedScorer(cluster, rewards, partition));
            }
        }

        void play() {
            while (!trainer.finished()) {
                move();
            }
            cluster.calm();
            while (!(workers.stream().allMatch(SimulatedWorker::idle)
                    && scorers.stream().allMatch(SimulatedScorer::idle)
                    && cluster.queue.empty())) {
                move();
            }
            cluster.invariants.atRest(steps);
        }

        private void move() {
            assertThat(moves++)
                    .as(
                            "moves without coming to an end; trainer finished %s, workers idle %s, scorers idle %s, queue empty %s",
                            trainer.finished(),
                            workers.stream().map(SimulatedWorker::idle).toList(),
                            scorers.stream().map(SimulatedScorer::idle).toList(),
                            cluster.queue.empty())
                    .isLessThan(MOST_MOVES);
            int choice = cluster.random.nextInt(12);
            if (choice < 5) {
                SimulatedWorker worker = workers.get(cluster.random.nextInt(workers.size()));
                run(worker::step, () -> {
                    worker.crash();
                    cluster.queue.release(worker.id());
                });
            } else if (choice < 7) {
                SimulatedScorer scorer = scorers.get(cluster.random.nextInt(scorers.size()));
                run(scorer::step, scorer::crash);
            } else if (choice < 11) {
                run(trainer::step, trainer::crash);
            } else {
                misfortune();
            }
        }

        private void run(Runnable step, Runnable crash) {
            try {
                step.run();
            } catch (SimulatedCrashException e) {
                crashes++;
                crash.run();
            }
        }

        private void misfortune() {
            cluster.pass(Duration.ofMillis(cluster.random.nextInt(2_000)));
            SimulatedWorker worker = workers.get(cluster.random.nextInt(workers.size()));
            if (cluster.fails(0.02)) {
                worker.hang(Duration.ofSeconds(cluster.random.nextInt(60)));
            }
            if (cluster.fails(0.02)) {
                worker.mute(Duration.ofSeconds(cluster.random.nextInt(30)));
            }
            if (cluster.fails(0.02)) {
                crashes++;
                worker.stop();
                cluster.queue.release(worker.id());
            }
            if (cluster.fails(0.2)) {
                cluster.queue.expireOne();
            }
            if (cluster.fails(0.05)) {
                crashes++;
                cluster.queue.releaseAll();
                scorers.forEach(SimulatedScorer::crash);
            }
        }
    }
}
