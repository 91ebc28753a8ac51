package dev.respec.ops.drafting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.respec.artefacts.ArtefactStore;
import dev.respec.model.checkpoint.Eagle3Checkpoint;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.DrafterAlarm;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.schemas.TrustedEvents;
import dev.respec.schemas.WeightRole;
import dev.respec.stage.config.RespecConfig;
import dev.respec.topics.Event;
import dev.respec.topics.TopicCatalogue;
import dev.respec.topics.embedded.EmbeddedCluster;
import dev.respec.topics.embedded.SampleEvents;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Weights that load and draft nothing, with the real engine: how long until nobody uses them, and who says so. */
class BrokenDrafterIT {
    static {
        TrustedEvents.trust(); // builders fill in defaults
    }

    private static final String RUN = "broken-drafter";
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final Duration SECONDS = Duration.ofSeconds(10);

    @RegisterExtension
    static final EmbeddedCluster cluster = new EmbeddedCluster();

    @TempDir
    Path directory;

    private final Path shipped = Path.of("models/drafter").toAbsolutePath();
    private RespecConfig config = RespecConfig.defaults();

    @BeforeEach
    void configure() {
        var settings = new ArrayList<>(cluster.configSettings());
        settings.addAll(List.of(
                "run.id=" + RUN,
                "run.data-dir=" + directory.resolve("data"),
                "model.policy=" + Path.of("models/policy").toAbsolutePath(),
                "model.drafter=" + shipped,
                "sampling.max-tokens=200",
                "worker.id=one",
                "worker.slots=4",
                "worker.capacity=256",
                "worker.draft-lengths.suffix=[]",
                "worker.draft-lengths.eagle3=[4]",
                "worker.cost-batches=[1, 2, 4]",
                "worker.cost-budget=2s"));
        config = RespecConfig.defaults().withOverrides(settings);
    }

    @Test
    void shouldRestPermutedWeightsWithinSecondsAndNameThemUntilOthersAreServed() {
        try (var generation = new Generation(config, cluster.events())) {
            // Given a drafter that serves
            publish(1, Eagle3Checkpoint.read(shipped));
            awaitThat(
                    generation,
                    () -> drafts(1) > 2000
                            && !tables().isEmpty()
                            && drafterOf(newest()).contains("eagle3"));

            // When the next version is permuted
            publish(2, permuted(Eagle3Checkpoint.read(shipped)));
            awaitThat(generation, () -> firstAlarm() != null);

            // Then it rests within seconds of its first draft, and the alarm names it
            SpeculationSettings alarmed = Objects.requireNonNull(firstAlarm());
            DrafterAlarm alarm = alarmed.getAlarms().get(0);
            var lasted = Duration.between(firstServed(2), alarmed.getDecidedAt());
            LoggerFactory.getLogger(BrokenDrafterIT.class)
                    .atInfo()
                    .addKeyValue("milliseconds", lasted.toMillis())
                    .addKeyValue("acceptanceLength", alarm.getAcceptanceLength())
                    .addKeyValue("before", alarm.getAcceptanceLengthBefore())
                    .addKeyValue("drafts", drafts(2))
                    .log("Permuted drafter rests");
            assertThat(alarm.getAlarm()).isEqualTo("collapse");
            assertThat(alarm.getDrafter()).isEqualTo("eagle3");
            assertThat(alarm.getDrafterVersion()).isEqualTo(2);
            assertThat(alarm.getAcceptanceLengthBefore()).isGreaterThan(2);
            assertThat(alarm.getAcceptanceLength() - 1).isLessThan(0.25 * (alarm.getAcceptanceLengthBefore() - 1));
            assertThat(lasted).isLessThan(SECONDS);
            assertThat(drafterOf(alarmed)).doesNotContain("eagle3");
            assertThat(alarmedVersion(generation)).isEqualTo(2);

            // and other weights get their chance at once
            publish(3, Eagle3Checkpoint.read(shipped));
            awaitThat(
                    generation,
                    () -> newest().getAlarms().isEmpty() && drafterOf(newest()).contains("eagle3"));
            assertThat(alarmedVersion(generation)).isNaN();
        }
    }

    private static double alarmedVersion(Generation generation) {
        return generation
                .controllerMetrics()
                .get("respec.controller.drafter.alarmed.version")
                .tags("drafter", "eagle3", "alarm", "collapse")
                .gauge()
                .value();
    }

    private static void awaitThat(Generation generation, BooleanSupplier condition) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(200)).until(() -> {
            generation.goOn();
            return condition.getAsBoolean();
        });
    }

    /** The rows of every matrix in another order: all shapes and all values are there. */
    private static Eagle3Checkpoint permuted(Eagle3Checkpoint drafter) {
        var random = new Random(11);
        Map<String, HostTensor> parameters = new HashMap<>();
        for (String name : drafter.parameterNames()) {
            HostTensor tensor = drafter.tensor(name);
            int rows = (int) tensor.shape()[0];
            float[] values = tensor.toFloats();
            int width = values.length / rows;
            var order = new ArrayList<>(IntStream.range(0, rows).boxed().toList());
            Collections.shuffle(order, random);
            float[] shuffled = new float[values.length];
            for (int row = 0; row < rows; row++) {
                System.arraycopy(values, order.get(row) * width, shuffled, row * width, width);
            }
            parameters.put(name, HostTensor.ofFloats(shuffled, tensor.shape()));
        }
        return drafter.withParameters(parameters);
    }

    private void publish(long version, Eagle3Checkpoint drafter) {
        Path folder = directory.resolve("drafter-" + version);
        drafter.write(folder);
        var stored = ArtefactStore.of(config).put("drafter/" + RUN + "/" + version, folder);
        var update = SampleEvents.policyUpdate(RUN, version, stored.uri(), stored.files())
                .setRole(WeightRole.DRAFTER)
                .setPolicyVersion(0)
                .build();
        try (var producer = cluster.events().producer()) {
            producer.sendAndWait(TopicCatalogue.WEIGHT_UPDATES, "drafter", update);
        }
    }

    private static List<SpeculationSettings> tables() {
        return cluster.events().readAll(TopicCatalogue.SD_SETTINGS).stream()
                .map(Event::requireValue)
                .toList();
    }

    /** Nothing is decided before costs are measured. */
    private static SpeculationSettings newest() {
        var tables = tables();
        assertThat(tables).isNotEmpty();
        return tables.get(tables.size() - 1);
    }

    private static List<String> drafterOf(SpeculationSettings settings) {
        return settings.getTable().stream()
                .map(entry -> entry.getSetting().getDrafter())
                .toList();
    }

    private static @Nullable SpeculationSettings firstAlarm() {
        return tables().stream()
                .filter(table -> !table.getAlarms().isEmpty())
                .findFirst()
                .orElse(null);
    }

    private static List<AcceptanceStats> served(long version) {
        return cluster.events().readAll(TopicCatalogue.ACCEPTANCE_STATS).stream()
                .map(Event::requireValue)
                .filter(stats -> stats.getDrafterVersion() == version)
                .toList();
    }

    private static Instant firstServed(long version) {
        return served(version).get(0).getIntervalStart();
    }

    private static long drafts(long version) {
        return served(version).stream()
                .flatMap(stats -> stats.getSettings().stream())
                .map(SettingStatistics::getDraftedByPosition)
                .filter(drafted -> !drafted.isEmpty())
                .mapToLong(drafted -> drafted.get(0))
                .sum();
    }
}
