package dev.respec.trainer;

import dev.respec.trainer.admission.Admission;
import dev.respec.trainer.inflight.Repeat;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/** The trainer's numbers for scraping. Written by the trainer's thread, read by any. */
public final class TrainerMeters {
    /** Meters by metric of {@code training-steps}; those that verl has too are named like there. */
    private static final Map<String, String> PUBLISHED = Map.ofEntries(
            Map.entry("reward_mean", "respec.critic.rewards.mean"),
            Map.entry("response_length_mean", "respec.response.length.mean"),
            Map.entry("response_length_max", "respec.response.length.max"),
            Map.entry("truncated_share", "respec.response.length.clip.ratio"),
            Map.entry("entropy", "respec.actor.entropy"),
            Map.entry("loss", "respec.actor.pg.loss"),
            Map.entry("clip_fraction", "respec.actor.pg.clipfrac"),
            Map.entry("gradient_norm", "respec.actor.grad.norm"),
            Map.entry("learning_rate", "respec.actor.lr"),
            Map.entry("kl_sampler_trainer", "respec.rollout.corr.kl"),
            Map.entry("pass_rate", "respec.trainer.pass.rate"),
            Map.entry("ess", "respec.trainer.ess"),
            Map.entry("staleness_mean", "respec.trainer.staleness.mean"),
            Map.entry("staleness_max", "respec.trainer.staleness.max"),
            Map.entry("acceptance_length", "respec.trainer.acceptance.length"),
            Map.entry("tokens_per_second_generation", "respec.trainer.tokens.per.second.generation"),
            Map.entry("policy_version", "respec.trainer.policy.version"),
            Map.entry("groups_in_flight", "respec.trainer.groups.in.flight"),
            Map.entry("groups_accepted", "respec.trainer.groups.accepted"),
            Map.entry("prompts_abandoned", "respec.trainer.prompts.abandoned"));

    private final Map<String, AtomicReference<Double>> values = new ConcurrentHashMap<>();
    private final Admission admission;

    TrainerMeters(MeterRegistry registry, Admission admission, long version) {
        this.admission = admission;
        register(registry, values);
        counts(version);
    }

    /** Registers all of them, without a value yet. */
    public static void register(MeterRegistry registry) {
        register(registry, new ConcurrentHashMap<>());
    }

    /** Of a step without signal, what it did not measure stays as it was. */
    void update(long version, StepMetrics metrics) {
        var values = metrics.asMap();
        PUBLISHED.keySet().stream().filter(values::containsKey).forEach(name -> set(name, metrics.get(name)));
        counts(version);
    }

    private void counts(long version) {
        set("policy_version", version);
        set("groups_in_flight", admission.inFlight());
        set("groups_accepted", admission.accepted());
    }

    /** Counts requests that were asked again under their id. */
    static Counter repeats(MeterRegistry registry, Repeat.Cause cause) {
        return Counter.builder("respec.trainer.requests.repeated")
                .description("Requests published again because no worker would have answered them")
                .tag("cause", cause.text())
                .register(registry);
    }

    private static void register(MeterRegistry registry, Map<String, AtomicReference<Double>> values) {
        for (var cause : Repeat.Cause.values()) {
            repeats(registry, cause);
        }
        PUBLISHED.forEach((name, meter) -> {
            var value = new AtomicReference<>(Double.NaN);
            values.put(name, value);
            Gauge.builder(meter, value, AtomicReference::get)
                    .strongReference(true)
                    .register(registry);
        });
    }

    private void set(String name, double value) {
        var reference = values.get(name);
        if (reference != null) {
            reference.set(value);
        }
    }
}
