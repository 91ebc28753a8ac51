package dev.respec.ops.paper.decoding;

import dev.respec.ops.measure.DecodeBench;
import dev.respec.ops.paper.decision.PublishedTable;
import dev.respec.ops.paper.experiment.Experiment;
import dev.respec.ops.paper.experiment.Session;
import dev.respec.ops.paper.findings.Claim;
import dev.respec.ops.paper.findings.Curve;
import dev.respec.ops.paper.findings.Findings;
import dev.respec.ops.paper.findings.Plot;
import dev.respec.ops.paper.findings.ValueTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** Fig. 3: speed-up over plain decoding by active batch and temperature, of fixed settings and of the adaptive choice. */
public final class SpeedUpExperiment implements Experiment {
    private static final List<Double> TEMPERATURES = List.of(0.0, 0.6, 1.0);

    private final DecodeRuns runs;

    public SpeedUpExperiment(DecodeRuns runs) {
        this.runs = runs;
    }

    @Override
    public String name() {
        return "fig3";
    }

    @Override
    public String title() {
        return "Fig. 3: speed-up by active batch and temperature";
    }

    @Override
    public int weight() {
        return 3;
    }

    /** One temperature by active batch. */
    private record Speeds(double temperature, DecodeBench.Result result) {
        List<Integer> batches() {
            return result.rows().stream().map(DecodeBench.Row::batch).distinct().toList();
        }

        DecodeBench.Row row(int batch, String setting) {
            return result.rows().stream()
                    .filter(row -> row.batch() == batch && row.setting().equals(setting))
                    .findFirst()
                    .orElseThrow();
        }

        double of(int batch, String setting) {
            return row(batch, setting).speedupOverOff();
        }

        /** The fastest setting that speculates. */
        DecodeBench.Row best(int batch) {
            return result.rows().stream()
                    .filter(row -> row.batch() == batch
                            && !row.setting().equals(DecodeBench.ADAPTIVE)
                            && !row.setting().equals("off"))
                    .max(Comparator.comparingDouble(DecodeBench.Row::speedupOverOff))
                    .orElseThrow();
        }

        String bestOfSmallestBatch() {
            return best(batches().get(0)).setting();
        }
    }

    @Override
    public Findings run(Session session) {
        Map<Double, Speeds> measured = new TreeMap<>();
        List<String> failures = new ArrayList<>();
        for (double temperature : TEMPERATURES) {
            runs.at(temperature, session)
                    .ifPresentOrElse(
                            result -> measured.put(temperature, new Speeds(temperature, result)),
                            () -> failures.add(
                                    "temperature %.1f: left out, the budget does not allow it".formatted(temperature)));
        }
        List<Claim> claims = new ArrayList<>();
        measured.values().forEach(speeds -> claims.add(helpsAndHurts(speeds)));
        claims.add(adaptive(List.copyOf(measured.values())));
        List<ValueTable> tables = new ArrayList<>();
        measured.values().forEach(speeds -> tables.add(table(speeds)));
        return new Findings(
                name(),
                title(),
                measured.isEmpty()
                        ? "Nothing was measured."
                        : DecodeRuns.words(measured.values().iterator().next().result(), session.size()),
                claims,
                measured.values().stream().map(SpeedUpExperiment::plot).toList(),
                tables,
                failures);
    }

    private static Claim helpsAndHurts(Speeds speeds) {
        List<Integer> batches = speeds.batches();
        int small = batches.get(0);
        int large = batches.get(batches.size() - 1);
        DecodeBench.Row helps = speeds.best(small);
        DecodeBench.Row hurts = speeds.row(large, helps.setting());
        return new Claim(
                String.format(
                        Locale.ROOT,
                        "A fixed setting helps at small active batches and hurts at large ones, at temperature %.1f",
                        speeds.temperature()),
                "ReSpec, G1 and Fig. 3; Fig. 7: 1.41 times at batch 1, 0.45 at 64",
                SpeedUpVerdict.helpsAndHurts(helps, hurts),
                String.format(
                        Locale.ROOT,
                        "%s, the best setting at batch %d, has a speed-up of %s there and of %s at batch %d. The claim holds if the 95 %% interval lies above 1 at the small batch and below 1 at the large one, and fails if either lies on the other side.",
                        helps.setting(),
                        small,
                        SpeedUpVerdict.text(helps),
                        SpeedUpVerdict.text(hurts),
                        large));
    }

