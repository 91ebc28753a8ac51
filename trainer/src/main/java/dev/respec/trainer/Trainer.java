package dev.respec.trainer;

import dev.respec.model.training.AdamWSettings;
import dev.respec.schemas.SourceOffsets;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import dev.respec.stage.StageContext;
import dev.respec.trainer.StepGroups.Collected;
import dev.respec.trainer.StepGroups.Reason;
import dev.respec.trainer.admission.Admission;
import dev.respec.trainer.assembly.ScoredGroup;
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
 * Training steps, one after the other: a step takes groups, updates the policy and publishes it as the next version.
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
            RowRules rules,
            PolicyUpdate update,
            AdamWSettings optimiser,
            LearningRate learningRate,
            PolicyPublisher publisher,
            Runnable export,
            TrainerMeters meters) {}

    private final Parts parts;
    private final StageContext context;
    private final Clock clock;

    /** Steps done; also the version of the policy. */
    private long version;

    private Phases phases = new Phases();
    private Instant stepStart;

    Trainer(Parts parts, long version, StageContext context, Clock clock) {
        this.parts = parts;
        this.version = version;
        this.context = context;
        this.clock = clock;
        this.stepStart = clock.instant();
    }

    /** Trains until all steps are done or the stage is stopping. Returns the last version. */
    long run() {
        while (!finished() && !context.stopping()) {
            trainStep();
        }
        return version;
    }

    boolean finished() {
        return parts.steps() > 0 && version >= parts.steps();
    }

    private void trainStep() {
        parts.requests().admit(version);
        var last = version + 1 == parts.steps();
        var collected = phases.time(
                "waiting",
                () -> last
                        ? parts.groups().collectLast(version)
                        : parts.groups().collect(version));
        if (context.stopping()) {
            return; // what was collected is read again after a restart
        }
        var rows = phases.time("assembling", () -> StepRows.of(collected.groups(), parts.rules()));
        var rate = parts.learningRate().at(version + 1);
        var outcome = parts.update().update(rows.rows(), parts.optimiser().withLearningRate(rate), version + 1);
        phases.add("forward-backward", outcome.forwardBackward());
        phases.add("optimiser", outcome.optimiser());
        publish(collected, metrics(collected, rows, outcome, rate));
    }

    private StepMetrics metrics(Collected collected, StepRows rows, UpdateOutcome outcome, double rate) {
        var metrics = new StepMetrics()
                .rollouts(collected.groups(), version)
                .update(outcome)
                .put("learning_rate", rate)
                .put("groups_zero_variance", rows.zeroVarianceGroups())
                .put("groups_dropped_stale", collected.count(Reason.STALE))
                .put("groups_incomplete", collected.count(Reason.INCOMPLETE))
                .put("groups_timed_out", collected.count(Reason.TIMED_OUT))
                .put("groups_refused", collected.count(Reason.REFUSED))
                .put("groups_late", collected.count(Reason.SETTLED) + collected.count(Reason.REPLACED))
                .put("groups_in_flight", parts.admission().inFlight())
                .put("groups_accepted", parts.admission().accepted())
                .put("prompts_abandoned", parts.admission().abandoned());
        var seconds = Math.max(Duration.between(stepStart, clock.instant()).toMillis(), 1) / 1e3;
        return metrics.put("tokens_per_second_generation", metrics.get("tokens_consumed") / seconds);
    }

    private void publish(Collected collected, StepMetrics metrics) {
        var next = version + 1;
        var stored = phases.time("publishing", () -> parts.publisher().store(next));
        var account = parts.groups().close(parts.runId(), next);
        var update = phases.time("publishing", () -> stored.update(account.sources(), metrics.asMap()));
        var step = event(next, collected, account.sources(), metrics);
        if (next == parts.steps()) {
            parts.export().run();
        }
        report(next, metrics);
        // The event names the time until here; what is left of publishing counts into the next step.
        phases = new Phases();
        stepStart = step.getFinishedAt();
        phases.time("publishing", () -> {
            stored.publish(account.state(), step, update);
            return next;
        });
        version = next;
        parts.meters().update(next, metrics);
    }

    private TrainingStep event(long next, Collected collected, List<SourceOffsets> sources, StepMetrics metrics) {
        return TrainingStep.newBuilder()
                .setRunId(parts.runId())
                .setRole(WeightRole.POLICY)
                .setStep(next)
                .setVersion(next)
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
                .addKeyValue("reward", rounded(metrics.get("reward_mean")))
                .addKeyValue("pass", rounded(metrics.get("pass_rate")))
                .addKeyValue("length", Math.round(metrics.get("response_length_mean")))
                .addKeyValue("acceptance", rounded(metrics.get("acceptance_length")))
                .addKeyValue("staleness", rounded(metrics.get("staleness_mean")))
                .addKeyValue("loss", rounded(metrics.get("loss")))
                .addKeyValue("kl", rounded(metrics.get("kl_sampler_trainer")))
                .addKeyValue("entropy", rounded(metrics.get("entropy")))
                .addKeyValue("gradientNorm", rounded(metrics.get("gradient_norm")))
                .addKeyValue("tokens", Math.round(metrics.get("tokens_trained")))
                .addKeyValue("waitingMs", Math.round(phases.get("waiting")))
                .addKeyValue("trainingMs", Math.round(phases.get("forward-backward") + phases.get("optimiser")))
                .log("Training step");
    }

    private static double rounded(double value) {
        return Math.round(value * 1e4) / 1e4;
    }
}
