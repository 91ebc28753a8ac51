package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.CostProfile;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.speculation.Setting;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.EventLog;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.RegistryWithoutBroker;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.errors.LogAndContinueExceptionHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class SdControllerTopologyTest {
    @RegisterExtension
    static final RegistryWithoutBroker registry = new RegistryWithoutBroker();

    @TempDir
    private Path stateDirectory;

    private final Machine machine = new Machine(0.2).accepting("eagle3", 0.8).accepting("suffix", 0.3);
    private final MeterRegistry metrics = new SimpleMeterRegistry();
    private Instant now = Machine.START;
    private EventLog events;
    private TopologyTestDriver driver;
    private TestInputTopic<String, AcceptanceStats> stats;
    private TestInputTopic<String, CostProfile> profiles;
    private TestOutputTopic<String, SpeculationSettings> settings;

    @BeforeEach
    void start() {
        events = registry.events();
        startDriver();
    }

    private void startDriver() {
        var topology = new SdControllerTopology(events, RespecConfig.defaults().controller(), metrics);
        var properties = new Properties();
        properties.put("application.id", "p-sd-controller");
        properties.put("state.dir", stateDirectory.toString());
        properties.put("deserialization.exception.handler", LogAndContinueExceptionHandler.class);
        driver = new TopologyTestDriver(topology.topology(), properties, now);
        stats = driver.createInputTopic(
                "p-acceptance-stats",
                new StringSerializer(),
                events.serde(TopicCatalogue.ACCEPTANCE_STATS).serializer());
        profiles = driver.createInputTopic(
                "p-cost-profiles",
                new StringSerializer(),
                events.serde(TopicCatalogue.COST_PROFILES).serializer());
        settings = driver.createOutputTopic(
                "p-sd-settings",
                new StringDeserializer(),
                events.serde(TopicCatalogue.SD_SETTINGS).deserializer());
    }

    @AfterEach
    void close() {
        driver.close();
        events.close();
    }

    private void advance(Duration by) {
        now = now.plus(by);
        driver.advanceWallClockTime(by);
    }

    private void generate(Setting setting, int batch, int seconds) {
        for (int i = 0; i < seconds; i++) {
            stats.pipeInput(
                    "worker-0",
                    Statistics.interval(
                            now,
                            Statistics.exact(machine, Setting.OFF, batch, 20),
                            Statistics.exact(machine, setting, batch, 200)));
            advance(Duration.ofSeconds(1));
        }
    }

    @Test
    void shouldPublishOffAsSoonAsThereAreCosts() {
        advance(Duration.ofSeconds(1));
        assertThat(settings.isEmpty()).isTrue();

        profiles.pipeInput(Machine.KEY.toString(), machine.profile());
        advance(Duration.ofMillis(500));

        var published = settings.readKeyValue();
        assertThat(published.key).isEqualTo("run/policy/cpu-float32");
        assertThat(published.value.getVersion()).isEqualTo(1);
        assertThat(published.value.getModelId()).isEqualTo("policy");
        assertThat(published.value.getDeviceClass()).isEqualTo("cpu");
        assertThat(published.value.getTable())
                .allMatch(entry -> entry.getSetting().getDrafter().equals("off"));
    }

    @Test
    void shouldTurnADrafterOnThatPaysAndOffWhenItNoLongerDoes() {
        profiles.pipeInput(Machine.KEY.toString(), machine.profile());
        generate(Setting.chain("eagle3", 4), 2, 6);
        assertThat(last().getTable().get(1).getSetting().getDrafter()).isEqualTo("eagle3");

        machine.accepting("eagle3", 0.0);
        generate(Setting.chain("eagle3", 4), 2, 60);

        assertThat(last().getTable())
                .noneMatch(entry -> entry.getSetting().getDrafter().equals("eagle3"));
        assertThat(metrics.get("respec.controller.collapses")
                        .tag("drafter", "eagle3")
                        .counter()
                        .count())
                .isGreaterThanOrEqualTo(1);
        assertThat(metrics.get("respec.controller.drafter.alarmed.version")
                        .tags("drafter", "eagle3", "alarm", "collapse")
                        .gauge()
                        .value())
                .as("the version that rests")
                .isZero();
    }

    /** From 3.4 to 1.9 tokens per verify step in ten minutes: the table names the drafter, which goes on drafting. */
    @Test
    void shouldNameADrafterThatDeclinesWithoutACollapse() {
        profiles.pipeInput(Machine.KEY.toString(), machine.profile());
        double rate = 0.806;
        for (; rate > 0.49; rate -= 0.316 / 600) {
            machine.accepting("eagle3", rate);
            generate(Setting.chain("eagle3", 4), 2, 1);
        }

        assertThat(last().getAlarms()).singleElement().satisfies(alarm -> {
            assertThat(alarm.getAlarm()).isEqualTo("decline");
            assertThat(alarm.getDrafter()).isEqualTo("eagle3");
            assertThat(alarm.getAcceptanceLengthBefore()).isBetween(3.2, 3.45);
            assertThat(alarm.getAcceptanceLength()).isBetween(1.9, 0.76 * 3.45);
            assertThat(alarm.getRestsUntil()).isEqualTo(alarm.getRaisedAt());
        });
        assertThat(metrics.get("respec.controller.drafter.alarmed.version")
                        .tags("drafter", "eagle3", "alarm", "decline")
                        .gauge()
                        .value())
                .isZero();
        assertThat(metrics.get("respec.controller.declines")
                        .tag("drafter", "eagle3")
                        .counter()
                        .count())
                .isEqualTo(1);
    }

    private SpeculationSettings last() {
        var published = settings.readValuesToList();
        assertThat(published).isNotEmpty();
        for (int i = 1; i < published.size(); i++) {
            assertThat(published.get(i).getVersion())
                    .isEqualTo(published.get(i - 1).getVersion() + 1);
        }
        return published.get(published.size() - 1);
    }

    @Test
    void shouldKeepModelsApart() {
        profiles.pipeInput(Machine.KEY.toString(), machine.profile());
        CostProfile other = machine.profile();
        other.setModelId("other");
        profiles.pipeInput("run/other/cpu-float32", other);

        generate(Setting.chain("eagle3", 4), 2, 6);

        var published = settings.readKeyValuesToList();
        assertThat(published)
                .extracting(record -> record.key)
                .contains("run/policy/cpu-float32", "run/other/cpu-float32");
        assertThat(published)
                .filteredOn(record -> record.key.equals("run/other/cpu-float32"))
                .allMatch(record -> record.value.getTable().stream()
                        .allMatch(entry -> entry.getSetting().getDrafter().equals("off")));
    }

    @Test
    void shouldLeaveOutWhatCannotBeTrue() {
        CostProfile broken = machine.profile();
        broken.setCosts(List.of());
        broken.setBatches(List.of());
        profiles.pipeInput(Machine.KEY.toString(), broken);
        AcceptanceStats impossible =
                Statistics.interval(now, Statistics.exact(machine, Setting.chain("eagle3", 2), 2, 10));
        impossible.getSettings().get(0).setSequenceSteps(1L);
        stats.pipeInput("worker-0", impossible);
        driver.createInputTopic("p-acceptance-stats", new StringSerializer(), new ByteArraySerializer())
                .pipeInput("worker-0", "no record".getBytes(StandardCharsets.UTF_8));
        advance(Duration.ofSeconds(1));

        assertThat(settings.isEmpty()).isTrue();
        assertThat(metrics.get("respec.controller.refused").counter().count()).isEqualTo(2);
    }

    @Test
    void shouldNotGoBackToOlderCosts() {
        CostProfile newer = machine.profile();
        newer.setMeasuredAt(Machine.START.plusSeconds(60));
        profiles.pipeInput(Machine.KEY.toString(), newer);
        profiles.pipeInput(Machine.KEY.toString(), machine.profile());

        assertThat(driver.<String, CostProfile>getKeyValueStore(SdControllerTopology.COSTS)
                        .get("run/policy/cpu-float32")
                        .getMeasuredAt())
                .isEqualTo(newer.getMeasuredAt());
    }
}
