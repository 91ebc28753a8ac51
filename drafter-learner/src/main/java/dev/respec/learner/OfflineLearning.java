package dev.respec.learner;

import dev.respec.learner.PublicationGate.Verdict;
import dev.respec.learner.distillation.Distiller;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.eagle3.TrainingTimeTest;
import dev.respec.schemas.ScoredRollout;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.Event;
import java.time.Duration;
import java.util.Optional;

/**
 * The learner's rounds on recorded rollouts, without topics or a clock: buffer, weights, training, judgement on the
 * held-out slice and the choice to replace the drafter are the stage's own. The same models, configuration and rollouts
 * give the same drafter to the bit in float32 on one machine. One thread.
 */
public final class OfflineLearning implements AutoCloseable {
    /** Far away: a round trains all that is fresh. */
    private static final Duration UNBOUNDED = Duration.ofDays(365);

    private final Distiller distiller;
    private final RolloutBuffer buffer;
    private final RoundTraining training;
    private final PublicationGate gate = new PublicationGate(0, 0);
    private final int roundRollouts;
    private final double lossDecay;
    private long rounds;
    private long version;

    /**
     * What a round did.
     *
     * @param version of the drafter in force after it; the number of candidates taken so far
     * @param candidate expected acceptance length of the candidate on the held-out slice
     * @param inForce of the drafter in force before the judgement
     */
    public record Round(long round, long version, int rollouts, double loss, double candidate, double inForce) {}

    /**
     * Loads the models.
     *
     * @param policy teacher of all rounds
     * @param drafter what the first round starts from
     * @param roundRollouts training rollouts of a round
     */
    public OfflineLearning(RespecConfig config, Checkpoint policy, Eagle3Checkpoint drafter, int roundRollouts) {
        var learner = config.learner();
        var test = new TrainingTimeTest(learner.tttLength(), learner.lossDecay(), learner.totalVariation());
        this.distiller = Distiller.load(policy, drafter, test, learner.threads());
        this.buffer = new RolloutBuffer(learner.bufferRollouts(), learner.holdOutFraction());
        this.training = new RoundTraining(learner, config.run().seed(), buffer, distiller);
        this.roundRollouts = Math.min(roundRollouts, buffer.trainingCapacity());
        this.lossDecay = learner.lossDecay();
    }

    /** Takes a rollout in; a round if enough have come. */
    public Optional<Round> add(Event<ScoredRollout> event) {
        TrainingRollout.of(event).ifPresent(buffer::add);
        return buffer.fresh() >= roundRollouts ? Optional.of(round()) : Optional.empty();
    }

    /** The last round, of what is left; empty if nothing is. */
    public Optional<Round> finish() {
        return buffer.fresh() > 0 ? Optional.of(round()) : Optional.empty();
    }

    private Round round() {
        var slice = buffer.newestHeldOut(LearningRounds.JUDGED_ROLLOUTS).stream()
                .map(TrainingRollout::tokens)
                .toList();
        if (slice.isEmpty()) {
            throw new BadInputException("no rollout is held out to judge a drafter on: take more rollouts, or raise"
                    + " learner.hold-out-fraction");
        }
        var trained = training.run(UNBOUNDED, rounds, 1);
        var comparison = distiller.compare(slice);
        double candidate = comparison.candidate().acceptanceLength();
        double inForce = comparison.current().acceptanceLength();
        var verdict = gate.judge(distiller, comparison);
        if (verdict == Verdict.START_OVER) {
            distiller.resetCandidate();
        } else if (verdict == Verdict.PUBLISH) {
            distiller.promoteCandidate();
            version++;
        }
        rounds++;
        return new Round(
                rounds, version, trained.rollouts().size(), trained.sums().loss(lossDecay), candidate, inForce);
    }

    /** A copy of the drafter in force. */
    public Eagle3Checkpoint drafter() {
        return distiller.current();
    }

    @Override
    public void close() {
        distiller.close();
    }
}
