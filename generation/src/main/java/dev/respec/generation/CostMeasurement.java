package dev.respec.generation;

import dev.respec.generation.engine.GenerationEngine;
import dev.respec.generation.engine.Prefixes;
import dev.respec.generation.engine.SequenceRequest;
import dev.respec.generation.engine.StepStatistics;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.SplittableRandomStream;
import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Times verify steps of the engine itself, over dummy sequences, at each batch and setting, with short and with long
 * contexts.
 *
 * <p>A drafter that found nothing to propose would look free, so the full width of a setting is measured: what a step
 * costs when every sequence drafts to the limit. Live statistics refine the table. Plain decoding is measured at every
 * batch whatever the budget, since everything is compared with it.
 */
public final class CostMeasurement {
    private static final int ROUNDS = 4;
    private static final int PLAIN_ROUNDS = 2;
    private static final int WARM_UP_ROUNDS = 6;
    private static final int WARM_UP_BATCH = 4;
    private static final int SHORT_TOKENS = 48;

    /** A context longer than this many times the short one tells enough to be worth measuring. */
    private static final int LONG_FACTOR = 3;

    /** Share of the budget that may go into computing the long prompt. */
    private static final double PROMPT_SHARE = 0.15;

    /** Rows that drafters catch up on in one step: more would take gigabytes with a large policy. */
    private static final long MOST_CAUGHT_UP_ROWS = 32_768;

    /** A prompt that is not computed after so many steps is not waited for. */
    private static final int MOST_PROMPT_STEPS = 1000;

    /** Steps to wait for one in which all sequences were active and none had just joined. */
    private static final int MOST_ATTEMPTS = 4;

    private final GenerationEngine engine;
    private final Duration budget;
    private final long deadline;
    private int submitted;

    /** The drafter of the last step: its caches lack nothing but what joined since. */
    private String caughtUpDrafter = "";

    /** Milliseconds of the fastest step seen. */
    public record Cost(int activeBatch, Setting setting, int contextTokens, double draft, double verify, double other) {
        double total() {
            return draft + verify + other;
        }
    }

    /** @param budget no new measurement begins after it, except of plain decoding with short contexts */
    public CostMeasurement(GenerationEngine engine, Duration budget) {
        this.engine = engine;
        this.budget = budget;
        this.deadline = System.nanoTime() + budget.toNanos();
    }

    /** @param settings beside plain decoding, which is measured in any case */
    public List<Cost> run(Collection<Integer> batches, Collection<Setting> settings) {
        SettingTable before = engine.settings();
        engine.hold(Prefixes.APART);
        List<Setting> drafting =
                settings.stream().filter(setting -> !setting.isOff()).toList();
        List<Setting> all = new ArrayList<>(List.of(Setting.OFF));
        all.addAll(drafting);
        warmUp(all);
        List<Cost> costs = new ArrayList<>();
        int shortTokens = Math.min(SHORT_TOKENS, engine.target().capacity() / 2);
        for (int batch : batches) {
            costs.addAll(measure(batch, List.of(Setting.OFF), shortTokens, PLAIN_ROUNDS, Long.MAX_VALUE));
        }
        batches.forEach(batch -> costs.addAll(measure(batch, all, shortTokens, ROUNDS, deadline)));
        int longTokens = longTokens(shortTokens);
        if (longTokens >= LONG_FACTOR * shortTokens) {
            for (int batch : batches) {
                boolean few = (long) batch * longTokens <= MOST_CAUGHT_UP_ROWS;
                costs.addAll(measure(batch, few ? all : List.of(Setting.OFF), longTokens, ROUNDS, deadline));
            }
        }
        engine.statistics().drain();
        engine.use(before);
        engine.hold(Prefixes.TOGETHER);
        return fastest(costs);
    }

    /** Three quarters of a slot, or as much as a share of the budget computes. */
    private int longTokens(int shortTokens) {
        long begun = System.nanoTime();
        if (begun >= deadline) {
            return 0;
        }
        int most = engine.target().capacity() * 3 / 4;
        rehearse(1, Setting.OFF, shortTokens);
        double nanosPerToken = (System.nanoTime() - begun) / (double) shortTokens;
        engine.cancel(request -> true);
        return (int) Math.min(most, PROMPT_SHARE * budget.toNanos() / nanosPerToken);
    }

