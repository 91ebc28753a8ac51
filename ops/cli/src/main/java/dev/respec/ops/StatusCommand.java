package dev.respec.ops;

import dev.respec.ops.audit.AdmittedRequest;
import dev.respec.ops.audit.DrafterTrouble;
import dev.respec.ops.audit.RunReader;
import dev.respec.ops.audit.RunRecords;
import dev.respec.ops.audit.ScoredRecord;
import dev.respec.ops.cluster.Installation;
import dev.respec.ops.cluster.RunAccess;
import dev.respec.ops.cluster.RunAccess.OpenRun;
import dev.respec.ops.cluster.RunFile;
import dev.respec.ops.console.Counts;
import dev.respec.ops.console.Durations;
import dev.respec.schemas.DeadLetter;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.schemas.StepMetric;
import dev.respec.schemas.TrainingStep;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WorkerState;
import dev.respec.schemas.WorkerStatus;
import dev.respec.topics.Event;
import dev.respec.topics.TopicCatalogue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Where a run stands. */
@Command(
        name = "status",
        mixinStandardHelpOptions = true,
        description = "Shows where a run stands: its steps, its backlog, its workers, its dead letters.")
final class StatusCommand implements Callable<Integer> {
    private static final Duration SILENCE = Duration.ofSeconds(30);

    @Mixin
    private final ConfigurationOptions configuration = new ConfigurationOptions();

    @Override
    public Integer call() throws InterruptedException {
        RunAccess access = new RunAccess(configuration.load(), Installation.current());
        Optional<RunFile> local = access.localRun();
        local.ifPresent(run -> print(
                "run",
                "%s, %s, %s asked for, seed %d, data in %s",
                run.runId(),
                state(access, run),
                Counts.of(run.steps(), "step"),
                run.seed(),
                access.folder().root()));
        return access.read(StatusCommand::show);
    }

    /** The file of a run that was stopped still says that it runs. */
    static String state(RunAccess access, RunFile run) {
        if (run.status() == RunFile.Status.FINISHED) {
            return "finished";
        }
        return access.isGoingOn() ? "running" : "stopped";
    }

    private static Integer show(OpenRun run) {
        RunRecords records = new RunReader(run.events(), run.runId()).read();
        showSteps(records, WeightRole.POLICY, "trainer");
        showSteps(records, WeightRole.DRAFTER, "learner");
        Set<String> requested = records.requests().stream()
                .filter(request -> !request.foreign())
                .map(AdmittedRequest::requestId)
                .collect(Collectors.toSet());
        long scored = records.scored().stream()
                .map(ScoredRecord::requestId)
                .filter(requested::contains)
                .distinct()
                .count();
        print(
                "backlog",
                "%s admitted, %,d of them not scored yet",
                Counts.of(requested.size(), "group"),
                requested.size() - scored);
        newestWorkers(run).values().forEach(StatusCommand::showWorker);
        alarms(newestTables(run)).forEach(alarm -> print("alarm", "%s", alarm));
        List<DeadLetter> letters = run.events().readAll(TopicCatalogue.DEAD_LETTERS).stream()
                .map(Event::requireValue)
                .toList();
        print("dead letters", "%,d", letters.size());
        deadLetters(letters).forEach(System.out::println);
        return 0;
    }

    /** A line for each stage and topic, with the newest reason. */
    static List<String> deadLetters(List<DeadLetter> letters) {
        Map<String, List<DeadLetter>> byOrigin = new TreeMap<>();
        for (DeadLetter letter : letters) {
            // the number at the end of a stage's name is its process
            String origin =
                    letter.getOriginTopic() + ", by " + letter.getStage().replaceFirst("-\\d+$", "");
            byOrigin.computeIfAbsent(origin, key -> new ArrayList<>()).add(letter);
        }
        List<String> lines = new ArrayList<>();
        byOrigin.forEach((origin, all) -> lines.add(
                String.format(Locale.ROOT, "  %,6d  %s: %s", all.size(), origin, reason(all.get(all.size() - 1)))));
        return lines;
    }

    private static String reason(DeadLetter letter) {
        String line = letter.getReason().lines().findFirst().orElse("");
        return line.length() <= 160 ? line : line.substring(0, 160) + "…";
    }

