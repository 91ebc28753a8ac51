package dev.respec.ops.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalProcessesTest {
    @TempDir
    Path directory;

    @Test
    void shouldKeepTheBrokersDataInTheRunsFolder() {
        assertThat(broker())
                .containsSubsequence(
                        "broker", "--data-dir", directory.resolve("run").toString(), "--port", "9092");
    }

    @Test
    void shouldStartFromAnArchiveOfClassesOnlyIfThereIsOne() throws IOException {
        assertThat(broker()).noneMatch(flag -> flag.contains("SharedArchiveFile"));

        Path archive = new Installation(directory).archives().respec();
        Files.createDirectories(archive.getParent());
        Files.createFile(archive);

        assertThat(broker()).contains("-XX:SharedArchiveFile=" + archive);
    }

    private List<String> broker() {
        return processes(new DataFolder(directory.resolve("run"))).broker(9092).command();
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

    @Test
    void shouldRunAnotherProgramOnlyForTheStageItIsNamedFor() {
        Installation installation = new Installation(directory).withProgram("worker", String.class);
        LocalProcesses processes = processes(installation, new DataFolder(directory.resolve("run")));

        assertThat(processes.stage("worker", List.of()).command())
                .contains("java.lang.String")
                .doesNotContain("dev.respec.ops.Respec");
        for (ProcessSpec spec : List.of(
                processes.broker(9092),
                processes.stage("trainer", List.of()),
                processes.command("measure", List.of("measure")))) {
            assertThat(spec.command()).contains("dev.respec.ops.Respec").doesNotContain("java.lang.String");
        }
    }

    @Test
    void shouldStartOnlyWhatTrainsWithALowerPriority() {
        LocalProcesses processes = processes(new DataFolder(directory.resolve("run")), "local.training-niceness=7");
        for (String name : List.of("trainer", "learner")) {
            List<String> command = processes.stage(name, List.of()).command();
            assertThat(command.get(0)).endsWith("/nice");
            assertThat(command.subList(1, 3)).containsExactly("-n", "7");
            assertThat(command.get(3)).endsWith("/java");
        }
        for (String name : List.of("worker", "scorer", "controller")) {
            assertThat(processes.stage(name, List.of()).command().get(0)).endsWith("/java");
        }
        assertThat(processes.broker(9092).command().get(0)).endsWith("/java");
    }

    @Test
    void shouldStartEveryProcessAsItIsWithoutNiceness() {
        LocalProcesses processes = processes(new DataFolder(directory.resolve("run")), "local.training-niceness=0");

        assertThat(processes.stage("trainer", List.of()).command().get(0)).endsWith("/java");
    }

    @Test
    void shouldRefuseANicenessThatTheSystemDoesNotHave() {
        assertThatThrownBy(() -> RespecConfig.defaults().withOverrides(List.of("local.training-niceness=20")))
                .hasMessageContaining("local.training-niceness")
                .hasMessageContaining("0 to 19");
    }

    private LocalProcesses processes(DataFolder folder, String... settings) {
        return processes(new Installation(directory), folder, settings);
    }

    private static LocalProcesses processes(Installation installation, DataFolder folder, String... settings) {
        List<String> overrides = new ArrayList<>(List.of(settings));
        overrides.addAll(List.of(
                "local.stage-memory.worker=1g", "local.stage-memory.learner=1g", "local.stage-memory.trainer=1g"));
        return new LocalProcesses(
                installation,
                folder,
                RespecConfig.defaults().withOverrides(overrides).local());
    }
}