    /** The first steps of a process pay for code that is not compiled and memory that is not mapped yet. */
    private void warmUp(List<Setting> settings) {
        for (int i = 0; i < WARM_UP_ROUNDS && System.nanoTime() < deadline; i++) {
            settings.forEach(setting -> rehearse(WARM_UP_BATCH, setting, SHORT_TOKENS));
        }
        engine.cancel(request -> true);
    }

    /** Settings take turns, and the fastest step counts: others that start on the machine slow steps, never speed them. */
    private List<Cost> measure(int batch, List<Setting> settings, int contextTokens, int rounds, long until) {
        List<Cost> costs = new ArrayList<>();
        for (int round = 0; round < rounds && System.nanoTime() < until; round++) {
            for (Setting setting : settings) {
                for (StepStatistics.Counts step : rehearse(batch, setting, contextTokens)) {
                    costs.add(new Cost(
                            batch,
                            setting,
                            contextTokens,
                            step.draftMilliseconds(),
                            step.verifyMilliseconds(),
                            step.otherMilliseconds()));
                }
            }
        }
        engine.cancel(request -> true);
        return costs;
    }

    private static List<Cost> fastest(List<Cost> costs) {
        Map<List<Object>, Cost> fastest = new LinkedHashMap<>();
        for (Cost cost : costs) {
            fastest.merge(
                    List.of(cost.activeBatch(), cost.setting(), cost.contextTokens()),
                    cost,
                    (one, other) -> one.total() <= other.total() ? one : other);
        }
        return List.copyOf(fastest.values());
    }

    /**
     * One step of exactly so many sequences, the drafter's caches up to date; empty if sequences kept ending. The first
     * step of a drafter, and of sequences that joined since, also computes the drafter's caches and does not count.
     */
    private List<StepStatistics.Counts> rehearse(int batch, Setting setting, int contextTokens) {
        List<StepStatistics.Counts> counted = List.of();
        for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
            boolean caughtUp =
                    topUp(batch, contextTokens) == 0 && setting.drafter().equals(caughtUpDrafter);
            engine.use(SettingTable.always(setting));
            engine.statistics().drain();
            engine.rehearse();
            caughtUpDrafter = setting.drafter();
            List<StepStatistics.Counts> step = engine.statistics().drain();
            if (step.stream().mapToLong(StepStatistics.Counts::sequenceSteps).sum() == batch) {
                counted = step;
                if (caughtUp || setting.isOff()) {
                    return counted;
                }
            }
        }
        return counted;
    }

    /**
     * Sequences end when they happen to sample a stop token: new ones take their places.
     *
     * @return how many joined
     */
    private int topUp(int batch, int contextTokens) {
        int joined = submit(batch - engine.activeSequences() - engine.waitingSequences(), contextTokens);
        engine.use(SettingTable.plain());
        // all but the last few wait for a long prompt, which takes several steps to compute
        for (int step = 0; step < MOST_PROMPT_STEPS && engine.waitingSequences() > 0; step++) {
            engine.step();
            caughtUpDrafter = "";
        }
        // they join in the next step at once: their prompt has been computed
        return joined + submit(batch - engine.activeSequences() - engine.waitingSequences(), contextTokens);
    }

    private int submit(int count, int contextTokens) {
        int[] prompt = new int[Math.min(contextTokens, engine.target().capacity() - 1)];
        for (int i = 0; i < prompt.length; i++) {
            prompt[i] = i % engine.vocabularySize();
        }
        for (int i = 0; i < count; i++) {
            engine.submit(new SequenceRequest(
                    "cost-" + submitted++,
                    "cost",
                    prompt,
                    SamplingOptions.atTemperature(1),
                    Integer.MAX_VALUE,
                    new SplittableRandomStream(submitted, 0)));
        }
        return count;
    }
}
