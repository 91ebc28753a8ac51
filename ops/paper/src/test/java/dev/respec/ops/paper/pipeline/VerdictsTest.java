package dev.respec.ops.paper.pipeline;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.ops.paper.experiment.Session;
import dev.respec.ops.paper.experiment.Size;
import dev.respec.ops.paper.experiment.TimeLimit;
import dev.respec.ops.paper.findings.Claim;
import dev.respec.ops.paper.findings.Findings;
import dev.respec.ops.paper.findings.Verdict;
import dev.respec.stage.config.RespecConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rules from numbers to verdicts, each with numbers that decide it either way and numbers that do not. */
class VerdictsTest {
    @TempDir
    Path folder;

    private int runsMade;

    @Test
    void shouldFindRewardsEquivalentApartOrUndecided() throws InterruptedException {
        assertThat(validation((arm, seed) -> 0.93 + 0.001 * seed)).isEqualTo(Verdict.HOLDS);
        assertThat(validation((arm, seed) -> (arm.equals(Arms.PLAIN) ? 0.93 : 0.80) + 0.001 * seed))
                .isEqualTo(Verdict.DOES_NOT_HOLD);
        assertThat(validation((arm, seed) -> 0.90 + 0.03 * seed)).isEqualTo(Verdict.UNDECIDED);
    }

    private Verdict validation(BiFunction<Arm, Integer, Double> pass) throws InterruptedException {
        Findings findings =
                run(RewardExperiment::validation, (arm, seed) -> run(arm, seed, pass.apply(arm, seed), List.of(), 1));
        return findings.claims().get(0).verdict();
    }

    @Test
    void shouldTellAStaleDrafterFromOneThatIsNot() throws InterruptedException {
        assertThat(stale(seed -> 0.90 + 0.005 * seed)).isEqualTo(Verdict.HOLDS);
        assertThat(stale(seed -> 1.00 + 0.002 * seed)).isEqualTo(Verdict.DOES_NOT_HOLD);
        assertThat(stale(seed -> 0.8 + 0.1 * seed)).isEqualTo(Verdict.UNDECIDED);
    }

    /** @param kept share of the acceptance length that a frozen drafter has at the end */
    private Verdict stale(Function<Integer, Double> kept) throws InterruptedException {
        Findings findings = run(AcceptanceExperiment::new, (arm, seed) -> {
            double last = 2.0 * kept.apply(seed);
            return run(arm, seed, 0.9, List.of(2.0, 2.0, last), 1);
        });
        return findings.claims().get(0).verdict();
    }

    @Test
    void shouldFindTheLowestFifthOfTheAcceptance() throws InterruptedException {
        assertThat(kept(List.of(2.0, 2.2, 1.94, 2.0, 2.1)).verdict()).isEqualTo(Verdict.HOLDS);
        assertThat(kept(List.of(2.0, 2.2, 1.86, 2.0, 2.1)).verdict()).isEqualTo(Verdict.DOES_NOT_HOLD);
        assertThat(kept(List.of()).verdict()).isEqualTo(Verdict.NOT_MEASURED);
    }

    /** Fifths overlap: of ten steps, the lowest two in a row count wherever they begin, not the lowest one. */
    @Test
    void shouldSayAtWhichStepsTheAcceptanceWasLowest() throws InterruptedException {
        Claim claim = kept(List.of(2.0, 2.0, 2.0, 1.72, 2.3, 2.0, 1.9, 1.8, 2.0, 2.0));

        assertThat(claim.statement()).endsWith("(arm uniform)");
        assertThat(claim.because()).startsWith("it was lowest at steps 7 to 8 of seed 1, at 92.5 %");
        assertThat(claim.verdict()).isEqualTo(Verdict.DOES_NOT_HOLD);
    }

