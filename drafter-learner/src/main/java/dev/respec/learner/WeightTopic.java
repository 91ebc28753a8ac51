package dev.respec.learner;

import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import dev.respec.topics.Event;
import dev.respec.topics.EventConsumer;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Follows one run's weight updates: the newest policy, and the newest drafter anyone announced. */
final class WeightTopic implements AutoCloseable {
    private final EventConsumer<WeightUpdate> consumer;
    private final String runId;
    private @Nullable Event<WeightUpdate> policy;
    private @Nullable WeightUpdate drafter;

    /** @param consumer reads from the beginning */
    WeightTopic(EventConsumer<WeightUpdate> consumer, String runId) {
        this.consumer = consumer;
        this.runId = runId;
    }

    /** Reads what is there. */
    void readToEnd() {
        var ends = consumer.endOffsets();
        while (consumer.isBefore(ends)) {
            poll(Duration.ofMillis(100));
        }
    }

    void poll(Duration timeout) {
        for (Event<WeightUpdate> event : consumer.poll(timeout)) {
            var update = event.value();
            if (update == null || !update.getRunId().equals(runId)) {
                continue;
            }
            if (update.getRole() == WeightRole.POLICY) {
                policy = policy == null
                                || update.getVersion() > policy.requireValue().getVersion()
                        ? event
                        : policy;
            } else {
                drafter = newer(drafter, update);
            }
        }
    }

    private static WeightUpdate newer(@Nullable WeightUpdate known, WeightUpdate update) {
        return known == null || update.getVersion() > known.getVersion() ? update : known;
    }

    Optional<Event<WeightUpdate>> policy() {
        return Optional.ofNullable(policy);
    }

    Optional<WeightUpdate> drafter() {
        return Optional.ofNullable(drafter);
    }

    @Override
    public void close() {
        consumer.close();
    }
}
