package dev.respec.ops.ui;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.ops.cluster.DataFolder;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Makes the pictures of the documents from a run that is over, {@code -Dpictures.of=DIR}, in {@code -Dpictures.to=DIR}: every
 * view in both themes, wide, and with {@code -Dpictures.narrow=true} narrow, too.
 */
@EnabledIf(
        value = "dev.respec.ops.ui.RunPageIT#browserIsInstalled",
        disabledReason = "no chromium: install the package chromium")
@EnabledIfSystemProperty(
        named = "pictures.of",
        matches = ".+",
        disabledReason = "no run to take pictures of: name one with -Dpictures.of=DIR")
class PagePicturesIT {
    private static final Duration MOST = Duration.ofSeconds(60);
    private static final long LARGEST_BYTES = 200_000;
    /** Documents show no folder of the machine that made their pictures. */
    private static final String FOLDER_LEFT_OUT = """
            (() => { const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
              while (texts.nextNode()) texts.currentNode.data = texts.currentNode.data.replace('%s', 'respec-data'); })()
            """;

    @TempDir
    Path folder;

    @Test
    void shouldTakePicturesOfEveryViewInBothThemes() throws Exception {
        DataFolder run = new DataFolder(Path.of(System.getProperty("pictures.of")));
        Path target = Files.createDirectories(Path.of(System.getProperty("pictures.to")));
        try (RunPage page = RunPage.start(PageAddress.loopback(0), List.of(RunFolders.watched(run)));
                Browser browser = Browser.open(Files.createDirectories(folder.resolve("profile")))) {
            String rollout = longDraftedRollout(page);
            take(browser, page, target, "run/0", "run");
            take(browser, page, target, "rollouts/0?order=longest", "rollouts");
            take(browser, page, target, "rollout/0?id=" + rollout, "rollout");
            take(browser, page, target, "speculation/0", "speculation");
            take(browser, page, target, "compare/0", "compare");
        }
    }

    private static void take(Browser browser, RunPage page, Path target, String view, String name) throws Exception {
        for (String theme : List.of("light", "dark")) {
            save(browser, page, view, theme, 1600, 1000, target.resolve("page-" + name + "-" + theme + ".png"));
            if (Boolean.getBoolean("pictures.narrow")) {
                save(browser, page, view, theme, 400, 1600, target.resolve("narrow-" + name + "-" + theme + ".png"));
            }
        }
    }

    private static void save(
            Browser browser, RunPage page, String view, String theme, int width, int height, Path picture)
            throws Exception {
        browser.look(width, height, theme);
        browser.show("about:blank");
        browser.show(page.url() + "/#/" + view);
        await().atMost(MOST)
                .ignoreExceptions()
                .until(() -> browser.value(
                                "document.querySelector('main').innerText.length > 80 && !document.querySelector('main')"
                                        + ".innerText.includes('Reading') && document.fonts.status === 'loaded'")
                        .asBoolean());
        Thread.sleep(1500); // charts draw once they know their width
        browser.value(FOLDER_LEFT_OUT.formatted(System.getProperty("pictures.of")));
        browser.screenshot(picture);
        if (!view.startsWith("rollouts")) {
            assertThat(Files.size(picture)).as(picture.toString()).isLessThan(LARGEST_BYTES);
        }
    }

    /** The longest response that a draft was accepted in; of any if there is none. */
    private static String longDraftedRollout(RunPage page) throws Exception {
        for (String source : List.of("&drafted_by=EAGLE3_CHAIN", "&drafted_by=SUFFIX", "")) {
            String path = page.url() + "/api/runs/0/rollouts?order=longest" + source;
            await().atMost(MOST).until(() -> get(path).statusCode() == 200);
            var rows = new ObjectMapper().readTree(get(path).body()).path("rows");
            if (!rows.isEmpty()) {
                return rows.path(0).path("rollout_id").asText();
            }
        }
        throw new AssertionError("the run has no rollout");
    }

    private static HttpResponse<String> get(String url) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    }
}
