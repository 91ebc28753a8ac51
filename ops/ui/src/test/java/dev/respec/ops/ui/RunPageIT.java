package dev.respec.ops.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.respec.ops.audit.Runs;
import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.cluster.FolderLock;
import dev.respec.ops.replay.RecordedRun;
import dev.respec.schemas.TrainingStep;
import dev.respec.topics.Event;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The page in a browser: a run that goes on is number 0, one that is over number 1. */
@EnabledIf(value = "browserIsInstalled", disabledReason = "no chromium: install the package chromium")
class RunPageIT {
    private static final Duration MOST = Duration.ofSeconds(60);
    private static final int GOING_ON = 0;
    private static final int FINISHED = 1;
    private static final List<String> VIEWS =
            List.of("run", "rollouts", "rollout?id=" + Runs.RUN + "/3/1", "speculation", "compare");

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    static Path folder;

    private static FolderLock lock;
    private static RunPage page;
    private static Browser browser;

    static boolean browserIsInstalled() {
        return Browser.program().isPresent();
    }

    @BeforeAll
    static void serve() throws Exception {
        RecordedRun.write(cluster.events());
        RecordedEvaluation.write(cluster.events());
        DataFolder goingOn = RunFolders.goingOn(folder.resolve("going-on"), cluster);
        DataFolder finished = RunFolders.finished(folder.resolve("finished"), cluster, "trainer.learning-rate=0.00031");
        lock = FolderLock.tryAcquire(goingOn).orElseThrow();
        page = RunPage.start(
                PageAddress.loopback(0), List.of(RunFolders.watched(goingOn), RunFolders.watched(finished)));
        browser = Browser.open(Files.createDirectories(folder.resolve("profile")));
    }

    @AfterAll
    static void end() {
        browser.close();
        page.close();
        lock.close();
    }

    @BeforeEach
    void look() {
        browser.look(1600, 1000, "light");
    }

    @AfterEach
    void shouldComplainOfNothingAndAskNobodyElse() {
        assertThat(browser.complaints()).isEmpty();
        assertThat(browser.requests()).allMatch(url -> url.startsWith(page.url()) || url.startsWith("data:"));
    }

    @Test
    void shouldShowStepsOfARunThatGoesOnAsTheyCome() {
        // Given
        open("run", GOING_ON);
        awaitText("main", "2 of 4");

        // When
        write(Map.of("reward_mean", 0.8125), 3);

        // Then
        awaitText("main", "3 of 4");
        assertThat(browser.text("#connection")).isEqualTo("live");
        assertThat(rows("Training steps"))
                .satisfiesExactly(
                        row -> assertThat(row).startsWith("3 0.813 "),
                        row -> assertThat(row).startsWith("2 0.500 "),
                        row -> assertThat(row).startsWith("1 0.250 "));
        assertThat(browser.value("performance.getEntriesByType('navigation').length")
                        .asInt())
                .isEqualTo(1);
    }

    @Test
    void shouldShowAFinishedRun() {
        open("run", FINISHED);

        awaitText("main", "2 of 4");
        assertThat(browser.text("#connection")).isEqualTo("not running");
        assertThat(rows("Training steps"))
                .satisfiesExactly(
                        row -> assertThat(row).startsWith("2 0.500 "),
                        row -> assertThat(row).startsWith("1 0.250 "));
        assertThat(browser.value("document.querySelectorAll('.chart canvas').length")
                        .asInt())
                .isGreaterThan(5);
    }

    @Test
    void shouldLeadFromAPointOfACurveToItsRollouts() {
        open("run", FINISHED);
        awaitText("main", "2 of 4");

        browser.value("document.querySelector('.plot').focus()");
        browser.key("Home");
        assertThat(browser.text(".chart [aria-live]")).contains("training step 1: reward 0.2500");
        browser.key("Enter");

        awaitText("main", "4 rollouts, 1 to 4");
        assertThat(browser.value("location.hash").asText()).isEqualTo("#/rollouts/1?step=1");
    }

