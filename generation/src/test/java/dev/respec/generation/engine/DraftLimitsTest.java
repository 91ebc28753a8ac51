package dev.respec.generation.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.model.sampling.ChainLimit;
import dev.respec.speculation.Setting;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A drafter and a machine made of numbers: what they emit in a unit of time with and without a limit. */
class DraftLimitsTest {
    private static final int STEPS = 4_000;
    private static final Setting SETTING = Setting.chain("eagle3", 8);

    /**
     * Chances of acceptance lie at 0.97 or are low; the drafter is sure in the first case. Of the times 10 % are noise.
     *
     * @param sure share of positions that are accepted nearly always
     */
    @ParameterizedTest
    @CsvSource({
        // batch, sure, nanoseconds of a plain step, of a row, of a pass; gain at least
        "1, 0.8, 5000000, 100000, 200000, 0.99",
        "1, 0.5, 5000000, 300000, 300000, 1.05",
        "8, 0.8, 5000000, 400000, 300000, 1.05",
        "32, 0.7, 6000000, 500000, 900000, 1.15",
        "32, 0.97, 6000000, 500000, 900000, 0.99",
        "4, 0.6, 5000000, 0, 0, 0.99"
    })
    void shouldEmitMoreAndNeverLess(
            int batch, double sure, long nanosOfPlain, long nanosPerRow, long nanosPerPass, double gain) {
        double fixed = run(DraftLength.FIXED, batch, sure, nanosOfPlain, nanosPerRow, nanosPerPass);
        double limited = run(DraftLength.BY_CONFIDENCE, batch, sure, nanosOfPlain, nanosPerRow, nanosPerPass);
        assertThat(limited / fixed).isGreaterThan(gain);
    }

    @Test
    void shouldLimitNeitherTreesNorPlainDecodingNorAFixedLength() {
        var byConfidence = new DraftLimits(DraftLength.BY_CONFIDENCE);
        var fixed = new DraftLimits(DraftLength.FIXED);
        var paid = DraftLimits.Extent.AS_PAYS;
        assertThat(byConfidence.begin(Setting.OFF, 0, 4, paid)).isSameAs(ChainLimit.NONE);
        assertThat(byConfidence.begin(Setting.tree("eagle3", "3x2/6"), 0, 4, paid))
                .isSameAs(ChainLimit.NONE);
        assertThat(byConfidence.begin(SETTING, 0, 4, paid)).isNotSameAs(ChainLimit.NONE);
        assertThat(fixed.begin(SETTING, 0, 4, paid)).isSameAs(ChainLimit.NONE);
    }

    @Test
    void shouldDraftInFullWhenCostsAreMeasured() {
        var limits = new DraftLimits(DraftLength.BY_CONFIDENCE);
        // rows that cost nearly everything
        run(limits, 8, 0.2, 1_000, 1_000_000, 0, 500);
        boolean[] goesOn = new boolean[8];
        Arrays.fill(goesOn, true);
        double[] unsure = new double[8];
        Arrays.fill(unsure, 0.1);
        limits.begin(SETTING, 0, 8, DraftLimits.Extent.FULL).choose(0, unsure, goesOn);
        assertThat(goesOn).containsOnly(true);
    }

    private static double run(
            DraftLength length, int batch, double sure, long nanosOfPlain, long nanosPerRow, long nanosPerPass) {
        return run(new DraftLimits(length), batch, sure, nanosOfPlain, nanosPerRow, nanosPerPass, STEPS);
    }

    /** Tokens a nanosecond. Now and then the setting is another, as the controller's trials have it. */
    private static double run(
            DraftLimits limits,
            int batch,
            double sure,
            long nanosOfPlain,
            long nanosPerRow,
            long nanosPerPass,
            int steps) {
        var random = new SplittableRandom(11);
        double tokens = 0;
        double nanos = 0;
        for (int step = 0; step < steps; step++) {
            Setting setting = step % 50 == 49 ? Setting.OFF : SETTING;
            ChainLimit limit = limits.begin(setting, 0, batch, DraftLimits.Extent.AS_PAYS);
            double[][] chances = new double[setting.draftLength()][batch];
            boolean[] goesOn = new boolean[batch];
            int[] drafted = new int[batch];
            Arrays.fill(goesOn, true);
            int passes = 0;
            for (boolean further = true; further && passes < setting.draftLength(); passes++) {
                double[] confidences = new double[batch];
                for (int b = 0; b < batch; b++) {
                    boolean isSure = random.nextDouble() < sure;
                    chances[passes][b] = isSure ? 0.97 : 0.25 * random.nextDouble();
                    confidences[b] = isSure ? 0.95 + 0.05 * random.nextDouble() : 0.5 * random.nextDouble();
                }
                further = limit.choose(passes, confidences, goesOn);
                for (int b = 0; b < batch; b++) {
                    drafted[b] += goesOn[b] ? 1 : 0;
                }
            }
            int rows = Arrays.stream(drafted).sum();
            int emitted = 0;
            for (int b = 0; b < batch; b++) {
                int accepted = 0;
                while (accepted < drafted[b] && random.nextDouble() < chances[accepted][b]) {
                    accepted++;
                }
                limits.verified(b, drafted[b], accepted);
                emitted += accepted + 1;
            }
            long draftNanos = (long) (passes * nanosPerPass * (0.95 + 0.1 * random.nextDouble()));
            long otherNanos = (long) ((nanosOfPlain + rows * nanosPerRow) * (0.95 + 0.1 * random.nextDouble()));
            limits.stepped(setting, batch, rows, emitted, draftNanos, otherNanos);
            if (!setting.isOff()) {
                tokens += emitted;
                nanos += draftNanos + otherNanos;
            }
        }
        return tokens / nanos;
    }
}
