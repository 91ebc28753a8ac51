package dev.respec.ops.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import dev.respec.trainer.FollowedRequests;
import dev.respec.worker.HoldingProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Worker processes that are killed, stopped by a signal, or hang: another one takes their requests, in time. */
@EnabledOnOs(OS.LINUX)
class WorkerDeathIT {
    private static final int HELD = 3;
    private static final int OTHERS = 6;
    private static final Duration READY = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    /** A worker process and what it took so far. */
    private static final class Worker implements AutoCloseable {
        final Process process;
        final Set<String> lines = new ConcurrentSkipListSet<>();

        Worker(String id, int most) throws IOException {
            var config = cluster.clusterConfig();
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx128m",
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                            HoldingProcess.class.getName(),
                            config.bootstrapServers(),
                            config.topicPrefix(),
                            config.registry().urls().get(0).toString(),
                            id,
                            Integer.toString(most))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            var reader = new Thread(this::read);
            reader.setDaemon(true);
            reader.start();
        }

        private void read() {
            try (BufferedReader output = process.inputReader()) {
                for (String line = output.readLine(); line != null; line = output.readLine()) {
                    lines.add(line);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        void await(Set<String> wanted) throws InterruptedException {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (!lines.containsAll(wanted)) {
                assertThat(System.nanoTime())
                        .as("%s of %s within %s", wanted, lines, PATIENCE)
                        .isLessThan(deadline);
                Thread.sleep(10);
            }
        }

        boolean tookWithin(String line, Duration most) throws InterruptedException {
            long deadline = System.nanoTime() + most.toNanos();
            while (!lines.contains(line) && System.nanoTime() < deadline) {
                Thread.sleep(10);
            }
            return lines.contains(line);
        }

        void signal(String name) throws IOException, InterruptedException {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .waitFor();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    /** What happens to a worker. */
    private interface Fate {
        void strike(Worker victim) throws IOException, InterruptedException;
    }

    @Test
    void shouldMoveTheRequestsOfAKilledWorkerWithinFiveSeconds() throws Exception {
        assertMoves("killed", victim -> victim.process.destroyForcibly().waitFor(), Duration.ofSeconds(5));
    }

    @Test
    void shouldMoveTheRequestsOfAStoppedProcessWithinTwentySeconds() throws Exception {
        assertMoves("stopped", victim -> victim.signal("STOP"), Duration.ofSeconds(20));
    }

    @Test
    void shouldMoveTheRequestsOfAHungThreadWithinTwentySeconds() throws Exception {
        assertMoves(
                "hung",
                victim -> {
                    victim.process.getOutputStream().write('\n');
                    victim.process.getOutputStream().flush();
                },
                Duration.ofSeconds(20));
    }

    private static void awaitEmptyQueue() {
        try (var backlog = cluster.events().backlog(TopicCatalogue.ROLLOUT_REQUESTS, TopicCatalogue.WORKER_GROUP)) {
            Awaitility.await()
                    .atMost(PATIENCE)
                    .until(() -> backlog.records(PATIENCE).orElse(1) == 0);
        }
    }

    private static void assertMoves(String name, Fate fate, Duration limit) throws Exception {
        try (var requests = new FollowedRequests(cluster.events());
                Worker victim = new Worker(name + "-victim", HELD + 1)) {
            // Given a worker that holds some requests, and another one that is ready
            Set<String> held = new TreeSet<>();
            for (int i = 0; i < HELD; i++) {
                requests.publish(name + "/" + i);
                held.add("took " + name + "/" + i);
            }
            victim.await(held);
            try (Worker other = new Worker(name + "-other", HELD + OTHERS)) {
                // the victim may have room for some of these, or a fetch that is open
                int ready = 0;
                do {
                    assertThat(ready)
                            .as("requests that the other worker did not take")
                            .isLessThan(OTHERS);
                    requests.publish(name + "/ready-" + ready);
                } while (!other.tookWithin("took " + name + "/ready-" + ready++, READY));

                // When
                long struck = System.nanoTime();
                fate.strike(victim);

                // Then
                other.await(held);
                var took = Duration.ofNanos(System.nanoTime() - struck);
                System.out.printf("requests of a %s worker run elsewhere after %.1f s%n", name, took.toMillis() / 1e3);
                assertThat(took).isLessThan(limit);
                awaitEmptyQueue(); // for the next test: a request is taken before it is accepted
            }
        }
    }
}
