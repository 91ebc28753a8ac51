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
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** {@code respec paper --quick} as a user runs it: the machinery of arms, resumption, page and sentences. */
class PaperIT {
    private static final Duration FINISH = Duration.ofMinutes(15);

    /** What takes no decoding turns; the runs of Fig. 5 are those of every drafter, and of the lossy worker. */
    private static final List<String> EXPERIMENTS = List.of("fig5", "fig7-decision", "fig12", "scale");

    private static final List<String> ARMS = List.of(
            "plain", "frozen", "frozen-lossy", "uniform", "reward-weighted", "algorithm-1", "advantage", "adaptive");
    private static final String RUN = "%s-2-steps-seed-1";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path folder;

    private final Path home = Path.of("target/distribution").toAbsolutePath();

    @Test
    void shouldMeasureEveryClaimOnceAndGoOnFromItsFolder() throws Exception {
        String first = run("first.log");
        Path measured = measured("plain");
        var written = Files.getLastModifiedTime(measured);

        JsonNode results =
                new ObjectMapper().readTree(folder.resolve("out/results.json").toFile());
        assertThat(results.path("findings").findValuesAsText("experiment")).isEqualTo(EXPERIMENTS);
        for (JsonNode findings : results.path("findings")) {
            assertThat(findings.path("failures")).as(first).isEmpty();
            assertThat(findings.path("claims")).isNotEmpty();
            for (JsonNode claim : findings.path("claims")) {
                assertThat(claim.path("verdict").asText()).isIn("HOLDS", "DOES_NOT_HOLD", "UNDECIDED");
                assertThat(claim.path("because").asText()).isNotBlank().doesNotContain("NaN");
            }
        }
        assertRunsDifferByTheirArmsOnly();
        assertThat(page())
                .contains("Fig. 5", "Fig. 7", "Fig. 12", "8 + 8 GPUs", "<svg")
                .doesNotContain("NaN");

        run("second.log");

        assertThat(Files.getLastModifiedTime(measured)).isEqualTo(written);
        assertThat(runFolder("plain").resolve("console.log")).content().containsOnlyOnce("respec run plain-1");
    }

    private void assertRunsDifferByTheirArmsOnly() throws IOException {
        Set<JsonNode> conditions = new HashSet<>();
        for (String arm : ARMS) {
            JsonNode run = new ObjectMapper().readTree(measured(arm).toFile());
            assertThat(run.path("steps")).as(arm).hasSize(2);
            assertThat(run.path("proved").asBoolean()).as(arm).isTrue();
            assertThat(run.path("pass_after").asDouble()).as(arm).isBetween(0.2, 1.0);
            conditions.add(run.path("conditions"));
            assertThat(Files.readString(runFolder(arm).resolve("logs/worker.log"))
                            .contains("Verification is lossy"))
                    .as("%s is lossy", arm)
                    .isEqualTo(arm.equals("frozen-lossy"));
        }
        assertThat(conditions).singleElement().satisfies(same -> {
            assertThat(same.path("prompts").asText()).hasSize(64);
            assertThat(same.path("seeds").asText()).hasSize(64);
        });
    }

    private Path measured(String arm) {
        return runFolder(arm).resolve("measured.json");
    }

    private Path runFolder(String arm) {
        return folder.resolve("out/runs").resolve(RUN.formatted(arm));
    }

    private String page() throws IOException {
        return Files.readString(folder.resolve("out/paper.html"));
    }

    private String run(String name) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("paper"));
        arguments.addAll(EXPERIMENTS);
        arguments.addAll(List.of(
                "--quick",
                "--steps",
                "2",
                "--prompts",
                "64",
                "--out",
                folder.resolve("out").toString()));
        Path log = folder.resolve(name);
        try (RespecProcess paper = RespecProcess.start(arguments, home, log)) {
            paper.awaitSuccess(FINISH, log);
        }
        return RespecProcess.tail(log, 60);
    }
}
