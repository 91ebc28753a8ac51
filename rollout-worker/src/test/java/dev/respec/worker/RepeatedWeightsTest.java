package dev.respec.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.ArtefactFile;
import dev.respec.schemas.TrustedEvents;
import dev.respec.schemas.WeightFormat;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RepeatedWeightsTest {
    static {
        TrustedEvents.trust(); // builders fill in defaults
    }

    private final RepeatedWeights weights = new RepeatedWeights();

    private static WeightUpdate update(WeightRole role, long version, String checksum) {
        return WeightUpdate.newBuilder()
                .setRunId("run")
                .setRole(role)
                .setVersion(version)
                .setBaseVersion(version - 1)
                .setFormat(WeightFormat.FULL)
                .setUri("file:///" + version)
                .setFiles(List.of(
                        new ArtefactFile("config.json", 2L, "same"),
                        new ArtefactFile("model.safetensors", 4L, checksum)))
                .setStep(version)
                .setPolicyVersion(version)
                .setSourceOffsets(List.of())
                .setPublishedAt(Instant.EPOCH)
                .build();
    }

    @Test
    void shouldNoticeAVersionWithTheWeightsOfTheOneBefore() {
        assertThat(weights.repeats(update(WeightRole.DRAFTER, 1, "a"))).isFalse();
        assertThat(weights.repeats(update(WeightRole.DRAFTER, 2, "b"))).isFalse();
        assertThat(weights.repeats(update(WeightRole.DRAFTER, 3, "b"))).isTrue();
        assertThat(weights.repeats(update(WeightRole.DRAFTER, 4, "a"))).isFalse();
    }

    @Test
    void shouldKeepRolesApart() {
        assertThat(weights.repeats(update(WeightRole.DRAFTER, 1, "a"))).isFalse();
        assertThat(weights.repeats(update(WeightRole.POLICY, 1, "a"))).isFalse();
        assertThat(weights.repeats(update(WeightRole.POLICY, 2, "a"))).isTrue();
    }
}
