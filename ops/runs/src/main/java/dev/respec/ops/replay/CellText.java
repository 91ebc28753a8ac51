package dev.respec.ops.replay;

import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A cell of a result for people: numbers short, times to the millisecond in UTC, text on one line. */
final class CellText {
    private CellText() {}

    static String of(@Nullable Object value) {
        if (value == null) {
            return "";
        }
        if (value instanceof Double || value instanceof Float) {
            return number(((Number) value).doubleValue());
        }
        if (value instanceof OffsetDateTime time) {
            return time.toInstant()
                    .truncatedTo(ChronoUnit.MILLIS)
                    .atOffset(ZoneOffset.UTC)
                    .toString()
                    .replace('T', ' ');
        }
        return value.toString().replace("\n", "\\n").replace("\t", "\\t");
    }

    private static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return String.format(Locale.ROOT, "%.0f", value);
        }
        return String.format(Locale.ROOT, Math.abs(value) >= 1e-3 && Math.abs(value) < 1e7 ? "%.4f" : "%.4g", value);
    }
}