    private Claim kept(List<Double> acceptance) throws InterruptedException {
        Findings findings = run(AcceptanceExperiment::new, (arm, seed) -> run(arm, seed, 0.9, acceptance, 1));
        return claim(findings, "never falls below 95 % of its first value (arm uniform)");
    }

    @Test
    void shouldNameTheLearnerThatServesTheMostTokens() throws InterruptedException {
        assertThat(fastest(1.00, 0.01).verdict()).isEqualTo(Verdict.HOLDS); // nobody is ahead
        assertThat(fastest(0.80, 0.01).verdict()).isEqualTo(Verdict.HOLDS);
        assertThat(fastest(1.10, 0.30).verdict()).isEqualTo(Verdict.UNDECIDED);
        Claim behind = fastest(1.10, 0.01);
        assertThat(behind.verdict()).isEqualTo(Verdict.DOES_NOT_HOLD);
        assertThat(behind.because()).contains("The fastest is advantage, by +10.0 % (90 % interval");
    }

    /**
     * @param advantage speed of that arm over the others'
     * @param spread of one seed over the one before
     */
    private Claim fastest(double advantage, double spread) throws InterruptedException {
        Findings findings = run(
                AcceptanceExperiment::new,
                (arm, seed) -> Runs.aRun(arm.name(), seed)
                        .atTokensPerSecond(500 * (arm.equals(Arms.ADVANTAGE) ? advantage : 1) * (1 + spread * seed / 3))
                        .measured());
        return claim(findings, "serves the most tokens per second");
    }

    @Test
    void shouldCompareUpdateIntervalsByAcceptanceAndSpeed() throws InterruptedException {
        Findings findings = run(
                IntervalExperiment::new,
                (arm, seed) -> Runs.aRun(arm.name(), seed)
                        .accepting(List.of(2.0, 2.0, (arm.equals(Arms.interval(1)) ? 2.3 : 2.1) + 0.01 * seed))
                        .atTokensPerSecond((arm.equals(Arms.interval(1)) ? 400 : 500) + seed)
                        .measured());

        assertThat(findings.claims()).extracting(Claim::verdict).containsExactly(Verdict.HOLDS, Verdict.HOLDS);
        assertThat(findings.claims().get(0).because()).contains("differs by +0.200");
        assertThat(findings.tables().get(0).rows())
                .extracting(row -> row.get(0))
                .containsExactly("1 s", "3 s", "10 s", "30 s", "never");
    }

    @Test
    void shouldTellWhetherLossyVerificationLowersTheReward() throws InterruptedException {
        assertThat(lossy(0.60)).isEqualTo(Verdict.HOLDS);
        assertThat(lossy(0.95)).isEqualTo(Verdict.DOES_NOT_HOLD);
        assertThat(lossy(0.801)).isEqualTo(Verdict.UNDECIDED);
    }

    /** @param last reward of the lossy arm's last step; the exact one has 0.80 */
    private Verdict lossy(double last) throws InterruptedException {
        Findings findings = run(
                RewardExperiment::drafters,
                (arm, seed) -> Runs.aRun(arm.name(), seed)
                        .rewarded(List.of(0.5, 0.6, (arm.equals(Arms.LOSSY) ? last : 0.80) + 0.01 * seed))
                        .measured());
        return claim(findings, "With lossy verification").verdict();
    }

