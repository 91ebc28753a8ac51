package dev.respec.ops.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.ops.audit.RunRecords;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.xml.sax.InputSource;

class HtmlReportTest {
    private static final Pattern SVG = Pattern.compile("<svg.*?</svg>", Pattern.DOTALL);
    private static final Pattern OUTSIDE = Pattern.compile("(?:src|href)=|url\\(|@import|<script|<link");

    private final SyntheticRun run = new SyntheticRun();
    private final String page = new HtmlReport(run.summary(), run.records()).render();

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
        assertThat(count).isEqualTo(14);
        assertThat(page).doesNotContain("NaN", "Infinity", Legend.NO_DATA);
    }

    @Test
    void shouldSayWhatWasNotRecorded() {
        RunSummary summary = run.summary();
        RunRecords empty =
                new RunRecords("run-1", List.of(), List.of(), List.of(), List.of(), List.of(), List.of(), List.of());

        String emptyPage = new HtmlReport(summary, empty).render();

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
                new RunSummary.Audit(false, List.of("a < b & c"), Map.of()),
                List.of());

        String text = new HtmlReport(broken, run.records()).render();

        assertThat(text).contains("&lt;run&gt;", "a &lt; b &amp; c").doesNotContain("<run>");
    }
}
