package dev.respec.ops.report;

import dev.respec.ops.audit.RunRecords;
import dev.respec.ops.audit.TrainingTime;
import java.util.SortedMap;
import java.util.TreeMap;

/** How long workers had nothing to generate although a request that they took later lay in the queue. */
final class WorkerIdleTime {
    private WorkerIdleTime() {}

    /** Share of the run's training time by worker. Empty before the first step. */
    static SortedMap<String, Double> shares(RunRecords records) {
        TrainingTime training = TrainingTime.of(records.steps());
        double seconds = training.seconds();
        SortedMap<String, Double> shares = new TreeMap<>();
        records.acceptance().stream()
                .filter(stats -> training.overlaps(stats.getIntervalStart(), stats.getIntervalEnd()))
                .forEach(stats -> shares.merge(
                        stats.getWorkerId(),
                        stats.getIdleWithRequestsWaitingMilliseconds() / 1e3 / seconds,
                        Double::sum));
        return shares;
    }
}
