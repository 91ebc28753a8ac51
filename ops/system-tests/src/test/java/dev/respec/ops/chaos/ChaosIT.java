package dev.respec.ops.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.ops.audit.AuditReport;
import dev.respec.ops.audit.RunAudit;
import dev.respec.ops.audit.RunReader;
import dev.respec.ops.audit.RunRecords;
import dev.respec.ops.cluster.Installation;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.schemas.WeightRole;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code respec local} with every process killed at random moments, one time in three while it may still be starting, then
 * the supervisor too, then continued to its end; what must hold is read back from the topics. {@code
 * -Drespec.chaos.kills=N} kills more, {@code -Drespec.seed=N} kills otherwise.
 */
@EnabledOnOs(OS.LINUX)
@Timeout(value = 60, unit = TimeUnit.MINUTES)
class ChaosIT {
    private static final long SEED = Long.getLong("respec.seed", 1);
    private static final int STAGE_KILLS = Integer.getInteger("respec.chaos.kills", 30);
    private static final int STEPS_AFTER = 4;
    private static final int MAX_STALENESS = 1;

    /** For one process to come back, on a machine that has much else to do. */
    private static final Duration RECOVERY = Duration.ofMinutes(3);

    /** How long the registry does not answer. */
    private static final Duration ABSENCE = Duration.ofMinutes(1);

    private static final Duration FINISH = Duration.ofMinutes(6);

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path folder;

    private final Random random = new Random(SEED);
    private final Map<String, Integer> killed = new TreeMap<>();
    private final long startNanos = System.nanoTime();
    private final Path home = Path.of("target/distribution").toAbsolutePath();

    @BeforeEach
    void findInstallation() {
        assertThat(home.resolve("registry"))
                .as("the installation, built by the package phase")
                .isDirectory();
    }

    @Test
    void shouldLoseNothingAndCountNothingTwiceWhateverDies() throws Exception {
        say("seed %d, data in %s", SEED, folder);
        Path log = folder.resolve("local.log");
        try (RespecProcess local = RespecProcess.start(arguments(1_000_000), home, log)) {
            awaitStep(local, log, 1);
            List<String> victims = KillPlan.of(random, STAGE_KILLS);
            int killsPerStep = Math.max(6, STAGE_KILLS / 10); // a step takes a moment in which all stages work
            for (int i = 0; i < victims.size(); i++) {
                kill(local, log, victims.get(i), (i + 1) + "/" + victims.size());
                if (i % killsPerStep == killsPerStep - 1) {
                    awaitStep(local, log, step() + 1);
                }
            }
            awaitStep(local, log, step() + 1);
            killSupervisor(local);
        }
        long steps = step() + STEPS_AFTER;
        try (RespecProcess local = RespecProcess.start(arguments(steps), home, log)) {
            local.awaitSuccess(FINISH, log);
        }
        verify(steps);
    }

    private void kill(RespecProcess local, Path log, String victim, String count) throws InterruptedException {
        boolean starting = random.nextInt(3) == 0;
        RespecProcess.Running process = starting ? awaitStart(local, log, victim) : awaitReady(local, log, victim);
        Thread.sleep(random.nextInt(1_500));
        if (victim.equals(KillPlan.REGISTRY_GONE)) {
            process.goneFor(ABSENCE);
        } else {
            process.handle().destroyForcibly();
        }
        killed.merge(victim, 1, Integer::sum);
        say("kill %s: %s%s after step %d", count, victim, starting ? ", perhaps starting," : "", step());
    }

    private interface Condition {
        boolean holds(RespecProcess.Running process) throws InterruptedException;
    }

    private RespecProcess.Running awaitReady(RespecProcess local, Path log, String name) throws InterruptedException {
        return awaitProcess(local, log, name, RespecProcess.Running::ready);
    }

    private RespecProcess.Running awaitStart(RespecProcess local, Path log, String name) throws InterruptedException {
        return awaitProcess(local, log, name, process -> process.handle().isAlive());
    }

    private RespecProcess.Running awaitProcess(RespecProcess local, Path log, String name, Condition wanted)
            throws InterruptedException {
        long deadline = System.nanoTime() + RECOVERY.toNanos();
        while (true) {
            var process = local.find(name.equals(KillPlan.REGISTRY_GONE) ? "registry" : name);
            if (process.isPresent() && wanted.holds(process.get())) {
                return process.get();
            }
            requireAlive(local, log);
            assertThat(System.nanoTime())
                    .as("%s is back within %s, log %s", name, RECOVERY, log)
                    .isLessThan(deadline);
            Thread.sleep(100);
        }
    }

