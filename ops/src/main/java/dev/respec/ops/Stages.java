package dev.respec.ops;

import dev.respec.stage.Stage;
import java.util.List;

/** The stages by their subcommand, in the order in which a record travels. */
public final class Stages {
    /** A stage's subcommand. */
    public record Entry(String name, String description, String className) {
        Stage create() {
            try {
                return (Stage) Class.forName(className).getDeclaredConstructor().newInstance();
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("no stage " + className, e);
            }
        }
    }

    private static final List<Entry> ALL = List.of(
            new Entry(
                    "worker",
                    "Generates rollouts with adaptive speculative decoding.",
                    "dev.respec.worker.RolloutWorkerStage"),
            new Entry(
                    "scorer",
                    "Turns rollouts into rewards and group advantages.",
                    "dev.respec.scorer.RewardScorerStage"),
            new Entry("controller", "Decides the speculation settings.", "dev.respec.controller.SdControllerStage"),
            new Entry("learner", "Distils the policy into the drafter.", "dev.respec.learner.DrafterLearner"),
            new Entry("trainer", "Admits prompts and trains the policy.", "dev.respec.trainer.TrainerStage"));

    private Stages() {}

    public static List<Entry> all() {
        return ALL;
    }
}
