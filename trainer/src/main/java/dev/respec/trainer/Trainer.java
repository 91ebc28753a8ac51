package dev.respec.trainer;

import dev.respec.model.training.AdamWSettings;
import dev.respec.schemas.SourceOffsets;
import dev.respec.schemas.StepMetric;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import dev.respec.stage.StageContext;
import dev.respec.trainer.StepGroups.Collected;
import dev.respec.trainer.StepGroups.Reason;
import dev.respec.trainer.admission.Admission;
import dev.respec.trainer.assembly.ScoredGroup;
import dev.respec.trainer.checkpoint.TrainerCheckpoint;
import dev.respec.trainer.update.LearningRate;
import dev.respec.trainer.update.PolicyUpdate;
import dev.respec.trainer.update.RowRules;
import dev.respec.trainer.update.StepRows;
import dev.respec.trainer.update.UpdateOutcome;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Training steps, one after the other: a step takes groups, updates the policy and publishes it as the next version. A
 * step whose groups teach nothing is recorded like any other, but leaves the policy and its version as they are.
 *
 * <p>Every scored group is consumed by at most one step; a step's effect is exactly once ({@link PolicyPublisher}). One
 * thread runs it and owns the model, the consumer and the producer.
 */
final class Trainer {
    private static final Logger log = LoggerFactory.getLogger(Trainer.class);

    /**
     * What a trainer works with.
     *
     * @param steps steps of the run; 0 goes on until stopped
     * @param export writes the final policy; runs before the last step's event, so that who sees the event finds it
     */
    record Parts(
            String runId,
            long steps,
            Admission admission,
            RequestPublisher requests,
            GroupCollector groups,
            Evaluations evaluations,
            RowRules rules,
            PolicyUpdate update,
            AdamWSettings optimiser,
            LearningRate learningRate,
            PolicyPublisher publisher,
            Runnable export,
            TrainerMeters meters,
            StepTraces traces) {}

    private final Parts parts;
    private final StageContext context;
    private final Clock clock;

    private long done;

    /** Announced the weights as they are. */
    private WeightUpdate inForce;

    private Phases phases = new Phases();
    private Instant stepStart;

    /** When the groups of the step under way were complete, and when the policy had learnt from them. */
    private Instant collectedAt;

    private Instant updatedAt;

    /** Goes on after a checkpoint. */
    Trainer(Parts parts, TrainerCheckpoint checkpoint, StageContext context, Clock clock) {
        this.parts = parts;
        this.done = checkpoint.state().step();
        this.inForce = checkpoint.weightUpdate();
        this.context = context;
        this.clock = clock;
        this.stepStart = clock.instant();
        this.collectedAt = stepStart;
        this.updatedAt = stepStart;
    }

    /** Trains and evaluates until all steps are done or the stage is stopping. Returns how many steps are done. */
    long run() {
        while (!finished() && !context.stopping()) {
            trainStep();
        }
        if (finished()) {
            parts.evaluations().begin(done, inForce.getVersion());
            parts.groups().awaitEvaluation();
        }
        return done;
    }

    boolean finished() {
        return (parts.steps() > 0 && done >= parts.steps())
                || parts.evaluations().lastStep().filter(last -> done >= last).isPresent();
    }

    /** Whether the step under way is the run's last. */
    private boolean last() {
        return done + 1 == parts.steps() || parts.evaluations().endsRun().isPresent();
    }

    private void trainStep() {
        var version = inForce.getVersion();
        parts.evaluations().begin(done, version);
        parts.requests().admit(done, version);
        var groups = phases.time("waiting", () -> parts.groups().collect(done, version));
        if (context.stopping()) {
            return; // what was collected is read again after a restart
        }
        collectedAt = clock.instant();
        var rows = phases.time("assembling", () -> StepRows.of(groups.groups(), parts.rules()));
        var rate = parts.learningRate().at(done + 1);
        var outcome = parts.update().update(rows.rows(), parts.optimiser().withLearningRate(rate), done + 1);
        phases.add("forward-backward", outcome.forwardBackward());
        phases.add("optimiser", outcome.optimiser());
        if (parts.evaluations().underWay()) {
            phases.time("evaluating", () -> parts.groups().awaitEvaluation());
            if (context.stopping()) {
                return; // the evaluation is completed after a restart, and the step done again
            }
        }
        var collected = last() ? parts.groups().endRun() : groups;
        var metrics = metrics(collected, rows, outcome, rate);
        updatedAt = clock.instant();
        if (outcome.changedWeights()) {
            publish(collected, metrics);
        } else {
            record(collected, metrics);
        }
    }

