package dev.respec.ops.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.respec.ops.replay.RecordedRun;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What the page draws and counts of a run with evaluations, in a browser. */
@EnabledIf(
        value = "dev.respec.ops.ui.RunPageIT#browserIsInstalled",
        disabledReason = "no chromium: install the package chromium")
class RunChartsIT {
    private static final Duration MOST = Duration.ofSeconds(60);

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    static Path folder;

    private static RunPage page;
    private static Browser browser;

    @BeforeAll
    static void serve() throws Exception {
        RecordedRun.write(cluster.events());
        RecordedEvaluation.write(cluster.events());
        page = RunPage.start(
                PageAddress.loopback(0),
                List.of(RunFolders.watched(RunFolders.finished(folder.resolve("finished"), cluster))));
        browser = Browser.open(Files.createDirectories(folder.resolve("profile")));
        browser.look(1600, 1000, "light");
    }

    @AfterAll
    static void end() {
        browser.close();
        page.close();
    }

    /** The second curve has its only point between two gaps. */
    @Test
    void shouldShowAPointThatNoLineLeadsTo() {
        show("compare/0", "Compare");

        int pixels = browser.value("""
                (async () => {
                  const { Chart } = await import('/page/chart.js');
                  const drawn = async (middle) => {
                    const chart = new Chart({ title: 'Points', xLabel: 'x', series: [{ name: 'a', colour: 'c1' }, { name: 'b', colour: 'c2' }] });
                    document.querySelector('main').append(chart.element);
                    chart.set([[1, 2, 3], [0, 1, 2], [null, middle, null]]);
                    await new Promise((resolve) => setTimeout(resolve, 500));
                    const canvas = chart.element.querySelector('canvas');
                    const image = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
                    chart.remove();
                    chart.element.remove();
                    return image;
                  };
                  const without = await drawn(null);
                  const point = await drawn(0.5);
                  return point.filter((value, i) => value !== without[i]).length;
                })()
                """).asInt();

        assertThat(pixels).isPositive();
    }

    @Test
    void shouldShowEvaluationsApartFromTraining() {
        show("run/0", "Evaluations");
        assertThat(tile("Rollouts")).isEqualTo("8");
        assertThat(tile("Groups")).startsWith("1 ");
        browser.value("document.querySelectorAll('details.values').forEach((values) => { values.open = true; })");
        await().atMost(MOST)
                .untilAsserted(() -> assertThat(browser.value("""
                        [...document.querySelectorAll('figure')].find((figure) => figure.innerText.startsWith('Evaluations'))
                          .querySelector('details table').innerText.replace(/\\s+/g, ' ')
                        """).asText())
                        .isEqualTo("training step sums, sampled: pass@1 1 0.5000 2 0.7500"));

        show("rollouts/0?purpose=evaluation", "4 rollouts, 1 to 4");
    }

    private static void show(String view, String text) {
        browser.show("about:blank");
        browser.show(page.url() + "/#/" + view);
        await().atMost(MOST)
                .ignoreExceptions()
                .untilAsserted(() -> assertThat(browser.text("main")).contains(text));
    }

    private static String tile(String name) {
        return browser.value("""
                [...document.querySelectorAll('.tile')].find((tile) => tile.querySelector('dt').innerText === '%s')
                  ?.querySelector('dd').innerText ?? ''
                """.formatted(name)).asText();
    }
}