    private static void showSteps(RunRecords records, WeightRole role, String stage) {
        List<TrainingStep> steps = records.steps(role);
        if (steps.isEmpty()) {
            print(stage, "no step yet");
            return;
        }
        TrainingStep last = steps.get(steps.size() - 1);
        String pass = role == WeightRole.POLICY
                ? String.format(Locale.ROOT, ", pass rate %.3f", StepMetric.PASS_RATE.of(last))
                : share(last) + unchanged(last);
        print(
                stage,
                "step %d, version %d, %s ago%s",
                last.getStep(),
                last.getVersion(),
                age(last.getFinishedAt()),
                pass);
    }

    /** How much the learner trains; steps of older versions do not say. */
    static String share(TrainingStep round) {
        double share = StepMetric.TRAINING_SHARE.of(round);
        if (Double.isNaN(share) || share == 1) {
            return "";
        }
        return share == 0
                ? ", rests since then: the served acceptance length holds"
                : String.format(Locale.ROOT, ", trains on %.0f %% of the rollouts", 100 * share);
    }

    static String unchanged(TrainingStep round) {
        return DrafterTrouble.isUnchanged(round) ? ", changed no parameter: nothing is published" : "";
    }

    /** A line for each alarm of the newest tables. */
    static List<String> alarms(Collection<SpeculationSettings> newest) {
        return newest.stream()
                .flatMap(table -> table.getAlarms().stream())
                .map(DrafterTrouble::line)
                .toList();
    }

    private static Collection<SpeculationSettings> newestTables(OpenRun run) {
        Map<String, SpeculationSettings> newest = new LinkedHashMap<>();
        for (Event<SpeculationSettings> event : run.events().readAll(TopicCatalogue.SD_SETTINGS)) {
            SpeculationSettings table = event.value();
            if (table != null && table.getRunId().equals(run.runId())) {
                newest.put(table.getModelId() + "/" + table.getEngineClass(), table);
            }
        }
        return newest.values();
    }

    private static Map<String, WorkerStatus> newestWorkers(OpenRun run) {
        Map<String, WorkerStatus> newest = new LinkedHashMap<>();
        for (Event<WorkerStatus> event : run.events().readAll(TopicCatalogue.WORKER_STATUS)) {
            WorkerStatus status = event.value();
            if (status != null && status.getRunId().equals(run.runId())) {
                newest.put(status.getWorkerId(), status);
            }
        }
        return newest;
    }

    private static void showWorker(WorkerStatus worker) {
        print(worker.getWorkerId(), "%s", describe(worker, Instant.now()));
    }

    /** A worker reports every few seconds until it ends; the last report of one that was killed says nothing of it. */
    static String describe(WorkerStatus worker, Instant now) {
        boolean silent = Duration.between(worker.getHeartbeatAt(), now).compareTo(SILENCE) > 0;
        String heartbeat = age(worker.getHeartbeatAt(), now);
        if (silent) {
            return worker.getState() == WorkerState.STOPPING
                    ? "stopped %s ago".formatted(heartbeat)
                    : "gone: no heartbeat for %s, the last one said %s"
                            .formatted(heartbeat, worker.getState().name().toLowerCase(Locale.ROOT));
        }
        return String.format(
                Locale.ROOT,
                "%s, heartbeat %s ago, %d active and %d waiting, %.0f tokens/s, policy %d, drafter %d, %s",
                worker.getState().name().toLowerCase(Locale.ROOT),
                heartbeat,
                worker.getActiveSequences(),
                worker.getWaitingSequences(),
                worker.getTokensPerSecond(),
                worker.getPolicyVersion(),
                worker.getDrafterVersion(),
                worker.getSetting().getDraftLength() == 0
                        ? "no speculation"
                        : "drafts with " + SettingCodec.text(worker.getSetting()));
    }

    private static String age(Instant instant) {
        return age(instant, Instant.now());
    }

    private static String age(Instant instant, Instant now) {
        return Durations.text(Math.max(0, Duration.between(instant, now).toMillis() / 1000.0));
    }

    private static void print(String name, String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, "%-13s ", name) + String.format(Locale.ROOT, format, values));
    }
}
