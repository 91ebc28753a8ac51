package dev.respec.ops.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.OperatingSystemMXBean;
import dev.respec.ops.audit.Runs;
import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.cluster.FolderLock;
import dev.respec.ops.replay.RecordedRun;
import dev.respec.schemas.TrainingStep;
import dev.respec.topics.Event;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A hundred viewers of a run that goes on: its topics are read as often as for one. */
class ManyViewersIT {
    private static final int VIEWERS = 100;
    private static final Duration MOST = Duration.ofSeconds(60);
    private static final Duration WATCHED = Duration.ofSeconds(8);
    private static final long SHORTEST_PERIOD_SECONDS = 2;

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    Path folder;

    private final Map<Integer, AtomicInteger> steps = new ConcurrentHashMap<>();

    @Test
    void shouldReadTheTopicsOnceForAHundredViewers() throws Exception {
        RecordedRun.write(cluster.events());
        DataFolder goingOn = RunFolders.goingOn(folder, cluster);
        WatchedRun run = RunFolders.watched(goingOn);
        List<InputStream> open = new ArrayList<>();
        try (FolderLock lock = FolderLock.tryAcquire(goingOn).orElseThrow();
                RunPage page = RunPage.start(PageAddress.loopback(0), List.of(run))) {
            assertThat(lock).isNotNull();
            for (int viewer = 0; viewer < VIEWERS; viewer++) {
                open.add(view(page, viewer));
            }
            await().atMost(MOST).until(() -> everyoneHas(2));

            // When they watch for a while, and keep asking
            long before = run.readings();
            long spent = processorNanos();
            for (int asked = 0; asked < WATCHED.toSeconds(); asked++) {
                Thread.sleep(1000);
                assertThat(get(page, "/api/runs/0/queries/rewards")).isEqualTo(200);
            }
            long readings = run.readings() - before;
            spent = processorNanos() - spent;
            System.out.printf(
                    "%d viewers: %d readings and %.1f ms of processor time a second, viewers' side and test included%n",
                    VIEWERS, readings, spent / 1e6 / WATCHED.toSeconds());

            // Then
            assertThat(readings).isLessThanOrEqualTo(WATCHED.toSeconds() / SHORTEST_PERIOD_SECONDS + 1);
            assertThat(Thread.getAllStackTraces().keySet())
                    .filteredOn(thread -> thread.getName().equals("run-page-reader") && thread.isAlive())
                    .hasSize(1);
            write(3);
            await().atMost(MOST).until(() -> everyoneHas(3));
        } finally {
            for (InputStream each : open) {
                each.close();
            }
        }
    }

    private boolean everyoneHas(int count) {
        return steps.size() == VIEWERS && steps.values().stream().allMatch(seen -> seen.get() == count);
    }

    /** Counts the steps that the viewer's event stream brings. */
    private InputStream view(RunPage page, int viewer) throws Exception {
        AtomicInteger seen = new AtomicInteger();
        steps.put(viewer, seen);
        InputStream stream = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(page.url() + "/api/runs/0/events"))
                                .build(),
                        HttpResponse.BodyHandlers.ofInputStream())
                .body();
        Thread thread = new Thread(() -> {
            try (var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                boolean ofSteps = false;
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    if (ofSteps) {
                        seen.addAndGet(line.split("\"step\":", -1).length - 1);
                    }
                    ofSteps = line.equals("event: steps");
                }
            } catch (IOException ended) {
                // the test is over
            }
        });
        thread.setDaemon(true);
        thread.start();
        return stream;
    }

    private static int get(RunPage page, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(page.url() + path)).build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private static long processorNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }

    private static void write(int number) {
        TrainingStep step = Runs.step(number, number, 0, 0, List.of(), List.of());
        try (var producer = cluster.events().producer()) {
            producer.resend(
                    TopicCatalogue.TRAINING_STEPS,
                    new Event<>("", 0, 0, Runs.START.plusSeconds(number), Runs.RUN, step));
            producer.flush();
        }
    }
}
