package dev.respec.trainer;

import dev.respec.schemas.StepMetric;
import dev.respec.stage.LastValue;
import dev.respec.trainer.admission.Admission;
import dev.respec.trainer.inflight.Repeat;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The trainer's numbers for scraping. Written by the trainer's thread, read by any. */
public final class TrainerMeters {
    /** Meters by metric of {@code training-steps}; those that verl has too are named like there. */
    private static final Map<StepMetric, String> PUBLISHED = Map.ofEntries(
            Map.entry(StepMetric.REWARD_MEAN, "respec.critic.rewards.mean"),
            Map.entry(StepMetric.RESPONSE_LENGTH_MEAN, "respec.response.length.mean"),
            Map.entry(StepMetric.RESPONSE_LENGTH_MAX, "respec.response.length.max"),
            Map.entry(StepMetric.TRUNCATED_SHARE, "respec.response.length.clip.ratio"),
            Map.entry(StepMetric.ENTROPY, "respec.actor.entropy"),
            Map.entry(StepMetric.LOSS, "respec.actor.pg.loss"),
            Map.entry(StepMetric.CLIP_FRACTION, "respec.actor.pg.clipfrac"),
            Map.entry(StepMetric.GRADIENT_NORM, "respec.actor.grad.norm"),
            Map.entry(StepMetric.LEARNING_RATE, "respec.actor.lr"),
            Map.entry(StepMetric.KL_SAMPLER_TRAINER, "respec.rollout.corr.kl"),
            Map.entry(StepMetric.PASS_RATE, "respec.trainer.pass.rate"),
            Map.entry(StepMetric.ESS, "respec.trainer.ess"),
            Map.entry(StepMetric.STALENESS_MEAN, "respec.trainer.staleness.mean"),
            Map.entry(StepMetric.STALENESS_MAX, "respec.trainer.staleness.max"),
            Map.entry(StepMetric.ACCEPTANCE_LENGTH, "respec.trainer.acceptance.length"),
            Map.entry(StepMetric.TOKENS_PER_SECOND_GENERATION, "respec.trainer.tokens.per.second.generation"),
            Map.entry(StepMetric.POLICY_VERSION, "respec.trainer.policy.version"),
            Map.entry(StepMetric.GROUPS_IN_FLIGHT, "respec.trainer.groups.in.flight"),
            Map.entry(StepMetric.GROUPS_ACCEPTED, "respec.trainer.groups.accepted"),
            Map.entry(StepMetric.GROUPS_SET_ASIDE, "respec.trainer.groups.set.aside"),
            Map.entry(StepMetric.PROMPTS_PER_USED, "respec.trainer.prompts.per.used"),
            Map.entry(StepMetric.SAMPLING_LIMIT_REACHED, "respec.trainer.sampling.limit.reached"),
            Map.entry(StepMetric.PROMPTS_SEEN, "respec.trainer.prompts.seen"),
            Map.entry(StepMetric.PROMPTS_SOLVED, "respec.trainer.prompts.solved"),
            Map.entry(StepMetric.PROMPTS_UNSOLVED, "respec.trainer.prompts.unsolved"),
            Map.entry(StepMetric.PROMPTS_ABANDONED, "respec.trainer.prompts.abandoned"));

    private final Map<StepMetric, LastValue> values = new ConcurrentHashMap<>();
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
        PUBLISHED.keySet().stream()
                .filter(metric -> values.containsKey(metric.key()))
                .forEach(metric -> set(metric, metrics.get(metric)));
        counts(version);
    }

    private void counts(long version) {
        set(StepMetric.POLICY_VERSION, version);
        set(StepMetric.GROUPS_IN_FLIGHT, admission.inFlight());
        set(StepMetric.GROUPS_ACCEPTED, admission.accepted());
    }

    /** Counts requests that were asked again under their id. */
    static Counter repeats(MeterRegistry registry, Repeat.Cause cause) {
        return Counter.builder("respec.trainer.requests.repeated")
                .description("Requests published again because no worker would have answered them")
                .tag("cause", cause.text())
                .register(registry);
    }

    private static void register(MeterRegistry registry, Map<StepMetric, LastValue> values) {
        for (var cause : Repeat.Cause.values()) {
            repeats(registry, cause);
        }
        PUBLISHED.forEach((name, meter) -> values.put(name, LastValue.gauge(registry, meter, null)));
    }

    private void set(StepMetric name, double value) {
        var gauge = values.get(name);
        if (gauge != null) {
            gauge.set(value);
        }
    }
}
