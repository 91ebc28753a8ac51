package dev.respec.ops.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.ops.report.WorkShares;
import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.SpeculationSetting;
import dev.respec.schemas.SpeculationSettings;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class ProgressTextTest {
    private static final SpeculationSetting OFF = new SpeculationSetting("off", 0, 1, 0);
    private static final SpeculationSetting EAGLE = new SpeculationSetting("eagle3", 2, 1, 2);
    private static final SpeculationSetting TREE = new SpeculationSetting("eagle3", 3, 4, 12);

    @Test
    void shouldJoinBatchesThatShareASetting() {
        assertThat(SettingsText.of(
                        table(entry(1, EAGLE), entry(2, EAGLE), entry(4, TREE), entry(8, OFF), entry(16, OFF))))
                .isEqualTo("1–2 eagle3:2, 3–4 eagle3:3×4, 5+ off");
        assertThat(SettingsText.of(table(entry(1, OFF), entry(64, OFF)))).isEqualTo("off");
        assertThat(SettingsText.of(null)).isEqualTo("off");
    }

    @Test
    void shouldTellTheTimeLeftFromThePaceOfLate() {
        Pace pace = new Pace();
        assertThat(pace.secondsFor(10)).isNaN();
        // One slow step long ago, then twelve of four seconds.
        pace.step(1, 100);
        for (int step = 2; step <= 14; step++) {
            pace.step(step, 200 + 4 * step);
        }
        assertThat(pace.secondsFor(10)).isEqualTo(40, Offset.offset(1e-9));
    }

    @Test
    void shouldRenderTheBar() {
        assertThat(ProgressBar.render(20, 80, 125)).contains("25 %", "step 20 of 80", "2 min 05 s left");
        assertThat(ProgressBar.render(0, 80, Double.NaN)).contains("0 %").doesNotContain("left");
    }

    @Test
    void shouldScaleOverlappingWorkToTheWhole() {
        WorkShares overlapping = WorkShares.of(1000, 900, 600);
        assertThat(overlapping.generation()).isEqualTo(0.6, Offset.offset(1e-9));
        assertThat(overlapping.training()).isEqualTo(0.4, Offset.offset(1e-9));
        assertThat(overlapping.other()).isZero();

        assertThat(WorkShares.of(1000, 500, 300).other()).isEqualTo(0.2, Offset.offset(1e-9));
    }

    @Test
    void shouldDoubleTheBackOffUpToABound() {
        RestartPolicy policy = new RestartPolicy(5, Duration.ofSeconds(1), Duration.ofMinutes(1));
        assertThat(policy.waitBefore(0)).isEqualTo(Duration.ofSeconds(1));
        assertThat(policy.waitBefore(3)).isEqualTo(Duration.ofSeconds(8));
        assertThat(policy.waitBefore(60)).isEqualTo(Duration.ofSeconds(30));
    }

    @Test
    void shouldDrawNoBarWhereThereIsNoTerminal() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Console console = new Console(new PrintStream(bytes, true, StandardCharsets.UTF_8), false);

        console.bottom("bar");
        console.line("line");
        console.clearBottom();

        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("line" + System.lineSeparator());
    }

    @Test
    void shouldKeepTheBarBelowTheLines() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Console console = new Console(new PrintStream(bytes, true, StandardCharsets.UTF_8), true);

        console.bottom("bar");
        console.line("line");

        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .isEqualTo("\r\u001b[Kbar\r\u001b[Kline" + System.lineSeparator() + "bar");
    }

    private static BatchSetting entry(int batch, SpeculationSetting setting) {
        return new BatchSetting(batch, setting, 1.0, 1.0, "argmax", List.of());
    }

    private static SpeculationSettings table(BatchSetting... entries) {
        return new SpeculationSettings("policy", "cpu", 1L, Instant.EPOCH, List.of(entries), "run", "cpu-float32");
    }
}
