package dev.respec.learner;

import dev.respec.artefacts.ArtefactException;
import dev.respec.artefacts.ArtefactStore;
import dev.respec.artefacts.PatientArtefactStore;
import dev.respec.learner.distillation.Distiller;
import dev.respec.learner.state.LearnerCheckpoints;
import dev.respec.learner.state.LearnerState;
import dev.respec.learner.state.RecordPosition;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.eagle3.TrainingTimeTest;
import dev.respec.model.kernels.ComputeDevice;
import dev.respec.model.kernels.Torch;
import dev.respec.model.lora.LoraAdapter;
import dev.respec.schemas.ScoredRollout;
import dev.respec.schemas.WeightFormat;
import dev.respec.schemas.WeightUpdate;
import dev.respec.stage.BadInputException;
import dev.respec.stage.StageContext;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.ConsumerMode;
import dev.respec.topics.Event;
import dev.respec.topics.EventConsumer;
import dev.respec.topics.TopicCatalogue;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run of the learner: its models, consumers and buffer. Owned by the stage's thread. */
final class LearnerSession implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(LearnerSession.class);
    private static final int SMALLEST_HELD_OUT = 8;

    private final StageContext context;
    private final RespecConfig config;
    private final ArtefactStore artefacts;
    private final WeightTopic weights;
    private final EventConsumer<ScoredRollout> rollouts;
    private final RolloutBuffer buffer;
    private final Distiller distiller;
    private final DutyCycle duty;
    private final ServedFeedback feedback;
    private final LearningRounds rounds;
    private long policyVersion;
    private long refusedVersion = -1;
    private boolean resting;

    private LearnerSession(
            StageContext context,
            Models models,
            WeightTopic weights,
            EventConsumer<ScoredRollout> rollouts,
            RolloutBuffer buffer,
            LearningRounds rounds,
            ServedFeedback feedback) {
        this.context = context;
        this.config = context.config();
        this.artefacts = models.artefacts();
        this.weights = weights;
        this.rollouts = rollouts;
        this.buffer = buffer;
        this.distiller = models.distiller();
        this.duty = new DutyCycle(config.learner().interval(), config.learner().maxDuty());
        this.rounds = rounds;
        this.feedback = feedback;
    }

    /** The models, and where weights come from. */
    private record Models(Distiller distiller, ArtefactStore artefacts) {}

    /** Loads the models, goes back to the newest checkpoint if there is one, and sends what it still announces. */
    static LearnerSession open(StageContext context) {
        var config = context.config();
        var learner = config.learner();
        var runId = config.run().id();
        var artefacts = new PatientArtefactStore(ArtefactStore.of(config), context);
        var checkpoints = new LearnerCheckpoints(
                config.run().dataDir().resolve("learner").resolve(runId).toAbsolutePath());
        var weights = new WeightTopic(
                context.events().consumer(TopicCatalogue.WEIGHT_UPDATES, ConsumerMode.fromBeginning()), runId);
        weights.readToEnd();
        var distiller = load(config);
        var buffer = new RolloutBuffer(learner.bufferRollouts(), learner.holdOutFraction());
        var publisher = new DrafterPublisher(
                artefacts,
                context.events().producer(),
                runId,
                config.artefacts().keep());
        var stored = checkpoints.newest();
        var state = stored.map(LearnerCheckpoints.Stored::state).orElseGet(() -> LearnerState.atStart(runId));
        if (stored.isPresent()) {
            stored.get().restore(distiller);
            publisher.sendMissing(stored.get().announcements(), weights, context.events());
        } else {
            state = adoptAnnounced(weights, artefacts, config, distiller, state);
        }
        var consumer =
                context.events().consumer(TopicCatalogue.SCORED_ROLLOUTS, ConsumerMode.fromOffsets(state.offsets()));
        restoreBuffer(buffer, state, consumer);
        var meters = new LearnerMeters(context.metrics());
        var rounds = new LearningRounds(config, distiller, buffer, publisher, checkpoints, state, meters);
        var feedback = ServedFeedback.open(context, state.version(), meters);
        var models = new Models(distiller, artefacts);
        var session = new LearnerSession(context, models, weights, consumer, buffer, rounds, feedback);
        log.atInfo()
                .addKeyValue("runId", runId)
                .addKeyValue("round", state.round())
                .addKeyValue("drafterVersion", state.version())
                .log("Learner goes on");
        return session;
    }

    private static Distiller load(RespecConfig config) {
        var learner = config.learner();
        Torch.useDevice(config.learnerDevice().resolve(ComputeDevice::of));
        try {
            return Distiller.load(
                    Checkpoint.read(Path.of(config.model().policy())),
                    Eagle3Checkpoint.read(Path.of(config.model().drafter())),
                    new TrainingTimeTest(learner.tttLength(), learner.lossDecay(), learner.totalVariation()),
                    learner.threads());
        } catch (CheckpointException e) {
            throw new BadInputException(String.valueOf(e.getMessage()), e);
        }
    }

    /** Without a checkpoint of its own, the learner goes on from the drafter that the run uses. */
    private static LearnerState adoptAnnounced(
            WeightTopic weights,
            ArtefactStore artefacts,
            RespecConfig config,
            Distiller distiller,
            LearnerState state) {
        if (weights.drafter().isEmpty()) {
            return state;
        }
        var update = weights.drafter().get();
        distiller.startFrom(Eagle3Checkpoint.read(artefacts.fetch(update, cache(config))));
        var offsets = new HashMap<Integer, Long>();
        update.getSourceOffsets().forEach(source -> offsets.put(source.getPartition(), source.getToOffset()));
        return new LearnerState(state.runId(), update.getStep(), update.getVersion(), 0, offsets, state.buffer(), 0, 0);
    }

    /** Reads the buffered rollouts again; the consumer ends at the offsets of the state. */
    private static void restoreBuffer(RolloutBuffer buffer, LearnerState state, EventConsumer<ScoredRollout> consumer) {
        var wanted = new HashSet<RecordPosition>(state.buffer().training());
        wanted.addAll(state.buffer().heldOut());
        if (wanted.isEmpty()) {
            return;
        }
        consumer.seek(state.buffer().firstOffsets());
        var records = new HashMap<RecordPosition, TrainingRollout>();
        var ends = consumer.endOffsets();
        state.offsets().forEach((partition, offset) -> ends.merge(partition, offset, Math::min));
        while (consumer.isBefore(ends)) {
            for (var event : consumer.poll(Duration.ofMillis(200))) {
                TrainingRollout.of(event)
                        .filter(rollout -> wanted.contains(rollout.position()))
                        .ifPresent(rollout -> records.put(rollout.position(), rollout));
            }
        }
        consumer.seek(state.offsets());
        buffer.restore(state.buffer(), records);
    }

    private static Path cache(RespecConfig config) {
        return config.run().dataDir().resolve("learner").resolve("cache");
    }

    /** Takes in what arrived, and learns a round if one is due. */
    void step(Duration timeout) {
        weights.poll(Duration.ZERO);
        for (Event<ScoredRollout> event : rollouts.poll(timeout)) {
            if (event.requireValue().getRunId().equals(config.run().id())) {
                TrainingRollout.of(event).ifPresent(buffer::add);
            }
        }
        feedback.poll();
        boolean enough = buffer.fresh() > 0
                && buffer.trainingSize() >= config.learner().batchRollouts()
                && buffer.heldOut().size() >= SMALLEST_HELD_OUT;
        long start = System.nanoTime();
        if (!enough || !duty.mayStart(start)) {
            return;
        }
        var share = feedback.decide(Instant.now());
        if (!share.isRest()) {
            adoptNewestPolicy();
            rounds.learn(duty.budget(), policyVersion, rollouts.positions(), share);
            feedback.published(rounds.version());
        } else if (!resting) {
            rounds.rest(rollouts.positions(), share);
        }
        resting = share.isRest();
        duty.finished(start, System.nanoTime());
    }

    /** Weights that cannot be used are refused; the teacher stays the version before, and the next round tries again. */
    private void adoptNewestPolicy() {
        var newest = weights.policy();
        if (newest.isEmpty() || newest.get().requireValue().getVersion() <= policyVersion) {
            return;
        }
        var update = newest.get().requireValue();
        try {
            distiller.adoptPolicy(read(update));
            policyVersion = update.getVersion();
        } catch (ArtefactException | BadInputException | CheckpointException e) {
            if (update.getVersion() > refusedVersion) {
                refusedVersion = update.getVersion();
                context.metrics()
                        .counter("respec.weights.refused", "role", "policy")
                        .increment();
                context.deadLetters()
                        .send(TopicCatalogue.WEIGHT_UPDATES, newest.get(), "weights refused: " + e.getMessage());
            }
        }
    }

    private Checkpoint read(WeightUpdate update) {
        var folder = artefacts.fetch(update, cache(config));
        return update.getFormat() == WeightFormat.LORA
                ? LoraAdapter.policyIn(
                        folder, Checkpoint.read(Path.of(config.model().policy())))
                : Checkpoint.read(folder);
    }

    @Override
    public void close() {
        rollouts.close();
        weights.close();
        feedback.close();
        rounds.close();
        distiller.close();
    }
}
