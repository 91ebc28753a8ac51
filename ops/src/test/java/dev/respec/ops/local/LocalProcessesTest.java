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
        List<String> command = processes(folder).broker(9092).command();
        assertThat(command)
                .containsSubsequence("broker", "--data-dir", folder.root().toString(), "--port", "9092");
    }

    @Test
    void shouldGiveTheWorkerAndWhatMeasuresTheVectorModuleWithoutAWarning() {
        LocalProcesses processes = processes(new DataFolder(directory.resolve("run")));
        for (ProcessSpec spec :
                List.of(processes.stage("worker", List.of()), processes.command("measure", List.of("--json", "f")))) {
            assertThat(spec.command())
                    .containsSubsequence("--add-exports", "java.base/jdk.internal.module=ALL-UNNAMED")
                    .contains("--enable-native-access=ALL-UNNAMED")
                    .doesNotContain("--add-modules");
        }
    }

    private LocalProcesses processes(DataFolder folder) {
        return new LocalProcesses(
                new Installation(directory),
                folder,
                RespecConfig.defaults().local().stageMemory());
    }
}
