package dev.respec.ops.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.ops.cluster.DataFolder;
import dev.respec.ops.cluster.FolderLock;
import dev.respec.ops.cluster.RunFile;
import dev.respec.stage.BadInputException;
import dev.respec.stage.config.ConfigException;
import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConfiguredPortsTest {
    @TempDir
    Path parent;

    @ParameterizedTest
    @ValueSource(strings = {"broker", "registry", "page"})
    void shouldRefuseATakenPortBeforeAnythingIsWritten(String name) throws IOException {
        Path folder = parent.resolve("run");
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String setting = "local.ports." + name + "=" + taken.getLocalPort();

            assertThatThrownBy(() -> LocalRun.requirePorts(config("run.data-dir=" + folder, setting)))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageStartingWith("port " + taken.getLocalPort() + " (local.ports." + name + ") is taken")
                    .hasMessageNotContaining("\n");
        }
        assertThat(folder).doesNotExist();
    }

    @Test
    void shouldSayThatTheFoldersOwnRunHasThePort() throws IOException {
        DataFolder folder = new DataFolder(parent);
        RunFile.begin("run", 1, 9, Instant.EPOCH).write(folder.runFile());
        try (FolderLock lock = FolderLock.tryAcquire(folder).orElseThrow();
                ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(lock).isNotNull();
            String setting = "local.ports.broker=" + taken.getLocalPort();

            assertThatThrownBy(() -> LocalRun.requirePorts(config("run.data-dir=" + parent, setting)))
                    .isInstanceOf(BadInputException.class)
                    .hasMessageStartingWith("another run is using");
        }
    }

    @Test
    void shouldRefuseOnePortForTwo() {
        assertThatThrownBy(
                        () -> ConfiguredPorts.requireFree(config("local.ports.registry=21977", "local.ports.page=21977")
                                .local()))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("local.ports.registry and local.ports.page are both 21977");
    }

    @Test
    void shouldNotLookAtThePortOfAPageThatIsOff() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ConfiguredPorts.requireFree(config("local.page=false", "local.ports.page=" + taken.getLocalPort())
                    .local());
            assertThat(taken.isBound()).isTrue();
        }
    }

    private static RespecConfig config(String... settings) {
        return RespecConfig.defaults().withOverrides(List.of(settings));
    }
}