    private StepMetrics metrics(Collected collected, StepRows rows, UpdateOutcome outcome, double rate) {
        var metrics = new StepMetrics()
                .rollouts(collected.answered(), inForce.getVersion())
                .sampling(collected)
                .update(outcome)
                .put(StepMetric.LEARNING_RATE, rate)
                .put(StepMetric.GROUPS_ZERO_VARIANCE, rows.zeroVarianceGroups())
                .put(StepMetric.GROUPS_DROPPED_STALE, collected.count(Reason.STALE))
                .put(StepMetric.GROUPS_INCOMPLETE, collected.count(Reason.INCOMPLETE))
                .put(StepMetric.GROUPS_TIMED_OUT, collected.count(Reason.TIMED_OUT))
                .put(StepMetric.GROUPS_REFUSED, collected.count(Reason.REFUSED))
                .put(StepMetric.GROUPS_LATE, collected.count(Reason.SETTLED) + collected.count(Reason.REPLACED))
                .put(StepMetric.GROUPS_IN_FLIGHT, parts.admission().inFlight())
                .put(StepMetric.GROUPS_ACCEPTED, parts.admission().accepted())
                .put(StepMetric.PROMPTS_ABANDONED, parts.admission().abandoned())
                .curriculum(parts.requests().prompts());
        var seconds = Math.max(Duration.between(stepStart, clock.instant()).toMillis(), 1) / 1e3;
        return metrics.put(StepMetric.TOKENS_PER_SECOND_GENERATION, metrics.get(StepMetric.TOKENS_CONSUMED) / seconds);
    }

    private void publish(Collected collected, StepMetrics metrics) {
        var next = done + 1;
        var version = inForce.getVersion() + 1;
        var stored = phases.time("publishing", () -> parts.publisher().store(version));
        var account = parts.groups().close(parts.runId(), next);
        var update = phases.time("publishing", () -> stored.update(next, account.sources(), metrics.asMap()));
        var step = event(version, collected, account.sources(), metrics);
        finish(step, metrics, () -> stored.publish(account.state(), step, update));
        inForce = update;
        parts.meters().update(version, metrics);
    }

    /** A step without signal: its groups are consumed, its weights stay. */
    private void record(Collected collected, StepMetrics metrics) {
        var account = phases.time("publishing", () -> parts.groups().close(parts.runId(), done + 1));
        var step = event(inForce.getVersion(), collected, account.sources(), metrics);
        finish(step, metrics, () -> parts.publisher().publishUnchanged(account.state(), step, inForce));
        parts.meters().update(inForce.getVersion(), metrics);
    }

    private void finish(TrainingStep step, StepMetrics metrics, Runnable publish) {
        if (last()) {
            parts.export().run();
        }
        report(step.getStep(), metrics);
        // The event names the time until here; what is left of publishing counts into the next step.
        phases = new Phases();
        stepStart = step.getFinishedAt();
        phases.time("publishing", () -> {
            publish.run();
            return step;
        });
        parts.traces().trained(step, new StepTraces.Times(collectedAt, updatedAt, clock.instant()));
        done = step.getStep();
    }

    private TrainingStep event(long version, Collected collected, List<SourceOffsets> sources, StepMetrics metrics) {
        return TrainingStep.newBuilder()
                .setRunId(parts.runId())
                .setRole(WeightRole.POLICY)
                .setStep(done + 1)
                .setVersion(version)
                .setSourceOffsets(sources)
                .setRequestIds(
                        collected.groups().stream().map(ScoredGroup::requestId).toList())
                .setDroppedRequestIds(collected.dropped())
                .setMetrics(metrics.asMap())
                .setPhases(phases.asMap())
                .setStartedAt(stepStart)
                .setFinishedAt(clock.instant())
                .build();
    }

    private void report(long step, StepMetrics metrics) {
        log.atInfo()
                .addKeyValue("step", step)
                .addKeyValue("reward", rounded(metrics.get(StepMetric.REWARD_MEAN)))
                .addKeyValue("pass", rounded(metrics.get(StepMetric.PASS_RATE)))
                .addKeyValue("length", Math.round(metrics.get(StepMetric.RESPONSE_LENGTH_MEAN)))
                .addKeyValue("acceptance", rounded(metrics.get(StepMetric.ACCEPTANCE_LENGTH)))
                .addKeyValue("staleness", rounded(metrics.get(StepMetric.STALENESS_MEAN)))
                .addKeyValue("loss", rounded(metrics.get(StepMetric.LOSS)))
                .addKeyValue("kl", rounded(metrics.get(StepMetric.KL_SAMPLER_TRAINER)))
                .addKeyValue("entropy", rounded(metrics.get(StepMetric.ENTROPY)))
                .addKeyValue("gradientNorm", rounded(metrics.get(StepMetric.GRADIENT_NORM)))
                .addKeyValue("tokens", Math.round(metrics.get(StepMetric.TOKENS_TRAINED)))
                .addKeyValue("waitingMs", Math.round(phases.get("waiting")))
                .addKeyValue("trainingMs", Math.round(phases.get("forward-backward") + phases.get("optimiser")))
                .log(
                        metrics.hasSignal()
                                ? "Training step"
                                : "Training step without signal: every group's rewards are equal");
    }

    private static double rounded(double value) {
        return Math.round(value * 1e4) / 1e4;
    }
}
