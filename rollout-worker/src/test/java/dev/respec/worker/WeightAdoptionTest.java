package dev.respec.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.WeightFormat;
import dev.respec.schemas.WeightRole;
import dev.respec.schemas.WeightUpdate;
import dev.respec.topics.Event;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WeightAdoptionTest {
    private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

    private final WeightAdoption adoption = new WeightAdoption("run");

    @Test
    void shouldFetchTheNewestOfEachRoleOnly() {
        adoption.announce(policy("run", 3));
        adoption.announce(policy("run", 5));
        adoption.announce(policy("run", 4));
        adoption.announce(update("run", WeightRole.DRAFTER, 1));

        assertThat(adoption.due(NOW))
                .extracting(event -> event.requireValue().getRole() + " "
                        + event.requireValue().getVersion())
                .containsExactlyInAnyOrder("POLICY 5", "DRAFTER 1");
    }

    @Test
    void shouldTakeAVersionOnceAndNothingBehindIt() {
        adoption.announce(policy("run", 5));
        adoption.taken(policy("run", 5));

        adoption.announce(policy("run", 5));
        adoption.announce(policy("run", 4));

        assertThat(adoption.due(NOW)).isEmpty();
    }

    @Test
    void shouldLeaveOtherRunsAlone() {
        adoption.announce(policy("yesterday", 7));

        assertThat(adoption.due(NOW)).isEmpty();
    }

    @Test
    void shouldTryAgainLaterWhatCouldNotBeFetched() {
        adoption.announce(policy("run", 5));

        assertThat(adoption.failed(policy("run", 5), NOW)).as("first failure").isTrue();
        assertThat(adoption.due(NOW)).isEmpty();
        Instant second = NOW.plus(WeightAdoption.FIRST_PAUSE);
        assertThat(adoption.due(second)).hasSize(1);
        assertThat(adoption.failed(policy("run", 5), second))
                .as("second failure")
                .isFalse();
        assertThat(adoption.due(second.plus(WeightAdoption.FIRST_PAUSE))).isEmpty();
        assertThat(adoption.due(second.plus(WeightAdoption.FIRST_PAUSE.multipliedBy(2))))
                .hasSize(1);

        // and a newer version does not wait
        adoption.announce(policy("run", 6));
        assertThat(adoption.due(second)).hasSize(1);
    }

    private static Event<WeightUpdate> policy(String runId, long version) {
        return update(runId, WeightRole.POLICY, version);
    }

    private static Event<WeightUpdate> update(String runId, WeightRole role, long version) {
        WeightUpdate update = WeightUpdate.newBuilder()
                .setRunId(runId)
                .setRole(role)
                .setVersion(version)
                .setBaseVersion(0)
                .setFormat(WeightFormat.FULL)
                .setUri("file:/weights/" + version)
                .setFiles(List.of())
                .setStep(version)
                .setPolicyVersion(version)
                .setSourceOffsets(List.of())
                .setMetrics(Map.of())
                .setPublishedAt(NOW)
                .build();
        return new Event<>("weight-updates", 0, version, NOW, role.name(), update);
    }
}
