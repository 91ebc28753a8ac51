package dev.respec.learner;

import dev.respec.learner.PublicationGate.Verdict;
import dev.respec.learner.RoundTraining.Trained;
import dev.respec.learner.budget.TrainingBudget.Decision;
import dev.respec.learner.distillation.Distiller;
import dev.respec.learner.distillation.Distiller.Comparison;
import dev.respec.learner.state.Announcements;
import dev.respec.learner.state.LearnerCheckpoints;
import dev.respec.learner.state.LearnerState;
import dev.respec.model.eagle3.DistillationSums;
import dev.respec.schemas.SourceOffsets;
import dev.respec.schemas.StepMetric;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightFormat;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import dev.respec.stage.config.LearnerSection;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.TopicCatalogue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Rounds of learning: train on what is fresh, judge on what is held out, checkpoint, announce. */
final class LearningRounds implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LearningRounds.class);

    /** Some thousand positions: enough to tell candidates apart on the same slice, cheap enough for every round. */
    static final int JUDGED_ROLLOUTS = 48;

    private final LearnerSection settings;
    private final RoundTraining training;
    private final Distiller distiller;
    private final RolloutBuffer buffer;
    private final DrafterPublisher publisher;
    private final LearnerCheckpoints checkpoints;
    private final PublicationGate gate;
    private final LearnerMeters meters;
    private LearnerState state;

    LearningRounds(
            RespecConfig config,
            Distiller distiller,
            RolloutBuffer buffer,
            DrafterPublisher publisher,
            LearnerCheckpoints checkpoints,
            LearnerState state,
            LearnerMeters meters) {
        this.settings = config.learner();
        this.training = new RoundTraining(settings, config.run().seed(), buffer, distiller);
        this.distiller = distiller;
        this.buffer = buffer;
        this.publisher = publisher;
        this.checkpoints = checkpoints;
        this.state = state;
        this.gate = new PublicationGate(state.rejected(), state.rejectedInARow());
        this.meters = meters;
        meters.update(state, Double.NaN);
    }

    /**
     * One round.
     *
     * @param budget time for training batches; the first is always trained
     * @param policyVersion of the teacher
     * @param positions one past the last rollout taken in, by partition
     * @param share of the fresh rollouts to train on, above 0
     */
    void learn(Duration budget, long policyVersion, Map<Integer, Long> positions, Decision share) {
        var started = Instant.now();
        long begin = System.nanoTime();
        var trained = training.run(budget, state.round(), share.share());
        long trainedAt = System.nanoTime();
        var slice = buffer.newestHeldOut(JUDGED_ROLLOUTS);
        var comparison =
                distiller.compare(slice.stream().map(TrainingRollout::tokens).toList());
        var verdict = gate.judge(distiller, comparison);
        var phases = Map.of("training", (trainedAt - begin) / 1e6, "evaluation", (System.nanoTime() - trainedAt) / 1e6);
        var metrics = metrics(trained, comparison, verdict, policyVersion);
        put(metrics, share);
        var sources = sources(positions);
        var update = apply(verdict, policyVersion, sources, metrics);
        var next = new LearnerState(
                state.runId(),
                state.round() + 1,
                update == null ? state.version() : update.getVersion(),
                policyVersion,
                positions,
                buffer.state(),
                gate.rejected(),
                gate.rejectedInARow());
        finish(next, Announcements.of(step(next, trained.rollouts(), sources, metrics, phases, started), update));
        meters.update(state, comparison.current().acceptanceLength());
        report(verdict, comparison, trained);
    }

    /**
     * A round without training, which says that the learner rests from now on.
     *
     * @param positions one past the last rollout taken in, by partition
     */
    void rest(Map<Integer, Long> positions, Decision share) {
        var metrics = new TreeMap<String, Double>();
        put(metrics, share);
        metrics.put(StepMetric.OPTIMISER_STEPS.key(), 0.0);
        metrics.put(StepMetric.ROLLOUTS.key(), 0.0);
        metrics.put(StepMetric.PUBLISHED.key(), 0.0);
        metrics.put(StepMetric.POLICY_VERSION.key(), (double) state.policyVersion());
        var next = new LearnerState(
                state.runId(),
                state.round() + 1,
                state.version(),
                state.policyVersion(),
                positions,
                buffer.state(),
                gate.rejected(),
                gate.rejectedInARow());
        var step = step(next, List.of(), sources(positions), metrics, Map.of(), Instant.now());
        finish(next, Announcements.of(step, null));
    }

    /** The checkpoint is complete before anything is announced: a restart sends what the topics lack. */
    private void finish(LearnerState next, Announcements announcements) {
        checkpoints.save(next, announcements, distiller);
        publisher.announce(announcements);
        state = next;
    }

    private @Nullable WeightUpdate apply(
            Verdict verdict, long policyVersion, List<SourceOffsets> sources, Map<String, Double> metrics) {
        if (verdict == Verdict.START_OVER) {
            distiller.resetCandidate();
        }
        if (verdict != Verdict.PUBLISH) {
            return null;
        }
        long version = state.version() + 1;
        var artefact = publisher.store(distiller.candidate(), version);
        distiller.promoteCandidate();
        return WeightUpdate.newBuilder()
                .setRunId(state.runId())
                .setRole(WeightRole.DRAFTER)
                .setVersion(version)
                .setBaseVersion(version - 1)
                .setFormat(WeightFormat.FULL)
                .setUri(artefact.uri())
                .setFiles(artefact.files())
                .setStep(state.round() + 1)
                .setPolicyVersion(policyVersion)
                .setSourceOffsets(sources)
                .setMetrics(metrics)
                .setPublishedAt(Instant.now())
                .build();
    }

    private TrainingStep step(
            LearnerState next,
            List<TrainingRollout> trained,
            List<SourceOffsets> sources,
            Map<String, Double> metrics,
            Map<String, Double> phases,
            Instant started) {
        return TrainingStep.newBuilder()
                .setRunId(next.runId())
                .setRole(WeightRole.DRAFTER)
                .setStep(next.round())
                .setVersion(next.version())
                .setSourceOffsets(sources)
                .setRequestIds(trained.stream()
                        .map(TrainingRollout::requestId)
                        .distinct()
                        .sorted()
                        .toList())
                .setMetrics(metrics)
                .setPhases(phases)
                .setStartedAt(started)
                .setFinishedAt(Instant.now())
                .build();
    }

    /** Offsets since the round before: those of all rounds tile the topic. */
    private List<SourceOffsets> sources(Map<Integer, Long> positions) {
        var sources = new ArrayList<SourceOffsets>();
        new TreeMap<>(positions).forEach((partition, to) -> {
            long from = state.offsets().getOrDefault(partition, 0L);
            if (to > from) {
                sources.add(new SourceOffsets(TopicCatalogue.SCORED_ROLLOUTS.name(), partition, from, to));
            }
        });
        return sources;
    }

    private Map<String, Double> metrics(Trained trained, Comparison comparison, Verdict verdict, long policyVersion) {
        var metrics = new TreeMap<String, Double>();
        int passes = settings.tttLength();
        metrics.put(StepMetric.LOSS.key(), trained.sums().loss(settings.lossDecay()));
        metrics.put(StepMetric.ACCURACY.key(), trained.sums().accuracy(0));
        metrics.put(StepMetric.GRADIENT_NORM.key(), trained.gradientNorm());
        metrics.put(StepMetric.OPTIMISER_STEPS.key(), (double) trained.steps());
        metrics.put(StepMetric.ROLLOUTS.key(), (double) trained.rollouts().size());
        if (settings.replay() > 0) {
            metrics.put(StepMetric.REPLAYED_DRAFTS.key(), (double) trained.replayedDrafts());
        }
        metrics.put(
                StepMetric.REWARD_MEAN.key(),
                trained.rollouts().stream()
                        .mapToDouble(TrainingRollout::reward)
                        .average()
                        .orElse(0));
        metrics.put(StepMetric.JUDGED_ROLLOUTS.key(), (double)
                buffer.newestHeldOut(JUDGED_ROLLOUTS).size());
        metrics.put(StepMetric.POLICY_VERSION.key(), (double) policyVersion);
        metrics.put(StepMetric.PUBLISHED.key(), verdict == Verdict.PUBLISH ? 1.0 : 0.0);
        metrics.put(StepMetric.UNCHANGED.key(), verdict == Verdict.UNCHANGED ? 1.0 : 0.0);
        metrics.put(StepMetric.CANDIDATES_REJECTED.key(), (double) gate.rejected());
        metrics.put(
                StepMetric.CANDIDATE_ACCEPTANCE_LENGTH.key(),
                comparison.candidate().acceptanceLength());
        metrics.put(
                StepMetric.CURRENT_ACCEPTANCE_LENGTH.key(), comparison.current().acceptanceLength());
        put(metrics, StepMetric.CANDIDATE_ACCEPTANCE, comparison.candidate(), passes);
        put(metrics, StepMetric.CURRENT_ACCEPTANCE, comparison.current(), passes);
        return metrics;
    }

    private static void put(Map<String, Double> metrics, Decision share) {
        metrics.put(StepMetric.TRAINING_SHARE.key(), share.share());
        if (Double.isFinite(share.fast())) {
            metrics.put(StepMetric.SERVED_FAST.key(), share.fast());
            metrics.put(StepMetric.SERVED_SLOW.key(), share.slow());
        }
    }

    private static void put(Map<String, Double> metrics, StepMetric acceptance, DistillationSums sums, int passes) {
        metrics.put(acceptance.key(), (sums.acceptanceLength() - 1) / passes);
        for (int pass = 0; pass < passes; pass++) {
            metrics.put(acceptance.key(pass + 1), sums.acceptance(pass));
        }
    }

    /** Of the drafter in force. */
    long version() {
        return state.version();
    }

    private void report(Verdict verdict, Comparison comparison, Trained trained) {
        if (verdict == Verdict.UNCHANGED) {
            meters.unchanged();
            log.atWarn()
                    .addKeyValue("round", state.round())
                    .addKeyValue("gradientNorm", trained.gradientNorm())
                    .addKeyValue("steps", trained.steps())
                    .log("Training changed no parameter of the drafter, nothing is published: lower"
                            + " learner.learning-rate if the gradient norm is not finite");
        }
        log.atInfo()
                .addKeyValue("round", state.round())
                .addKeyValue("drafterVersion", state.version())
                .addKeyValue("policyVersion", state.policyVersion())
                .addKeyValue("verdict", verdict)
                .addKeyValue("rollouts", trained.rollouts().size())
                .addKeyValue("candidate", comparison.candidate().acceptanceLength())
                .addKeyValue("current", comparison.current().acceptanceLength())
                .log("Learnt a round");
    }

    @Override
    public void close() {
        publisher.close();
    }
}
