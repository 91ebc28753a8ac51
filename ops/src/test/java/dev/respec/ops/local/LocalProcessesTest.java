package dev.respec.ops.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.ops.Installation;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalProcessesTest {
    @TempDir
    Path directory;

    @Test
    void shouldKeepTheBrokersDataInTheRunsFolder() {
        DataFolder folder = new DataFolder(directory.resolve("run"));
        LocalProcesses processes = new LocalProcesses(
                new Installation(directory),
                folder,
                RespecConfig.defaults().local().stageMemory(),
                ClassArchives.USED);
        List<String> command = processes.broker(9092).command();
        assertThat(command)
                .containsSubsequence("broker", "--data-dir", folder.root().toString(), "--port", "9092");
    }

    @Test
    void shouldStartFromAnArchiveOnlyWhereThereIsOne() throws IOException {
        Installation installation = new Installation(directory);
        LocalProcesses processes = new LocalProcesses(
                installation,
                new DataFolder(directory.resolve("run")),
                RespecConfig.defaults().local().stageMemory(),
                ClassArchives.USED);
        assertThat(processes.broker(9092).command()).noneMatch(flag -> flag.contains("Archive"));

        Path archive = installation.archives().resolve("broker.jsa");
        Files.createDirectories(installation.archives());
        Files.createFile(archive);

        assertThat(processes.broker(9092).command()).contains("-XX:SharedArchiveFile=" + archive);
    }
}
