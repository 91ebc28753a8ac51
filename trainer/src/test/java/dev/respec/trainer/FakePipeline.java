package dev.respec.trainer;

import dev.respec.schemas.GroupStatus;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import dev.respec.topics.ConsumerMode;
import dev.respec.topics.Event;
import dev.respec.topics.EventConsumer;
import dev.respec.topics.EventLog;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import dev.respec.trainer.assembly.ScoredRecords;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Worker and scorer in one: answers every request with a scored group, in a random order, now and then incomplete, with
 * rollouts of the newest policy version it has seen or the one before.
 */
final class FakePipeline implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(50);

    private final EventLog events;
    private final Random random;
    private final Thread thread;
    private final AtomicBoolean stopped = new AtomicBoolean();
    private final Set<String> incomplete = new HashSet<>();
    private long policyVersion;

    FakePipeline(EventLog events, long seed) {
        this.events = events;
        this.random = new Random(seed);
        this.thread = new Thread(this::run, "fake-pipeline");
        thread.start();
    }

    private void run() {
        try (var requests = events.consumer(TopicCatalogue.ROLLOUT_REQUESTS, ConsumerMode.fromBeginning());
                var weights = events.consumer(TopicCatalogue.WEIGHT_UPDATES, ConsumerMode.fromBeginning());
                var producer = events.transactionalProducer("fake-scorer")) {
            var waiting = new ArrayList<RolloutRequest>();
            while (!stopped.get()) {
                follow(weights);
                requests.poll(POLL).stream().map(Event::requireValue).forEach(waiting::add);
                while (!waiting.isEmpty() && random.nextInt(6) > 0) {
                    answer(waiting.remove(random.nextInt(waiting.size())), producer);
                }
            }
        }
    }

    private void follow(EventConsumer<WeightUpdate> weights) {
        weights.poll(Duration.ZERO).stream()
                .map(Event::requireValue)
                .filter(update -> update.getRole() == WeightRole.POLICY)
                .forEach(update -> policyVersion = update.getVersion());
    }

    private void answer(RolloutRequest request, EventProducer producer) {
        var id = request.getRequestId();
        var size = request.getGroupSize();
        producer.begin();
        if (random.nextInt(8) == 0) {
            incomplete.add(id);
            send(producer, ScoredRecords.incomplete(request.getRunId(), id, size, random.nextInt(size)));
        } else {
            send(producer, complete(request));
        }
        producer.commit();
    }

    private List<ScoredRollout> complete(RolloutRequest request) {
        var version = Math.max(0, policyVersion - random.nextInt(2));
        var records = new ArrayList<ScoredRollout>();
        for (int sample = 0; sample < request.getGroupSize(); sample++) {
            var rollout = ScoredRecords.rollout(
                    request.getRunId(), request.getRequestId(), sample, request.getGroupSize(), version);
            records.add(ScoredRecords.scored(
                    request.getRunId(),
                    request.getRequestId(),
                    rollout,
                    GroupStatus.COMPLETE,
                    request.getGroupSize(),
                    request.getGroupSize(),
                    random.nextInt(2)));
        }
        return records;
    }

    private static void send(EventProducer producer, List<ScoredRollout> records) {
        for (var record : records) {
            producer.sendAndWait(TopicCatalogue.SCORED_ROLLOUTS, record.getRequestId(), record);
        }
    }

    @Override
    public void close() throws InterruptedException {
        stopped.set(true);
        thread.join(10_000);
    }

    /** Request ids answered by an incomplete group; to be asked after {@link #close}. */
    Set<String> incomplete() {
        return incomplete;
    }
}
