package dev.respec.ops;

import dev.respec.controller.SdControllerStage;
import dev.respec.learner.DrafterLearner;
import dev.respec.scorer.RewardScorerStage;
import dev.respec.stage.Stage;
import dev.respec.trainer.TrainerStage;
import dev.respec.worker.RolloutWorkerStage;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/** The stages by their subcommand, in the order in which a record travels. */
public final class Stages {
    /** A stage's subcommand. */
    public record Entry(String name, String description, Supplier<Stage> create) {
        /** Whether the stage computes with models. */
        boolean carriesModels() {
            return COMPUTING.contains(name);
        }
    }

    private static final Set<String> COMPUTING = Set.of("worker", "learner", "trainer");

    // Lambdas, not method references: a stage's classes are loaded when it is made, and an image has those of one
    // stage.
    private static final List<Entry> ALL = List.of(
            new Entry(
                    "worker", "Generates rollouts with adaptive speculative decoding.", () -> new RolloutWorkerStage()),
            new Entry("scorer", "Turns rollouts into rewards and group advantages.", () -> new RewardScorerStage()),
            new Entry("controller", "Decides the speculation settings.", () -> new SdControllerStage()),
            new Entry("learner", "Distils the policy into the drafter.", () -> new DrafterLearner()),
            new Entry("trainer", "Admits prompts and trains the policy.", () -> new TrainerStage()));

    private Stages() {}

    public static List<Entry> all() {
        return ALL;
    }
}
