package dev.respec.ops.local;

import static dev.respec.ops.audit.StepMetrics.ENTROPY;
import static dev.respec.ops.audit.StepMetrics.KL;
import static dev.respec.ops.audit.StepMetrics.LENGTH;
import static dev.respec.ops.audit.StepMetrics.LOSS;
import static dev.respec.ops.audit.StepMetrics.PASS_RATE;
import static dev.respec.ops.audit.StepMetrics.REWARD;
import static dev.respec.ops.audit.StepMetrics.STALENESS_MAX;

import dev.respec.ops.audit.StepMetrics;
import dev.respec.ops.report.WorkShares;
import dev.respec.schemas.TrainingStep;
import java.util.Locale;

/** One line a training step, under a header that comes again now and then. */
final class StepTable {
    private static final int ROWS_A_HEADER = 20;
    private static final String HEADER = "  step  reward   pass  length  accept  tokens/s  stale     loss       kl"
            + "  entropy  policy  drafter  gen/train/other  setting by batch";

    private final Console console;
    private int rows;

    StepTable(Console console) {
        this.console = console;
    }

    /**
     * @param seconds since the line before
     * @param feed what generation did since the line before; its throughputs are reset
     */
    void print(TrainingStep step, double seconds, ProgressFeed feed) {
        if (rows++ % ROWS_A_HEADER == 0) {
            console.line(HEADER);
        }
        Throughputs throughputs = feed.throughputs();
        WorkShares shares =
                WorkShares.of(seconds * 1000, throughputs.busyMilliseconds(), StepMetrics.busyMilliseconds(step));
        console.line(String.format(
                Locale.ROOT,
                "%6d  %6s  %5s  %6s  %6.2f  %8.0f  %5s  %7s  %7s  %7s  %6d  %7d  %3.0f/%3.0f/%3.0f %%    %s",
                step.getStep(),
                number("%.3f", step, REWARD),
                number("%.3f", step, PASS_RATE),
                number("%.0f", step, LENGTH),
                throughputs.acceptanceLength(),
                throughputs.emittedTokens() / Math.max(seconds, 1e-3),
                number("%.0f", step, STALENESS_MAX),
                number("%.4f", step, LOSS),
                number("%.5f", step, KL),
                number("%.3f", step, ENTROPY),
                step.getVersion(),
                feed.drafterVersion(),
                shares.generation() * 100,
                shares.training() * 100,
                shares.other() * 100,
                SettingsText.of(feed.settings())));
        throughputs.reset();
    }

    private static String number(String format, TrainingStep step, String metric) {
        double value = StepMetrics.of(step, metric);
        return Double.isNaN(value) ? "–" : String.format(Locale.ROOT, format, value);
    }
}
