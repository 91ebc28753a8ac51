package dev.respec.ops.report;

import dev.respec.ops.audit.RunRecords;
import dev.respec.ops.console.Durations;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;

/** A run as one HTML page that needs nothing else: no script, no font, no network. */
public final class HtmlReport {
    private final RunSummary summary;
    private final RunRecords records;
    private final Map<String, ConfigDifferences.Difference> configuration;

    /** @param configuration of the run, as {@link ConfigDifferences} has it */
    public HtmlReport(RunSummary summary, RunRecords records, Map<String, ConfigDifferences.Difference> configuration) {
        this.summary = summary;
        this.records = records;
        this.configuration = configuration;
    }

    public String render() {
        List<Figure> figures = new ArrayList<>(new EvaluationFigures(records.evaluation()).all());
        figures.addAll(new Figures(summary, records).all());
        List<Figure> decoding = new DecodingFigures(summary, records).all();
        String title = "respec run " + Svg.escape(summary.runId());
        return "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
                + "<title>" + title + "</title><style>" + styleSheet() + "</style></head><body><main>"
                + "<header><h1>respec <small>" + Svg.escape(summary.runId()) + "</small></h1>"
                + "<p>" + headline() + "</p>" + earlyEnd() + "</header>"
                + tiles()
                + "<h2>Learning</h2><section class=\"grid\">" + cards(figures) + "</section>"
                + "<h2>Speculative decoding</h2><section class=\"grid\">" + cards(decoding) + "</section>"
                + "<h2>What the topics prove</h2>" + ReportTables.audit(summary)
                + "<h2>Numbers</h2>"
                + ReportTables.throughput(summary) + ReportTables.evaluation(summary)
                + EvaluationFigures.table(records.evaluation())
                + ReportTables.stages(summary)
                + RunSection.render(summary.machine(), configuration, records.samples())
                + "</main></body></html>\n";
    }

    private String headline() {
        return String.format(
                Locale.ROOT,
                "%d training steps, %,d rollouts, %s; seed %d.",
                summary.steps(),
                summary.rollouts().scored(),
                Durations.text(summary.wallSeconds()),
                summary.seed());
    }

    /** Says that the run ended before its last step, and why; empty markup if it did not. */
    private String earlyEnd() {
        RunSummary.BestCheckpoint best = summary.bestCheckpoint();
        String why = best == null ? null : best.endedRun();
        if (why == null) {
            return "";
        }
        String when = summary.audit().goingOn() ? "Ends early: " : "Ended early, after step " + summary.steps() + ": ";
        return "<p>" + when + Svg.escape(why) + ".</p>";
    }

    private String tiles() {
        StringBuilder tiles = new StringBuilder("<section class=\"tiles\">");
        RunSummary.Evaluation evaluation = summary.evaluation();
        if (evaluation != null) {
            tiles.append(change(
                    "held-out pass@1, sampled",
                    evaluation.before().sampledPassAt1(),
                    evaluation.after().sampledPassAt1()));
            tiles.append(change(
                    "held-out pass@1, greedy",
                    evaluation.before().greedyPassAt1(),
                    evaluation.after().greedyPassAt1()));
        }
        tiles.append(change(
                "acceptance length, same settings",
                summary.acceptanceLength().first(),
                summary.acceptanceLength().last()));
        RunSummary.GainDuringRun during = summary.adaptiveGainDuringRun();
        if (during != null) {
            tiles.append(tile(
                    "gain over plain decoding in the run",
                    String.format(Locale.ROOT, "×%.2f <small>± %.2f</small>", during.gain(), during.error()),
                    ""));
        }
        RunSummary.Throughput throughput = summary.throughput();
        if (throughput != null) {
            tiles.append(tile("adaptive over plain decoding, by batch", Gains.text(throughput), ""));
        }
        tiles.append(tile(
                "staleness, most of allowed",
                summary.staleness().max() + " <small>of " + summary.staleness().bound() + "</small>",
                ""));
        tiles.append(exactlyOnce());
        return tiles + "</section>";
    }

    private String exactlyOnce() {
        if (!summary.audit().holds()) {
            return tile("exactly once", "broken", "bad");
        }
        return summary.audit().goingOn()
                ? tile(
                        "exactly once; the run is not over",
                        "so far: " + summary.groups().open() + " open",
                        "")
                : tile("exactly once", "proved", "good");
    }

    private static String change(String name, double before, double after) {
        return tile(name, String.format(Locale.ROOT, "<small>%.2f →</small> %.2f", before, after), "");
    }

    private static String tile(String name, String markup, String cssClass) {
        return "<div class=\"tile " + cssClass + "\"><b>" + markup + "</b><span>" + name + "</span></div>";
    }

    private static String cards(List<Figure> figures) {
        StringBuilder cards = new StringBuilder();
        for (Figure figure : figures) {
            cards.append("<figure><h3>")
                    .append(figure.title())
                    .append("</h3>")
                    .append(figure.body())
                    .append("<figcaption>")
                    .append(figure.caption())
                    .append("</figcaption></figure>");
        }
        return cards.toString();
    }

    public static String styleSheet() {
        try (InputStream css = Objects.requireNonNull(HtmlReport.class.getResourceAsStream("report.css"))) {
            return new String(css.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the report's style sheet", e);
        }
    }
}
