package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.SpeculationSettings;
import dev.respec.speculation.Setting;
import dev.respec.stage.StageContext;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.ConsumerMode;
import dev.respec.topics.Event;
import dev.respec.topics.EventLog;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
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

    /** A controller process. */
    private final class Controller implements AutoCloseable {
        private final EventLog events;
        private final StageContext context;
        private final Thread thread;

        Controller(String name) {
            var settings = new ArrayList<>(CLUSTER.configSettings());
            settings.add("controller.exploration=0");
            events = new EventLog(CLUSTER.clusterConfig(), name);
            context = new StageContext(RespecConfig.load(null, Map.of(), settings), events, new SimpleMeterRegistry());
            thread = new Thread(this::run, name);
            thread.start();
            Awaitility.await().atMost(Duration.ofSeconds(60)).until(context::isReady);
        }

        private void run() {
            try {
                new SdControllerStage().run(context);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        @Override
        public void close() throws InterruptedException {
            context.stop();
            thread.join(30_000);
            assertThat(thread.isAlive()).isFalse();
            events.close();
        }
    }

    private static List<SpeculationSettings> tables() {
        return CLUSTER.events().readAll(TopicCatalogue.SD_SETTINGS).stream()
                .map(Event::value)
                .map(Objects::requireNonNull)
                .toList();
    }

    @Test
    void shouldDecideSoonAfterStatisticsArriveAndGoOnAfterARestart() throws InterruptedException {
        try (var producer = CLUSTER.events().producer();
                var settings = CLUSTER.events().consumer(TopicCatalogue.SD_SETTINGS, ConsumerMode.fromEnd())) {
            try (var first = new Controller("first")) {
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
            try (var second = new Controller("second")) {
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
