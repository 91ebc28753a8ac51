package dev.respec.ops.paper.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.ops.paper.experiment.Session;
import dev.respec.ops.paper.experiment.Size;
import dev.respec.ops.paper.experiment.TimeLimit;
import dev.respec.ops.paper.findings.Claim;
import dev.respec.ops.paper.findings.Findings;
import dev.respec.ops.paper.findings.Plot;
import dev.respec.ops.paper.findings.Verdict;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every experiment has a whole sentence for each of its claims, whatever was measured. */
class SentencesTest {
    private static final List<Function<ArmRuns, PipelineExperiment>> EXPERIMENTS = List.of(
            AcceptanceExperiment::new,
            RewardExperiment::drafters,
            ActiveSequencesExperiment::new,
            RewardExperiment::validation,
            StepTimeExperiment::new,
            IntervalExperiment::new,
            StalenessExperiment::new);

    @TempDir
    Path folder;

    static Stream<Arguments> experimentsAndSeeds() {
        return EXPERIMENTS.stream()
                .flatMap(experiment -> Stream.of(1, 3).map(seeds -> Arguments.of(experiment, seeds)));
    }

    @ParameterizedTest
    @MethodSource("experimentsAndSeeds")
    void shouldBeWholeForOneSeedAndForThree(Function<ArmRuns, PipelineExperiment> experiment, int seeds)
            throws InterruptedException {
        PipelineRunner runner = (arm, seed, config, log) -> Runs.aRun(arm.name(), seed)
                .with(Arms.settings(config))
                .accepting(List.of(2.0, 2.1, 2.2, 2.1, 2.0 + 0.01 * seed))
                .rewarded(List.of(0.5, 0.6, 0.7 + 0.01 * seed))
                .passing(0.8 + 0.01 * seed)
                .active(List.of(8.0, 8.0, 6.0, 4.0, 2.0))
                .measured();
        ArmRuns runs = new ArmRuns(RespecConfig.defaults(), folder, runner);
        PipelineExperiment tested = experiment.apply(runs);

        Findings findings = tested.run(new Session(
                Size.quick().withSeeds(seeds), new TimeLimit(System::nanoTime, Duration.ofHours(1)), line -> {}));

        assertThat(findings.failures()).isEmpty();
        assertThat(findings.claims()).isNotEmpty().extracting(Claim::verdict).doesNotContain(Verdict.NOT_MEASURED);
        assertThat(findings.claims()).extracting(Claim::statement).doesNotHaveDuplicates();
        assertThat(findings.claims())
                .allSatisfy(
                        claim -> assertThat(claim.sentence()).endsWith(".").doesNotContain("NaN", "..", "  ", "null"));
        assertThat(findings.tables())
                .allSatisfy(table -> assertThat(table.rows())
                        .allSatisfy(row -> assertThat(row).noneMatch(cell -> cell.contains("NaN"))));
        assertThat(findings.plots()).isNotEmpty().extracting(Plot::title).doesNotHaveDuplicates();
        assertThat(tested.arms()).extracting(Arm::name).doesNotHaveDuplicates();
    }
}