    @Test
    void shouldFilterRollouts() {
        open("rollouts", FINISHED);
        awaitText("main", "8 rollouts, 1 to 8");

        set("reward_min", "1");

        awaitText("main", "3 rollouts, 1 to 3"); // requests 1, 2 and 3 have one of reward 1, 2 and 3
        set("order", "best");
        await().atMost(MOST)
                .untilAsserted(() -> assertThat(rows("Rollouts"))
                        .satisfiesExactly(
                                row -> assertThat(row).startsWith("3/1 3 "),
                                row -> assertThat(row).startsWith("2/1 2 "),
                                row -> assertThat(row).startsWith("1/1 1 ")));
        set("response", "no such text");
        awaitText("main", "No rollout is like that.");
    }

    @Test
    void shouldShowARolloutWithItsTokensAndItsGroup() {
        browser.show("about:blank");
        browser.show(page.url() + "/#/rollout/1?id=" + Runs.RUN + "/3/1");

        awaitText("main", "The 2 rollouts of run-1/3");
        assertThat(browser.value("document.querySelectorAll('.token').length").asInt())
                .isEqualTo(5);
        browser.value("document.querySelector('.tokens').focus()");
        browser.key("ArrowRight");
        browser.key("ArrowRight");
        awaitText(
                ".token-facts",
                "Token 2, id 101: accepted draft: EAGLE-3 chain, log-probability -0.5000 (probability 0.6065), policy"
                        + " version 1");
    }

    /** Five tokens: two of a draft, the third in place of a rejected one, two plain. */
    @Test
    void shouldShowWhereTokensCameFromWithoutColourToo() {
        browser.show("about:blank");
        browser.show(page.url() + "/#/rollout/1?id=" + Runs.RUN + "/3/1");

        awaitText(".legend", "accepted draft: EAGLE-3 chain: 2 (40.0 %)");
        assertThat(browser.text(".legend"))
                .contains("plain: no draft: 2 (40.0 %)")
                .contains("recovered after a rejected draft: 1 (20.0 %)");
        assertThat(
                        texts(
                                "[...document.querySelectorAll('.tokens .token')].map((token) =>"
                                        + " getComputedStyle(token).textDecorationLine + ' ' + getComputedStyle(token).textDecorationStyle)"))
                .containsExactly("underline double", "underline double", "overline solid", "none solid", "none solid");
        assertThat(texts("[...new Set([...document.querySelectorAll('.tokens .token')].map((token) =>"
                        + " getComputedStyle(token).backgroundColor))]"))
                .hasSize(3);

        browser.value("document.querySelector('details.spans').open = true");
        await().atMost(MOST)
                .untilAsserted(() -> assertThat(rows("Response by origin"))
                        .satisfiesExactly(
                                row -> assertThat(row).startsWith("1–2 accepted draft: EAGLE-3 chain"),
                                row -> assertThat(row).startsWith("3 recovered after a rejected draft"),
                                row -> assertThat(row).startsWith("4–5 plain: no draft")));
        browser.value("document.querySelector('.tokens').focus()");
        browser.key("End");
        awaitText(".token-facts", "Token 5, id 104: plain: no draft, ");
    }

    @Test
    void shouldCompareRunsByTheirSettings() {
        browser.show("about:blank");
        browser.show(page.url() + "/#/compare/0?run=0&run=1");

        awaitText("main", "Final numbers");
        assertThat(rows("Settings that are not the same"))
                .anySatisfy(row ->
                        assertThat(row).startsWith("trainer.learning-rate").contains("3.1E-4"));
        assertThat(rows("Final numbers")).anySatisfy(row -> assertThat(row).contains("reward of the last step"));
    }

    @Test
    void shouldShowWhatSpeculationDid() {
        open("speculation", FINISHED);

        awaitText("main", "Time and tokens by active batch and setting");
        assertThat(rows("Time and tokens by active batch and setting"))
                .containsExactly("1 off 4 1 1,000", "2 off 2 1 2,000");
        assertThat(rows("Tokens of training rollouts by origin"))
                .containsExactly(
                        "plain: no draft 9 37.5 %",
                        "accepted draft: EAGLE-3 chain 10 41.7 %", "recovered after a rejected draft 5 20.8 %");
    }

