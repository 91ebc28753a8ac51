package dev.respec.ops.paper.decoding;

import dev.respec.generation.PairedGain;
import dev.respec.ops.paper.decision.PublishedTable;
import dev.respec.ops.paper.decoding.GridChoice.Column;
import dev.respec.ops.paper.decoding.GridRuns.Cell;
import dev.respec.ops.paper.decoding.GridRuns.Grid;
import dev.respec.ops.paper.experiment.Experiment;
import dev.respec.ops.paper.experiment.Session;
import dev.respec.ops.paper.findings.Claim;
import dev.respec.ops.paper.findings.Curve;
import dev.respec.ops.paper.findings.Findings;
import dev.respec.ops.paper.findings.Plot;
import dev.respec.ops.paper.findings.ValueTable;
import dev.respec.ops.paper.findings.Verdict;
import dev.respec.speculation.Setting;
import dev.respec.stage.config.ControllerSection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** Fig. 7 on this machine: (s, t, n) by active batch, and our controller's choice among what was measured. */
public final class GridExperiment implements Experiment {
    /** Of the best setting's speed; the controller's hysteresis is allowed that much. */
    private static final double CLOSE = 0.95;

    private static final String CHOICE =
            "The controller's choice reaches 95 % of the best setting at every active batch";
    private static final String SMALLER =
            "The best setting verifies fewer tokens at the largest batch than at the smallest";

    private final ControllerSection controller;
    private final GridRuns runs;

    public GridExperiment(ControllerSection controller, GridRuns runs) {
        this.controller = controller;
        this.runs = runs;
    }

    @Override
    public String name() {
        return "fig7";
    }

    @Override
    public String title() {
        return "Fig. 7: the grid of (s,t,n) by active batch, on this machine";
    }

    @Override
    public int weight() {
        return 2;
    }

    @Override
    public Findings run(Session session) {
        Optional<Grid> measured = runs.get(session);
        if (measured.isEmpty()) {
            String why = "the budget does not allow it.";
            return new Findings(
                    name(),
                    title(),
                    "Nothing was measured.",
                    List.of(
                            Claim.notMeasured(CHOICE, "ReSpec, Solver", why),
                            Claim.notMeasured(SMALLER, "ReSpec, Fig. 7", why)),
                    List.of(),
                    List.of(),
                    List.of("left out, the budget does not allow it"));
        }
        Grid grid = measured.get();
        List<Column> columns = GridChoice.columns(controller, grid.cells());
        return new Findings(
                name(),
                title(),
                measured(grid, session),
                List.of(choice(columns), smaller(grid, columns)),
                List.of(plot(grid, columns)),
                List.of(chosenAgainstBest(columns), speedUps(grid), fit(grid)),
                List.of());
    }

    private static String measured(Grid grid, Session session) {
        return String.format(
                Locale.ROOT,
                "Temperature %.1f. %s Of the %d settings of the grid, a fit of measured step times left %d that may be the fastest at some batch; the %d that it ranks first were measured.",
                GridRuns.TEMPERATURE,
                DecodeRuns.words(grid.model(), grid.parameters(), grid.computeType(), grid.threads(), session.size()),
                grid.gridSize(),
                grid.possible(),
                settings(grid).size() - 1);
    }

    private static Claim choice(List<Column> columns) {
        Column worst =
                columns.stream().min(Comparator.comparingDouble(Column::share)).orElseThrow();
        boolean apart = columns.stream().anyMatch(column -> column.share() + column.shareError() < CLOSE);
        Verdict verdict = worst.share() >= CLOSE ? Verdict.HOLDS : apart ? Verdict.DOES_NOT_HOLD : Verdict.UNDECIDED;
        return new Claim(
                CHOICE,
                "ReSpec, Solver: argmax of the predicted speed-up",
                verdict,
                String.format(
                        Locale.ROOT,
                        "the smallest share is %.0f %%, at batch %d (%s chosen, %s best). The controller decides on one half of the turns and is judged by the other. The claim fails if a 95 %% interval lies below 95 %%.",
                        100 * worst.share(),
                        worst.batch(),
                        text(worst.chosen()),
                        text(worst.best())));
    }

    private static Claim smaller(Grid grid, List<Column> columns) {
        Column first = columns.get(0);
        Column last = columns.get(columns.size() - 1);
        List<Cell> cells = GridChoice.of(grid.cells(), last.batch());
        PairedGain gain = PairedGain.of(
                GridChoice.secondHalf(GridChoice.cell(cells, last.best())),
                GridChoice.secondHalf(GridChoice.cell(cells, first.best())));
        boolean fewer = last.best().verifiedTokens() < first.best().verifiedTokens();
        Verdict verdict =
                !fewer ? Verdict.DOES_NOT_HOLD : gain.ratio() - gain.error() > 1 ? Verdict.HOLDS : Verdict.UNDECIDED;
        return new Claim(
                SMALLER,
                "ReSpec, Fig. 7: (5,8,32) at batch 1, plain decoding at 64",
                verdict,
                String.format(
                        Locale.ROOT,
                        "%s is best at batch %d and %s at batch %d, where it is %.2f times as fast as the former. The claim holds if the 95 %% interval of that lies above 1, and fails if the best setting verifies as many tokens or more.",
                        text(first.best()),
                        first.batch(),
                        text(last.best()),
                        last.batch(),
                        gain.ratio()));
    }

