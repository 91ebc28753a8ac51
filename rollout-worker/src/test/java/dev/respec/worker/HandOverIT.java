package dev.respec.worker;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.respec.schemas.RolloutRequest;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Between a request's arrival at a worker and its acceptance: what the engine, the queue and others see of it. */
class HandOverIT {
    private static final Duration LOCK = Duration.ofSeconds(4);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final RequestIntake.Room ROOM = new RequestIntake.Room(4, 4);

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    private final List<IntakeHolder> holders = new ArrayList<>();
    private EventProducer producer;

    @BeforeEach
    void start() throws Exception {
        producer = cluster.events().producer();
        var config = cluster.clusterConfig();
        var group = new ConfigResource(ConfigResource.Type.GROUP, config.topicPrefix() + TopicCatalogue.WORKER_GROUP);
        var lock = new ConfigEntry("share.record.lock.duration.ms", Long.toString(LOCK.toMillis()));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", config.bootstrapServers()))) {
            admin.incrementalAlterConfigs(Map.of(group, List.of(new AlterConfigOp(lock, AlterConfigOp.OpType.SET))))
                    .all()
                    .get(10, TimeUnit.SECONDS);
        }
    }

    @AfterEach
    void stop() throws InterruptedException {
        holders.forEach(holder -> holder.intake.close());
        holders.clear();
        IntakeHolder last = holder(() -> CompletableFuture.completedFuture(null));
        last.intake.ready();
        send("last");
        for (String id = ""; !id.equals("last"); ) {
            id = take(last);
            last.claims.finish(id);
        }
        last.intake.close();
        producer.close();
    }

    private IntakeHolder holder(Supplier<CompletableFuture<?>> announce) {
        IntakeHolder holder = new IntakeHolder(cluster.events(), ROOM, announce);
        holders.add(holder);
        return holder;
    }

    private IntakeHolder readyHolder(Supplier<CompletableFuture<?>> announce) {
        IntakeHolder holder = holder(announce);
        holder.intake.ready();
        return holder;
    }

    private static CompletableFuture<?> durable() {
        return CompletableFuture.completedFuture(null);
    }

    @Test
    void shouldBeginARequestBeforeItsClaimIsDurableAndAcceptItAfterwards() throws InterruptedException {
        CompletableFuture<Void> claim = new CompletableFuture<>();
        IntakeHolder worker = readyHolder(() -> claim);
        send("early");

        assertThat(take(worker)).isEqualTo("early");
        assertThat(worker.claims.view().held()).containsExactly("early");

        // Then it is the worker's own for good once the claim is there
        claim.complete(null);
        send("next");
        assertThat(take(worker)).isEqualTo("next");
        IntakeHolder other = readyHolder(HandOverIT::durable);
        assertThat(other.intake.next(LOCK.plusSeconds(1))).isNull();
        assertThat(worker.count("respec.queue.locks.lost")).isZero();
    }

    @Test
    void shouldLeaveARequestInTheQueueUntilItsClaimIsDurable() throws InterruptedException {
        AtomicInteger claims = new AtomicInteger();
        IntakeHolder worker = readyHolder(() -> claims.getAndIncrement() == 0
                ? CompletableFuture.failedFuture(new IllegalStateException("the broker does not answer"))
                : durable());
        send("unclaimed");
        assertThat(take(worker)).isEqualTo("unclaimed");

        // Then the queue hands it out again, to the same worker here, which does not begin it twice
        await().atMost(PATIENCE).until(() -> worker.count("respec.queue.repeats") == 1);
        assertThat(worker.count("respec.queue.locks.lost")).isEqualTo(1);
        IntakeHolder other = readyHolder(HandOverIT::durable);
        assertThat(other.intake.next(LOCK.plusSeconds(1))).isNull();
        assertThat(worker.intake.next(Duration.ZERO)).isNull();
        assertThat(worker.claims.view().held()).containsExactly("unclaimed");
    }

    @Test
    void shouldKeepARequestWhoseLockEndedBeforeItsClaimWasDurable() throws InterruptedException {
        CompletableFuture<Void> claim = new CompletableFuture<>();
        IntakeHolder slow = readyHolder(() -> claim);
        send("late");
        assertThat(take(slow)).isEqualTo("late");

        // Given that another worker gets it when the lock ends
        IntakeHolder other = readyHolder(HandOverIT::durable);
        assertThat(take(other)).isEqualTo("late");
        claim.complete(null);

        // Then both say that they hold it, and neither takes it again
        await().atMost(PATIENCE).until(() -> slow.count("respec.queue.locks.lost") == 1);
        assertThat(slow.claims.view().held()).containsExactly("late");
        assertThat(other.claims.view().held()).containsExactly("late");
        assertThat(slow.intake.next(LOCK.plusSeconds(1))).isNull();
        assertThat(other.intake.next(Duration.ZERO)).isNull();
    }

    @Test
    void shouldTakeOneRequestWhileTheWorkerStarts() throws InterruptedException {
        IntakeHolder starting = holder(HandOverIT::durable);
        for (int i = 0; i < ROOM.most(); i++) {
            send("start-" + i);
        }
        assertThat(take(starting)).isEqualTo("start-0");
        Thread.sleep(500); // one more if the fetch was open

        assertThat(starting.claims.size()).isBetween(1, 2);
        starting.intake.ready();
        await().atMost(PATIENCE).until(() -> starting.claims.size() == ROOM.most());
    }

    private static String take(IntakeHolder worker) throws InterruptedException {
        return requireNonNull(worker.intake.next(PATIENCE), "a request comes")
                .requireValue()
                .getRequestId();
    }

    private void send(String id) {
        RolloutRequest request = TinyWorker.request("intake", 0);
        request.setRequestId(id);
        producer.sendAndWait(TopicCatalogue.ROLLOUT_REQUESTS, id, request);
    }
}
