package dev.respec.ops.offline;

import dev.respec.ops.cluster.RunAccess.OpenRun;
import dev.respec.ops.replay.TransferProgress;
import dev.respec.schemas.ScoredRollout;
import dev.respec.topics.ConsumerMode;
import dev.respec.topics.Event;
import dev.respec.topics.LogRange;
import dev.respec.topics.RecordedLog;
import dev.respec.topics.TopicCatalogue;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A run's recorded scored rollouts, one after the other, always in the same order. One thread. */
final class ScoredRollouts implements AutoCloseable {
    private final RecordedLog log;
    private final String runId;
    private final TransferProgress progress;

    ScoredRollouts(OpenRun run, TransferProgress progress) {
        this.log = run.events().recorded(List.of(TopicCatalogue.SCORED_ROLLOUTS), LogRange.all());
        this.runId = run.runId();
        this.progress = progress;
    }

    static Set<Integer> partitions(OpenRun run) {
        try (var consumer = run.events().consumer(TopicCatalogue.SCORED_ROLLOUTS, ConsumerMode.fromBeginning())) {
            return Set.copyOf(consumer.positions().keySet());
        }
    }

    /** Empty at the end. */
    Optional<Event<ScoredRollout>> next() {
        progress.at(log.done(), log.total());
        for (var next = log.next(); next.isPresent(); next = log.next()) {
            Event<?> event = next.get().event();
            if (event.value() instanceof ScoredRollout scored
                    && scored.getRunId().equals(runId)) {
                return Optional.of(new Event<>(
                        event.topic(), event.partition(), event.offset(), event.timestamp(), event.key(), scored));
            }
        }
        return Optional.empty();
    }

    @Override
    public void close() {
        progress.end();
        log.close();
    }
}
