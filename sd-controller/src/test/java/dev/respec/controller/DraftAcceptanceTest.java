package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.speculation.Setting;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DraftAcceptanceTest {
    private static final long NOW = Machine.START.toEpochMilli();
    private final DraftAcceptance acceptance = new DraftAcceptance(10_000);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 8})
    void shouldNotDependOnTheDraftLengthInForce(int draftLength) {
        var machine = new Machine(0.2).accepting("eagle3", 0.7);
        acceptance.add(Statistics.exact(machine, Setting.chain("eagle3", draftLength), 8, 4_000), NOW);

        assertThat(acceptance.length(4, NOW)).isCloseTo((1 - Math.pow(0.7, 5)) / 0.3, within(2e-3));
        assertThat(acceptance.lengthAsDrafted(NOW)).isCloseTo((1 - Math.pow(0.7, draftLength + 1)) / 0.3, within(2e-3));
    }

    @Test
    void shouldTellAVainDrafterFromOneThatDoesNotDraft() {
        var statistics = Statistics.exact(new Machine(0.2).accepting("eagle3", 0), Setting.chain("eagle3", 2), 8, 100);
        acceptance.add(statistics, NOW);
        assertThat(acceptance.drafts(NOW)).isEqualTo(800);
        assertThat(acceptance.lengthAsDrafted(NOW)).isEqualTo(1);

        var silent = new DraftAcceptance(10_000);
        statistics.setDraftedByPosition(List.of(0L, 0L));
        silent.add(statistics, NOW);
        assertThat(silent.drafts(NOW)).isZero();
    }
}
