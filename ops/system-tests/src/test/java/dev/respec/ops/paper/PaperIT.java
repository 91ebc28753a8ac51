package dev.respec.ops.paper;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.respec.ops.chaos.RespecProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** {@code respec paper --quick} as a user runs it: the machinery of arms, resumption, page and sentences. */
class PaperIT {
    private static final Duration FINISH = Duration.ofMinutes(8);
    private static final List<String> EXPERIMENTS = List.of("fig7-decision", "fig12", "scale");

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path folder;

    private final Path home = Path.of("target/distribution").toAbsolutePath();

    @Test
    void shouldMeasureEveryClaimOnceAndGoOnFromItsFolder() throws Exception {
        String first = run("first.log");
        Path measured = folder.resolve("out/runs/plain-3-steps-seed-1/measured.json");
        var written = Files.getLastModifiedTime(measured);

        JsonNode results =
                new ObjectMapper().readTree(folder.resolve("out/results.json").toFile());
        assertThat(results.path("findings").findValuesAsText("experiment")).isEqualTo(EXPERIMENTS);
        for (JsonNode findings : results.path("findings")) {
            assertThat(findings.path("failures")).as(first).isEmpty();
            assertThat(findings.path("claims")).isNotEmpty();
            for (JsonNode claim : findings.path("claims")) {
                assertThat(claim.path("verdict").asText()).isIn("HOLDS", "DOES_NOT_HOLD", "UNDECIDED", "NOT_MEASURED");
                assertThat(claim.path("because").asText()).isNotBlank();
            }
        }
        JsonNode run = new ObjectMapper().readTree(measured.toFile());
        assertThat(run.path("steps")).hasSize(3);
        assertThat(run.path("proved").asBoolean()).isTrue();
        assertThat(run.path("pass_after").asDouble()).isBetween(0.3, 1.0);
        assertThat(page()).contains("Fig. 7", "Fig. 12", "8 + 8 GPUs", "<svg");

        run("second.log");

        assertThat(Files.getLastModifiedTime(measured)).isEqualTo(written);
        assertThat(folder.resolve("out/runs/plain-3-steps-seed-1/console.log"))
                .content()
                .containsOnlyOnce("respec run plain-1");
    }

    private String page() throws IOException {
        return Files.readString(folder.resolve("out/paper.html"));
    }

    private String run(String name) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("paper"));
        arguments.addAll(EXPERIMENTS);
        arguments.addAll(List.of(
                "--quick", "--steps", "3", "--out", folder.resolve("out").toString()));
        Path log = folder.resolve(name);
        try (RespecProcess paper = RespecProcess.start(arguments, home, log)) {
            paper.awaitSuccess(FINISH, log);
        }
        return RespecProcess.tail(log, 60);
    }
}
