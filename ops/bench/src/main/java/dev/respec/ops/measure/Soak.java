package dev.respec.ops.measure;

import dev.respec.generation.ThroughputComparison;
import dev.respec.generation.WorkerModels;
import dev.respec.generation.engine.GenerationEngine;
import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Generation without a pause, every setting in its turn, weights of policy and drafter swapped at an interval: memory must
 * not grow. Reads the resident set of this process from the kernel, so it needs Linux.
 */
public final class Soak {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final int PROMPTS = 64;

    private final RespecConfig config;
    private final Duration length;
    private final Duration swapEvery;

    public Soak(RespecConfig config, Duration length, Duration swapEvery) {
        this.config = config;
        this.length = length;
        this.swapEvery = swapEvery;
    }

    /** @param residentMegabytes after a garbage collection */
    public record Sample(double minutes, long tokens, int swaps, double residentMegabytes) {}

    /**
     * Generates for the whole length.
     *
     * @param policy folder that the swaps read again, with its tokenizer
     * @param drafter folder that the swaps read again; null for none
     * @param sampled told each sample, one a swap
     */
    public List<Sample> run(Path policy, @Nullable Path drafter, Consumer<Sample> sampled) {
        List<Sample> samples = new ArrayList<>();
        HeldOut heldOut = HeldOut.of(config, policy);
        try (WorkerModels models = WorkerModels.load(config, policy, drafter)) {
            List<int[]> prompts = heldOut.prompts(models, PROMPTS);
            var load =
                    new ThroughputComparison(models, prompts, config.trainer().groupSize());
            List<Setting> settings = new ArrayList<>(models.candidates(config.worker()));
            settings.add(Setting.OFF);
            List<SettingTable> tables =
                    settings.stream().map(SettingTable::always).toList();
            GenerationEngine engine = models.engine();
            long begun = System.nanoTime();
            for (int swaps = 0; System.nanoTime() - begun < length.toNanos(); ) {
                // the warm-up of a comparison is a third of a turn more
                Duration turn = swapEvery.multipliedBy(3).dividedBy(4L * tables.size());
                load.compare(tables, config.worker().slots(), turn, 1);
                swaps++;
                models.adoptPolicy(policy, swaps);
                if (drafter != null) {
                    models.adoptDrafter(drafter, swaps);
                }
                Sample sample = new Sample(
                        (System.nanoTime() - begun) / 60e9, engine.emittedTokens(), swaps, residentMegabytes());
                samples.add(sample);
                sampled.accept(sample);
            }
        }
        return samples;
    }

    private static double residentMegabytes() {
        System.gc();
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
                }
            }
        } catch (IOException e) {
            throw new BadInputException("bench soak reads memory from " + STATUS + ", which needs Linux: " + e, e);
        }
        throw new BadInputException(STATUS + " names no resident set (VmRSS)");
    }
}
