package dev.respec.ops;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.respec.ops.inputs.Paths;
import dev.respec.ops.measure.HeldOut;
import dev.respec.ops.report.RunSummary.PassRates;
import dev.respec.stage.config.RespecConfig;
import dev.respec.worker.WorkerModels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Held-out pass@1 of a checkpoint. */
@Command(
        name = "eval",
        mixinStandardHelpOptions = true,
        description = "Gives held-out pass@1 of a checkpoint, sampled and greedy.")
final class EvalCommand implements Callable<Integer> {
    @Mixin
    private final ConfigurationOptions configuration = new ConfigurationOptions();

    @Option(names = "--model", paramLabel = "DIR", description = "Checkpoint folder; model.policy where left out.")
    private @Nullable Path model;

    @Option(names = "--prompts", paramLabel = "N", description = "Held-out prompts to answer (data.evaluation-size).")
    private @Nullable Integer prompts;

    @Option(names = "--json", paramLabel = "FILE", description = "Also writes the result there, for machines.")
    private @Nullable Path json;

    @Override
    public Integer call() throws IOException {
        List<String> settings = new ArrayList<>(List.of("model.drafter=none"));
        if (model != null) {
            settings.add("model.policy=" + model.toAbsolutePath());
        }
        if (prompts != null) {
            settings.add("data.evaluation-size=" + prompts);
        }
        RespecConfig config = Installation.current().resolveModels(configuration.load(settings));
        Paths.requireWritableFile("--json", json);
        Path policy = Path.of(config.model().policy());
        HeldOut heldOut = HeldOut.of(config, policy);
        try (WorkerModels models = WorkerModels.load(config, policy, null)) {
            PassRates rates = heldOut.passRates(models, "evaluation", System.err::println);
            System.out.printf(
                    Locale.ROOT,
                    "pass@1 on %d held-out prompts: sampled %.4f, greedy %.4f; %.1f tokens a response%n",
                    heldOut.size(),
                    rates.sampledPassAt1(),
                    rates.greedyPassAt1(),
                    rates.meanResponseTokens());
            if (json != null) {
                new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValue(json.toFile(), rates);
            }
        }
        return 0;
    }
}
