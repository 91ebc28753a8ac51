package dev.respec.worker;

import static java.util.Objects.requireNonNull;

import dev.respec.schemas.PackedArrays;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import dev.respec.stage.ArtefactException;
import dev.respec.stage.ArtefactStore;
import dev.respec.stage.BadInputException;
import dev.respec.stage.StageContext;
import dev.respec.topics.ConsumerMode;
import dev.respec.topics.Event;
import dev.respec.topics.EventConsumer;
import dev.respec.topics.EventLog;
import dev.respec.topics.TopicCatalogue;
import dev.respec.worker.engine.SettingTable;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What others decide about a worker: weights, settings, and the rollouts of other workers.
 *
 * <p>A thread of its own reads the topics and fetches and verifies artefacts while the engine generates; the engine's
 * thread takes what is ready between two steps.
 */
final class Inbox implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Inbox.class);
    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final int MOST_OBSERVATIONS = 4096;

    private final Scope scope;
    private final ArtefactStore artefacts;
    private final Path cache;
    private final Map<WeightRole, AtomicReference<@Nullable FetchedWeights>> weights = new EnumMap<>(WeightRole.class);
    private final Map<WeightRole, Long> newest = new EnumMap<>(WeightRole.class);
    private final AtomicReference<@Nullable SettingTable> settings = new AtomicReference<>();
    private final Queue<Observation> observations = new ConcurrentLinkedQueue<>();
    private final CountDownLatch caughtUp = new CountDownLatch(1);
    private final Thread thread;
    private volatile boolean closed;

    /** Whose events matter: a run's weights, a model's and device's settings, everybody else's rollouts. */
    record Scope(String runId, String settingsKey, String workerId) {}

    /** Weights on local disk, verified. */
    record FetchedWeights(long version, Path directory) {}

    /** A response of another worker to a prompt. */
    @SuppressWarnings("ArrayRecordComponent") // carried to one reader, never compared
    record Observation(int[] prompt, int[] response) {}

    Inbox(StageContext context, Scope scope, ArtefactStore artefacts, Path cache) {
        this.scope = scope;
        this.artefacts = artefacts;
        this.cache = cache;
        for (WeightRole role : WeightRole.values()) {
            weights.put(role, new AtomicReference<>());
        }
        thread = new Thread(() -> follow(context), "inbox");
        thread.setDaemon(true);
        thread.start();
    }

    /** Waits until what was published before the worker started has been read. */
    boolean awaitCaughtUp(Duration timeout) throws InterruptedException {
        return caughtUp.await(timeout.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS);
    }

    /** Newest weights not yet taken; null when there are none. */
    @Nullable
    FetchedWeights takeWeights(WeightRole role) {
        return requireNonNull(weights.get(role)).getAndSet(null);
    }

    @Nullable
    SettingTable takeSettings() {
        return settings.getAndSet(null);
    }

    @Nullable
    Observation takeObservation() {
        return observations.poll();
    }

    private void follow(StageContext context) {
        EventLog events = context.events();
        try (var updates = events.consumer(TopicCatalogue.WEIGHT_UPDATES, ConsumerMode.fromBeginning());
                var tables = events.consumer(TopicCatalogue.SD_SETTINGS, ConsumerMode.fromBeginning());
                var rollouts = events.consumer(TopicCatalogue.ROLLOUTS, ConsumerMode.fromEnd())) {
            Map<Integer, Long> ends = updates.endOffsets();
            while (!closed) {
                followWeights(updates);
                if (caughtUp.getCount() > 0 && reached(updates.positions(), ends)) {
                    caughtUp.countDown();
                }
                tables.poll(Duration.ZERO).forEach(this::readSettings);
                rollouts.poll(Duration.ZERO).forEach(this::readRollout);
            }
        } catch (RuntimeException e) {
            if (!closed) {
                log.atError().setCause(e).log("Inbox failed; the worker stops");
                context.stop();
            }
        } finally {
            caughtUp.countDown();
        }
    }

    private static boolean reached(Map<Integer, Long> positions, Map<Integer, Long> ends) {
        return ends.entrySet().stream().allMatch(end -> positions.getOrDefault(end.getKey(), 0L) >= end.getValue());
    }

    /** Fetches only the newest update of each role: what is older would be replaced before it is used. */
    private void followWeights(EventConsumer<WeightUpdate> updates) {
        Map<WeightRole, WeightUpdate> latest = new EnumMap<>(WeightRole.class);
        for (Event<WeightUpdate> event : updates.poll(PAUSE)) {
            WeightUpdate update = event.value();
            if (update != null && (scope.runId().isEmpty() || update.getRunId().equals(scope.runId()))) {
                latest.merge(update.getRole(), update, (a, b) -> a.getVersion() >= b.getVersion() ? a : b);
            }
        }
        latest.values().forEach(this::fetch);
    }

    private void fetch(WeightUpdate update) {
        if (update.getVersion() <= newest.getOrDefault(update.getRole(), -1L)) {
            return;
        }
        try {
            Path directory = artefacts.fetch(update, cache);
            newest.put(update.getRole(), update.getVersion());
            requireNonNull(weights.get(update.getRole())).set(new FetchedWeights(update.getVersion(), directory));
        } catch (ArtefactException | BadInputException e) {
            log.atWarn()
                    .addKeyValue("role", update.getRole())
                    .addKeyValue("version", update.getVersion())
                    .addKeyValue("reason", e.getMessage())
                    .log("Weights refused, the worker keeps the ones it has");
        }
    }

    private void readSettings(Event<SpeculationSettings> event) {
        if (scope.settingsKey().equals(event.key()) && event.value() != null) {
            settings.set(SettingCodec.toTable(event.value()));
        }
    }

    private void readRollout(Event<Rollout> event) {
        Rollout rollout = event.value();
        if (rollout != null
                && !rollout.getWorkerId().equals(scope.workerId())
                && observations.size() < MOST_OBSERVATIONS) {
            observations.add(new Observation(
                    PackedArrays.toInts(rollout.getPromptTokens()), PackedArrays.toInts(rollout.getResponseTokens())));
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
