package dev.respec.ops.paper.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.ops.paper.decoding.GridChoice.Column;
import dev.respec.ops.paper.decoding.GridRuns.Cell;
import dev.respec.ops.paper.decoding.GridRuns.Grid;
import dev.respec.ops.paper.experiment.JsonFile;
import dev.respec.ops.paper.experiment.Session;
import dev.respec.ops.paper.experiment.Size;
import dev.respec.ops.paper.experiment.TimeLimit;
import dev.respec.ops.paper.findings.Claim;
import dev.respec.ops.paper.findings.Findings;
import dev.respec.ops.paper.findings.Verdict;
import dev.respec.speculation.Setting;
import dev.respec.stage.config.ControllerSection;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GridExperimentTest {
    private static final ControllerSection CONTROLLER = RespecConfig.defaults().controller();
    private static final String WIDE = "eagle3:5x8/32";
    private static final String NARROW = "eagle3:3x4/8";

    @TempDir
    Path folder;

    private static Cell cell(int batch, String setting, Double... turns) {
        return new Cell(batch, setting, 2, 10, 11, List.of(turns));
    }

    @Test
    void shouldDecideOnTheFirstHalfOfTheTurnsAndJudgeByTheSecond() {
        List<Cell> cells = List.of(
                cell(1, "off", 100.0, 100.0, 100.0, 100.0),
                cell(1, WIDE, 300.0, 300.0, 150.0, 150.0),
                cell(1, NARROW, 200.0, 200.0, 200.0, 200.0));

        Column column = GridChoice.columns(CONTROLLER, cells).get(0);

        assertThat(column.chosen()).isEqualTo(Setting.parse(WIDE));
        assertThat(column.chosenSpeedUp()).isCloseTo(1.5, within(1e-9));
        assertThat(column.best()).isEqualTo(Setting.parse(NARROW));
        assertThat(column.bestSpeedUp()).isCloseTo(2.0, within(1e-9));
        assertThat(column.share()).isCloseTo(0.75, within(1e-9));
    }

    @Test
    void shouldJudgeTheChoiceByTheWorstBatch() throws IOException, InterruptedException {
        assertThat(verdicts(
                        cell(1, "off", 100.0, 100.0, 100.0, 100.0),
                        cell(1, WIDE, 300.0, 300.0, 300.0, 300.0),
                        cell(1, NARROW, 200.0, 200.0, 200.0, 200.0),
                        cell(64, "off", 1000.0, 1000.0, 1000.0, 1000.0),
                        cell(64, WIDE, 500.0, 500.0, 500.0, 500.0),
                        cell(64, NARROW, 1100.0, 1100.0, 1100.0, 1100.0)))
                .containsExactly(Verdict.HOLDS, Verdict.HOLDS);
        assertThat(verdicts(
                        cell(1, "off", 100.0, 100.0, 100.0, 100.0),
                        cell(1, WIDE, 300.0, 300.0, 150.0, 150.0),
                        cell(1, NARROW, 200.0, 200.0, 200.0, 200.0),
                        cell(64, "off", 1000.0, 1000.0, 1000.0, 1000.0),
                        cell(64, WIDE, 1500.0, 1500.0, 1500.0, 1500.0),
                        cell(64, NARROW, 1100.0, 1100.0, 1100.0, 1100.0)))
                .containsExactly(Verdict.DOES_NOT_HOLD, Verdict.DOES_NOT_HOLD);
    }

    @Test
    void shouldSayWhatIsMissingWithoutTime() throws InterruptedException {
        Findings findings = experiment().run(session(Duration.ZERO));

        assertThat(findings.claims())
                .extracting(Claim::sentence)
                .containsOnly("Not measured: the budget does not allow it.");
        assertThat(findings.failures()).hasSize(1);
    }

    private List<Verdict> verdicts(Cell... cells) throws IOException, InterruptedException {
        Size size = Size.quick();
        Path file = folder.resolve("grid-shipped-%d-turns-of-%d-ms-temperature-0.6.json"
                .formatted(size.turns(), size.turn().toMillis()));
        JsonFile.write(file, new Grid("A policy", 1_000_000, "float32", 2, 40, 3, List.of(cells)));
        assertThat(Files.list(folder)).containsExactly(file);

        Findings findings = experiment().run(session(Duration.ZERO));

        assertThat(findings.failures()).isEmpty();
        assertThat(findings.tables()).hasSize(3);
        return findings.claims().stream().map(Claim::verdict).toList();
    }

    private GridExperiment experiment() {
        return new GridExperiment(CONTROLLER, new GridRuns(RespecConfig.defaults(), folder));
    }

    private static Session session(Duration time) {
        return new Session(Size.quick(), new TimeLimit(System::nanoTime, time), line -> {});
    }
}
