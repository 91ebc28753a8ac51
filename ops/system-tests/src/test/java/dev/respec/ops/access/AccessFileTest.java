package dev.respec.ops.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.registry.RegistryConfig;
import dev.respec.topics.AccessProvisioner;
import dev.respec.topics.ClusterConfig;
import dev.respec.topics.EventLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AccessFileTest {
    private static final Path FILE = Path.of("acl", "kafka-acls.sh");

    @Test
    void shouldShipTheRulesAsAScript() throws IOException {
        var cluster = new ClusterConfig("localhost:1", "", Map.of(), RegistryConfig.of("http://localhost:1"));
        try (var events = new EventLog(cluster, "test")) {
            AccessProvisioner access = events.access("respec-");

            List<String> commands = Files.readAllLines(FILE).stream()
                    .filter(line -> line.startsWith("acls "))
                    .map(line -> line.substring("acls ".length()))
                    .toList();

            assertThat(commands)
                    .as("%s: write it again from 'respec topics acls'", FILE)
                    .isEqualTo(access.lines());
        }
    }
}