    private static Claim claim(Findings findings, String part) {
        return findings.claims().stream()
                .filter(claim -> claim.statement().contains(part))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldJudgeStepTimesByTheirRatio() throws InterruptedException {
        List<Claim> claims = run(StepTimeExperiment::new, (arm, seed) -> {
                    double seconds = arm.equals(Arms.PLAIN) ? 3 : arm.equals(Arms.ADAPTIVE) ? 2.5 : 2;
                    return run(arm, seed, 0.9, List.of(), seconds * (1 + 0.01 * seed));
                })
                .claims();

        assertThat(claims)
                .extracting(Claim::verdict)
                .containsExactly(Verdict.HOLDS, Verdict.DOES_NOT_HOLD, Verdict.HOLDS);
        assertThat(claims.get(0).because()).contains("1.50 times");
        assertThat(claims.get(1).because()).contains("0.80 times");
    }

    @Test
    void shouldDecideNothingFromOneSeed() throws InterruptedException {
        Findings findings = new StepTimeExperiment(runs((arm, seed, config, log) ->
                        run(arm, seed, 0.9, List.of(), arm.name().length())))
                .run(session(1));

        assertThat(findings.claims()).extracting(Claim::verdict).containsOnly(Verdict.UNDECIDED);
    }

    @Test
    void shouldNameTheArmsWithoutARunAndNothingElse() throws InterruptedException {
        Findings findings = new StepTimeExperiment(runs((arm, seed, config, log) -> {
                    if (!arm.equals(Arms.PLAIN) && !arm.equals(Arms.FROZEN)) {
                        throw new IllegalStateException("no memory");
                    }
                    return run(arm, seed, 0.9, List.of(), arm.equals(Arms.PLAIN) ? 3 : 2);
                }))
                .run(session(1));

        assertThat(findings.measured())
                .isEqualTo("Runs by arm: plain 1, frozen 1, adaptive none, learner none; 4 training steps each.");
        assertThat(findings.claims())
                .extracting(Claim::sentence)
                .containsExactly(
                        "Cannot be decided here: step time of plain over that of frozen: 1.50 times (too few runs for"
                                + " an interval). The claim holds if the interval lies above 1, and fails if it lies"
                                + " below.",
                        "Not measured: no run of arm adaptive.",
                        "Not measured: no run of arm learner.");
        assertThat(findings.tables().get(0).rows())
                .allSatisfy(row -> assertThat(row).noneMatch(cell -> cell.contains("NaN")));
    }

    @Test
    void shouldSayNotMeasuredWhereNoRunWasMade() throws InterruptedException {
        List<Function<ArmRuns, PipelineExperiment>> experiments = List.of(
                AcceptanceExperiment::new,
                RewardExperiment::drafters,
                RewardExperiment::validation,
                ActiveSequencesExperiment::new,
                StepTimeExperiment::new,
                IntervalExperiment::new,
                StalenessExperiment::new);
        for (Function<ArmRuns, PipelineExperiment> experiment : experiments) {
            Findings findings = run(experiment, (arm, seed) -> {
                throw new IllegalStateException("no memory");
            });

            assertThat(findings.measured()).isEqualTo("Nothing was measured: no run of any arm.");
            assertThat(findings.claims())
                    .allSatisfy(claim -> assertThat(claim.sentence())
                            .matches("Not measured: no run of arm [a-z0-9-]+(, no run of arm [a-z0-9-]+)*\\."));
            assertThat(findings.plots()).isEmpty();
            assertThat(findings.tables()).isEmpty();
        }
    }

    private Findings run(
            Function<ArmRuns, PipelineExperiment> experiment, BiFunction<Arm, Integer, RunMeasurements> measured)
            throws InterruptedException {
        return experiment
                .apply(runs((arm, seed, config, log) -> measured.apply(arm, seed)))
                .run(session(3));
    }

    private ArmRuns runs(PipelineRunner runner) {
        return new ArmRuns(RespecConfig.defaults(), folder.resolve("runs-" + runsMade++), runner);
    }

    private static Session session(int seeds) {
        return new Session(
                Size.quick().withSeeds(seeds), new TimeLimit(System::nanoTime, Duration.ofHours(1)), line -> {});
    }

    private static RunMeasurements run(
            Arm arm, int seed, double passAfter, List<Double> acceptance, double secondsPerStep) {
        return Runs.aRun(arm.name(), seed)
                .with(arm.settings())
                .passing(passAfter)
                .accepting(acceptance)
                .taking(secondsPerStep)
                .measured();
    }
}
