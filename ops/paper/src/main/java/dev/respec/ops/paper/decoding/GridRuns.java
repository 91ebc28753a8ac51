package dev.respec.ops.paper.decoding;

import dev.respec.generation.ThroughputComparison;
import dev.respec.generation.ThroughputComparison.Speed;
import dev.respec.generation.WorkerModels;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.ops.measure.DecodeModels;
import dev.respec.ops.measure.HeldOut;
import dev.respec.ops.paper.experiment.Session;
import dev.respec.ops.paper.experiment.Size;
import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Measures the grid of Fig. 7: a short look at its corners, then full turns of the settings that may be the fastest. */
public final class GridRuns {
    /** The paper's. */
    static final double TEMPERATURE = 0.6;

    private static final int PROMPTS = 64;
    private static final int MOST_SETTINGS = 10;
    private static final int LOOKS = 2;

    /** Steps of large batches are longer than a turn. */
    private static final double LONG_STEPS = 2.5;

    private final RespecConfig base;
    private final Path folder;

    /** @param base models as folders */
    public GridRuns(RespecConfig base, Path folder) {
        this.base = base;
        this.folder = folder;
    }

    /**
     * A setting at one batch, in turns beside plain decoding and the other settings.
     *
     * @param milliseconds of a step
     * @param predictedMilliseconds by the fit of the short look
     * @param turns tokens per second of each turn, in order
     */
    record Cell(
            int batch,
            String setting,
            double acceptanceLength,
            double milliseconds,
            double predictedMilliseconds,
            List<Double> turns) {
        Cell {
            turns = List.copyOf(turns);
        }
    }

    /**
     * The kept measurement.
     *
     * @param gridSize settings of the grid
     * @param possible those of them that the short look did not exclude
     * @param cells plain decoding and the settings that were measured, at every batch
     */
    record Grid(
            String model,
            long parameters,
            String computeType,
            int threads,
            int gridSize,
            int possible,
            List<Cell> cells) {
        Grid {
            cells = List.copyOf(cells);
        }
    }

    /** Empty if the time does not allow the measurement. */
    Optional<Grid> get(Session session) {
        Size size = session.size();
        Path file = folder.resolve(String.format(
                Locale.ROOT,
                "grid-%s-%d-turns-of-%d-ms-temperature-%.1f.json",
                size.policy().name().toLowerCase(Locale.ROOT),
                size.turns(),
                size.turn().toMillis(),
                TEMPERATURE));
        int turns = LOOKS * (1 + SettingGrid.probes().size()) + size.turns() * (1 + MOST_SETTINGS);
        double expected = LONG_STEPS * turns * size.turn().toMillis() / 1000.0 * DecodeRuns.BATCHES;
        return new KeptMeasurement<>(file, Grid.class).get(session.limit(), expected, () -> measure(session));
    }

    private Grid measure(Session session) {
        RespecConfig config = DecodeRuns.config(base, session.size().policy(), TEMPERATURE);
        boolean grown = session.size().policy() == Size.Policy.GROWN;
        var source = grown ? DecodeModels.Source.GROWN : DecodeModels.Source.CHECKPOINT;
        try (WorkerModels models = DecodeModels.load(config, source, List.of())) {
            List<int[]> prompts =
                    HeldOut.of(config, Path.of(config.model().policy())).prompts(models, PROMPTS);
            var comparison = new ThroughputComparison(
                    models,
                    prompts,
                    config.trainer().groupSize(),
                    new SamplingOptions(
                            TEMPERATURE,
                            config.sampling().topP(),
                            config.sampling().topK()),
                    Long.MAX_VALUE);
            List<Integer> batches = config.worker().costBatches();
            GridPruning pruning = new GridPruning(look(comparison, batches, session));
            return new Grid(
                    grown ? "The shipped policy, grown," : "The shipped policy",
                    models.engine().target().config().parameters(),
                    models.computeType().name().toLowerCase(Locale.ROOT),
                    config.worker().threads(),
                    SettingGrid.all().size(),
                    pruning.possible().size(),
                    cells(comparison, batches, pruning, session));
        }
    }

    private static List<GridPruning.Probe> look(
            ThroughputComparison comparison, List<Integer> batches, Session session) {
        List<GridPruning.Probe> probes = new ArrayList<>();
        for (int batch : batches) {
            session.progress().accept("a short look at the corners of the grid, batch " + batch);
            for (Speed speed : comparison.compare(
                    tables(SettingGrid.probes()), batch, session.size().turn(), LOOKS)) {
                probes.add(new GridPruning.Probe(
                        batch,
                        speed.table().forBatch(batch),
                        milliseconds(speed),
                        speed.tokens(),
                        speed.sequenceSteps()));
            }
        }
        return probes;
    }

    private static List<Cell> cells(
            ThroughputComparison comparison, List<Integer> batches, GridPruning pruning, Session session) {
        List<Setting> settings = pruning.kept(MOST_SETTINGS);
        List<Cell> cells = new ArrayList<>();
        for (int batch : batches) {
            session.progress().accept("%d settings of the grid, batch %d".formatted(settings.size(), batch));
            for (Speed speed : comparison.compare(
                    tables(settings),
                    batch,
                    session.size().turn(),
                    session.size().turns())) {
                Setting setting = speed.table().forBatch(batch);
                cells.add(new Cell(
                        batch,
                        setting.toString(),
                        speed.acceptanceLength(),
                        milliseconds(speed),
                        pruning.milliseconds(setting, batch),
                        speed.turnTokensPerSecond()));
            }
        }
        return cells;
    }

    private static List<SettingTable> tables(List<Setting> settings) {
        List<SettingTable> tables = new ArrayList<>(List.of(SettingTable.plain()));
        settings.forEach(setting -> tables.add(SettingTable.always(setting)));
        return tables;
    }

    private static double milliseconds(Speed speed) {
        return speed.seconds() * 1000 / Math.max(1, speed.steps());
    }
}
