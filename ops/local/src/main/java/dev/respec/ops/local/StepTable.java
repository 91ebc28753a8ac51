package dev.respec.ops.local;

import dev.respec.ops.audit.StepTime;
import dev.respec.ops.console.Console;
import dev.respec.ops.console.Counts;
import dev.respec.ops.console.FoldedText;
import dev.respec.ops.report.WorkShares;
import dev.respec.schemas.PolicyEvaluation;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.schemas.StepMetric;
import dev.respec.schemas.TrainingStep;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One line per training step, under a header that is repeated now and then; as many columns as the terminal holds. */
final class StepTable {
    private static final int ROWS_A_HEADER = 20;
    private static final int NARROWEST_SETTINGS = 16;
    private static final String SETTINGS = "setting by batch";
    private static final String ASKED = "asked";

    /** What a row is made of. */
    private record Row(
            TrainingStep step, double seconds, Throughputs throughputs, long drafterVersion, WorkShares shares) {
        String number(String format, StepMetric metric) {
            double value = metric.of(step);
            if (Double.isNaN(value)) {
                return "–";
            }
            String text = String.format(Locale.ROOT, format, value);
            return text.matches("-[0.]+") ? text.substring(1) : text;
        }

        /** Nothing if nothing was generated since the row before. */
        String generated(String format, double value) {
            return throughputs.emittedTokens() == 0 ? "–" : String.format(Locale.ROOT, format, value);
        }
    }

    /** @param rank columns of high rank are left out first */
    private record Column(String header, int width, int rank, Function<Row, String> value) {}

    private static final List<Column> COLUMNS = List.of(
            new Column("step", 6, 0, row -> Long.toString(row.step().getStep())),
            new Column("reward", 6, 1, row -> row.number("%.3f", StepMetric.REWARD_MEAN)),
            new Column("pass", 5, 0, row -> row.number("%.3f", StepMetric.PASS_RATE)),
            new Column("length", 6, 4, row -> row.number("%.0f", StepMetric.RESPONSE_LENGTH_MEAN)),
            new Column(
                    "accept",
                    6,
                    1,
                    row -> row.generated("%.2f", row.throughputs().acceptanceLength())),
            new Column(
                    "tokens/s",
                    8,
                    0,
                    row -> row.generated("%.0f", row.throughputs().emittedTokens() / Math.max(row.seconds(), 1e-3))),
            new Column("stale", 5, 5, row -> row.number("%.0f", StepMetric.STALENESS_MAX)),
            new Column("loss", 9, 2, StepTable::loss),
            new Column(ASKED, 5, 3, row -> row.number("%.2f", StepMetric.PROMPTS_PER_USED)),
            new Column("kl", 7, 9, row -> row.number("%.5f", StepMetric.KL_SAMPLER_TRAINER)),
            new Column("entropy", 7, 8, row -> row.number("%.3f", StepMetric.ENTROPY)),
            new Column("policy", 6, 6, row -> Long.toString(row.step().getVersion())),
            new Column("drafter", 7, 7, row -> Long.toString(row.drafterVersion())),
            new Column(
                    "gen/train/other",
                    15,
                    3,
                    row -> format(
                            "%.0f/%.0f/%.0f %%",
                            row.shares().generation() * 100,
                            row.shares().training() * 100,
                            row.shares().other() * 100)));

    private final Console console;
    private List<Column> shown = COLUMNS;
    private int rows;

    StepTable(Console console) {
        this.console = console;
    }

    /**
     * @param seconds since the line before
     * @param throughputs what generation did since the line before; they are reset
     */
    void print(
            TrainingStep step,
            double seconds,
            Throughputs throughputs,
            long drafterVersion,
            @Nullable SpeculationSettings settings) {
        List<Column> fitting = fitting(columns(step), console.width());
        if (rows++ % ROWS_A_HEADER == 0 || !fitting.equals(shown)) {
            shown = fitting;
            console.line(line(shown.stream().map(Column::header).toList(), SETTINGS));
        }
        WorkShares shares =
                WorkShares.of(seconds * 1000, throughputs.busyMilliseconds(), StepTime.busyMilliseconds(step));
        Row row = new Row(step, seconds, throughputs, drafterVersion, shares);
        console.line(
                line(shown.stream().map(column -> column.value().apply(row)).toList(), SettingsText.of(settings)));
        throughputs.reset();
    }

    /** One line for each data set and mode of an evaluation, with the step that was done before it in its column. */
    void print(PolicyEvaluation evaluation) {
        Map<String, Double> metrics = evaluation.getMetrics();
        StringBuilder line = new StringBuilder(format(
                "%6d  evaluation: %s, %s",
                evaluation.getStep(),
                evaluation.getDataSet(),
                evaluation.getMode().name().toLowerCase(Locale.ROOT)));
        for (String metric : new TreeSet<>(Arrays.asList("pass@1", "pass@" + evaluation.getSamples()))) {
            line.append(format(", %s %.3f", metric, metrics.getOrDefault(metric, Double.NaN)));
        }
        line.append(format(
                " of %s by version %d", Counts.of(evaluation.getPrompts(), "prompt"), evaluation.getPolicyVersion()));
        line.append(evaluation.getBest() ? "; the best so far" : "");
        console.line(FoldedText.cut(line.toString(), console.width()));
        if (evaluation.getEndsRun() != null) {
            console.line("        the run ends with the next step: " + evaluation.getEndsRun());
        }
    }

    /** Prompts asked per prompt used are of interest if some are set aside. */
    private static List<Column> columns(TrainingStep step) {
        return COLUMNS.stream()
                .filter(column -> !column.header().equals(ASKED) || !Double.isNaN(StepMetric.PROMPTS_PER_USED.of(step)))
                .toList();
    }

    /** Leaves out columns until the settings have room. */
    private static List<Column> fitting(List<Column> columns, int width) {
        List<Column> fitting = new ArrayList<>(columns);
        while (widthOf(fitting) + NARROWEST_SETTINGS > width && fitting.size() > 1) {
            int least = 0;
            for (int i = 1; i < fitting.size(); i++) {
                if (fitting.get(i).rank() >= fitting.get(least).rank()) {
                    least = i;
                }
            }
            fitting.remove(least);
        }
        return fitting;
    }

    /** The settings come last and take what is left; they are cut if that is too little. */
    private String line(List<String> cells, String settings) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < cells.size(); i++) {
            int width = shown.get(i).width();
            line.append(String.format(Locale.ROOT, i == 0 ? "%" + width + "s" : "  %" + width + "s", cells.get(i)));
        }
        return FoldedText.cut(line + "  " + settings, console.width());
    }

    private static int widthOf(List<Column> columns) {
        return columns.stream().mapToInt(column -> column.width() + 2).sum();
    }

    private static String loss(Row row) {
        return StepMetric.hasSignal(row.step()) ? row.number("%.4f", StepMetric.LOSS) : "no signal";
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
