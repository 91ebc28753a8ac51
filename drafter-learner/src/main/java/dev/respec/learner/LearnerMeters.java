package dev.respec.learner;

import dev.respec.learner.budget.TrainingBudget;
import dev.respec.learner.state.LearnerState;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicReference;

/** The learner's numbers for scraping. Written by the learner's thread, read by any. */
public final class LearnerMeters {
    private final AtomicReference<Double> acceptanceLength;
    private final AtomicReference<Double> rejected;
    private final AtomicReference<Double> rounds;
    private final AtomicReference<Double> drafterVersion;
    private final AtomicReference<Double> share;
    private final AtomicReference<Double> servedFast;
    private final AtomicReference<Double> servedSlow;
    private final Counter unchanged;

    /** Registers them, without values yet. */
    public LearnerMeters(MeterRegistry registry) {
        acceptanceLength = gauge(
                registry,
                "respec.learner.acceptance.length",
                "Expected, of the drafter in force, on held-out rollouts");
        rejected = gauge(registry, "respec.learner.rejected", "Candidates not published");
        rounds = gauge(registry, "respec.learner.rounds", "Rounds of the run");
        drafterVersion = gauge(registry, "respec.learner.drafter.version", "Version of the drafter in force");
        share = gauge(
                registry,
                "respec.learner.training.share",
                "Share of the fresh rollouts that it trains on; 0 while it rests");
        String served = "Served acceptance length at a draft length of 4, over learner.budget-";
        servedFast = gauge(registry, "respec.learner.served.fast", served + "fast");
        servedSlow = gauge(registry, "respec.learner.served.slow", served + "slow");
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
        rejected.set((double) state.rejected());
        rounds.set((double) state.round());
        drafterVersion.set((double) state.version());
    }

    private static AtomicReference<Double> gauge(MeterRegistry registry, String name, String description) {
        var value = new AtomicReference<>(Double.NaN);
        Gauge.builder(name, value, AtomicReference::get)
                .description(description)
                .strongReference(true)
                .register(registry);
        return value;
    }
}
