package dev.respec.trainer;

import dev.respec.trainer.admission.Admission;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/** The trainer's numbers for scraping. Written by the trainer's thread, read by any. */
final class TrainerMeters {
    private static final List<String> PUBLISHED = List.of(
            "reward_mean",
            "pass_rate",
            "response_length_mean",
            "entropy",
            "kl_sampler_trainer",
            "clip_fraction",
            "gradient_norm",
            "ess",
            "staleness_mean",
            "staleness_max",
            "acceptance_length",
            "tokens_per_second_generation",
            "learning_rate",
            "loss");

    private final Map<String, AtomicReference<Double>> values = new ConcurrentHashMap<>();
    private final Admission admission;

    TrainerMeters(MeterRegistry registry, Admission admission, long version) {
        this.admission = admission;
        PUBLISHED.forEach(name -> gauge(registry, name, Double.NaN));
        gauge(registry, "policy_version", (double) version);
        gauge(registry, "groups_in_flight", admission.inFlight());
        gauge(registry, "groups_accepted", (double) admission.accepted());
    }

    void update(long version, StepMetrics metrics) {
        PUBLISHED.forEach(name -> set(name, metrics.get(name)));
        set("policy_version", (double) version);
        set("groups_in_flight", admission.inFlight());
        set("groups_accepted", (double) admission.accepted());
    }

    private void gauge(MeterRegistry registry, String name, double initial) {
        var value = new AtomicReference<>(initial);
        values.put(name, value);
        registry.gauge("respec.trainer." + name.replace('_', '.'), value, AtomicReference::get);
    }

    private void set(String name, double value) {
        var reference = values.get(name);
        if (reference != null) {
            reference.set(value);
        }
    }
}
