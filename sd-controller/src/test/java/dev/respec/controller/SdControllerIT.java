package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.SpeculationSettings;
import dev.respec.speculation.Setting;
import dev.respec.stage.RunningStage;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.ConsumerMode;
import dev.respec.topics.Event;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(120)
class SdControllerIT {
    @RegisterExtension
    static final EmbeddedCluster CLUSTER = new EmbeddedCluster();

    private final Machine machine = new Machine(0.2).accepting("eagle3", 0.8).accepting("suffix", 0.1);

    private static RunningStage controller() {
        var settings = new ArrayList<>(CLUSTER.configSettings());
        settings.add("controller.exploration=0");
        return new RunningStage(new SdControllerStage(), RespecConfig.load(null, Map.of(), settings)).awaitReady();
    }

    private static List<SpeculationSettings> tables() {
        return CLUSTER.events().readAll(TopicCatalogue.SD_SETTINGS).stream()
                .map(Event::value)
                .map(Objects::requireNonNull)
                .toList();
    }

    @Test
    void shouldDecideSoonAfterStatisticsArriveAndGoOnAfterARestart() throws Exception {
        try (var producer = CLUSTER.events().producer();
                var settings = CLUSTER.events().consumer(TopicCatalogue.SD_SETTINGS, ConsumerMode.fromEnd())) {
            try (var first = controller()) {
                producer.sendAndWait(TopicCatalogue.COST_PROFILES, Machine.KEY.toString(), machine.profile());
                Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> tables().size() == 1);
                settings.poll(Duration.ofSeconds(1));

                long sent = System.nanoTime();
                var statistics = Statistics.exact(machine, Setting.chain("eagle3", 4), 2, 500);
                producer.sendAndWait(
                        TopicCatalogue.ACCEPTANCE_STATS, "worker-0", Statistics.interval(Instant.now(), statistics));
                Awaitility.await()
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> !settings.poll(Duration.ofMillis(20)).isEmpty());
                long millis = (System.nanoTime() - sent) / 1_000_000;

                System.out.println("statistics to settings: " + millis + " ms");
                assertThat(millis).isLessThan(10_000);
            }
            try (var second = controller()) {
                Thread.sleep(1_500);
                assertThat(tables()).hasSize(2);
                assertThat(tables().get(1).getVersion()).isEqualTo(2);
                machine.accepting("eagle3", 0.05);
                var statistics = Statistics.exact(machine, Setting.chain("eagle3", 4), 2, 5_000);
                producer.sendAndWait(
                        TopicCatalogue.ACCEPTANCE_STATS, "worker-0", Statistics.interval(Instant.now(), statistics));

                Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> tables().size() == 3);
                assertThat(tables().get(2).getVersion()).isEqualTo(3);
                assertThat(tables().get(2).getTable())
                        .allMatch(entry -> entry.getSetting().getDrafter().equals("off"));
            }
        }
    }
}