    @Test
    void shouldBeDarkWhereTheUserPrefersIt() {
        open("run", FINISHED);
        awaitText("main", "2 of 4");
        String light = background();

        browser.look(1600, 1000, "dark");

        assertThat(brightness(background())).isLessThan(60);
        assertThat(brightness(light)).isGreaterThan(200);
    }

    @Test
    void shouldFitANarrowWindow() {
        browser.look(400, 800, "light");
        for (String view : VIEWS) {
            open(view, FINISHED);
            awaitText("main", "");
            assertThat(browser.value("document.documentElement.scrollWidth").asInt())
                    .as(view)
                    .isLessThanOrEqualTo(400);
        }
    }

    /** What axe-core finds serious or critical, in both themes. */
    @Test
    void shouldBeUsableWithAScreenReader() throws IOException {
        String axe = AxeScript.read();
        for (String theme : List.of("light", "dark")) {
            browser.look(1600, 1000, theme);
            for (String view : VIEWS) {
                open(view, FINISHED);
                await().atMost(MOST)
                        .until(() -> browser.value("document.querySelectorAll('main table').length")
                                        .asInt()
                                > 0);
                browser.value(axe + "; true");
                var faults = browser.value("""
                        axe.run().then((result) => result.violations
                          .filter((fault) => fault.impact === 'serious' || fault.impact === 'critical')
                          .map((fault) => fault.id + ' ' + fault.nodes.map((node) => node.html).slice(0, 3).join(' ')))
                        """);
                assertThat(faults).as("%s, %s", view, theme).isEmpty();
            }
        }
    }

    private static void open(String view, int run) {
        browser.show("about:blank");
        String[] parts = view.split("\\?");
        browser.show(page.url() + "/#/" + parts[0] + "/" + run + (parts.length > 1 ? "?" + parts[1] : ""));
    }

    private static List<String> texts(String expression) {
        return StreamSupport.stream(browser.value(expression).spliterator(), false)
                .map(value -> value.asText())
                .toList();
    }

    private static void awaitText(String selector, String text) {
        await().atMost(MOST)
                .ignoreExceptions()
                .untilAsserted(
                        () -> assertThat(browser.text(selector)).isNotBlank().contains(text));
    }

    /** Rows of the table whose caption begins like this, their cells with a blank between. */
    private static List<String> rows(String caption) {
        var rows = browser.value("""
                [...([...document.querySelectorAll('table')].find((table) => table.caption?.innerText.startsWith('%s'))
                  ?.tBodies[0].rows ?? [])].map((row) => [...row.cells].map((cell) => cell.innerText.trim()).join(' '))
                """.formatted(caption));
        return StreamSupport.stream(rows.spliterator(), false)
                .map(row -> row.asText())
                .toList();
    }

    private static void set(String name, String value) {
        browser.value("""
                (() => { const field = document.querySelector('[name=%s]'); field.value = '%s';
                  field.dispatchEvent(new Event('input', { bubbles: true })); })()
                """.formatted(name, value));
    }

    private static String background() {
        return browser.value("getComputedStyle(document.body).backgroundColor").asText();
    }

    /** Mean of rgb(r, g, b). */
    private static double brightness(String colour) {
        return Arrays.stream(colour.replaceAll("[^0-9,]", "").split(","))
                .limit(3)
                .mapToInt(Integer::parseInt)
                .average()
                .orElseThrow();
    }

    private static void write(Map<String, Double> metrics, int number) {
        TrainingStep step = Runs.step(number, number, 0, 0, List.of(), List.of());
        step.setMetrics(metrics);
        try (var producer = cluster.events().producer()) {
            producer.resend(
                    TopicCatalogue.TRAINING_STEPS,
                    new Event<>("", 0, 0, Runs.START.plusSeconds(number), Runs.RUN, step));
            producer.flush();
        }
    }
}
