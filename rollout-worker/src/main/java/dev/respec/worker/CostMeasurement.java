package dev.respec.worker;

import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.SplittableRandomStream;
import dev.respec.worker.engine.GenerationEngine;
import dev.respec.worker.engine.SequenceRequest;
import dev.respec.worker.engine.Setting;
import dev.respec.worker.engine.SettingTable;
import dev.respec.worker.engine.StepStatistics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Times verify steps of the engine itself, over dummy sequences, at each batch and setting.
 *
 * <p>A drafter that found nothing to propose would look free, so the full width of a setting is measured: what a step
 * costs when every sequence drafts to the limit. Live statistics refine the table.
 */
public final class CostMeasurement {
    private static final int STEPS = 3;
    private static final int PROMPT_TOKENS = 48;

    private final GenerationEngine engine;
    private final long deadline;
    private int submitted;

    /** Median milliseconds of a step. */
    public record Cost(int activeBatch, Setting setting, double draft, double verify, double other) {}

    /** @param budget no new measurement begins after it */
    public CostMeasurement(GenerationEngine engine, Duration budget) {
        this.engine = engine;
        this.deadline = System.nanoTime() + budget.toNanos();
    }

    /** @param settings plain decoding is measured first in any case */
    public List<Cost> run(Collection<Integer> batches, Collection<Setting> settings) {
        SettingTable before = engine.settings();
        List<Cost> costs = new ArrayList<>();
        for (int batch : batches) {
            measure(batch, Setting.OFF, costs);
            for (Setting setting : settings) {
                if (System.nanoTime() < deadline && !setting.isOff()) {
                    measure(batch, setting, costs);
                }
            }
            engine.cancel(request -> true);
            engine.statistics().drain();
        }
        engine.use(before);
        return costs;
    }

    /** Sequences end when they happen to sample a stop token: there are always as many as the batch asks for. */
    private void topUp(int batch) {
        int[] prompt = new int[PROMPT_TOKENS];
        for (int i = 0; i < prompt.length; i++) {
            prompt[i] = i % engine.vocabularySize();
        }
        for (int i = engine.activeSequences(); i < batch; i++) {
            engine.submit(new SequenceRequest(
                    "cost-" + submitted++,
                    "cost",
                    prompt,
                    SamplingOptions.atTemperature(1),
                    Integer.MAX_VALUE,
                    new SplittableRandomStream(submitted, 0)));
        }
    }

    private void measure(int batch, Setting setting, List<Cost> costs) {
        engine.use(SettingTable.always(setting));
        topUp(batch);
        engine.rehearse();
        engine.statistics().drain();
        List<StepStatistics.Counts> steps = new ArrayList<>();
        for (int i = 0; i < STEPS; i++) {
            topUp(batch);
            engine.rehearse();
            steps.addAll(engine.statistics().drain());
        }
        if (steps.isEmpty()) {
            return;
        }
        costs.add(new Cost(
                batch,
                setting,
                median(steps, StepStatistics.Counts::draftMilliseconds),
                median(steps, StepStatistics.Counts::verifyMilliseconds),
                median(steps, StepStatistics.Counts::otherMilliseconds)));
    }

    private static double median(
            List<StepStatistics.Counts> steps, java.util.function.ToDoubleFunction<StepStatistics.Counts> part) {
        return steps.stream()
                .mapToDouble(part)
                .sorted()
                .skip(steps.size() / 2)
                .findFirst()
                .orElseThrow();
    }
}
