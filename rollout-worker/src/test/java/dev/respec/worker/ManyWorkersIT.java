package dev.respec.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.respec.schemas.RolloutRequest;
import dev.respec.topics.Event;
import dev.respec.topics.EventProducer;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;

/**
 * One queue and many workers without a model: {@code -Drespec.queue.clients=200}, beside busy threads with {@code
 * -Drespec.queue.busy=4}, joining at the same time with {@code -Drespec.queue.joining=200}.
 */
@Isolated
class ManyWorkersIT {
    private static final int CLIENTS = Integer.getInteger("respec.queue.clients", 40);
    private static final int JOINING_AT_ONCE = Integer.getInteger("respec.queue.joining", 4);
    private static final int CLOSING_AT_ONCE = 8;
    private static final Duration PATIENCE = Duration.ofMinutes(Long.getLong("respec.queue.minutes", 2));

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    private final List<IntakeHolder> workers = new ArrayList<>();
    private final BusyThreads busyThreads = new BusyThreads();
    private EventProducer producer;

    @BeforeEach
    void start() {
        producer = cluster.events().producer();
    }

    @AfterEach
    void stop() {
        busyThreads.close();
        ExecutorService closing = Executors.newFixedThreadPool(CLOSING_AT_ONCE);
        workers.forEach(worker -> closing.execute(worker.intake::close));
        closing.shutdown();
        await().atMost(PATIENCE).until(closing::isTerminated);
        producer.close();
    }

    /** Each worker holds what it takes until all have taken something, so that none can take the others' share. */
    @Test
    void shouldShareOneTopicAmongManyWorkers() throws Exception {
        long begun = System.nanoTime();
        join(CLIENTS);
        double joined = (System.nanoTime() - begun) / 1e9;
        int count = CLIENTS * 5;
        for (int i = 0; i < count; i++) {
            var unused = producer.send(TopicCatalogue.ROLLOUT_REQUESTS, "many-" + i, request("many-" + i));
        }
        producer.flush();

        Set<String> seen = new HashSet<>();
        Set<IntakeHolder> busy = new HashSet<>();
        takeUntil(() -> busy.size() == CLIENTS, (worker, id) -> {
            assertThat(seen.add(id)).as(id).isTrue();
            busy.add(worker);
        });
        double everyone = (System.nanoTime() - begun) / 1e9;
        workers.forEach(worker -> worker.claims.view().held().forEach(worker.claims::finish));
        takeUntil(() -> seen.size() == count, (worker, id) -> {
            assertThat(seen.add(id)).as(id).isTrue();
            worker.claims.finish(id);
        });
        System.out.printf(
                "%d workers: all joined after %.1f s, %d of them had taken a request after %.1f s,"
                        + " all %d of %d requests after %.1f s%n",
                CLIENTS, joined, busy.size(), everyone, seen.size(), count, (System.nanoTime() - begun) / 1e9);

        assertThat(busy).hasSize(CLIENTS);
        assertThat(seen).hasSize(count);
        assertThat(workers.stream()
                        .mapToDouble(worker -> worker.count("respec.queue.locks.lost"))
                        .sum())
                .isZero();
    }

    /** A client spins until its join is answered: on the broker's own machine many at once starve the broker. */
    private void join(int count) throws Exception {
        String group = cluster.clusterConfig().topicPrefix() + TopicCatalogue.WORKER_GROUP;
        try (Admin admin =
                Admin.create(Map.of("bootstrap.servers", cluster.clusterConfig().bootstrapServers()))) {
            await().atMost(PATIENCE).until(() -> members(admin, group) == 0);
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (workers.size() < count) {
                assertThat(System.nanoTime())
                        .as("%d workers have joined", workers.size())
                        .isLessThan(deadline);
                if (workers.size() - members(admin, group) < JOINING_AT_ONCE) {
                    workers.add(new IntakeHolder(cluster.events(), new RequestIntake.Room(1, 1)));
                } else {
                    Thread.sleep(5);
                }
            }
            await().atMost(PATIENCE).until(() -> members(admin, group) == count);
        }
    }

    private static int members(Admin admin, String group) throws Exception {
        try {
            return admin.describeShareGroups(List.of(group)).all().get().values().stream()
                    .mapToInt(description -> description.members().size())
                    .sum();
        } catch (ExecutionException e) {
            assertThat(e).hasCauseInstanceOf(GroupIdNotFoundException.class);
            return 0;
        }
    }

    private void takeUntil(BooleanSupplier done, BiConsumer<IntakeHolder, String> taken) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!done.getAsBoolean() && System.nanoTime() < deadline) {
            for (IntakeHolder worker : workers) {
                Event<RolloutRequest> event = worker.intake.next(Duration.ZERO);
                if (event != null) {
                    taken.accept(worker, event.requireValue().getRequestId());
                }
            }
            Thread.sleep(2);
        }
    }

    private static RolloutRequest request(String id) {
        RolloutRequest request = TinyWorker.request("intake", 0);
        request.setRequestId(id);
        return request;
    }
}
