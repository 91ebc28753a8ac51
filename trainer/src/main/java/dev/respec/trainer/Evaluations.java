package dev.respec.trainer;

import static java.util.Objects.requireNonNull;

import dev.respec.schemas.EvaluationRequestId;
import dev.respec.schemas.PolicyEvaluation;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.ScoredRollout;
import dev.respec.stage.StageContext;
import dev.respec.topics.Event;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import dev.respec.trainer.evaluation.BestPolicy;
import dev.respec.trainer.evaluation.EvaluationHistory;
import dev.respec.trainer.evaluation.EvaluationPlan;
import dev.respec.trainer.evaluation.EvaluationUnderWay;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The evaluations of a run, one at a time. INVARIANT: while one is {@link #underWay}, no version of the policy is published
 * and no checkpoint written. So the workers have no newer version to answer with, and a trainer that crashes finds every
 * record of the evaluation behind the offsets of its checkpoint.
 *
 * <p>The results of one evaluation are written all or none; the topic alone says what has been evaluated. Owned by the
 * trainer's thread.
 */
final class Evaluations {
    private static final Logger log = LoggerFactory.getLogger(Evaluations.class);

    /**
     * What evaluations work with.
     *
     * @param lastStep steps of the run; 0 has no end
     * @param bestPolicy null keeps none
     */
    record Parts(
            EvaluationPlan plan,
            String runId,
            long lastStep,
            RequestCodec codec,
            RequestPublisher requests,
            EventProducer producer,
            @Nullable BestPolicy bestPolicy,
            EvaluationMeters meters) {}

    private final Parts parts;
    private final EvaluationHistory history;
    private final Clock clock;
    private @Nullable EvaluationUnderWay current;

    /** Goes on with the evaluations that the topic holds of this run; {@code requests} have been recovered. */
    static Evaluations open(
            StageContext context,
            EvaluationPlan plan,
            RequestCodec codec,
            RequestPublisher requests,
            EventProducer producer,
            BestPolicy best,
            Clock clock) {
        var config = context.config();
        var run = config.run();
        var earlier = context.events().readAll(TopicCatalogue.EVALUATIONS).stream()
                .map(Event::requireValue)
                .filter(evaluation -> evaluation.getRunId().equals(run.id()))
                .toList();
        var kept = config.trainer().keepBest() ? best : null;
        var meters = new EvaluationMeters(context.metrics());
        return new Evaluations(
                new Parts(plan, run.id(), run.steps(), codec, requests, producer, kept, meters), earlier, clock);
    }

    /** @param earlier what the topic holds of this run */
    private Evaluations(Parts parts, List<PolicyEvaluation> earlier, Clock clock) {
        this.parts = parts;
        this.history =
                new EvaluationHistory(parts.plan().deciding(), parts.plan().patience());
        this.clock = clock;
        history.add(earlier);
        earlier.forEach(parts.meters()::update);
        keepBest(); // a crash may have come between the results and the copy
    }

    /** Begins the evaluation that is due after so many steps, or goes on with it after a restart; nothing if none is. */
    void begin(long step, long version) {
        if (underWay()
                || history.has(step)
                || endsRun().isPresent()
                || !parts.plan().due(step, parts.lastStep())) {
            return;
        }
        var now = clock.instant();
        var begun = new EvaluationUnderWay(parts.plan(), parts.runId(), step, version, now);
        parts.requests().evaluation().recovered().forEach(id -> begun.found(id, now));
        current = begun;
        log.atInfo()
                .addKeyValue("step", step)
                .addKeyValue("policyVersion", version)
                .addKeyValue("inFlight", begun.awaited().size())
                .log("Evaluation begins");
        tend();
    }

    boolean underWay() {
        return current != null;
    }

    /** Takes the next record of {@code scored-rollouts}. */
    void offer(ScoredRollout record) {
        if (current != null) {
            current.offer(record);
        }
    }

    /** Asks what is to be asked, and ends the evaluation if everything has come. */
    void tend() {
        var evaluation = current;
        if (evaluation == null) {
            return;
        }
        var now = clock.instant();
        parts.requests().evaluation().takeRefused().forEach((id, why) -> {
            log.atWarn()
                    .addKeyValue("requestId", id)
                    .addKeyValue("reason", why)
                    .log("Prompt of an evaluation is refused by a worker and left out");
            evaluation.refuse(id);
        });
        evaluation.giveUpOverdue(now);
        var questions = evaluation.takeQuestions(now);
        if (!questions.isEmpty()) {
            parts.requests()
                    .ask(questions.stream()
                            .map(id -> request(evaluation, id, now))
                            .toList());
        }
        parts.requests().evaluation().awaitOnly(evaluation.awaited());
        if (evaluation.complete()) {
            end(evaluation);
        }
    }

    private RolloutRequest request(EvaluationUnderWay evaluation, EvaluationRequestId id, Instant now) {
        var prompt = requireNonNull(parts.plan().prompts().get(id.dataSet())).get(id.prompt());
        return parts.codec().evaluation(id, prompt, evaluation.samples(id.mode()), evaluation.version(), now);
    }

    private void end(EvaluationUnderWay evaluation) {
        var results = evaluation.results(clock.instant());
        history.add(results);
        var best = history.best();
        results.stream().filter(result -> result.getDecidingMetric() != null).forEach(result -> {
            result.setBest(best.filter(it -> it.step() == evaluation.step()).isPresent());
            result.setEndsRun(endsRun().orElse(null));
        });
        parts.producer().begin();
        var sent = results.stream()
                .map(result -> parts.producer().send(TopicCatalogue.EVALUATIONS, parts.runId(), result))
                .toList();
        parts.producer().commit();
        sent.forEach(CompletableFuture::join);
        current = null;
        results.forEach(parts.meters()::update);
        results.forEach(Evaluations::report);
        keepBest();
    }

    private void keepBest() {
        history.best().ifPresent(best -> {
            parts.meters().best(best);
            var policy = parts.bestPolicy();
            if (policy != null) {
                policy.keep(best, parts.plan().deciding());
            }
        });
    }

    private static void report(PolicyEvaluation result) {
        log.atInfo()
                .addKeyValue("step", result.getStep())
                .addKeyValue("policyVersion", result.getPolicyVersion())
                .addKeyValue("dataSet", result.getDataSet())
                .addKeyValue("mode", result.getMode())
                .addKeyValue("prompts", result.getPrompts())
                .addKeyValue("refused", result.getRefusedPrompts())
                .addKeyValue("repeated", result.getRepeatedRequests())
                .addKeyValue("metrics", result.getMetrics())
                .addKeyValue("best", result.getBest())
                .addKeyValue(
                        "seconds",
                        Duration.between(result.getStartedAt(), result.getFinishedAt())
                                        .toMillis()
                                / 1e3)
                .log("Evaluation");
    }

    /** Why the run ends with the next step; empty while it goes on. */
    Optional<String> endsRun() {
        return history.reasonToEnd();
    }

    /** Step after which the run has ended for want of a better evaluation; empty while it goes on. */
    Optional<Long> lastStep() {
        return endsRun().map(why -> history.lastStep() + 1);
    }

    /** In words, which checkpoint is the best; empty for a run without evaluations. */
    Optional<String> bestInWords() {
        return history.best()
                .map(best -> "step %d, policy version %d: %s %.4f"
                        .formatted(
                                best.step(),
                                best.policyVersion(),
                                parts.plan().deciding().text(),
                                best.score()));
    }
}
