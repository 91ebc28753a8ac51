package dev.respec.trainer;

import dev.respec.model.training.AdamWSettings;
import dev.respec.stage.config.LossSection;
import dev.respec.stage.config.RespecConfig;
import dev.respec.stage.config.TrainerSection;
import dev.respec.trainer.GroupCollector.CollectorLimits;
import dev.respec.trainer.admission.AdmissionBound;
import dev.respec.trainer.curriculum.CurriculumRules;
import dev.respec.trainer.loss.AdvantageKind;
import dev.respec.trainer.loss.ImportanceCorrection;
import dev.respec.trainer.loss.LossSettings;
import dev.respec.trainer.loss.Objective;
import dev.respec.trainer.loss.OverlongRule;
import dev.respec.trainer.loss.Reduction;
import dev.respec.trainer.update.LearningRate;
import dev.respec.trainer.update.RowRules;
import dev.respec.trainer.update.StepRows;
import dev.respec.trainer.update.UpdateSettings;
import org.jspecify.annotations.Nullable;

/** The configuration in the trainer's own terms. */
final class TrainerSettings {
    private static final double EPSILON = 1e-8;

    private TrainerSettings() {}

    static AdmissionBound admission(RespecConfig config) {
        var trainer = config.trainer();
        var steps = config.run().steps();
        var total = steps == 0 ? Long.MAX_VALUE : (long) steps * trainer.promptsPerStep();
        return new AdmissionBound(trainer.promptsPerStep(), trainer.maxStaleness(), total, trainer.mostAttempts());
    }

    static CollectorLimits limits(RespecConfig config) {
        var trainer = config.trainer();
        return new CollectorLimits(
                new StepGroups.Rules(
                        trainer.promptsPerStep(), trainer.groupSize(), trainer.maxStaleness(), sampling(config)),
                trainer.requestTimeout());
    }

    private static DynamicSampling sampling(RespecConfig config) {
        var trainer = config.trainer();
        var sampling = trainer.dynamicSampling();
        if (!sampling.enabled()) {
            return DynamicSampling.OFF;
        }
        var rules = rows(config);
        return new DynamicSampling(
                group -> StepRows.teaches(group, rules),
                (sampling.limit() - 1) * trainer.promptsPerStep(),
                DynamicSampling.AtLimit.valueOf(sampling.atLimit().name()));
    }

    /** Null if prompts come in the order of the data. */
    static @Nullable CurriculumRules curriculum(RespecConfig config) {
        var curriculum = config.data().curriculum();
        return curriculum.enabled()
                ? new CurriculumRules(
                        curriculum.window(),
                        curriculum.sharpness(),
                        curriculum.floor(),
                        CurriculumRules.Unseen.valueOf(curriculum.unseen().name()),
                        config.data().seed())
                : null;
    }

    static RowRules rows(RespecConfig config) {
        var loss = config.trainer().loss();
        return new RowRules(
                config.trainer().groupSize(),
                AdvantageKind.valueOf(loss.advantage().name()),
                overlong(loss.overlong(), config.sampling().maxTokens()),
                loss.dropZeroVariance() ? RowRules.ZeroVariance.DROP : RowRules.ZeroVariance.KEEP);
    }

    private static OverlongRule overlong(LossSection.Overlong overlong, int longest) {
        return switch (overlong.mode()) {
            case NONE -> new OverlongRule.Keep();
            case MASK -> new OverlongRule.Mask();
            case SOFT_PENALTY ->
                new OverlongRule.SoftPenalty(longest, Math.min(overlong.bufferTokens(), longest), overlong.penalty());
        };
    }

    static UpdateSettings update(RespecConfig config) {
        var trainer = config.trainer();
        var loss = trainer.loss();
        var policyLoss = new LossSettings(
                Objective.valueOf(loss.objective().name()),
                loss.clipLow(),
                loss.clipHigh(),
                loss.kl(),
                ImportanceCorrection.valueOf(loss.importance().mode().name()),
                loss.importance().cap());
        return new UpdateSettings(
                policyLoss,
                reduction(loss.aggregation()),
                trainer.epochs(),
                trainer.minibatches(),
                trainer.microBatchTokens(),
                config.sampling().maxTokens(),
                config.run().seed());
    }

    private static Reduction reduction(LossSection.Aggregation aggregation) {
        return switch (aggregation) {
            case SEQUENCE_MEAN -> Reduction.GRPO;
            case TOKEN_MEAN -> Reduction.DAPO;
            case CONSTANT -> Reduction.DR_GRPO;
        };
    }

    static AdamWSettings optimiser(TrainerSection trainer) {
        return new AdamWSettings(
                trainer.learningRate(),
                trainer.betas().get(0),
                trainer.betas().get(1),
                EPSILON,
                trainer.weightDecay(),
                trainer.gradientClip());
    }

    static LearningRate learningRate(RespecConfig config) {
        var trainer = config.trainer();
        var shape = LearningRate.Shape.valueOf(trainer.schedule().name());
        return new LearningRate(
                trainer.learningRate(), trainer.warmupSteps(), config.run().steps(), shape, 0);
    }
}
