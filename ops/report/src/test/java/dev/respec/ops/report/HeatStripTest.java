package dev.respec.ops.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class HeatStripTest {
    private static final Pattern RECTANGLE = Pattern.compile("<title>([^<]*)</title></rect>");

    @Test
    void shouldLeaveOutTheTimeInWhichNothingRan() {
        double[][] pauses = {{1, 2}, {5, 13}};
        var strip = new HeatStrip("settings", "minutes")
                .add(new HeatStrip.Cell("≤ 1", 0, 6, "a"), pauses)
                .add(new HeatStrip.Cell("≤ 1", 6, 14, "b"), pauses)
                .add(new HeatStrip.Cell("≤ 2", 6, 7, "a"), pauses);

        assertThat(RECTANGLE
                        .matcher(strip.render(Map.of("a", 1, "b", 2)))
                        .results()
                        .map(found -> found.group(1)))
                .containsExactly("≤ 1: a from 0.00 to 1.00", "≤ 1: a from 2.00 to 5.00", "≤ 1: b from 13.00 to 14.00");
    }
}
