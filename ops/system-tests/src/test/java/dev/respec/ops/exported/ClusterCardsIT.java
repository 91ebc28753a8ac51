package dev.respec.ops.exported;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.ops.Respec;
import dev.respec.ops.replay.RecordedRun;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** {@code respec export --cards} for a run that nothing but topics and a configuration is known of. */
class ClusterCardsIT {
    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    private Path folder;

    @BeforeEach
    void install() {
        System.setProperty("respec.home", Path.of("").toAbsolutePath().toString());
    }

    @AfterEach
    void uninstall() {
        System.clearProperty("respec.home");
    }

    /** Two steps with mean rewards of 0.25 and 0.5 on four groups of two; no step drafted. */
    @Test
    void shouldWriteTheCardsOfARunOnACluster() throws Exception {
        RecordedRun.write(cluster.events());
        Path cards = folder.resolve("cards");

        assertThat(export(RecordedRun.RUN, cards)).isZero();

        assertThat(Files.readString(cards.resolve("policy-final/README.md")))
                .startsWith("---\nlicense: apache-2.0\n")
                .contains("`policy` after 2 steps of reinforcement learning")
                .contains("| data | questions.jsonl |")
                .contains("| 1 | 0.2500 | ", "| 2 | 0.5000 | ")
                .contains("No step of the run drafted.")
                .doesNotContain(folder.toString());
        assertThat(Files.readString(cards.resolve("drafter-final/README.md")))
                .contains("# Drafter of " + RecordedRun.RUN, "No step of the run drafted with it.");
    }

    @Test
    void shouldNotWriteACardOfARunWithoutAStep() {
        Path cards = folder.resolve("cards");

        assertThat(export("nobody's", cards)).isEqualTo(4);
        assertThat(cards).doesNotExist();
    }

    private int export(String run, Path cards) {
        List<String> line = new ArrayList<>(List.of(
                "export",
                "--cards",
                cards.toString(),
                "--data-dir",
                folder.resolve("none").toString()));
        List<String> settings = new ArrayList<>(cluster.configSettings());
        settings.add("run.id=" + run);
        settings.add("data.train=/home/ann/questions.jsonl");
        settings.forEach(setting -> line.addAll(List.of("--set", setting)));
        return Respec.execute(line.toArray(String[]::new));
    }
}
