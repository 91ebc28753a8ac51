package dev.respec.ops.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.replay.KeptTables;
import dev.respec.ops.replay.RecordedRun;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A hundred thousand rollouts. Times are printed; what is asserted of them holds on a busy machine, too. */
class ManyRolloutsIT {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final Duration MOST = Duration.ofSeconds(60);
    private static final int TIMES = 12_500;
    private static final int ROLLOUTS = 8 * TIMES;
    private static final int TRIES = 5;
    private static final double NOISE_SECONDS = 0.1;
    /** Of the best of several tries on a machine that does other things: the goal is half of it. */
    private static final double MOST_MILLISECONDS_TO_PAINT = 2_000;

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    static Path folder;

    private static RunPage page;

    @BeforeAll
    static void serve() throws Exception {
        RecordedRun.write(cluster.events());
        DataFolder run = RunFolders.finished(folder.resolve("run"), cluster);
        KeptTables.repeatRollouts(run, TIMES);
        page = RunPage.start(PageAddress.loopback(0), List.of(RunFolders.watched(run)));
        await().atMost(MOST).until(() -> get("/api/runs/0/rows/steps").statusCode() == 200);
    }

    @AfterAll
    static void end() {
        page.close();
    }

    /** Each try asks for another text, so that none is remembered from the one before. */
    @Test
    void shouldFindTheLastPageOfATextSearchAsFastAsTheFirst() throws Exception {
        double first = seconds("first page of a text search", i -> "response=line&length_min=0." + i);
        double last = seconds("page 1,900 of a text search", i -> "response=LINE&page=1900&length_max=" + (100 + i));
        double next = seconds("page of a result that is known", i -> "response=LINE&length_max=104&page=" + (1800 + i));
        seconds("newest page", i -> "length_min=0." + i);
        seconds("reward, by length", i -> "reward_min=1&order=longest&length_max=" + (200 + i));
        seconds("rollouts of one step", i -> "step=1&length_min=0." + i);
        seconds("drafted by EAGLE-3", i -> "drafted_by=eagle3_chain&length_min=0." + i);

        assertThat(last).isLessThan(2 * first + NOISE_SECONDS);
        assertThat(next).isLessThan(first + NOISE_SECONDS);
    }

    @Test
    void shouldShowEveryRolloutOnceOverThePages() throws Exception {
        JsonNode all = json("order=oldest");
        assertThat(all.path("total").asInt()).isEqualTo(ROLLOUTS);
        JsonNode last = json("order=oldest&page=" + (ROLLOUTS / 50 - 1));
        JsonNode newest = json("order=newest");
        assertThat(last.path("rows")).hasSize(50);
        assertThat(json("order=oldest&page=" + ROLLOUTS / 50).path("rows")).isEmpty();
        assertThat(last.path("rows").path(49).path("rollout_id").asText().split("-")[2])
                .isEqualTo(
                        newest.path("rows").path(0).path("rollout_id").asText().split("-")[2]);
        assertThat(IntStream.range(0, 40)
                        .mapToObj(i -> ids("order=longest&page=" + 45 * i))
                        .flatMap(List::stream)
                        .distinct())
                .hasSize(40 * 50);
    }

    @Test
    @EnabledIf(
            value = "dev.respec.ops.ui.RunPageIT#browserIsInstalled",
            disabledReason = "no chromium: install the package chromium")
    void shouldPaintBeforeItHasRead() throws Exception {
        try (Browser browser = Browser.open(Files.createDirectories(folder.resolve("profile")))) {
            browser.look(1600, 1000, "light");
            double earliest = Double.MAX_VALUE;
            for (int i = 0; i < TRIES; i++) {
                browser.show("about:blank");
                browser.show(page.url() + "/#/rollouts/0");
                await().atMost(MOST)
                        .ignoreExceptions()
                        .until(() -> browser.text("main").contains("100,000 rollouts"));
                double painted = browser.value("performance.getEntriesByName('first-contentful-paint')[0].startTime")
                        .asDouble();
                double shown = browser.value("performance.getEntriesByType('resource').filter((each) =>"
                                + " each.name.includes('/rollouts'))[0].responseEnd")
                        .asDouble();
                System.out.printf("first paint %.0f ms, rollouts there after %.0f ms%n", painted, shown);
                earliest = Math.min(earliest, painted);
            }
            assertThat(earliest).isLessThan(MOST_MILLISECONDS_TO_PAINT);
        }
    }

    private static double seconds(String what, IntFunction<String> asked) throws Exception {
        double least = Double.MAX_VALUE;
        for (int i = 0; i < TRIES; i++) {
            long begun = System.nanoTime();
            HttpResponse<String> answer = get("/api/runs/0/rollouts?" + asked.apply(i));
            least = Math.min(least, (System.nanoTime() - begun) / 1e9);
            assertThat(new ObjectMapper().readTree(answer.body()).path("rows"))
                    .as(what)
                    .isNotEmpty();
        }
        System.out.printf("%s: %.3f s%n", what, least);
        return least;
    }

    private static List<String> ids(String asked) {
        try {
            return json(asked).path("rows").findValuesAsText("rollout_id");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonNode json(String asked) throws Exception {
        return new ObjectMapper().readTree(get("/api/runs/0/rollouts?" + asked).body());
    }

    private static HttpResponse<String> get(String path) throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create(page.url() + path)).build(), HttpResponse.BodyHandlers.ofString());
    }
}
