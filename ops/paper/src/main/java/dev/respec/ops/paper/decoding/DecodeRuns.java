package dev.respec.ops.paper.decoding;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import dev.respec.generation.WorkerModels;
import dev.respec.ops.measure.DecodeBench;
import dev.respec.ops.measure.DecodeModels;
import dev.respec.ops.measure.HeldOut;
import dev.respec.ops.paper.experiment.Session;
import dev.respec.ops.paper.experiment.Size;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Measurements of decoding by temperature; each is made once and kept, so that experiments share them. */
public final class DecodeRuns {
    private static final ObjectMapper JSON = new ObjectMapper()
            .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.INDENT_OUTPUT);

    /** Settings, batches and both comparisons, for the estimate of the time. */
    private static final int TABLES = 20;

    private static final int BATCHES = 7;

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
        try {
            if (Files.exists(file)) {
                return Optional.of(JSON.readValue(file.toFile(), DecodeBench.Result.class));
            }
            double expected = (size.turns() + 1) * (size.turn().toMillis() / 1000.0) * TABLES * BATCHES;
            if (!session.limit().allows(expected)) {
                return Optional.empty();
            }
            Files.createDirectories(folder);
            DecodeBench.Result result = measure(temperature, session);
            JSON.writeValue(file.toFile(), result);
            return Optional.of(result);
        } catch (IOException e) {
            throw new BadInputException(
                    "%s cannot be read or written (%s): delete it to measure again"
                            .formatted(file, BadInputException.firstLine(e)),
                    e);
        } catch (UncheckedIOException e) {
            throw new BadInputException(String.valueOf(e.getMessage()), e);
        }
    }

    private DecodeBench.Result measure(double temperature, Session session) {
        boolean grown = session.size().policy() == Size.Policy.GROWN;
        List<String> settings = new ArrayList<>(grown ? DecodeModels.GROWN_SETTINGS : List.of());
        settings.add("sampling.temperature=" + temperature);
        settings.add("worker.slots=64");
        settings.add("worker.cost-batches=[1,2,4,8,16,32,64]");
        settings.add("worker.threads=" + Runtime.getRuntime().availableProcessors());
        RespecConfig config = base.withOverrides(settings);
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
        return String.format(
                Locale.ROOT,
                "%s with %.1f M parameters, %s, %d threads; %d turns of %d ms for each setting at each batch, all over the same sequences.",
                result.model(),
                result.parameters() / 1e6,
                result.computeType(),
                result.threads(),
                size.turns(),
                size.turn().toMillis());
    }
}