    private static Claim adaptive(List<Speeds> measured) {
        List<DecodeBench.Row> choices = measured.stream()
                .flatMap(speeds -> speeds.batches().stream().map(batch -> speeds.row(batch, DecodeBench.ADAPTIVE)))
                .toList();
        String statement = "The adaptive choice is never slower than plain decoding";
        String source = "ReSpec, Adaptive Server";
        if (choices.isEmpty()) {
            return Claim.notMeasured(statement, source, "the budget allowed no temperature.");
        }
        String smallest = choices.stream()
                .min(Comparator.comparingDouble(DecodeBench.Row::speedupOverOff))
                .map(row ->
                        "its smallest speed-up is %s, at batch %d. ".formatted(SpeedUpVerdict.text(row), row.batch()))
                .orElseThrow();
        return new Claim(
                statement,
                source,
                SpeedUpVerdict.neverSlower(choices),
                smallest
                        + "The claim holds if every speed-up is at least 0.95, and fails if any 95 % interval lies below 1.");
    }

    private static Plot plot(Speeds speeds) {
        List<Integer> batches = speeds.batches();
        List<Double> places = new ArrayList<>();
        List<Double> best = new ArrayList<>();
        List<Double> fixed = new ArrayList<>();
        List<Double> adaptive = new ArrayList<>();
        List<Double> published = new ArrayList<>();
        for (int i = 0; i < batches.size(); i++) {
            int batch = batches.get(i);
            places.add((double) i);
            best.add(speeds.best(batch).speedupOverOff());
            fixed.add(speeds.of(batch, speeds.bestOfSmallestBatch()));
            adaptive.add(speeds.of(batch, DecodeBench.ADAPTIVE));
            published.add(PublishedTable.at(batch)
                    .map(PublishedTable.Column::bestSpeedUp)
                    .orElse(Double.NaN));
        }
        List<Curve> curves = new ArrayList<>(List.of(
                new Curve("best fixed setting of each batch", Curve.Origin.OURS, places, best, List.of()),
                new Curve(speeds.bestOfSmallestBatch() + " everywhere", Curve.Origin.OURS, places, fixed, List.of()),
                new Curve("adaptive", Curve.Origin.OURS, places, adaptive, List.of())));
        if (speeds.temperature() == 0.6) {
            curves.add(new Curve("best, Qwen2.5-7B on an H100", Curve.Origin.PAPER, places, published, List.of()));
        }
        return new Plot(
                String.format(Locale.ROOT, "Speed-up at temperature %.1f", speeds.temperature()),
                "active batch",
                "Tokens per second over those of plain decoding, in turns over the same sequences.",
                Plot.Shape.LINES,
                batches.stream().map(String::valueOf).toList(),
                curves);
    }

    private static ValueTable table(Speeds speeds) {
        List<List<String>> rows = new ArrayList<>();
        for (int batch : speeds.batches()) {
            DecodeBench.Row best = speeds.best(batch);
            rows.add(List.of(
                    Integer.toString(batch),
                    String.format(Locale.ROOT, "%.0f", speeds.row(batch, "off").tokensPerSecond()),
                    best.setting(),
                    SpeedUpVerdict.text(best),
                    SpeedUpVerdict.text(speeds.row(batch, speeds.bestOfSmallestBatch())),
                    SpeedUpVerdict.text(speeds.row(batch, DecodeBench.ADAPTIVE))));
        }
        return new ValueTable(
                String.format(Locale.ROOT, "Temperature %.1f", speeds.temperature()),
                List.of(
                        "active batch",
                        "plain, tokens/s",
                        "best setting",
                        "its speed-up",
                        speeds.bestOfSmallestBatch() + " everywhere",
                        "adaptive"),
                rows);
    }
}
