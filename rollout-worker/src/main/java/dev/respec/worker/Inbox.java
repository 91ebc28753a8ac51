package dev.respec.worker;

import static java.util.Objects.requireNonNull;

import dev.respec.artefacts.ArtefactException;
import dev.respec.artefacts.ArtefactStore;
import dev.respec.schemas.PackedArrays;
import dev.respec.schemas.Rollout;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import dev.respec.speculation.SettingTable;
import dev.respec.stage.BackgroundThread;
import dev.respec.stage.BadInputException;
import dev.respec.stage.StageContext;
import dev.respec.topics.ConsumerMode;
import dev.respec.topics.Event;
import dev.respec.topics.EventConsumer;
import dev.respec.topics.EventLog;
import dev.respec.topics.TopicCatalogue;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Locale;
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
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);
    private static final int MOST_OBSERVATIONS = 4096;

    private final Scope scope;
    private final ArtefactStore artefacts;
    private final Path cache;
    private final Map<WeightRole, AtomicReference<@Nullable FetchedWeights>> weights = new EnumMap<>(WeightRole.class);
    private final WeightAdoption adoption;
    private final RepeatedWeights repeats = new RepeatedWeights();
    private final StageContext context;
    private final AtomicReference<@Nullable SettingTable> settings = new AtomicReference<>();
    private final Queue<Observation> observations = new ConcurrentLinkedQueue<>();
    private final CountDownLatch caughtUp = new CountDownLatch(1);
    private final BackgroundThread thread;
    private volatile @Nullable RuntimeException failure;

    /** Whose events matter: a run's weights, a model's and device's settings, everybody else's rollouts. */
    record Scope(String runId, String settingsKey, String workerId) {}

    /** Weights on local disk, verified, and the event that announced them. */
    record FetchedWeights(Event<WeightUpdate> event, Path directory) {
        long version() {
            return event.requireValue().getVersion();
        }
    }

    /** A response of another worker to a prompt. */
    @SuppressWarnings("ArrayRecordComponent") // carried to one reader, never compared
    record Observation(int[] prompt, int[] response) {}

    Inbox(StageContext context, Scope scope, ArtefactStore artefacts, Path cache) {
        this.context = context;
        this.scope = scope;
        this.adoption = new WeightAdoption(scope.runId());
        this.artefacts = artefacts;
        this.cache = cache;
        for (WeightRole role : WeightRole.values()) {
            weights.put(role, new AtomicReference<>());
        }
        thread = new BackgroundThread("inbox", CLOSE_TIMEOUT, () -> follow(context.events()));
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

    /** @throws RuntimeException what ended the inbox's thread */
    void check() {
        RuntimeException thrown = failure;
        if (thrown != null) {
            throw thrown;
        }
    }

    /** For weights that were fetched and turned out unusable: the worker keeps those it has until newer ones come. */
    void refuse(Event<WeightUpdate> event, RuntimeException reason) {
        WeightUpdate update = event.requireValue();
        context.metrics()
                .counter(
                        "respec.weights.refused",
                        "role",
                        update.getRole().name().toLowerCase(Locale.ROOT))
                .increment();
        context.deadLetters().send(TopicCatalogue.WEIGHT_UPDATES, event, "weights refused: " + reason.getMessage());
    }

    private void follow(EventLog events) {
        try (var updates = events.consumer(TopicCatalogue.WEIGHT_UPDATES, ConsumerMode.fromBeginning());
                var tables = events.consumer(TopicCatalogue.SD_SETTINGS, ConsumerMode.fromBeginning());
                var rollouts = events.batchingConsumer(TopicCatalogue.ROLLOUTS, ConsumerMode.fromEnd())) {
            Map<Integer, Long> ends = updates.endOffsets();
            while (thread.isOpen()) {
                followWeights(updates);
                if (caughtUp.getCount() > 0 && !updates.isBefore(ends)) {
                    caughtUp.countDown();
                }
                tables.poll(Duration.ZERO).forEach(this::readSettings);
                rollouts.poll(Duration.ZERO).forEach(this::readRollout);
            }
        } catch (RuntimeException | Error e) {
            failure = new IllegalStateException("the reader of weights and settings ended: " + e, e);
        } finally {
            caughtUp.countDown();
        }
    }

    /** Fetches only the newest update of each role: what is older would be replaced before it is used. */
    private void followWeights(EventConsumer<WeightUpdate> updates) {
        updates.poll(PAUSE).forEach(adoption::announce);
        adoption.due(Instant.now()).forEach(this::fetch);
    }

    private void fetch(Event<WeightUpdate> event) {
        WeightUpdate update = event.requireValue();
        try {
            Path directory = artefacts.fetch(update, cache);
            adoption.taken(event);
            if (repeats.repeats(update)) {
                warnOfUnchanged(update);
            }
            requireNonNull(weights.get(update.getRole())).set(new FetchedWeights(event, directory));
        } catch (ArtefactException | BadInputException e) {
            if (adoption.failed(event, Instant.now())) {
                refuse(event, e);
            }
        }
    }

    private void warnOfUnchanged(WeightUpdate update) {
        WorkerMeters.unchanged(context.metrics(), update.getRole()).increment();
        log.atWarn()
                .addKeyValue("role", update.getRole())
                .addKeyValue("version", update.getVersion())
                .addKeyValue("uri", update.getUri())
                .log("Weights are those of the version before, byte by byte: nothing was learned between the two");
    }

    private void readSettings(Event<SpeculationSettings> event) {
        if (scope.settingsKey().equals(event.key()) && event.value() != null) {
            try {
                settings.set(SettingCodec.table(event.value(), scope.workerId()));
            } catch (IllegalArgumentException e) {
                context.deadLetters().send(TopicCatalogue.SD_SETTINGS, event, String.valueOf(e.getMessage()));
            }
        }
    }

    private void readRollout(Event<Rollout> event) {
        Rollout rollout = event.value();
        if (rollout == null
                || rollout.getWorkerId().equals(scope.workerId())
                || observations.size() >= MOST_OBSERVATIONS) {
            return;
        }
        try {
            observations.add(new Observation(
                    PackedArrays.toInts(rollout.getPromptTokens()), PackedArrays.toInts(rollout.getResponseTokens())));
        } catch (IllegalArgumentException e) {
            // not ours to judge: the scorer sends it to the dead letters
            log.atDebug().addKeyValue("event", event.position()).log("Rollout is not observed");
        }
    }

    @Override
    public void close() {
        thread.close();
    }
}
