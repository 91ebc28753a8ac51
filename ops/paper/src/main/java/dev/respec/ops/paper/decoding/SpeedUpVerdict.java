package dev.respec.ops.paper.decoding;

import dev.respec.ops.measure.DecodeBench;
import dev.respec.ops.paper.findings.Verdict;
import java.util.List;
import java.util.Locale;

/** What measured speed-ups and their 95 % intervals decide. */
final class SpeedUpVerdict {
    private static final double SLOWER = 0.95;

    private SpeedUpVerdict() {}

    /** One setting at a small and at a large batch. */
    static Verdict helpsAndHurts(DecodeBench.Row small, DecodeBench.Row large) {
        if (low(small) > 1 && high(large) < 1) {
            return Verdict.HOLDS;
        }
        return high(small) < 1 || low(large) > 1 ? Verdict.DOES_NOT_HOLD : Verdict.UNDECIDED;
    }

    static Verdict neverSlower(List<DecodeBench.Row> rows) {
        if (rows.stream().anyMatch(row -> high(row) < 1)) {
            return Verdict.DOES_NOT_HOLD;
        }
        boolean all = rows.stream().allMatch(row -> row.speedupOverOff() >= SLOWER);
        return rows.isEmpty() || !all ? Verdict.UNDECIDED : Verdict.HOLDS;
    }

    /** {@code 1.42 ± 0.05}. */
    static String text(DecodeBench.Row row) {
        return Double.isFinite(row.speedupError())
                ? String.format(Locale.ROOT, "%.2f ± %.2f", row.speedupOverOff(), row.speedupError())
                : String.format(Locale.ROOT, "%.2f", row.speedupOverOff());
    }

    private static double low(DecodeBench.Row row) {
        return row.speedupOverOff() - row.speedupError();
    }

    private static double high(DecodeBench.Row row) {
        return row.speedupOverOff() + row.speedupError();
    }
}