    private static Plot plot(Grid grid, List<Column> columns) {
        Setting first = columns.get(0).best();
        return new Plot(
                "Speed-up by active batch",
                "active batch",
                "Tokens per second over those of plain decoding, in turns over the same sequences.",
                Plot.Shape.LINES,
                columns.stream().map(column -> Integer.toString(column.batch())).toList(),
                List.of(
                        curve("our controller's choice", Curve.Origin.OURS, columns, Column::chosenSpeedUp),
                        curve("best of the grid", Curve.Origin.OURS, columns, Column::bestSpeedUp),
                        curve(
                                text(first) + " everywhere",
                                Curve.Origin.OURS,
                                columns,
                                column -> GridChoice.speedUp(GridChoice.of(grid.cells(), column.batch()), first)),
                        curve(
                                "best, Qwen2.5-7B on an H100",
                                Curve.Origin.PAPER,
                                columns,
                                column -> PublishedTable.at(column.batch())
                                        .map(PublishedTable.Column::bestSpeedUp)
                                        .orElse(Double.NaN))));
    }

    private static Curve curve(String name, Curve.Origin origin, List<Column> columns, ToDoubleFunction<Column> value) {
        List<Double> places = new ArrayList<>();
        List<Double> speedUps = new ArrayList<>();
        for (Column column : columns) {
            places.add((double) places.size());
            speedUps.add(value.applyAsDouble(column));
        }
        return new Curve(name, origin, places, speedUps, List.of());
    }

    private static ValueTable chosenAgainstBest(List<Column> columns) {
        List<List<String>> rows = new ArrayList<>();
        for (Column column : columns) {
            Optional<PublishedTable.Column> paper = PublishedTable.at(column.batch());
            rows.add(List.of(
                    Integer.toString(column.batch()),
                    text(column.best()),
                    String.format(Locale.ROOT, "%.2f", column.bestSpeedUp()),
                    text(column.chosen()),
                    String.format(Locale.ROOT, "%.2f", column.chosenSpeedUp()),
                    Double.isFinite(column.shareError())
                            ? String.format(
                                    Locale.ROOT, "%.0f ± %.0f %%", 100 * column.share(), 100 * column.shareError())
                            : String.format(Locale.ROOT, "%.0f %%", 100 * column.share()),
                    paper.map(each -> text(each.bestSpeculative())).orElse("–"),
                    paper.map(each -> String.format(Locale.ROOT, "%.2f", each.bestSpeedUp()))
                            .orElse("–")));
        }
        return new ValueTable(
                "Chosen against best (s,t,n) by active batch",
                List.of(
                        "active batch",
                        "best",
                        "its speed-up",
                        "chosen",
                        "its speed-up",
                        "share of the best",
                        "paper's best",
                        "its speed-up, H100"),
                rows);
    }

    private static ValueTable speedUps(Grid grid) {
        List<Integer> batches = batches(grid);
        List<List<String>> rows = new ArrayList<>();
        for (Setting setting : settings(grid)) {
            if (!setting.isOff()) {
                List<String> row = new ArrayList<>(List.of(text(setting)));
                batches.forEach(batch -> row.add(String.format(
                        Locale.ROOT, "%.2f", GridChoice.speedUp(GridChoice.of(grid.cells(), batch), setting))));
                rows.add(row);
            }
        }
        return new ValueTable("Speed-up of each measured (s,t,n) by active batch", columns("(s,t,n)", batches), rows);
    }

    private static ValueTable fit(Grid grid) {
        List<Integer> batches = batches(grid);
        List<String> row = new ArrayList<>(List.of("mean error"));
        for (int batch : batches) {
            row.add(String.format(
                    Locale.ROOT,
                    "%.0f %%",
                    100
                            * GridChoice.of(grid.cells(), batch).stream()
                                    .mapToDouble(
                                            cell -> Math.abs(cell.predictedMilliseconds() / cell.milliseconds() - 1))
                                    .average()
                                    .orElse(Double.NaN)));
        }
        return new ValueTable(
                "Step times by the fit against those measured", columns("active batch", batches), List.of(row));
    }

    private static List<String> columns(String first, List<Integer> batches) {
        List<String> columns = new ArrayList<>(List.of(first));
        batches.forEach(batch -> columns.add(Integer.toString(batch)));
        return columns;
    }

    private static List<Integer> batches(Grid grid) {
        return grid.cells().stream().map(Cell::batch).distinct().toList();
    }

    private static List<Setting> settings(Grid grid) {
        return grid.cells().stream()
                .map(cell -> Setting.parse(cell.setting()))
                .distinct()
                .toList();
    }

    private static String text(Setting setting) {
        return PublishedTable.text(setting);
    }
}
