package dev.respec.trainer;

import dev.respec.artefacts.ArtefactStore;
import dev.respec.artefacts.PatientArtefactStore;
import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.model.training.ReferencePolicy;
import dev.respec.model.training.TrainableModel;
import dev.respec.schemas.ScoredRollout;
import dev.respec.stage.BadInputException;
import dev.respec.stage.Stage;
import dev.respec.stage.StageContext;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.ConsumerMode;
import dev.respec.topics.EventConsumer;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import dev.respec.trainer.admission.Admission;
import dev.respec.trainer.assembly.Cursor;
import dev.respec.trainer.assembly.GroupAssembler;
import dev.respec.trainer.checkpoint.CheckpointFolder;
import dev.respec.trainer.checkpoint.DurableFolder;
import dev.respec.trainer.checkpoint.TrainerCheckpoint;
import dev.respec.trainer.checkpoint.TrainerState;
import dev.respec.trainer.evaluation.BestPolicy;
import dev.respec.trainer.evaluation.EvaluationPlan;
import dev.respec.trainer.inflight.InFlightRequests;
import dev.respec.trainer.inflight.Patience;
import dev.respec.trainer.update.PolicyModel;
import dev.respec.trainer.update.PolicyUpdate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The trainer as a stage: continues the run of its data folder or starts it, trains all its steps and ends.
 *
 * <p>Leaves {@code policy-initial} and, when all steps are done, {@code policy-final} in the data folder, both Hugging
 * Face directories, like {@code policy-best} of a run that evaluates; and its checkpoints under {@code trainer}.
 */
public final class TrainerStage implements Stage {
    private static final Logger log = LoggerFactory.getLogger(TrainerStage.class);

    private final Clock clock = Clock.systemUTC();

    @Override
    public String name() {
        return "trainer";
    }

    @Override
    public void run(StageContext context) {
        var config = context.config();
        requireUsable(config);
        var plan = EvaluationPlan.of(config, Path.of(config.model().policy()));
        var checkpoints = new CheckpointFolder(
                config.run().dataDir().resolve("trainer"),
                config.trainer().checkpointKeep(),
                config.trainer().checkpointEvery(),
                config.trainer().checkpointOptimiserEvery());
        try {
            var latest = checkpoints.latest();
            latest.ifPresent(checkpoint -> requireSameRun(checkpoint, config));
            var trail = latest.map(checkpoints::sinceWhole).orElse(List.of());
            try (var model = PolicyModels.load(config, trail.stream().findFirst());
                    var reference = PolicyModels.reference(config, model);
                    var producer = context.events()
                            .transactionalProducer("trainer-" + config.run().id())) {
                var publisher = publisher(context, checkpoints, model, producer);
                if (trail.size() > 1) {
                    new StepReplay(config, model, reference).run(trail, context.events());
                    publisher.complete(trail.get(trail.size() - 1));
                }
                var equipment = new Equipment(context, plan, checkpoints, model, reference, producer, publisher);
                train(equipment, startOrResume(equipment, latest));
            }
        } catch (CheckpointException e) {
            throw new BadInputException(String.valueOf(e.getMessage()), e);
        }
    }

    /** What a run is trained with, open as long as {@link #run} runs. */
    private record Equipment(
            StageContext context,
            EvaluationPlan plan,
            CheckpointFolder checkpoints,
            TrainableModel model,
            @Nullable ReferencePolicy reference,
            EventProducer producer,
            PolicyPublisher publisher) {
        RespecConfig config() {
            return context.config();
        }
    }

    private static void requireUsable(RespecConfig config) {
        if (config.run().id().isBlank()) {
            throw new BadInputException("run.id is empty: name the run, with run.id or RESPEC_RUN_ID");
        }
        if (config.sampling().temperature() == 0) {
            throw new BadInputException(
                    "sampling.temperature is 0: greedy rollouts of a prompt are all equal and teach nothing; set it"
                            + " above 0");
        }
    }

    private static void requireSameRun(TrainerCheckpoint checkpoint, RespecConfig config) {
        var there = checkpoint.state().runId();
        if (!there.equals(config.run().id())) {
            throw new BadInputException(
                    "%s is a checkpoint of run %s, not of %s: set run.id to continue it, or use another data folder"
                            .formatted(checkpoint.folder(), there, config.run().id()));
        }
    }

    private TrainerCheckpoint startOrResume(Equipment equipment, Optional<TrainerCheckpoint> latest) {
        var publisher = equipment.publisher();
        if (latest.isPresent()) {
            publisher.republish(latest.get(), equipment.context().events());
            log.atInfo()
                    .addKeyValue("runId", equipment.config().run().id())
                    .addKeyValue("step", latest.get().state().step())
                    .log("Run is resumed");
            return latest.get();
        }
        return start(equipment.context(), publisher, equipment.model());
    }

    private static TrainerCheckpoint start(StageContext context, PolicyPublisher publisher, TrainableModel model) {
        var config = context.config();
        var runId = config.run().id();
        var lastStep = PolicyPublisher.lastStep(context.events(), runId);
        if (lastStep >= 0) {
            throw new BadInputException(
                    "run %s is at step %d by its topics, but %s has no checkpoint of it: restore the data folder, or start a new run with --fresh"
                            .formatted(runId, lastStep, config.run().dataDir().resolve("trainer")));
        }
        DurableFolder.replace(initialFolder(config), model::write);
        Map<Integer, Long> beginnings;
        try (var consumer = context.events().consumer(TopicCatalogue.SCORED_ROLLOUTS, ConsumerMode.fromBeginning())) {
            beginnings = consumer.positions();
        }
        var state = TrainerState.initial(runId, Cursor.at(beginnings));
        log.atInfo().addKeyValue("runId", runId).log("Run is started");
        return publisher.publishInitial(state);
    }

