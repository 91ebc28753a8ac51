package dev.respec.ops.simulation;

import dev.respec.schemas.Rollout;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightUpdate;
import dev.respec.schemas.WorkerStatus;
import dev.respec.topics.Event;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/** Topics, queue, artefacts and time: what survives every crash, and what all processes share. */
public final class SimulatedCluster {
    public static final String RUN = "run";

    public final Random random;
    public final Invariants invariants;
    public final SimulatedLog<RolloutRequest> requests;
    public final SimulatedLog<Rollout> rollouts;
    public final SimulatedLog<ScoredRollout> scored;
    public final SimulatedLog<WeightUpdate> weights;
    public final SimulatedLog<TrainingStep> steps;
    public final SimulatedLog<WorkerStatus> statuses;
    public final SimulatedQueue queue;

    /** Uris of the artefacts that can be fetched. */
    public final Set<String> artefacts = new HashSet<>();

    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private boolean calm;

    SimulatedCluster(long seed, int maxStaleness) {
        random = new Random(seed);
        invariants = new Invariants(maxStaleness);
        queue = new SimulatedQueue(random);
        requests = new SimulatedLog<>("rollout-requests", 1, this::requested);
        rollouts = new SimulatedLog<>("rollouts", 2, event -> {});
        scored = new SimulatedLog<>("scored-rollouts", 2, invariants::scored);
        weights = new SimulatedLog<>("weight-updates", 1, invariants::announced);
        steps = new SimulatedLog<>("training-steps", 1, invariants::stepped);
        statuses = new SimulatedLog<>("worker-status", 1, event -> {});
    }

    private void requested(Event<RolloutRequest> event) {
        invariants.requested(event);
        queue.offer(event);
    }

    public Instant now() {
        return now;
    }

    public Clock clock() {
        return new Clock() {
            @Override
            public ZoneId getZone() {
                return ZoneId.of("UTC");
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }

            @Override
            public Instant instant() {
                return now;
            }
        };
    }

    void pass(Duration time) {
        now = now.plus(time);
    }

    /** From now on nothing fails. */
    void calm() {
        calm = true;
    }

    /** Whether something of this probability goes wrong now. */
    public boolean fails(double probability) {
        return !calm && random.nextDouble() < probability;
    }

    /**
     * A moment at which the process may die.
     *
     * @throws SimulatedCrashException if it does
     */
    public void mayDie(double probability) {
        if (fails(probability)) {
            throw new SimulatedCrashException();
        }
    }
}
