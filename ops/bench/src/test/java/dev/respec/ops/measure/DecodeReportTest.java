package dev.respec.ops.measure;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class DecodeReportTest {
    @Test
    void shouldNameEachKindOfDraftOnce() {
        // Given
        var rows = List.of(
                row(1, "off", "off", 1),
                row(1, "suffix:12", "suffix:12", 2.5),
                row(1, "eagle3:4", "eagle3:4", 2),
                row(1, "eagle3:3x3/8", "eagle3:3x3/8", 1.5),
                row(1, DecodeBench.ADAPTIVE, "suffix:12", 2.4));
        var roofline = new DecodeBench.RooflineRow(30, 0.5, 400, 0.2);
        var bound = new DecodeBench.OracleRow(1, 16, 10, 15.5, "suffix:12", 2.5, 0.25);
        // When
        String page = new DecodeReport(new DecodeBench.Result(
                        "m < n", 80_000_000, "bfloat16", "vector", 2, rows, List.of(bound), roofline))
                .render();
        // Then
        assertThat(page)
                .contains("m &lt; n", "80.0 M parameters", "30.0 GB/s", "uses 50 % of it")
                .contains(">plain<", ">suffix<", ">eagle3 chains<", ">eagle3 trees<", ">adaptive<")
                .contains("<td>adaptive: suffix:12</td>")
                .contains("<td>suffix:12</td><td>2.50</td><td>10.00 with 16 tokens</td><td>25 %</td>")
                .doesNotContain("suffix trees");
    }

    private static DecodeBench.Row row(int batch, String setting, String chosen, double speedUp) {
        return new DecodeBench.Row(batch, setting, chosen, 100 * speedUp, 3, speedUp, 1, 10, 0.5, 0.03, 0.02, 0.1);
    }
}
