package dev.respec.ops.paper.decision;

import dev.respec.controller.ControllerReplay;
import dev.respec.ops.paper.decision.PublishedTable.Column;
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
import java.util.List;
import java.util.Locale;

/** Fig. 7: our controller decides on the paper's own measurements and must find the paper's best of every column. */
public final class DecisionExperiment implements Experiment {
    private final ControllerSection controller;

    public DecisionExperiment(ControllerSection controller) {
        this.controller = controller;
    }

    @Override
    public String name() {
        return "fig7-decision";
    }

    @Override
    public String title() {
        return "Fig. 7: our decision on the paper's own table";
    }

    @Override
    public int weight() {
        return 0;
    }

    @Override
    public Findings run(Session session) {
        List<Setting> chosen = PublishedTable.COLUMNS.stream()
                .map(column -> PublishedStatistics.decide(new ControllerReplay(controller), column))
                .toList();
        return new Findings(
                name(),
                title(),
                "The controller saw each column's published speed-ups as a minute of statistics of a worker; plain"
                        + " decoding and every setting whose speed-up is known were candidates.",
                List.of(claim(chosen)),
                List.of(plot(chosen)),
                List.of(table(chosen)),
                List.of());
    }

    private static Claim claim(List<Setting> chosen) {
        List<String> wrong = new ArrayList<>();
        for (int i = 0; i < chosen.size(); i++) {
            Column column = PublishedTable.COLUMNS.get(i);
            if (!chosen.get(i).equals(column.best())) {
                wrong.add("batch %d: %s instead of %s".formatted(column.batch(), chosen.get(i), column.best()));
            }
        }
        int right = chosen.size() - wrong.size();
        return new Claim(
                "The controller chooses the best setting of every active batch",
                "ReSpec, Fig. 7 and the Solver",
                Verdict.of(wrong.isEmpty()),
                "%d of %d columns%s. A column counts if the choice is the paper's best setting, or plain decoding where that setting is slower than plain decoding (batch 64, 0.84 times)."
                        .formatted(right, chosen.size(), wrong.isEmpty() ? "" : "; " + String.join("; ", wrong)));
    }

    private static Plot plot(List<Setting> chosen) {
        List<Double> places = new ArrayList<>();
        List<Double> best = new ArrayList<>();
        List<Double> fixed = new ArrayList<>();
        List<Double> ours = new ArrayList<>();
        for (int i = 0; i < chosen.size(); i++) {
            Column column = PublishedTable.COLUMNS.get(i);
            places.add((double) i);
            best.add(column.bestSpeedUp());
            fixed.add(column.speedUp(PublishedTable.COLUMNS.get(0).best()));
            ours.add(chosen.get(i).isOff() ? 1.0 : column.speedUp(chosen.get(i)));
        }
        return new Plot(
                "Speed-up of the chosen setting",
                "active batch",
                "Speed-up over plain decoding by the paper's figures.",
                Plot.Shape.LINES,
                PublishedTable.COLUMNS.stream()
                        .map(column -> Integer.toString(column.batch()))
                        .toList(),
                List.of(
                        new Curve("our controller's choice", Curve.Origin.OURS, places, ours, List.of()),
                        new Curve("best setting", Curve.Origin.PAPER, places, best, List.of()),
                        new Curve("(5,8,32) everywhere", Curve.Origin.PAPER, places, fixed, List.of())));
    }

    private static ValueTable table(List<Setting> chosen) {
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < chosen.size(); i++) {
            Column column = PublishedTable.COLUMNS.get(i);
            rows.add(List.of(
                    Integer.toString(column.batch()),
                    PublishedTable.text(column.bestSpeculative()),
                    String.format(Locale.ROOT, "%.2f", column.bestSpeedUp()),
                    PublishedTable.text(chosen.get(i))));
        }
        return new ValueTable(
                "The paper's best (s,t,n) and our choice",
                List.of("active batch", "paper's best", "its speed-up", "our choice"),
                rows);
    }
}
