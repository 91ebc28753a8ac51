package dev.respec.learner;

import dev.respec.learner.budget.TrainingBudget;
import dev.respec.learner.state.LearnerState;
import dev.respec.stage.LastValue;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** The learner's numbers for scraping. Written by the learner's thread, read by any. */
public final class LearnerMeters {
    private final LastValue acceptanceLength;
    private final LastValue rejected;
    private final LastValue rounds;
    private final LastValue drafterVersion;
    private final LastValue share;
    private final LastValue servedFast;
    private final LastValue servedSlow;
    private final Counter unchanged;

    /** Registers them, without values yet. */
    public LearnerMeters(MeterRegistry registry) {
        acceptanceLength = LastValue.gauge(
                registry,
                "respec.learner.acceptance.length",
                "Expected, of the drafter in force, on held-out rollouts");
        rejected = LastValue.gauge(registry, "respec.learner.rejected", "Candidates not published");
        rounds = LastValue.gauge(registry, "respec.learner.rounds", "Rounds of the run");
        drafterVersion = LastValue.gauge(registry, "respec.learner.drafter.version", "Version of the drafter in force");
        share = LastValue.gauge(
                registry,
                "respec.learner.training.share",
                "Share of the fresh rollouts that it trains on; 0 while it rests");
        String served = "Served acceptance length at a draft length of 4, over learner.budget-";
        servedFast = LastValue.gauge(registry, "respec.learner.served.fast", served + "fast");
        servedSlow = LastValue.gauge(registry, "respec.learner.served.slow", served + "slow");
        unchanged = Counter.builder("respec.learner.unchanged")
                .description("Rounds that changed no parameter of the drafter, so that nothing was published")
                .register(registry);
    }

    void update(TrainingBudget.Decision budget) {
        share.set(budget.share());
        servedFast.set(budget.fast());
        servedSlow.set(budget.slow());
    }

    void unchanged() {
        unchanged.increment();
    }

    void update(LearnerState state, double currentAcceptanceLength) {
        acceptanceLength.set(currentAcceptanceLength);
        rejected.set(state.rejected());
        rounds.set(state.round());
        drafterVersion.set(state.version());
    }
}
