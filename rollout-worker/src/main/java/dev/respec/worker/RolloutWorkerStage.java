package dev.respec.worker;

import dev.respec.artefacts.ArtefactStore;
import dev.respec.generation.EngineClass;
import dev.respec.generation.WorkerModels;
import dev.respec.generation.engine.GenerationEngine;
import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.WeightRole;
import dev.respec.speculation.SettingTable;
import dev.respec.stage.Stage;
import dev.respec.stage.StageContext;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.Event;
import dev.respec.topics.EventProducer;
import dev.respec.topics.EventQueue;
import dev.respec.topics.TopicCatalogue;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes requests from the queue, generates, publishes.
 *
 * <p>Every request that a worker takes yields exactly G rollout ids, each at least once, unless the worker dies or stops
 * first; what it held then stands in its last status, and the trainer publishes it again. The thread that runs the stage
 * owns the models; {@link RequestIntake} and {@link WorkerHeartbeat} have threads of their own.
 */
public final class RolloutWorkerStage implements Stage {
    private static final Logger log = LoggerFactory.getLogger(RolloutWorkerStage.class);
    private static final Duration IDLE_POLL = Duration.ofMillis(50);
    private static final Duration CATCH_UP = Duration.ofSeconds(30);

    /** From the first poll of the queue to the first request, on a busy machine. */
    private static final Duration JOINING = Duration.ofSeconds(2);

    /** A worker whose engine is silent for this long takes nothing more. */
    private static final Duration ENGINE_PATIENCE = Duration.ofSeconds(5);

    @Override
    public String name() {
        return "rollout-worker";
    }

    @Override
    public void run(StageContext context) throws Exception {
        RespecConfig config = context.config();
        Path drafter = config.model().drafter().equals("none")
                ? null
                : Path.of(config.model().drafter());
        try (WorkerModels models =
                        WorkerModels.load(config, Path.of(config.model().policy()), drafter);
                EventProducer producer = context.events().producer()) {
            new Session(context, models, producer).run();
        }
    }

    /**
     * One request more than fills the slots, so that the next one is there when a group's last samples end; and four
     * times what fills them if no other worker wants it: with more prompts at hand, samples of one prompt run one behind
     * the other and draft from each other (suffix drafts gain nothing without it).
     */
    static RequestIntake.Room room(int slots, int groupSize) {
        int fills = (slots + groupSize - 1) / groupSize + 1;
        return new RequestIntake.Room(fills, Math.max(fills, (4 * slots + groupSize - 1) / groupSize));
    }

