package dev.respec.learner;

import dev.respec.learner.budget.BudgetSettings;
import dev.respec.learner.budget.TrainingBudget;
import dev.respec.learner.budget.TrainingBudget.Decision;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.stage.StageContext;
import dev.respec.stage.config.LearnerSection;
import dev.respec.topics.ConsumerMode;
import dev.respec.topics.Event;
import dev.respec.topics.EventConsumer;
import dev.respec.topics.TopicCatalogue;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows what workers achieve with the drafter, and says on how much the learner trains. Owned by its thread. */
final class ServedFeedback implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ServedFeedback.class);

    private final EventConsumer<AcceptanceStats> statistics;
    private final String runId;
    private final TrainingBudget budget;
    private final LearnerMeters meters;
    private boolean resting;

    /** @param statistics reads from the end: what was served before the learner started is not waited for */
    ServedFeedback(
            EventConsumer<AcceptanceStats> statistics, String runId, TrainingBudget budget, LearnerMeters meters) {
        this.statistics = statistics;
        this.runId = runId;
        this.budget = budget;
        this.meters = meters;
    }

    /** @param version of the drafter in force */
    static ServedFeedback open(StageContext context, long version, LearnerMeters meters) {
        var config = context.config();
        return new ServedFeedback(
                context.events().consumer(TopicCatalogue.ACCEPTANCE_STATS, ConsumerMode.fromEnd()),
                config.run().id(),
                new TrainingBudget(settings(config.learner()), version),
                meters);
    }

    private static BudgetSettings settings(LearnerSection learner) {
        return new BudgetSettings(
                learner.budget() == LearnerSection.Budget.AUTO,
                learner.budgetFast(),
                learner.budgetSlow(),
                learner.budgetTolerance(),
                learner.budgetLeast(),
                learner.budgetMost());
    }

    void poll() {
        for (Event<AcceptanceStats> event : statistics.poll(Duration.ZERO)) {
            AcceptanceStats stats = event.value();
            if (stats != null && stats.getRunId().equals(runId)) {
                budget.observe(stats);
            }
        }
    }

    /** A version of the drafter is in force from now on: only what is served with it counts. */
    void published(long version) {
        budget.published(version);
    }

    Decision decide(Instant now) {
        Decision decision = budget.decide(now.toEpochMilli());
        meters.update(decision);
        if (decision.isRest() != resting) {
            resting = decision.isRest();
            log.atInfo()
                    .addKeyValue("reason", decision.reason().text())
                    .addKeyValue("servedFast", decision.fast())
                    .addKeyValue("servedSlow", decision.slow())
                    .log(
                            resting
                                    ? "Learner rests: the served acceptance length holds without training"
                                    : "Learner trains again");
        }
        return decision;
    }

    @Override
    public void close() {
        statistics.close();
    }
}
