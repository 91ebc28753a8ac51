package dev.respec.ops.measure;

import com.sun.management.OperatingSystemMXBean;
import dev.respec.controller.SdControllerStage;
import dev.respec.ops.cluster.RunAccess.OpenRun;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.CostProfile;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.ScoredRollout;
import dev.respec.scorer.RewardScorerStage;
import dev.respec.stage.BadInputException;
import dev.respec.stage.Stage;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.ConsumerMode;
import dev.respec.topics.Event;
import dev.respec.topics.EventConsumer;
import dev.respec.topics.EventLog;
import dev.respec.topics.TopicCatalogue;
import dev.respec.trainer.assembly.RecordedGroups;
import dev.respec.trainer.assembly.ScoredGroup;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Throughput of each stage's Kafka side alone: recorded events are written to topics of their own, often enough, and the
 * stage's own topology or reader takes them at full speed, no model anywhere. The broker is another process, so the
 * processor time is the stage's.
 */
public final class ScaleBench {
    private static final Duration READ = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Recorded recorded;
    private final RespecConfig config;
    private final int records;

    /**
     * A stage's result.
     *
     * @param secondsOfProcessor time of all cores that the stage's process took
     * @param workersFed workers of the recorded run's speed that one core of the stage keeps up with
     */
    public record Row(
            String stage,
            long records,
            double seconds,
            double secondsOfProcessor,
            double recordsPerSecond,
            double recordsPerSecondPerCore,
            double workersFed) {}

    /**
     * What a worker of the recorded run writes.
     *
     * @param rolloutsPerSecond of one worker, over the time it generated
     * @param statisticsPerSecond likewise
     */
    public record WorkerRate(int workers, double rolloutsPerSecond, double statisticsPerSecond) {}

    /** The whole result. */
    public record Result(WorkerRate worker, List<Row> rows) {
        public Result {
            rows = List.copyOf(rows);
        }
    }

    /** What a run recorded, to be replayed. */
    public record Recorded(
            String runId, List<Rollout> rollouts, List<AcceptanceStats> statistics, List<Event<CostProfile>> costs) {
        public Recorded {
            rollouts = List.copyOf(rollouts);
            statistics = List.copyOf(statistics);
            costs = List.copyOf(costs);
        }

        /** @throws BadInputException if the run has nothing to replay */
        public static Recorded of(OpenRun run) {
            List<Rollout> rollouts = run.events().readAll(TopicCatalogue.ROLLOUTS).stream()
                    .map(Event::requireValue)
                    .filter(rollout -> rollout.getRunId().equals(run.runId()))
                    .toList();
            List<AcceptanceStats> statistics = run.events().readAll(TopicCatalogue.ACCEPTANCE_STATS).stream()
                    .map(Event::requireValue)
                    .filter(stats -> stats.getRunId().equals(run.runId()))
                    .toList();
            if (rollouts.isEmpty() || statistics.isEmpty()) {
                throw new BadInputException(
                        "bench scale: run %s has no rollouts and statistics to replay".formatted(run.runId()));
            }
            return new Recorded(run.runId(), rollouts, statistics, run.events().readAll(TopicCatalogue.COST_PROFILES));
        }
    }

    /**
     * Prepares.
     *
     * @param config of a cluster that holds nothing of the run
     * @param records at least this many for each stage
     * @param stateFolder for the stages' state; new
     */
    public ScaleBench(Recorded recorded, RespecConfig config, int records, Path stateFolder) {
        this.recorded = recorded;
        this.config = config.withOverrides(
                List.of("run.id=" + recorded.runId(), "scorer.state-dir=" + stateFolder.resolve("scorer")));
        this.records = records;
    }

    /** Measures scorer, controller and the trainer's reader, one after the other. */
    public Result run(Consumer<Row> onRow) throws InterruptedException {
        WorkerRate worker = RecordedCopies.rate(recorded.rollouts(), recorded.statistics());
        List<Row> rows = new ArrayList<>();
        try (EventLog events = new EventLog(config.cluster(), "respec-scale")) {
            events.provisioner().apply();
            RecordedCopies copies = new RecordedCopies(events, records);
            long written = copies.rollouts(recorded.rollouts());
            rows.add(topology(new RewardScorerStage(), events, written, worker.rolloutsPerSecond()));
            onRow.accept(rows.get(0));
            recorded.costs().forEach(copies::costs);
            written = copies.statistics(recorded.statistics());
            rows.add(topology(new SdControllerStage(), events, written, worker.statisticsPerSecond()));
            onRow.accept(rows.get(1));
            rows.add(assembler(events, worker.rolloutsPerSecond()));
            onRow.accept(rows.get(2));
        }
        return new Result(worker, rows);
    }

    private Row topology(Stage stage, EventLog events, long expected, double workerRate) throws InterruptedException {
        try (RunningTopology topology = RunningTopology.start(stage, config, events)) {
            long started = System.nanoTime();
            long processorAtStart = processorNanos();
            long first = topology.awaitProcessed(1, PATIENCE);
            if (first >= expected) {
                // so few that all came with the first: then the time to the first is all there is
                return row(stage.name(), expected, started, processorAtStart, workerRate);
            }
            long begun = System.nanoTime();
            long processor = processorNanos();
            topology.awaitProcessed(expected, PATIENCE);
            return row(stage.name(), expected - first, begun, processor, workerRate);
        }
    }

    private Row assembler(EventLog events, double workerRate) {
        long begun = System.nanoTime();
        long processor = processorNanos();
        long read = 0;
        try (EventConsumer<ScoredRollout> consumer =
                events.consumer(TopicCatalogue.SCORED_ROLLOUTS, ConsumerMode.fromBeginning())) {
            Deque<Event<ScoredRollout>> polled = new ArrayDeque<>();
            var groups = new RecordedGroups(
                    events.topicName(TopicCatalogue.SCORED_ROLLOUTS),
                    recorded.runId(),
                    consumer.positions().keySet(),
                    () -> next(consumer, polled));
            int size = config.trainer().groupSize();
            for (Optional<List<ScoredGroup>> group = groups.next(1, size);
                    group.isPresent();
                    group = groups.next(1, size)) {
                read += size;
            }
        }
        return row("trainer", read, begun, processor, workerRate);
    }

    private static Optional<Event<ScoredRollout>> next(
            EventConsumer<ScoredRollout> consumer, Deque<Event<ScoredRollout>> polled) {
        if (polled.isEmpty()) {
            var ends = consumer.endOffsets();
            while (polled.isEmpty() && consumer.isBefore(ends)) {
                polled.addAll(consumer.poll(READ));
            }
        }
        return Optional.ofNullable(polled.poll());
    }

    private static Row row(String stage, long records, long begun, long processorBefore, double workerRate) {
        double seconds = Math.max(1e-9, (System.nanoTime() - begun) / 1e9);
        double processor = Math.max(1e-9, (processorNanos() - processorBefore) / 1e9);
        double perCore = records / processor;
        return new Row(stage, records, seconds, processor, records / seconds, perCore, perCore / workerRate);
    }

    private static long processorNanos() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
    }
}