    /** In containers every process id is 1: without the host's name all workers would report as one. */
    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "worker";
        }
    }

    /** One life of a worker. */
    private static final class Session {
        private final StageContext context;
        private final RespecConfig config;
        private final WorkerModels models;
        private final GenerationEngine engine;
        private final EventProducer producer;
        private final WorkerReports.Identity identity;
        private final WorkerReports reports;
        private final WorkerMeters meters;
        private final RequestClaims claims = new RequestClaims();
        private final Set<String> refusedPrompts = new HashSet<>();
        private final IntakeMeters intakeMeters;
        private final RequestLedger ledger;
        private final Clock clock = Clock.systemUTC();
        private final IdleTime idleTime = new IdleTime();
        private final CountDownLatch measured = new CountDownLatch(1);
        private final EarlyRequests early;
        private final WorkerTraces traces;

        Session(StageContext context, WorkerModels models, EventProducer producer) {
            this.context = context;
            this.config = context.config();
            this.models = models;
            this.engine = models.engine();
            this.early = new EarlyRequests(engine::policyVersion);
            this.producer = producer;
            String id = config.worker().id().isEmpty()
                    ? hostName() + "-" + ProcessHandle.current().pid()
                    : config.worker().id();
            this.identity = new WorkerReports.Identity(
                    config.run().id(), id, config.model().id(), EngineClass.of(models, config.worker()));
            this.meters = new WorkerMeters(context.metrics());
            this.intakeMeters = new IntakeMeters(context.metrics(), claims::size);
            this.reports = new WorkerReports(
                    identity,
                    engine,
                    producer,
                    meters,
                    idleTime,
                    config.worker().statisticsInterval(),
                    clock);
            this.traces = new WorkerTraces(context.traces(), id, clock);
            this.ledger = new RequestLedger(
                    engine::submit,
                    models.tokenizer(),
                    new RolloutCodec(id, models.tokenizer()),
                    rollout -> producer.send(
                            TopicCatalogue.ROLLOUTS, rollout.getRequestId(), rollout, traces.generated(rollout)),
                    clock);
        }

        void run() throws InterruptedException {
            var start = WorkerHeartbeat.Progress.of(engine, models.drafterVersion());
            var interval = config.worker().statusInterval();
            try (var statuses = context.events().promptProducer();
                    var heartbeat = new WorkerHeartbeat(identity, claims, statuses, meters, interval, start, clock);
                    var intake = intake(heartbeat)) {
                try {
                    publishCosts();
                } finally {
                    measured.countDown();
                }
                var scope = new Inbox.Scope(config.run().id(), identity.key().toString(), identity.workerId());
                Path cache = config.run().dataDir().resolve("cache").resolve(identity.workerId());
                try (Inbox inbox = new Inbox(context, scope, ArtefactStore.of(config), cache)) {
                    inbox.awaitCaughtUp(CATCH_UP);
                    serve(inbox, intake, heartbeat);
                }
            }
        }

        private void serve(Inbox inbox, RequestIntake intake, WorkerHeartbeat heartbeat) throws InterruptedException {
            heartbeat.advance(WorkerHeartbeat.Progress.of(engine, models.drafterVersion()));
            context.ready();
            heartbeat.ready();
            intake.ready();
            while (!context.stopping()) {
                loop(inbox, intake);
                heartbeat.advance(WorkerHeartbeat.Progress.of(engine, models.drafterVersion()));
            }
            intake.close();
            finish();
        }

        private RequestIntake intake(WorkerHeartbeat heartbeat) {
            return new RequestIntake(
                    () -> queue(heartbeat),
                    claims,
                    heartbeat::send,
                    room(config.worker().slots(), config.trainer().groupSize()),
                    () -> heartbeat.engineSilence().compareTo(ENGINE_PATIENCE) < 0,
                    intakeMeters);
        }

        /** In time for the worker to be a member of the queue, with a request at hand, when it is ready. */
        private EventQueue<RolloutRequest> queue(WorkerHeartbeat heartbeat) {
            var queue = context.events().queue(TopicCatalogue.ROLLOUT_REQUESTS, TopicCatalogue.WORKER_GROUP);
            var left = config.worker().costBudget().minus(JOINING);
            try {
                measured.await(left.toMillis(), TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            heartbeat.starting();
            return queue;
        }

        private void loop(Inbox inbox, RequestIntake intake) throws InterruptedException {
            takeRequests(intake); // may wait for one; the weights for it may have come meanwhile
            adopt(inbox);
            early.due().forEach(this::take);
            engine.step().forEach(ledger::complete);
            ledger.drainEnded(this::ended);
            reports.tick(models.drafterVersion());
        }

        private void ended(RequestLedger.Ended ended) {
            claims.finish(ended.request().getRequestId());
            traces.ended(ended.request().getRequestId());
            intakeMeters.begun(Duration.between(ended.request().getAdmittedAt(), ended.firstTokenAt()));
        }

        private void adopt(Inbox inbox) {
            inbox.check();
            adopt(inbox, WeightRole.POLICY, models::adoptPolicy);
            adopt(inbox, WeightRole.DRAFTER, models::adoptDrafter);
            SettingTable settings = inbox.takeSettings();
            if (settings != null) {
                engine.use(settings);
            }
            Inbox.@Nullable Observation observation;
            while ((observation = inbox.takeObservation()) != null) {
                models.suffix().observe(observation.prompt(), observation.response());
            }
        }

        private void adopt(Inbox inbox, WeightRole role, BiConsumer<Path, Long> adoption) {
            Inbox.FetchedWeights fetched = inbox.takeWeights(role);
            if (fetched == null) {
                return;
            }
            // what was counted so far belongs to the version before
            reports.sendStatistics(clock.instant(), models.drafterVersion());
            try {
                var begun = clock.instant();
                adoption.accept(fetched.directory(), fetched.version());
                traces.adopted(fetched.event(), begun);
            } catch (CheckpointException | IllegalArgumentException e) {
                inbox.refuse(fetched.event(), e);
            }
        }

        /** Takes what is there, and waits for it when there is nothing else to do. */
        private void takeRequests(RequestIntake intake) throws InterruptedException {
            boolean idle = engine.idle() && ledger.isEmpty();
            if (idle) {
                idleTime.idle(clock.instant());
            }
            Event<RolloutRequest> event = intake.next(idle ? IDLE_POLL : Duration.ZERO);
            if (event != null) {
                intakeMeters.idleWhileWaiting(idleTime.taken(event.timestamp(), clock.instant()));
            }
            for (; event != null; event = intake.next(Duration.ZERO)) {
                if (!early.keeps(event)) {
                    take(event);
                }
            }
        }

        private void take(Event<RolloutRequest> event) {
            RolloutRequest request = event.requireValue();
            String run = config.run().id();
            if (!run.isEmpty() && !request.getRunId().equals(run)) {
                keep(event, "belongs to run " + request.getRunId() + ", this worker serves " + run);
                claims.withdraw(request.getRequestId()); // a worker of that run could answer it
                return;
            }
            try {
                ledger.take(request);
                traces.taken(event);
            } catch (IllegalArgumentException e) {
                String reason = String.valueOf(e.getMessage());
                String prompt = request.getPromptId();
                int text = request.getPrompt().hashCode(); // another text may stand under the id by now
                if (prompt.isEmpty() || refusedPrompts.add(request.getRunId() + "/" + prompt + "/" + text)) {
                    keep(event, reason); // once, however often it was asked before the trainer heard of it
                }
                claims.refuse(request.getRequestId(), reason);
            }
        }

        private void keep(Event<RolloutRequest> event, String reason) {
            context.deadLetters().send(TopicCatalogue.ROLLOUT_REQUESTS, event, reason);
        }

        /** What is complete goes out; what is not stands in the last status. */
        private void finish() {
            producer.flush();
            ledger.drainEnded(this::ended);
            reports.sendStatistics(clock.instant(), models.drafterVersion());
            producer.flush();
            log.atInfo().addKeyValue("requestsLeft", claims.size()).log("Worker stops");
        }

        private void publishCosts() {
            var costs = new MeasuredCosts(engine, config.worker(), models.candidates(config.worker()));
            producer.send(TopicCatalogue.COST_PROFILES, identity.key().toString(), costs.profile(identity));
        }
    }
}
