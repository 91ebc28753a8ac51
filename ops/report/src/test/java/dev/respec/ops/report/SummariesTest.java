package dev.respec.ops.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.ops.audit.RunAudit;
import dev.respec.ops.audit.RunRecords;
import dev.respec.ops.audit.Runs;
import dev.respec.schemas.DrafterAlarm;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SummariesTest {
    private static final DrafterAlarm DECLINE =
            new DrafterAlarm("eagle3", 1, 0, 6L, "decline", 1.9, 3.4, Runs.START, Runs.START);
    private static final DrafterAlarm COLLAPSE = new DrafterAlarm(
            "eagle3", 1, 0, 7L, "collapse", 1.02, 3.4, Runs.START.plusSeconds(5), Runs.START.plusSeconds(35));

    /** An alarm stands in every table until it is over. */
    @Test
    void shouldNameEachAlarmOnceAndCountTheRoundsThatChangedNothing() {
        RunRecords healthy = new SyntheticRun().records();
        RunRecords troubled = with(
                healthy,
                List.of(table(1, DECLINE), table(2, DECLINE), table(3, DECLINE, COLLAPSE), table(4)),
                List.of(round(101, 1), round(102, 0), round(103, 1)));

        assertThat(did(healthy, "controller")).endsWith("intervals of statistics");
        assertThat(did(healthy, "learner")).endsWith("published");
        assertThat(did(troubled, "controller"))
                .endsWith("intervals of statistics, 2 alarms: decline of drafter eagle3 version 6,"
                        + " collapse of drafter eagle3 version 7");
        assertThat(did(troubled, "learner")).endsWith("published, 2 steps changed no parameter");
    }

    @Test
    void shouldSayHowManyPromptsDynamicSamplingAskedForEachUsed() {
        RunRecords plain = new SyntheticRun().records();
        int used = plain.steps(WeightRole.POLICY).stream()
                .mapToInt(step -> step.getRequestIds().size())
                .sum();
        var dropped = IntStream.range(0, used / 2)
                .mapToObj(i -> "run-1/" + (10_000 + i) + " equal-rewards")
                .toList();
        TrainingStep step = round(1000, 0);
        step.setRole(WeightRole.POLICY);
        step.setDroppedRequestIds(dropped);

        assertThat(used).isPositive().isEven();
        assertThat(did(plain, "trainer")).doesNotContain("prompt");
        assertThat(did(with(plain, plain.settings(), List.of(step)), "trainer"))
                .contains(", 1.50 prompts answered per prompt used, ");
    }

    private static String did(RunRecords records, String stage) {
        RunSummary summary = new Summaries(records, RunAudit.auditSoFar(records, 2))
                .summarise(new Summaries.Measured(1, 40, 40, null, null, null, null, true));
        return summary.stages().stream()
                .filter(each -> each.stage().equals(stage))
                .map(RunSummary.StageActivity::did)
                .findFirst()
                .orElseThrow();
    }

    private static RunRecords with(RunRecords run, List<SpeculationSettings> settings, List<TrainingStep> rounds) {
        List<TrainingStep> steps = new ArrayList<>(run.steps());
        steps.addAll(rounds);
        return new RunRecords(
                run.runId(),
                run.requests(),
                run.rollouts(),
                run.scored(),
                steps,
                run.weightUpdates(),
                run.acceptance(),
                settings,
                run.samples(),
                run.evaluation());
    }

    private static SpeculationSettings table(long version, DrafterAlarm... alarms) {
        return new SpeculationSettings(
                "policy", "cpu", version, Runs.START, List.of(), Runs.RUN, "cpu-float32", List.of(alarms));
    }

    private static TrainingStep round(long number, double unchanged) {
        return TrainingStep.newBuilder()
                .setRunId(Runs.RUN)
                .setRole(WeightRole.DRAFTER)
                .setStep(number)
                .setVersion(1)
                .setSourceOffsets(List.of())
                .setRequestIds(List.of())
                .setMetrics(Map.of("unchanged", unchanged))
                .setPhases(Map.of())
                .setStartedAt(Runs.START)
                .setFinishedAt(Runs.START)
                .build();
    }
}
