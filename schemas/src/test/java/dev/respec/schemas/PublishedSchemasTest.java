package dev.respec.schemas;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.registry.SchemaText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.SchemaCompatibility;
import org.apache.avro.SchemaCompatibility.SchemaCompatibilityType;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds every event's schema against all of its published versions: {@code published/<Record>.<version>.avsc}. */
class PublishedSchemasTest {
    static List<Schema> events() {
        return List.of(
                AcceptanceStats.getClassSchema(),
                CostProfile.getClassSchema(),
                DeadLetter.getClassSchema(),
                PolicyEvaluation.getClassSchema(),
                Rollout.getClassSchema(),
                RolloutRequest.getClassSchema(),
                ScoredRollout.getClassSchema(),
                SpeculationSettings.getClassSchema(),
                TrainingStep.getClassSchema(),
                WeightUpdate.getClassSchema(),
                WorkerStatus.getClassSchema());
    }

    @ParameterizedTest
    @MethodSource("events")
    void shouldReadEveryPublishedVersion(Schema event) throws IOException {
        for (Schema published : published(event)) {
            var compatibility = SchemaCompatibility.checkReaderWriterCompatibility(event, published);
            assertThat(compatibility.getType())
                    .as(compatibility.getResult().getIncompatibilities().toString())
                    .isEqualTo(SchemaCompatibilityType.COMPATIBLE);
        }
    }

    @ParameterizedTest
    @MethodSource("events")
    void shouldBePublishedAsTheNewestVersion(Schema event) throws IOException {
        var versions = published(event);
        var current = SchemaText.portable(event);
        var name = "%s.%d.avsc".formatted(event.getName(), versions.size() + 1);
        if (versions.isEmpty() || !versions.get(versions.size() - 1).equals(current)) {
            Files.createDirectories(Path.of("target/published"));
            Files.writeString(Path.of("target/published", name), current.toString(true) + "\n");
        }

        assertThat(versions)
                .as("%s has changed: copy target/published/%s to src/main/resources/published", event.getName(), name)
                .endsWith(current);
    }

    static List<Schema> published(Schema event) throws IOException {
        var versions = new ArrayList<Schema>();
        for (int version = 1; ; version++) {
            var name = "/published/%s.%d.avsc".formatted(event.getName(), version);
            try (var text = PublishedSchemasTest.class.getResourceAsStream(name)) {
                if (text == null) {
                    return versions;
                }
                versions.add(new Schema.Parser().parse(Objects.requireNonNull(text)));
            }
        }
    }
}
