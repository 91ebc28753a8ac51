package dev.respec.worker;

import dev.respec.model.checkpoint.CheckpointException;
import dev.respec.schemas.RolloutRequest;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WorkerState;
import dev.respec.stage.ArtefactStore;
import dev.respec.stage.Stage;
import dev.respec.stage.StageContext;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.EventProducer;
import dev.respec.topics.EventQueue;
import dev.respec.topics.QueueConfig;
import dev.respec.topics.QueuedEvent;
import dev.respec.topics.TopicCatalogue;
import dev.respec.worker.engine.GenerationEngine;
import dev.respec.worker.engine.SettingTable;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes requests from the queue, generates, publishes.
 *
 * <p>Every request yields exactly G rollout ids, each at least once; a request is accepted only after its rollouts are in
 * the log, so that a worker that dies loses time and nothing else. The thread that runs the stage owns models and queue.
 */
public final class RolloutWorkerStage implements Stage {
    private static final Logger log = LoggerFactory.getLogger(RolloutWorkerStage.class);
    private static final Duration POLL_INTERVAL = Duration.ofMillis(20);
    private static final Duration IDLE_POLL = Duration.ofMillis(50);
    private static final Duration CATCH_UP = Duration.ofSeconds(30);

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
        private final RequestLedger ledger;
        private Instant lastPoll = Instant.EPOCH;

        Session(StageContext context, WorkerModels models, EventProducer producer) {
            this.context = context;
            this.config = context.config();
            this.models = models;
            this.engine = models.engine();
            this.producer = producer;
            String id = config.worker().id().isEmpty()
                    ? hostName() + "-" + ProcessHandle.current().pid()
                    : config.worker().id();
            this.identity = new WorkerReports.Identity(
                    config.run().id(),
                    id,
                    config.model().id(),
                    EngineClass.of(models, config.worker().threads()));
            Clock clock = Clock.systemUTC();
            this.reports = new WorkerReports(identity, engine, producer, context, clock);
            this.ledger = new RequestLedger(
                    engine::submit,
                    models.tokenizer(),
                    new RolloutCodec(id, models.tokenizer()),
                    rollout -> producer.send(TopicCatalogue.ROLLOUTS, rollout.getRequestId(), rollout),
                    clock);
        }

        void run() throws InterruptedException {
            reports.sendStatus(WorkerState.STARTING, models.drafterVersion());
            publishCosts();
            var scope = new Inbox.Scope(config.run().id(), identity.key().toString(), identity.workerId());
            Path cache = config.run().dataDir().resolve("cache").resolve(identity.workerId());
            try (Inbox inbox = new Inbox(context, scope, ArtefactStore.of(config), cache);
                    EventQueue<RolloutRequest> queue = context.events()
                            .queue(
                                    TopicCatalogue.ROLLOUT_REQUESTS,
                                    new QueueConfig(TopicCatalogue.WORKER_GROUP, requestsAtOnce()))) {
                inbox.awaitCaughtUp(CATCH_UP);
                context.ready();
                reports.sendStatus(WorkerState.READY, models.drafterVersion());
                while (!context.stopping()) {
                    loop(inbox, queue);
                }
                finish(queue);
            }
        }

        /** Four times what fills the slots: with more prompts at hand, samples of one prompt can run one behind the other. */
        private int requestsAtOnce() {
            int groupSize = config.trainer().groupSize();
            return Math.max(2, (4 * config.worker().slots() + groupSize - 1) / groupSize);
        }

        private void loop(Inbox inbox, EventQueue<RolloutRequest> queue) {
            adopt(inbox);
            poll(queue);
            engine.step().forEach(ledger::complete);
            ledger.acceptPublished(queue::accept);
            reports.tick(models.drafterVersion());
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

        private static void adopt(Inbox inbox, WeightRole role, BiConsumer<Path, Long> adoption) {
            Inbox.FetchedWeights fetched = inbox.takeWeights(role);
            if (fetched == null) {
                return;
            }
            try {
                adoption.accept(fetched.directory(), fetched.version());
            } catch (CheckpointException | IllegalArgumentException e) {
                inbox.refuse(fetched.event(), e);
            }
        }

        /** Asks the queue now and then while generating, and waits for it when there is nothing to do. */
        private void poll(EventQueue<RolloutRequest> queue) {
            Instant now = Instant.now();
            boolean idle = engine.idle() && ledger.isEmpty();
            if (!idle && Duration.between(lastPoll, now).compareTo(POLL_INTERVAL) < 0) {
                return;
            }
            lastPoll = now;
            for (QueuedEvent<RolloutRequest> event : queue.poll(idle ? IDLE_POLL : Duration.ZERO)) {
                take(event, queue);
            }
        }

        private void take(QueuedEvent<RolloutRequest> event, EventQueue<RolloutRequest> queue) {
            String run = config.run().id();
            if (!run.isEmpty() && !event.value().getRunId().equals(run)) {
                refuse(event, queue, "belongs to run " + event.value().getRunId() + ", this worker serves " + run);
                return;
            }
            try {
                ledger.take(event);
            } catch (IllegalArgumentException e) {
                refuse(event, queue, String.valueOf(e.getMessage()));
            }
        }

        private void refuse(QueuedEvent<RolloutRequest> event, EventQueue<RolloutRequest> queue, String reason) {
            context.deadLetters().send(TopicCatalogue.ROLLOUT_REQUESTS, event.event(), reason);
            queue.accept(event);
        }

        /** What is complete goes out; what is not is left to another worker. */
        private void finish(EventQueue<RolloutRequest> queue) {
            producer.flush();
            ledger.acceptPublished(queue::accept);
            queue.commit();
            reports.sendStatistics(Instant.now(), models.drafterVersion());
            reports.sendStatus(WorkerState.STOPPING, models.drafterVersion());
            producer.flush();
            log.atInfo().addKeyValue("requestsLeft", ledger.size()).log("Worker stops");
        }

        private void publishCosts() {
            var costs = new MeasuredCosts(engine, config.worker(), models.candidates(config.worker()));
            producer.send(TopicCatalogue.COST_PROFILES, identity.key().toString(), costs.profile(identity));
        }
    }
}
