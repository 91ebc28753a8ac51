package dev.respec.ops;

import dev.respec.controller.SdControllerStage;
import dev.respec.learner.DrafterLearner;
import dev.respec.scorer.RewardScorerStage;
import dev.respec.stage.Stage;
import dev.respec.trainer.TrainerStage;
import dev.respec.worker.RolloutWorkerStage;
import java.util.List;
import java.util.function.Supplier;

/** The stages by their subcommand, in the order in which a record travels. */
public final class Stages {
    /** A stage's subcommand. */
    public record Entry(String name, String description, Supplier<Stage> create) {}

    private static final List<Entry> ALL = List.of(
            new Entry("worker", "Generates rollouts with adaptive speculative decoding.", RolloutWorkerStage::new),
            new Entry("scorer", "Turns rollouts into rewards and group advantages.", RewardScorerStage::new),
            new Entry("controller", "Decides the speculation settings.", SdControllerStage::new),
            new Entry("learner", "Distils the policy into the drafter.", DrafterLearner::new),
            new Entry("trainer", "Admits prompts and trains the policy.", TrainerStage::new));

    private Stages() {}

    public static List<Entry> all() {
        return ALL;
    }
}
