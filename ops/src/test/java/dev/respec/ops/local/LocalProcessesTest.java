package dev.respec.ops.local;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.ops.Installation;
import dev.respec.stage.config.RespecConfig;
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
                RespecConfig.defaults().local().stageMemory());
        List<String> command = processes.broker(9092).command();
        assertThat(command)
                .containsSubsequence("broker", "--data-dir", folder.root().toString(), "--port", "9092");
    }
}
