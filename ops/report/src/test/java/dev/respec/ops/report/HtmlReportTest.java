package dev.respec.ops.report;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.ops.audit.EvaluationRecords;
import dev.respec.ops.audit.RunRecords;
import dev.respec.ops.audit.Runs;
import dev.respec.schemas.PolicyEvaluation;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class HtmlReportTest {
    private static final Pattern SVG = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL);
    private static final Pattern OUTSIDE = Pattern.compile("(?:src|href)=|url\\(|@import|<script|<link");

    private static final Map<String, ConfigDifferences.Difference> DIFFERENCES =
            Map.of("worker.slots", new ConfigDifferences.Difference("<8>", "32"));

    private final SyntheticRun run = new SyntheticRun();
    private final String page = new HtmlReport(run.summary(), run.records(), DIFFERENCES).render();

    @Test
    void shouldNeedNothingFromOutside() {
        assertThat(OUTSIDE.matcher(page).find()).isFalse();
    }

    @Test
    void shouldDrawEveryFigureAsWellFormedSvg() throws Exception {
        Matcher matcher = SVG.matcher(page);
        int count = 0;
        while (matcher.find()) {
            DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .parse(new InputSource(new StringReader(matcher.group())));
            count++;
        }
        assertThat(count).isEqualTo(17);
        assertThat(page).doesNotContain("NaN", "Infinity", Legend.NO_DATA);
    }

    @Test
    void shouldShowWhatEvaluationsFoundAndWhichCheckpointIsTheBest() {
        assertThat(page).contains("Evaluation on sums", "sampled pass@1", "sampled pass@2", "<td>pass@2 0.875</td>");

        RunSummary.BestCheckpoint best = EvaluationFigures.best(run.records().evaluation());
        assertThat(best)
                .isEqualTo(new RunSummary.BestCheckpoint(40, 40, "sums sampled pass@2", 0.875, 4, "it has not risen"));
        assertThat(EvaluationFigures.best(EvaluationRecords.NONE)).isNull();
    }

    /** The columns of the grid are narrower than a table of nine columns. */
    @Test
    void shouldGiveTablesTheWidthOfThePage() {
        assertThat(page.split("<section class=\"grid\">"))
                .hasSizeGreaterThan(2)
                .allSatisfy(part -> assertThat(part.split("</section>")[0]).doesNotContain("<thead>"));
        assertThat(page).contains("<h2>Numbers</h2><div class=\"scroll\"><table>");
    }

    @Test
    void shouldSayThatTheRunEndedEarlyAndWhy() {
        assertThat(page).contains("<p>Ended early, after step 80: it has not risen.</p>");
        assertThat(SummaryText.of(run.summary())).contains("  ended early   after step 80: it has not risen");
    }

    @Test
    void shouldForgetAnEarlyEndThatTheRunWasContinuedBeyond() {
        PolicyEvaluation best = Runs.evaluation(20, 20, "run-1/evaluation/1");
        best.setDecidingMetric("pass@1");
        best.setBest(true);
        PolicyEvaluation ends = Runs.evaluation(40, 40, "run-1/evaluation/2");
        ends.setEndsRun("it has not risen");
        PolicyEvaluation later = Runs.evaluation(60, 60, "run-1/evaluation/3");

        assertThat(endedRun(List.of(best, ends))).isEqualTo("it has not risen");
        assertThat(endedRun(List.of(best, ends, later))).isNull();
    }

    private static @Nullable String endedRun(List<PolicyEvaluation> evaluations) {
        return requireNonNull(EvaluationFigures.best(new EvaluationRecords(evaluations, List.of())))
                .endedRun();
    }

    @Test
    void shouldSayWhatWasNotRecorded() {
        RunSummary summary = run.summary();
        RunRecords empty = new RunRecords(
                "run-1",
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                EvaluationRecords.NONE);

        String emptyPage = new HtmlReport(summary, empty, Map.of()).render();

        assertThat(emptyPage).contains(Legend.NO_DATA).doesNotContain("NaN", "Infinity");
    }

    @Test
    void shouldEscapeWhatItShows() {
        RunSummary summary = run.summary();
        RunSummary broken = new RunSummary(
                "<run>",
                summary.seed(),
                summary.steps(),
                summary.wallSeconds(),
                summary.trainingSeconds(),
                null,
                null,
                summary.groups(),
                summary.rollouts(),
                summary.staleness(),
                summary.acceptanceLength(),
                null,
                null,
                summary.timeShare(),
                summary.versions(),
                new RunSummary.Audit(false, List.of("a < b & c"), Map.of(), 0, false),
                List.of(),
                null,
                null);

        String text = new HtmlReport(broken, run.records(), DIFFERENCES).render();

        assertThat(text)
                .contains("&lt;run&gt;", "a &lt; b &amp; c", "&lt;8&gt;", "&lt;b&gt;2+2=5")
                .doesNotContain("<run>", "<8>", "<b>2+2");
    }

    @Test
    void shouldSayWhatTheRunWasMadeOfAndOn() {
        assertThat(page)
                .contains("Some Processor 9000, 2 cores", "25.0 GiB", "17.0.19", "1.0, revision 0123456789ab")
                .contains("<th>worker.slots</th>", "<td>32</td>")
                .contains("<pre class=\"prompt\">Q:2+2=?A:</pre><pre>2+2=4;#4</pre>")
                .contains("<h3>Learning rate</h3>");
    }

    @Test
    void shouldNameNoGainOfOffOverOff() {
        assertThat(page)
                .contains("×1.04 to ×1.62")
                .contains("<tr><th>64</th><td>3,426</td><td>–</td><td>–</td><td>off</td></tr>")
                .doesNotContain("×1.00");
    }

    @Test
    void shouldCountWhatIsInFlightInARunThatGoesOn() {
        assertThat(page).contains(">proved<");
        RunSummary so = run.summary();
        RunSummary going = new RunSummary(
                so.runId(),
                so.seed(),
                so.steps(),
                so.wallSeconds(),
                so.trainingSeconds(),
                null,
                null,
                new RunSummary.Groups(13, 10, 0, 3, 0),
                so.rollouts(),
                so.staleness(),
                so.acceptanceLength(),
                null,
                null,
                so.timeShare(),
                so.versions(),
                new RunSummary.Audit(true, List.of(), Map.of(), 0, true),
                List.of(),
                null,
                null);

        assertThat(new HtmlReport(going, run.records(), Map.of()).render())
                .contains("so far: 3 open")
                .doesNotContain(">proved<", ">broken<");
        assertThat(SummaryText.of(going)).contains("Holds so far, read from the topics: 3 groups are open");
    }
}
