package dev.respec.ops.paper.decoding;

import dev.respec.ops.measure.DecodeBench;
import dev.respec.ops.measure.DecodeBench.OracleRow;
import dev.respec.ops.paper.experiment.Experiment;
import dev.respec.ops.paper.experiment.Session;
import dev.respec.ops.paper.findings.Claim;
import dev.respec.ops.paper.findings.Curve;
import dev.respec.ops.paper.findings.Findings;
import dev.respec.ops.paper.findings.Plot;
import dev.respec.ops.paper.findings.ValueTable;
import dev.respec.ops.paper.findings.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** How much of the speed of a drafter that knows the continuation the best real setting reaches. */
public final class OracleExperiment implements Experiment {
    private static final double TEMPERATURE = 1;

    /** Of vLLM with EAGLE-3 on an H100, by active batch. */
    private static final Map<Integer, Double> VLLM = Map.of(1, 0.27, 32, 0.77);

    private final DecodeRuns runs;

    public OracleExperiment(DecodeRuns runs) {
        this.runs = runs;
    }

    @Override
    public String name() {
        return "oracle";
    }

    @Override
    public String title() {
        return "Share of the oracle: what the engine loses and what the drafter loses";
    }

    @Override
    public int weight() {
        return 1;
    }

    @Override
    public Findings run(Session session) {
        Optional<DecodeBench.Result> result = runs.at(TEMPERATURE, session);
        List<OracleRow> rows = result.map(DecodeBench.Result::oracle).orElse(List.of());
        return new Findings(
                name(),
                title(),
                result.map(found -> "Temperature 1.0. " + DecodeRuns.words(found, session.size()))
                        .orElse("Nothing was measured."),
                List.of(claim(rows)),
                rows.isEmpty() ? List.of() : List.of(plot(rows)),
                rows.isEmpty() ? List.of() : List.of(table(rows)),
                result.isPresent() ? List.of() : List.of("left out, the budget does not allow it"));
    }

    private static Claim claim(List<OracleRow> rows) {
        List<String> shares = new ArrayList<>();
        boolean all = true;
        for (OracleRow row : rows) {
            Double reference = VLLM.get(row.batch());
            if (reference != null) {
                all &= row.share() >= reference;
                shares.add(String.format(
                        Locale.ROOT,
                        "%.0f %% at batch %d (vLLM %.0f %%)",
                        100 * row.share(),
                        row.batch(),
                        100 * reference));
            }
        }
        String statement = "The best setting reaches as much of the oracle's speed as vLLM with EAGLE-3 on an H100";
        String source = "ours; vLLM: 27 % at batch 1, 77 % at 32";
        if (shares.isEmpty()) {
            return Claim.notMeasured(statement, source, "no batch of vLLM's was measured at temperature 1.0.");
        }
        boolean noisy = rows.stream().anyMatch(row -> row.share() > 1);
        return new Claim(
                statement,
                source,
                noisy ? Verdict.UNDECIDED : Verdict.of(all),
                String.join(", ", shares)
                        + (noisy ? ". A share above 100 % at some batch shows that the turns were too noisy" : "")
                        + ". Another machine and model: the share depends on what a verified token costs there.");
    }

    private static Plot plot(List<OracleRow> rows) {
        List<Double> places = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            places.add((double) i);
        }
        return new Plot(
                "Speed-up of the oracle and of the best setting",
                "active batch",
                "Tokens per second over those of plain decoding.",
                Plot.Shape.LINES,
                rows.stream().map(row -> Integer.toString(row.batch())).toList(),
                List.of(
                        new Curve(
                                "oracle",
                                Curve.Origin.OURS,
                                places,
                                rows.stream().map(OracleRow::speedup).toList(),
                                List.of()),
                        new Curve(
                                "best setting",
                                Curve.Origin.OURS,
                                places,
                                rows.stream().map(OracleRow::bestSpeedup).toList(),
                                List.of())));
    }

    private static ValueTable table(List<OracleRow> rows) {
        return new ValueTable(
                "The best setting's share of the oracle",
                List.of(
                        "active batch",
                        "oracle's tokens per draft",
                        "its acceptance length",
                        "its speed-up",
                        "best setting",
                        "its speed-up",
                        "share"),
                rows.stream()
                        .map(row -> List.of(
                                Integer.toString(row.batch()),
                                Integer.toString(row.length()),
                                String.format(Locale.ROOT, "%.2f", row.acceptanceLength()),
                                String.format(Locale.ROOT, "%.2f", row.speedup()),
                                row.bestSetting(),
                                String.format(Locale.ROOT, "%.2f", row.bestSpeedup()),
                                String.format(Locale.ROOT, "%.0f %%", 100 * row.share())))
                        .toList());
    }
}