    private void awaitStep(RespecProcess local, Path log, long wanted) throws InterruptedException {
        long deadline = System.nanoTime() + RECOVERY.toNanos();
        while (step() < wanted) {
            requireAlive(local, log);
            assertThat(System.nanoTime())
                    .as("step %d within %s, log:%n%s", wanted, RECOVERY, RespecProcess.tail(log, 30))
                    .isLessThan(deadline);
            Thread.sleep(100);
        }
    }

    private static void requireAlive(RespecProcess local, Path log) {
        assertThat(local.isAlive())
                .as("the supervisor lives; log:%n%s", RespecProcess.tail(log, 40))
                .isTrue();
    }

    private void killSupervisor(RespecProcess local) throws InterruptedException {
        List<ProcessHandle> children = local.kill();
        say("kill: supervisor after step %d", step());
        long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (children.stream().anyMatch(ProcessHandle::isAlive)) {
            assertThat(System.nanoTime())
                    .as("processes outlive their supervisor")
                    .isLessThan(deadline);
            Thread.sleep(100);
        }
    }

    /** The newest step on disk; its events follow it. */
    private long step() {
        try {
            String newest = Files.readString(data().resolve("trainer/latest")).strip();
            return Long.parseLong(newest.substring(newest.lastIndexOf('-') + 1));
        } catch (IOException notYet) {
            return -1;
        }
    }

    private void verify(long steps) throws InterruptedException {
        RespecConfig config = RespecConfig.load(null, Map.of(), List.of("run.data-dir=" + data()));
        RunRecords records = new RunAccess(config, new Installation(home))
                .read(run -> new RunReader(run.events(), run.runId()).read());
        AuditReport audit = RunAudit.audit(records, MAX_STALENESS);
        say(
                "%d steps, %d rounds of the learner; groups: %d admitted, %d complete, %d incomplete, %d open;"
                        + " rollouts: %d scored, %d repeats dropped, %d missing, %d trained on; groups dropped: %s;"
                        + " staleness at most %d; killed: %s and the supervisor",
                records.steps(WeightRole.POLICY).size(),
                records.steps(WeightRole.DRAFTER).size(),
                audit.admitted(),
                audit.complete(),
                audit.incomplete(),
                audit.open(),
                audit.scoredRollouts(),
                audit.duplicatesDropped(),
                audit.missingRollouts(),
                audit.trainedRollouts(),
                audit.droppedGroups(),
                audit.stalenessMax(),
                killed);

        assertThat(audit.violations()).as("seed %d", SEED).isEmpty();
        assertThat(audit.open()).isZero();
        assertThat(audit.complete() + audit.incomplete()).isEqualTo(audit.admitted());
        assertThat(records.steps(WeightRole.POLICY)).hasSize((int) steps);
        assertThat(killed.values().stream().mapToInt(Integer::intValue).sum()).isGreaterThanOrEqualTo(STAGE_KILLS + 5);
    }

    private Path data() {
        return folder.resolve("data");
    }

    private List<String> arguments(long steps) {
        List<String> arguments =
                new ArrayList<>(List.of("local", "--data-dir", data().toString(), "--steps", Long.toString(steps)));
        for (String setting : List.of(
                "trainer.prompts-per-step=3",
                "trainer.group-size=4",
                "trainer.max-staleness=" + MAX_STALENESS,
                "trainer.schedule=constant",
                "trainer.loss.drop-zero-variance=false",
                "trainer.request-timeout=2m",
                "sampling.max-tokens=48",
                "worker.slots=4",
                "worker.capacity=128",
                "worker.cost-budget=300ms",
                "worker.cost-batches=[1, 4]",
                "worker.draft-lengths.suffix=[4]",
                "worker.draft-lengths.eagle3=[2]",
                "scorer.group-timeout=3s",
                "learner.interval=2s",
                "learner.batch-rollouts=8",
                "learner.buffer-rollouts=128",
                "local.evaluation=false",
                "local.bench=false",
                "local.report=false",
                "local.restart.max=1000",
                "local.restart.back-off=300ms",
                "local.restart.stable=2s")) {
            arguments.addAll(List.of("--set", setting));
        }
        return arguments;
    }

    private void say(String format, Object... values) {
        System.out.printf("chaos %5.1f s  " + format + "%n", prepend((System.nanoTime() - startNanos) / 1e9, values));
    }

    private static Object[] prepend(Object first, Object[] rest) {
        Object[] all = new Object[rest.length + 1];
        all[0] = first;
        System.arraycopy(rest, 0, all, 1, rest.length);
        return all;
    }
}
