package dev.respec.trainer;

import dev.respec.model.training.ReferencePolicy;
import dev.respec.model.training.TrainableModel;
import dev.respec.schemas.StepMetric;
import dev.respec.stage.config.RespecConfig;
import dev.respec.trainer.assembly.ScoredGroup;
import dev.respec.trainer.update.PolicyModel;
import dev.respec.trainer.update.PolicyUpdate;
import dev.respec.trainer.update.StepRows;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The trainer's steps on given groups, without workers, topics or a clock. The same policy, configuration and groups
 * give the same weights to the bit in float32 on one machine, and those of the live run if the groups are its own.
 * One thread.
 */
public final class OfflineTraining implements AutoCloseable {
    private final RespecConfig config;
    private final TrainableModel model;
    private final @Nullable ReferencePolicy reference;
    private final PolicyUpdate update;
    private long version;

    /**
     * Loads the policy, or an adapter on it where {@code trainer.lora} asks for one.
     *
     * @param policy checkpoint folder that the first step starts from
     * @param version of that policy in the run that the groups come from; staleness counts from it
     */
    public OfflineTraining(RespecConfig config, Path policy, long version) {
        this.config = config.withOverrides(List.of("model.policy=" + policy));
        this.version = version;
        this.model = PolicyModels.load(this.config, Optional.empty());
        this.reference = PolicyModels.reference(this.config, model);
        this.update = new PolicyUpdate(
                PolicyModel.of(model),
                reference == null ? null : reference::logProbabilities,
                TrainerSettings.update(this.config));
    }

    /**
     * One step.
     *
     * @param step from 1; it decides the learning rate and the minibatches
     * @param groups complete and of the configured size
     * @param setAside groups that the recorded step left out for their equal rewards: its figures of the policy count them
     * @return the step's metrics, those of {@code training-steps} that need no clock and no queue
     */
    public Map<String, Double> step(long step, List<ScoredGroup> groups, List<ScoredGroup> setAside) {
        var rows = StepRows.of(groups, TrainerSettings.rows(config));
        var rate = TrainerSettings.learningRate(config).at(step);
        var optimiser = TrainerSettings.optimiser(config.trainer()).withLearningRate(rate);
        var outcome = update.update(rows.rows(), optimiser, step);
        var before = version;
        version += outcome.changedWeights() ? 1 : 0;
        return new StepMetrics()
                .rollouts(Stream.concat(groups.stream(), setAside.stream()).toList(), before)
                .update(outcome)
                .put(StepMetric.LEARNING_RATE, rate)
                .put(StepMetric.GROUPS_ZERO_VARIANCE, rows.zeroVarianceGroups())
                .asMap();
    }

    /** Writes the policy as it is now, and its adapter beside it if there is one. */
    public void export(Path folder) {
        PolicyModels.export(model, folder);
    }

    @Override
    public void close() {
        model.close();
        if (reference != null) {
            reference.close();
        }
    }
}
