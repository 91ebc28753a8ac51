package dev.respec.ops.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.ops.cluster.Ports;
import dev.respec.ops.cluster.RestartPolicy;
import dev.respec.ops.cluster.RunFile;
import dev.respec.ops.console.Console;
import dev.respec.ops.console.FoldedText;
import dev.respec.ops.console.ProgressBar;
import dev.respec.ops.report.WorkShares;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.SpeculationSetting;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.TrustedEvents;
import dev.respec.schemas.WeightRole;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressTextTest {
    static {
        TrustedEvents.trust();
    }

    private static final SpeculationSetting OFF = new SpeculationSetting("off", 0, 1, 0);
    private static final SpeculationSetting EAGLE = new SpeculationSetting("eagle3", 2, 1, 2);
    private static final SpeculationSetting TREE = new SpeculationSetting("eagle3", 3, 4, 12);

    @Test
    void shouldJoinBatchesThatShareASetting() {
        assertThat(SettingsText.of(
                        table(entry(1, EAGLE), entry(2, EAGLE), entry(4, TREE), entry(8, OFF), entry(16, OFF))))
                .isEqualTo("1–2 eagle3:2, 3–4 eagle3:3x4/12, 5+ off");
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
        Console console = Console.terminal(new PrintStream(bytes, true, StandardCharsets.UTF_8), () -> 80);

        console.bottom("bar");
        console.line("line");

        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .isEqualTo("\r\u001b[Kbar\r\u001b[Kline" + System.lineSeparator() + "bar");
    }

    @Test
    void shouldKeepTheBarInOneRowAndEndItForGood() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Console console = Console.terminal(new PrintStream(bytes, true, StandardCharsets.UTF_8), () -> 20);

        console.bottom("a bar that is longer than the terminal");
        console.endBottom();
        console.bottom("too late");
        console.line("Stopped.");

        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .isEqualTo("\r\u001b[Ka bar that is long…\r\u001b[KStopped." + System.lineSeparator());
    }

    @Test
    void shouldFoldLinesBetweenWords() {
        assertThat(FoldedText.fold("  rollouts  1,920 expected, 1,920 scored once, 0 missing", 40))
                .containsExactly("  rollouts  1,920 expected, 1,920 scored", "          once, 0 missing");
        assertThat(FoldedText.fold("short", 40)).containsExactly("short");
        assertThat(FoldedText.fold("/a/very/long/path/without/a/space and more", 20))
                .containsExactly("/a/very/long/path/without/a/space", "     and more");
    }

    @ParameterizedTest
    @ValueSource(ints = {40, 60, 80, 100, 120, 200})
    void shouldFitTheStepTableToTheTerminal(int columns) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        StepTable table =
                new StepTable(Console.terminal(new PrintStream(bytes, true, StandardCharsets.UTF_8), () -> columns));

        table.print(step(123456, Map.of("pass_rate", 0.875, "loss", -0.0123)), 1, new Throughputs(), 5, table());

        List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines).hasSize(2).allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(columns));
        assertThat(lines.get(0)).startsWith("  step").contains("pass").contains("setting by batch");
        assertThat(lines.get(1)).startsWith("123456").contains("0.875");
    }

    @Test
    void shouldSayThatAStepHadNoSignal() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        StepTable table = new StepTable(new Console(new PrintStream(bytes, true, StandardCharsets.UTF_8), false));

        table.print(step(7, Map.of("no_signal", 1.0)), 1, new Throughputs(), 0, null);

        assertThat(bytes.toString(StandardCharsets.UTF_8)).contains("no signal").doesNotContain("0.0000");
    }

    @Test
    void shouldShowPromptsAskedPerPromptUsedIfSomeAreSetAside() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        StepTable table = new StepTable(new Console(new PrintStream(bytes, true, StandardCharsets.UTF_8), false));

        table.print(step(7, Map.of("pass_rate", 0.5)), 1, new Throughputs(), 0, null);
        table.print(step(8, Map.of("pass_rate", 0.5, "prompts_per_used", 2.4375)), 1, new Throughputs(), 0, null);

        List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines).hasSize(4);
        assertThat(lines.get(0)).doesNotContain("asked");
        assertThat(lines.get(2)).contains("asked");
        assertThat(lines.get(3)).contains("2.44");
    }

    @Test
    void shouldShowNoSpeedWhereNothingWasGenerated() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        StepTable table = new StepTable(new Console(new PrintStream(bytes, true, StandardCharsets.UTF_8), false));
        Throughputs some = new Throughputs();
        some.add(acceptance(40, 20));

        table.print(step(7, Map.of()), 2, new Throughputs(), 0, null);
        table.print(step(8, Map.of()), 2, some, 0, null);

        List<List<String>> cells = bytes.toString(StandardCharsets.UTF_8)
                .lines()
                .map(line -> List.of(line.trim().split(" {2,}")))
                .toList();
        int accept = cells.get(0).indexOf("accept");
        int speed = cells.get(0).indexOf("tokens/s");
        assertThat(cells.get(1).get(accept)).isEqualTo("–");
        assertThat(cells.get(1).get(speed)).isEqualTo("–");
        assertThat(cells.get(2).get(accept)).isEqualTo("2.00"); // 40 tokens of 20 steps
        assertThat(cells.get(2).get(speed)).isEqualTo("20"); // 40 tokens in 2 seconds
    }

    private static AcceptanceStats acceptance(long emittedTokens, long sequenceSteps) {
        return AcceptanceStats.newBuilder()
                .setRunId("run")
                .setWorkerId("w")
                .setModelId("policy")
                .setDeviceClass("cpu")
                .setIntervalStart(Instant.EPOCH)
                .setIntervalEnd(Instant.EPOCH.plusSeconds(1))
                .setPolicyVersion(0)
                .setDrafterVersion(0)
                .setSettings(List.of(new SettingStatistics(
                        1,
                        EAGLE,
                        sequenceSteps,
                        sequenceSteps,
                        2 * sequenceSteps,
                        List.of(12L, 8L),
                        List.of(20L, 20L),
                        emittedTokens,
                        4.0,
                        20.0,
                        2.0,
                        100L)))
                .build();
    }

    @Test
    void shouldNeverGiveAPortTwice() {
        List<Integer> ports = IntStream.range(0, 300)
                .map(i -> Ports.choose("http.port", 0))
                .boxed()
                .toList();
        // below the ports that Linux gives to outgoing connections
        assertThat(ports).doesNotHaveDuplicates().allMatch(port -> port >= 20_000 && port < 32_768);
    }

    @Test
    void shouldSumTheTimeOfEveryStart(@TempDir Path folder) {
        Path file = folder.resolve("run.json");
        double[] seconds = {0};
        RunFile begun = RunFile.begin("run", 1, 9, Instant.EPOCH);

        RunTime first = new RunTime(file, begun, () -> seconds[0]);
        seconds[0] = 40;
        first.firstRollout(30);
        seconds[0] = 100; // killed here, after a step
        first.remember();
        RunTime second = new RunTime(file, RunFile.read(file).orElseThrow(), () -> seconds[0]);
        seconds[0] = 13;
        second.remember();
        second.finish();
        second.remember();

        RunFile run = RunFile.read(file).orElseThrow();
        assertThat(run.wallSeconds()).isEqualTo(113);
        assertThat(run.status()).isEqualTo(RunFile.Status.FINISHED);
        assertThat(run.firstRolloutSeconds()).isEqualTo(30);
    }

    private static TrainingStep step(long number, Map<String, Double> metrics) {
        return TrainingStep.newBuilder()
                .setRunId("run")
                .setRole(WeightRole.POLICY)
                .setStep(number)
                .setVersion(number)
                .setSourceOffsets(List.of())
                .setRequestIds(List.of())
                .setDroppedRequestIds(List.of())
                .setMetrics(metrics)
                .setPhases(Map.of())
                .setStartedAt(Instant.EPOCH)
                .setFinishedAt(Instant.EPOCH)
                .build();
    }

    private static SpeculationSettings table() {
        return table(entry(1, EAGLE), entry(2, EAGLE), entry(4, TREE), entry(8, OFF), entry(16, OFF));
    }

    private static BatchSetting entry(int batch, SpeculationSetting setting) {
        return new BatchSetting(batch, setting, 1.0, 1.0, "argmax", List.of());
    }

    private static SpeculationSettings table(BatchSetting... entries) {
        return new SpeculationSettings(
                "policy", "cpu", 1L, Instant.EPOCH, List.of(entries), "run", "cpu-float32", List.of());
    }
}
