package dev.respec.ops.paper.decoding;

import dev.respec.generation.WorkerModels;
import dev.respec.ops.measure.DecodeBench;
import dev.respec.ops.measure.DecodeModels;
import dev.respec.ops.measure.HeldOut;
import dev.respec.ops.paper.experiment.Session;
import dev.respec.ops.paper.experiment.Size;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Measurements of decoding by temperature; each is made once and kept, so that experiments share them. */
public final class DecodeRuns {
    /** Settings, batches and both comparisons beside them, for the guess of the time. */
    private static final int TABLES = 20;

    static final int BATCHES = 7;

    private final RespecConfig base;
    private final Path folder;

    /** @param base models as folders */
    public DecodeRuns(RespecConfig base, Path folder) {
        this.base = base;
        this.folder = folder;
    }

    /** Empty if the time does not allow the measurement. */
    Optional<DecodeBench.Result> at(double temperature, Session session) {
        Size size = session.size();
        Path file = folder.resolve(String.format(
                Locale.ROOT,
                "%s-%d-turns-of-%d-ms-temperature-%.1f.json",
                size.policy().name().toLowerCase(Locale.ROOT),
                size.turns(),
                size.turn().toMillis(),
                temperature));
        double expected = (size.turns() + 1) * (size.turn().toMillis() / 1000.0) * TABLES * BATCHES;
        return new KeptMeasurement<>(file, DecodeBench.Result.class)
                .get(session.limit(), expected, () -> measure(temperature, session));
    }

    /** The configuration that decoding is measured with. */
    static RespecConfig config(RespecConfig base, Size.Policy policy, double temperature) {
        List<String> settings = new ArrayList<>(policy == Size.Policy.GROWN ? DecodeModels.GROWN_SETTINGS : List.of());
        settings.add("sampling.temperature=" + temperature);
        settings.add("worker.slots=64");
        settings.add("worker.cost-batches=[1,2,4,8,16,32,64]");
        settings.add("worker.threads=" + Runtime.getRuntime().availableProcessors());
        return base.withOverrides(settings);
    }

    private DecodeBench.Result measure(double temperature, Session session) {
        boolean grown = session.size().policy() == Size.Policy.GROWN;
        RespecConfig config = config(base, session.size().policy(), temperature);
        Size size = session.size();
        var bench = new DecodeBench(
                config,
                size.turn(),
                size.turns(),
                row -> session.progress()
                        .accept(String.format(
                                Locale.ROOT,
                                "temperature %.1f, batch %d, %s: %.2f times",
                                temperature,
                                row.batch(),
                                row.setting(),
                                row.speedupOverOff())));
        var source = grown ? DecodeModels.Source.GROWN : DecodeModels.Source.CHECKPOINT;
        try (WorkerModels models = DecodeModels.load(config, source, List.of(bench.oracle()))) {
            return bench.run(
                    grown ? "The shipped policy, grown," : "The shipped policy",
                    models,
                    HeldOut.of(config, Path.of(config.model().policy())));
        }
    }

    /** The model and the size of a measurement, in words. */
    static String words(DecodeBench.Result result, Size size) {
        return words(result.model(), result.parameters(), result.computeType(), result.threads(), size);
    }

    static String words(String model, long parameters, String computeType, int threads, Size size) {
        return String.format(
                Locale.ROOT,
                "%s with %.1f M parameters, %s, %d threads; %d turns of %d ms for each setting at each batch, all over the same sequences.",
                model,
                parameters / 1e6,
                computeType,
                threads,
                size.turns(),
                size.turn().toMillis());
    }
}