    private void train(Equipment equipment, TrainerCheckpoint checkpoint) {
        var context = equipment.context();
        var state = checkpoint.state();
        var inFlight = new InFlightRequests(Patience.STANDARD);
        try (var consumer = context.events()
                        .consumer(
                                TopicCatalogue.SCORED_ROLLOUTS,
                                ConsumerMode.fromOffsets(state.cursor().offsets()));
                var workers = new WorkerFollower(context, state.runId(), inFlight)) {
            context.onStop(consumer::wakeup);
            var traces = traces(context);
            var requests = requests(equipment, state, inFlight, traces);
            requests.recover(checkpoint.version());
            workers.start();
            var evaluations = evaluations(equipment, requests);
            var collector = collector(context, state, consumer, requests, evaluations);
            var parts = parts(equipment, checkpoint, requests, collector, evaluations, traces);
            var trainer = new Trainer(parts, checkpoint, context, clock);
            context.ready();
            var steps = trainer.run();
            finish(context.config(), trainer.finished(), steps, parts.export(), evaluations);
        }
    }

    private static StepTraces traces(StageContext context) {
        return new StepTraces(context.traces(), context.config().run().id());
    }

    private RequestPublisher requests(
            Equipment equipment, TrainerState state, InFlightRequests inFlight, StepTraces traces) {
        var config = equipment.config();
        var prompts = TrainingPrompts.open(equipment.context(), state);
        var admission = new Admission(
                TrainerSettings.admission(config),
                state.admission(),
                position -> prompts.at(position).fingerprint());
        var codec = new RequestCodec(
                state.runId(),
                config.trainer().groupSize(),
                config.sampling(),
                config.run().seed());
        return new RequestPublisher(
                new RequestPublisher.Topic(equipment.context().events(), equipment.producer(), state.requestOffsets()),
                admission,
                prompts,
                codec,
                inFlight,
                traces,
                clock);
    }

    private Evaluations evaluations(Equipment equipment, RequestPublisher requests) {
        var config = equipment.config();
        var best = new BestPolicy(bestFolder(config), initialFolder(config), equipment.checkpoints());
        return Evaluations.open(
                equipment.context(), equipment.plan(), requests.codec(), requests, equipment.producer(), best, clock);
    }

    private GroupCollector collector(
            StageContext context,
            TrainerState state,
            EventConsumer<ScoredRollout> consumer,
            RequestPublisher requests,
            Evaluations evaluations) {
        var assembler = new GroupAssembler(
                context.events().topicName(TopicCatalogue.SCORED_ROLLOUTS), state.runId(), state.cursor());
        return new GroupCollector(
                consumer, assembler, requests, evaluations, TrainerSettings.limits(context.config()), context, clock);
    }

    private Trainer.Parts parts(
            Equipment equipment,
            TrainerCheckpoint checkpoint,
            RequestPublisher requests,
            GroupCollector collector,
            Evaluations evaluations,
            StepTraces traces) {
        var config = equipment.config();
        var model = equipment.model();
        var reference = equipment.reference();
        return new Trainer.Parts(
                config.run().id(),
                config.run().steps(),
                requests.admission(),
                requests,
                collector,
                evaluations,
                TrainerSettings.rows(config),
                new PolicyUpdate(
                        PolicyModel.of(model),
                        reference == null ? null : reference::logProbabilities,
                        TrainerSettings.update(config)),
                TrainerSettings.optimiser(config.trainer()),
                TrainerSettings.learningRate(config),
                equipment.publisher(),
                () -> DurableFolder.replace(finalFolder(config), folder -> PolicyModels.export(model, folder)),
                new TrainerMeters(equipment.context().metrics(), requests.admission(), checkpoint.version()),
                traces);
    }

    private PolicyPublisher publisher(
            StageContext context, CheckpointFolder checkpoints, TrainableModel model, EventProducer producer) {
        var config = context.config();
        return new PolicyPublisher(
                config.run().id(),
                checkpoints,
                new PolicyFiles(model, initialFolder(config)),
                new PolicyPublisher.Artefacts(
                        new PatientArtefactStore(ArtefactStore.of(config), context),
                        config.artefacts().keep()),
                producer,
                traces(context),
                clock);
    }

    private static void finish(
            RespecConfig config, boolean finished, long steps, Runnable export, Evaluations evaluations) {
        if (!finished) {
            log.atInfo().addKeyValue("step", steps).log("Training stops; it goes on from here when started again");
            return;
        }
        if (!Files.exists(finalFolder(config))) {
            export.run();
        }
        log.atInfo()
                .addKeyValue("step", steps)
                .addKeyValue("policy", finalFolder(config))
                .addKeyValue("why", evaluations.endsRun().orElse("all steps are done"))
                .addKeyValue("best", evaluations.bestInWords().orElse("not evaluated"))
                .log("The run has ended");
    }

    static Path finalFolder(RespecConfig config) {
        return config.run().dataDir().resolve("policy-final");
    }

    private static Path bestFolder(RespecConfig config) {
        return config.run().dataDir().resolve("policy-best");
    }

    static Path initialFolder(RespecConfig config) {
        return config.run().dataDir().resolve("policy-initial");
    }
}
