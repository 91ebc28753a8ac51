package dev.respec.stage.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class RespecConfigTest {
    @TempDir
    Path directory;

    @Test
    void shouldHaveTheDocumentedDefaults() {
        var config = RespecConfig.defaults();

        assertThat(config.run()).isEqualTo(new RunSection("", 17, 100, Path.of("./respec-data")));
        assertThat(config.kafka()).isEqualTo(new KafkaSection("localhost:9092", "", Map.of(), ""));
        assertThat(config.registry())
                .isEqualTo(new RegistrySection(List.of("http://localhost:8081/apis/ccompat/v7"), "", "", "", ""));
        assertThat(config.artefacts()).isEqualTo(new ArtefactsSection("", 6, new ArtefactsSection.S3("", "", true)));
        assertThat(config.sampling()).isEqualTo(new SamplingSection(1.0, 1.0, 0, 512));
        assertThat(config.trainer().maxStaleness()).isEqualTo(2);
        assertThat(config.trainer().groupSize()).isEqualTo(8);
        assertThat(config.trainer().loss().importance())
                .isEqualTo(new LossSection.Importance(LossSection.Importance.Mode.TIS, 2.0));
        assertThat(config.http()).isEqualTo(new HttpSection("127.0.0.1", 0, HttpSection.Metrics.SELECTED));
        assertThat(config.metrics()).isEqualTo(new MetricsSection("", "", ""));
        assertThat(config.tracing()).isEqualTo(new TracingSection("", 0.01));
        assertThat(config.artefactRoot())
                .isEqualTo(Path.of("respec-data/artefacts").toAbsolutePath());
    }

    @Test
    void shouldNeitherSetGroupsAsideNorDrawPromptsByPassRateUnlessToldTo() {
        var config = RespecConfig.defaults();

        assertThat(config.trainer().dynamicSampling())
                .isEqualTo(new DynamicSamplingSection(false, 4, DynamicSamplingSection.AtLimit.TRAIN));
        assertThat(config.data().curriculum())
                .isEqualTo(new CurriculumSection(false, 2, 1.0, 0.1, CurriculumSection.Unseen.FIRST));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    trainer.group-size=1,trainer.dynamic-sampling.enabled=true | trainer.group-size in setting | at least 2
                    trainer.dynamic-sampling.limit=1 | trainer.dynamic-sampling.limit in setting | at least 2
                    trainer.dynamic-sampling.at-limit=stop | trainer.dynamic-sampling.at-limit in setting | carry-on
                    data.curriculum.enabled=true | data.train | a JSONL file with data.curriculum.enabled
                    data.curriculum.floor=0 | data.curriculum.floor in setting | above 0, up to 1
                    data.curriculum.window=0 | data.curriculum.window in setting | at least 1
                    data.curriculum.sharpness=-1 | data.curriculum.sharpness in setting | at least 0
                    """)
    void shouldNameASettingOfPromptsThatCannotBe(String settings, String place, String expected) {
        assertThatThrownBy(() -> RespecConfig.load(null, Map.of(), List.of(settings.split(","))))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("config: " + place)
                .hasMessageContaining(expected);
    }

    @Test
    void shouldLayFileEnvironmentAndSettingsOverEachOther() throws IOException {
        var file = file("worker:\n  slots: 12\n  threads: 3\n  capacity: 99\ntrainer:\n");

        var config = RespecConfig.load(
                file,
                Map.of("RESPEC_WORKER_THREADS", "4", "RESPEC_WORKER_CAPACITY", "100", "PATH", "/bin"),
                List.of("worker.capacity=101"));

        assertThat(config.worker().slots()).isEqualTo(12);
        assertThat(config.worker().threads()).isEqualTo(4);
        assertThat(config.worker().capacity()).isEqualTo(101);
        assertThat(config.trainer()).isEqualTo(RespecConfig.defaults().trainer());
    }

    @Test
    void shouldReadAMapFromAFileASettingOrOneOfItsEntries() throws IOException {
        var file = file("data:\n  template-variables:\n    enable_thinking: false\n    tools: [a, b]\n");

        var fromFile = RespecConfig.load(file, Map.of(), List.of("data.template-variables.level=3"));
        var fromText = RespecConfig.load(
                null, Map.of("RESPEC_DATA_TEMPLATE_VARIABLES", "{enable_thinking: true, name: x}"), List.of());

        var variables = Map.of("enable_thinking", "false", "tools", "[\"a\",\"b\"]", "level", "3");
        assertThat(fromFile.data().templateVariables()).isEqualTo(variables);
        assertThat(fromFile.withOverrides(List.of())).isEqualTo(fromFile);
        assertThat(fromText.data().templateVariables()).isEqualTo(Map.of("enable_thinking", "true", "name", "x"));
        assertThatThrownBy(() -> RespecConfig.load(null, Map.of(), List.of("data.template-variables=x")))
                .hasMessageContaining("config: data.template-variables in setting")
                .hasMessageContaining("{name: value}");
    }

    @Test
    void shouldPutThePathOfTheSignalToACollectorsAddress() {
        assertThat(new TracingSection("http://collector:4318", 1).endpoint())
                .isEqualTo("http://collector:4318/v1/traces");
        assertThat(new TracingSection("http://collector:4318/", 1).endpoint())
                .isEqualTo("http://collector:4318/v1/traces");
        assertThat(new MetricsSection("", "", "https://host/otlp/v1/metrics").otlpEndpoint())
                .isEqualTo("https://host/otlp/v1/metrics");
        for (String key : List.of("metrics.mlflow", "metrics.otlp", "tracing.otlp")) {
            assertThatThrownBy(() -> RespecConfig.load(null, Map.of(), List.of(key + "=collector:4318")))
                    .hasMessageContaining(key)
                    .hasMessageContaining("http://HOST:PORT");
        }
        assertThatThrownBy(() -> RespecConfig.load(null, Map.of(), List.of("tracing.sample=2")))
                .hasMessageContaining("tracing.sample");
    }

    @Test
    void shouldReadEveryKindOfValueFromText() {
        var config = RespecConfig.load(
                null,
                Map.of("RESPEC_WORKER_DRAFT_LENGTHS_SUFFIX", "1,3"),
                List.of(
                        "worker.cost-batches=[2, 4]",
                        "scorer.group-timeout=90s",
                        "learner.enabled=false",
                        "learner.weighting=advantage",
                        "trainer.learning-rate=3e-5",
                        "trainer.loss.importance.mode=decoupled-clamp",
                        "run.id=a=b"));

        assertThat(config.worker().draftLengths().suffix()).containsExactly(1, 3);
        assertThat(config.worker().costBatches()).containsExactly(2, 4);
        assertThat(config.scorer().groupTimeout()).isEqualTo(Duration.ofSeconds(90));
        assertThat(config.learner().enabled()).isFalse();
        assertThat(config.learner().weighting()).isEqualTo(LearnerSection.Weighting.ADVANTAGE);
        assertThat(config.trainer().learningRate()).isEqualTo(3e-5);
        assertThat(config.trainer().loss().importance().mode()).isEqualTo(LossSection.Importance.Mode.DECOUPLED_CLAMP);
        assertThat(config.run().id()).isEqualTo("a=b");
    }

    @Test
    void shouldPassAnyKafkaPropertyThrough() throws IOException {
        var file = file("kafka:\n  properties:\n    security.protocol: SASL_SSL\n    retries: 3\n");

        var config = RespecConfig.load(
                file,
                Map.of("RESPEC_KAFKA_PROPERTIES_SASL_MECHANISM", "PLAIN"),
                List.of("kafka.properties.producer.linger.ms=20"));

        assertThat(config.cluster().properties())
                .containsOnly(
                        Map.entry("security.protocol", "SASL_SSL"),
                        Map.entry("retries", "3"),
                        Map.entry("sasl.mechanism", "PLAIN"),
                        Map.entry("producer.linger.ms", "20"));
    }

    static Stream<Arguments> wrongFiles() {
        return Stream.of(
                Arguments.of(
                        "trainer:\n  lerning-rate: 1\n",
                        "config: unknown key 'trainer.lerning-rate' in respec.yaml: expected one of "),
                Arguments.of(
                        "trainr:\n  x: 1\n", "config: unknown key 'trainr' in respec.yaml: expected one of artefacts"),
                Arguments.of("worker: 5\n", "config: 'worker' in respec.yaml: expected a section with keys capacity"),
                Arguments.of(
                        "worker:\n  slots: many\n",
                        "config: worker.slots in respec.yaml: expected a whole number, got 'many'"),
                Arguments.of(
                        "worker:\n  slots: 1.5\n",
                        "config: worker.slots in respec.yaml: expected a whole number, got '1.5'"),
                Arguments.of(
                        "worker:\n  slots: 0\n",
                        "config: worker.slots in respec.yaml: expected a number of at least 1, got '0'"),
                Arguments.of(
                        "worker:\n  slots: [1]\n",
                        "config: worker.slots in respec.yaml: expected a whole number, got '[1]'"),
                Arguments.of(
                        "learner:\n  interval: 10\n",
                        "config: learner.interval in respec.yaml: expected a duration such as 500ms, 10s, 5m, got '10'"),
                Arguments.of(
                        "learner:\n  weighting: best\n",
                        "config: learner.weighting in respec.yaml: expected one of uniform, reward, advantage, failures, got 'best'"),
                Arguments.of(
                        "learner:\n  enabled: yes please\n",
                        "config: learner.enabled in respec.yaml: expected true or false, got 'yes please'"),
                Arguments.of(
                        "trainer:\n  loss:\n    importance:\n      cap: -1\n",
                        "config: trainer.loss.importance.cap in respec.yaml: expected a number above 0, got '-1.0'"),
                Arguments.of(
                        "worker:\n  cost-batches: 2 4\n",
                        "config: worker.cost-batches in respec.yaml: expected a whole number, got '2 4'"),
                Arguments.of("run:\n  steps: 1\n  steps: 2\n", "config: respec.yaml line 3, column "),
                Arguments.of("run: [\n", "config: respec.yaml line "));
    }

    @ParameterizedTest
    @MethodSource("wrongFiles")
    void shouldNameKeyPlaceAndExpectation(String yaml, String message) throws IOException {
        var file = file(yaml);

        assertThatThrownBy(() -> RespecConfig.load(file, Map.of(), List.of()))
                .isInstanceOf(ConfigException.class)
                .satisfies(error -> {
                    var text = String.valueOf(error.getMessage()).replace(directory + "/", "");
                    assertThat(text).hasLineCount(1);
                    assertThat(text.startsWith(message)).as(text).isTrue();
                });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            worker.slot=1            | config: unknown key 'worker.slot' in setting: expected one of
            slots                    | config: setting 'slots': expected key=value
            worker=1                 | config: unknown key 'worker' in setting: expected one of
            http.port=70000          | config: http.port in setting: expected a port from 0 to 65535, got '70000'
            worker.draft-trees=[4x3/2] | config: worker.draft-trees in setting: expected depth x branching / tokens with
            worker.draft-trees=[16x9/60] | config: worker.draft-trees in setting: expected depth x branching / tokens with
            registry.urls=localhost  | config: registry.urls in setting: expected a url that starts with http
            registry.urls=http://a:b@c | config: registry.urls in setting: expected a url without a user: name it in
            """)
    void shouldNameAWrongSetting(String setting, String message) {
        assertThatThrownBy(() -> RespecConfig.load(null, Map.of(), List.of(setting)))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void shouldNameAnUnknownEnvironmentVariable() {
        assertThatThrownBy(() -> RespecConfig.load(null, Map.of("RESPEC_WORKR_SLOTS", "1"), List.of()))
                .hasMessageStartingWith("config: unknown environment variable RESPEC_WORKR_SLOTS: expected");
        assertThatThrownBy(() -> RespecConfig.load(null, Map.of("RESPEC_WORKER_SLOTS", "x"), List.of()))
                .hasMessage("config: worker.slots in environment variable RESPEC_WORKER_SLOTS:"
                        + " expected a whole number, got 'x'");
    }

    @Test
    void shouldNameAFileThatIsNotThere() {
        assertThatThrownBy(() -> RespecConfig.load(directory.resolve("none.yaml"), Map.of(), List.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("none.yaml");
    }

    @Test
    void shouldReadBackWhatItWrites() throws IOException {
        var config = RespecConfig.defaults()
                .withOverrides(List.of(
                        "run.id=7",
                        "registry.username=ann",
                        "registry.password=s3cret",
                        "kafka.properties.sasl.jaas.config=user and s3cret",
                        "worker.statistics-interval=250ms",
                        "scorer.group-timeout=90m"));

        assertThat(RespecConfig.load(file(config.toYamlWithSecrets()), Map.of(), List.of()))
                .isEqualTo(config);
        assertThat(config.toYaml()).doesNotContain("s3cret").contains("***");
        assertThat(config.toString()).doesNotContain("s3cret");
    }

    @Test
    void shouldReadThePasswordFromItsFile() throws IOException {
        var password = Files.writeString(directory.resolve("password"), "s3cret\n");

        var config = RespecConfig.load(
                null, Map.of(), List.of("registry.username=ann", "registry.password-file=" + password));

        assertThat(config.cluster().registry().password()).isEqualTo("s3cret");
    }

    @Test
    void shouldTakeKafkaSecretsFromAFileAndShowNone() throws IOException {
        var secrets = Files.writeString(directory.resolve("kafka"), """
                sasl.jaas.config=user and s3cret
                ssl.key.password=s3cret
                client.id=of the file
                """);

        var config = RespecConfig.load(
                null,
                Map.of("RESPEC_KAFKA_PROPERTIES_FILE", secrets.toString(), "RESPEC_KAFKA_PROPERTIES_CLIENT_ID", "mine"),
                List.of());

        assertThat(config.cluster().properties())
                .containsEntry("sasl.jaas.config", "user and s3cret")
                .containsEntry("client.id", "mine");
        assertThat(config.toYaml() + config.toYamlWithSecrets() + config + config.cluster())
                .doesNotContain("s3cret");
    }

    @Test
    void shouldNameAKafkaFileThatCannotBeRead() throws IOException {
        var malformed = Files.writeString(directory.resolve("malformed"), "ssl.key.password=\\u00s3cret");

        for (var file : List.of(malformed, directory.resolve("none"))) {
            var config = RespecConfig.load(null, Map.of(), List.of("kafka.properties-file=" + file));
            assertThatThrownBy(config::cluster)
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining("kafka.properties-file '" + file)
                    .hasNoCause()
                    .message()
                    .doesNotContain("s3cret");
        }
    }

    private Path file(String yaml) throws IOException {
        return Files.writeString(directory.resolve("respec.yaml"), yaml);
    }
}
