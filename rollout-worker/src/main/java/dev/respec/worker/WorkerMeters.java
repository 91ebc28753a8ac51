package dev.respec.worker;

import dev.respec.generation.engine.CacheUse;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WorkerStatus;
import dev.respec.stage.LastValue;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Locale;

/**
 * The worker's numbers for scraping; those that vLLM has too are named like there. Written by the engine's thread, read
 * by any.
 */
public final class WorkerMeters {
    private final MeterRegistry registry;
    private final LastValue running;
    private final LastValue waiting;
    private final LastValue tokensPerSecond;
    private final LastValue policyVersion;
    private final LastValue drafterVersion;
    private final LastValue settingsVersion;
    private final Counter tokens;
    private final Counter verifySteps;
    private final Counter drafts;
    private final Counter draftTokens;
    private final Counter acceptedTokens;
    private final LastValue pagesInUse;
    private final LastValue cacheUsage;
    private final Counter preemptions;
    private final Counter reusedTokens;
    private CacheUse counted = new CacheUse(0, 0, 0, 0);

    /** Registers them; counters start at zero. */
    public WorkerMeters(MeterRegistry registry) {
        this.registry = registry;
        running = gauge("respec.num.requests.running", "Sequences in generation");
        waiting = gauge("respec.num.requests.waiting", "Sequences taken in and not begun");
        tokensPerSecond = gauge("respec.worker.tokens.per.second", "Response tokens since the last status");
        policyVersion = gauge("respec.worker.policy.version", "Policy version in use");
        drafterVersion = gauge("respec.worker.drafter.version", "Drafter version in use");
        settingsVersion = gauge("respec.worker.settings.version", "Version of the table of settings in use");
        tokens = counter("respec.generation.tokens", "Response tokens");
        verifySteps = counter("respec.worker.verify.steps", "Target passes");
        drafts = counter("respec.spec.decode.num.drafts", "Drafts verified, one per sequence and target pass");
        draftTokens = counter("respec.spec.decode.num.draft.tokens", "Draft tokens verified");
        acceptedTokens = counter("respec.spec.decode.num.accepted.tokens", "Draft tokens accepted");
        pagesInUse = gauge("respec.worker.kv.pages", "Pages of the key-value cache in use");
        cacheUsage = gauge("respec.kv.cache.usage.perc", "Share of the key-value cache's pages in use, 0 to 1");
        preemptions = counter("respec.num.preemptions", "Sequences that gave their pages up and waited again");
        reusedTokens = counter("respec.prefix.cache.hits", "Prompt tokens taken from the cache instead of computed");
        for (String phase : List.of("draft", "verify", "other")) {
            seconds(phase);
        }
        acceptedAt(0);
        for (WeightRole role : WeightRole.values()) {
            unchanged(registry, role);
        }
    }

    /** Versions of the role that brought the weights of the version before. */
    static Counter unchanged(MeterRegistry registry, WeightRole role) {
        return Counter.builder("respec.weights.unchanged")
                .description("Versions whose weights were those of the version before, byte by byte")
                .tag("role", role.name().toLowerCase(Locale.ROOT))
                .register(registry);
    }

    void update(WorkerStatus status) {
        running.set(status.getActiveSequences());
        waiting.set(status.getWaitingSequences());
        tokensPerSecond.set(status.getTokensPerSecond());
        policyVersion.set(status.getPolicyVersion());
        drafterVersion.set(status.getDrafterVersion());
        settingsVersion.set(status.getSettingsVersion());
    }

    /** Called by the engine's thread alone. */
    void update(CacheUse use) {
        pagesInUse.set(use.pagesInUse());
        cacheUsage.set(use.pages() == 0 ? Double.NaN : use.pagesInUse() / (double) use.pages());
        preemptions.increment(use.preemptions() - counted.preemptions());
        reusedTokens.increment(use.reusedPromptTokens() - counted.reusedPromptTokens());
        counted = use;
    }

    void add(SettingStatistics statistics) {
        tokens.increment(statistics.getEmittedTokens());
        verifySteps.increment(statistics.getVerifySteps());
        List<Long> drafted = statistics.getDraftedByPosition();
        drafts.increment(drafted.isEmpty() ? 0 : drafted.get(0));
        draftTokens.increment(statistics.getDraftedTokens());
        List<Long> accepted = statistics.getAcceptedByPosition();
        for (int position = 0; position < accepted.size(); position++) {
            acceptedTokens.increment(accepted.get(position));
            acceptedAt(position).increment(accepted.get(position));
        }
        seconds("draft").increment(statistics.getDraftMilliseconds() / 1000);
        seconds("verify").increment(statistics.getVerifyMilliseconds() / 1000);
        seconds("other").increment(statistics.getOtherMilliseconds() / 1000);
    }

    private Counter acceptedAt(int position) {
        return Counter.builder("respec.spec.decode.num.accepted.tokens.per.pos")
                .description("Drafts whose token at the position, and all before it, were accepted")
                .tag("position", Integer.toString(position))
                .register(registry);
    }

    private Counter seconds(String phase) {
        return Counter.builder("respec.worker.step.seconds")
                .description("Time in verify steps, by phase")
                .tag("phase", phase)
                .register(registry);
    }

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    private LastValue gauge(String name, String description) {
        return LastValue.gauge(registry, name, description);
    }
}
