package dev.respec.ops.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.replay.RecordedRun;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every path of the page's interface, asked for what it does not have. Run 0 is finished, folder 1 has no run. */
@SuppressWarnings("NullAway.Init") // JUnit calls the methods that set them
class PageRefusalsIT {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    static Path folder;

    private static DataFolder none;
    private static RunPage page;

    @BeforeAll
    static void serve() throws Exception {
        RecordedRun.write(cluster.events());
        none = new DataFolder(folder.resolve("none"));
        page = RunPage.start(
                PageAddress.loopback(0),
                List.of(
                        RunFolders.watched(RunFolders.finished(folder.resolve("finished"), cluster)),
                        RunFolders.watched(none)));
        await().atMost(Duration.ofSeconds(60))
                .until(() -> get("/api/runs/0/rows/steps").statusCode() == 200);
    }

    @AfterAll
    static void stop() {
        page.close();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            runs/7/rows/steps                 | 404 | there is no run 7: this page has 0 to 1
            runs/x/events                     | 404 | there is no run x: this page has 0 to 1
            runs/7/events                     | 404 | there is no run 7: this page has 0 to 1
            runs/7/queries/rewards            | 404 | there is no run 7: this page has 0 to 1
            runs/7/rollouts                   | 404 | there is no run 7: this page has 0 to 1
            runs/7/rollout?id=a               | 404 | there is no run 7: this page has 0 to 1
            runs/1/rows/steps                 | 404 | no run in FOLDER
            runs/1/queries/rewards            | 404 | no run in FOLDER
            runs/1/rollouts                   | 404 | no run in FOLDER
            runs/1/rollout?id=a               | 404 | no run in FOLDER
            compare?run=0&run=1               | 404 | no run in FOLDER
            compare?run=0&run=2               | 404 | there is no run 2: this page has 0 to 1
            compare?run=0&run=run-1           | 404 | there is no run run-1: this page has 0 to 1
            compare                           | 400 | compare: name the runs with run=NUMBER, once for each
            compare?runs=0,7                  | 400 | there is no parameter 'runs' here: give run
            runs?run=0                        | 400 | there is no parameter 'run' here: none is read
            runs/0/events?after=3             | 400 | there is no parameter 'after' here: none is read
            runs/0/rows/words                 | 404 | there are no rows 'words': one of steps, lengths,
            runs/0/rows/steps?step=3          | 400 | there is no parameter 'step' here: none is read
            runs/0/queries/nothing            | 404 | there is no query 'nothing': one of worst-prompts,
            runs/0/queries/rewards?limit=3    | 400 | there is no parameter 'limit' here: none is read
            runs/0/queries/worst-prompts      | 200 | [
            runs/0/queries/worker-output      | 400 | query 'worker-output' needs the table rollouts
            runs/0/rollouts?page=x            | 400 | rollouts: page is 'x': give a number
            runs/0/rollout                    | 400 | rollout: name the rollout with id=ROLLOUT
            runs/0/rollout?id=none            | 404 | the run has no rollout 'none'
            runs/0/rollout?rollout=a&id=b     | 400 | there is no parameter 'rollout' here: give id
            runs/0                            | 404 | Endpoint GET /api/runs/0 not found
            """)
    void shouldRefuseInOneLine(String path, int status, String line) throws Exception {
        HttpResponse<String> answer = get("/api/" + path);

        assertThat(answer.body()).startsWith(line.replace("FOLDER", none.root().toString()));
        assertThat(answer.body().lines()).hasSize(1);
        assertThat(answer.statusCode()).isEqualTo(status);
    }

    private static HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create(page.url() + path)).build(), HttpResponse.BodyHandlers.ofString());
    }
}
