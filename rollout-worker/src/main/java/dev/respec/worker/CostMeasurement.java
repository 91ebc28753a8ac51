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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Times verify steps of the engine itself, over dummy sequences, at each batch and setting.
 *
 * <p>A drafter that found nothing to propose would look free, so the full width of a setting is measured: what a step
 * costs when every sequence drafts to the limit. Live statistics refine the table.
 */
public final class CostMeasurement {
    private static final int ROUNDS = 4;
    private static final int WARM_UP_ROUNDS = 6;
    private static final int WARM_UP_BATCH = 4;
    private static final int PROMPT_TOKENS = 48;

    private final GenerationEngine engine;
    private final long deadline;
    private int submitted;

    /** Milliseconds of the fastest step seen. */
    public record Cost(int activeBatch, Setting setting, double draft, double verify, double other) {
        double total() {
            return draft + verify + other;
        }
    }

    /** @param budget no new measurement begins after it */
    public CostMeasurement(GenerationEngine engine, Duration budget) {
        this.engine = engine;
        this.deadline = System.nanoTime() + budget.toNanos();
    }

    /** @param settings beside plain decoding, which is measured in any case */
    public List<Cost> run(Collection<Integer> batches, Collection<Setting> settings) {
        SettingTable before = engine.settings();
        List<Setting> measured = new ArrayList<>(List.of(Setting.OFF));
        settings.stream().filter(setting -> !setting.isOff()).forEach(measured::add);
        warmUp(measured);
        List<Cost> costs = new ArrayList<>();
        for (int batch : batches) {
            if (System.nanoTime() < deadline) {
                costs.addAll(measure(batch, measured));
            }
        }
        engine.cancel(request -> true);
        engine.statistics().drain();
        engine.use(before);
        return costs;
    }

    /** The first steps of a process pay for code that is not compiled and memory that is not mapped yet. */
    private void warmUp(List<Setting> settings) {
        for (int i = 0; i < WARM_UP_ROUNDS; i++) {
            settings.forEach(setting -> rehearse(WARM_UP_BATCH, setting));
        }
        engine.cancel(request -> true);
    }

    /** Settings take turns, and the fastest step counts: others that start on the machine slow steps, never speed them. */
    private List<Cost> measure(int batch, List<Setting> settings) {
        Map<Setting, Cost> fastest = new LinkedHashMap<>();
        for (int round = 0; round < ROUNDS && System.nanoTime() < deadline; round++) {
            for (Setting setting : settings) {
                for (StepStatistics.Counts step : rehearse(batch, setting)) {
                    Cost cost = new Cost(
                            batch,
                            setting,
                            step.draftMilliseconds(),
                            step.verifyMilliseconds(),
                            step.otherMilliseconds());
                    fastest.merge(setting, cost, (one, other) -> one.total() <= other.total() ? one : other);
                }
            }
        }
        engine.cancel(request -> true);
        return List.copyOf(fastest.values());
    }

    private List<StepStatistics.Counts> rehearse(int batch, Setting setting) {
        engine.use(SettingTable.always(setting));
        topUp(batch);
        engine.statistics().drain();
        engine.rehearse();
        return engine.statistics().drain();
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
}
