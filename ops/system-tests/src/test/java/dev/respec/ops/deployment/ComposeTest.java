package dev.respec.ops.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.stage.config.RespecConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

@SuppressWarnings("unchecked") // YAML has no types
class ComposeTest {
    private static final Path FOLDER = Path.of("compose");
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Z0-9_]+)}");
    private static final List<String> STAGES =
            List.of("rollout-worker", "reward-scorer", "sd-controller", "drafter-learner", "trainer");

    private static Map<String, Object> compose = Map.of();
    private static Map<String, Map<String, Object>> services = Map.of();

    @BeforeAll
    static void read() throws IOException {
        var options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        var text = Files.readString(FOLDER.resolve("compose.yaml"));
        var variables = variables(".env");
        var undefined = VARIABLE.matcher(text)
                .results()
                .map(match -> match.group(1))
                .filter(name -> !variables.containsKey(name));
        assertThat(undefined).as("variables that .env does not define").isEmpty();
        var resolved = VARIABLE.matcher(text).replaceAll(match -> variables.get(match.group(1)));
        compose = new Yaml(new SafeConstructor(options)).load(resolved);
        services = (Map<String, Map<String, Object>>) Objects.requireNonNull(compose.get("services"));
    }

    @Test
    void shouldHaveEveryPart() {
        assertThat(services.keySet()).containsAll(STAGES);
        assertThat(services.keySet()).contains("kafka", "registry", "topics", "object-store", "prometheus", "grafana");
    }

    @Test
    void shouldRunTheStagesWithAsLittleAsTheyNeed() {
        for (String stage : STAGES) {
            var service = service(stage);
            assertThat(service).as(stage).containsEntry("read_only", true).containsEntry("cap_drop", List.of("ALL"));
            assertThat(service.get("image")).isEqualTo("respec/" + stage + ":local");
            assertThat(service).containsKeys("mem_limit", "stop_grace_period");
        }
    }

    @Test
    void shouldScaleTheWorkers() {
        assertThat(services.get("rollout-worker"))
                .doesNotContainKeys("container_name", "ports", "hostname")
                .extractingByKey("volumes")
                .isEqualTo(List.of("artefacts:/artefacts"));
    }

    @Test
    void shouldNameOnlyWhatIsThere() {
        var volumes = (Map<String, Object>) compose.get("volumes");
        services.forEach((name, service) -> {
            var mounts = (List<String>) service.getOrDefault("volumes", List.of());
            for (String mount : mounts) {
                var source = mount.substring(0, mount.indexOf(':'));
                if (source.startsWith(".")) {
                    assertThat(FOLDER.resolve(source)).as(name).exists();
                } else {
                    assertThat(volumes).as(name).containsKey(source);
                }
            }
            var dependencies = service.getOrDefault("depends_on", List.of());
            var names = dependencies instanceof Map<?, ?> map ? map.keySet() : (List<String>) dependencies;
            assertThat(services.keySet()).as(name).containsAll((Iterable<String>) names);
        });
    }

    @Test
    void shouldConfigureWithKeysThatExist() throws IOException {
        for (String stage : STAGES) {
            var environment = new TreeMap<String, String>();
            ((Map<String, Object>) Objects.requireNonNull(service(stage).get("environment")))
                    .forEach((name, value) -> environment.put(name, String.valueOf(value)));

            var config = RespecConfig.load(null, environment, List.of());

            assertThat(config.run().id()).as(stage).isEqualTo("compose");
            assertThat(config.artefacts().root()).isEqualTo("/artefacts");
        }
        assertThat(variables(".env").keySet()).containsAll(variables("s3.env").keySet());
    }

    private static Map<String, Object> service(String name) {
        return Objects.requireNonNull(services.get(name), name);
    }

    private static Map<String, String> variables(String file) throws IOException {
        var read = new Properties();
        try (var text = Files.newBufferedReader(FOLDER.resolve(file))) {
            read.load(text);
        }
        var variables = new HashMap<String, String>();
        read.stringPropertyNames().forEach(name -> variables.put(name, read.getProperty(name)));
        return variables;
    }
}
