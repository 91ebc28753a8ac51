package dev.respec.ops.paper.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.speculation.Setting;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

class GridPruningTest {
    private static final int STEPS = 1000;

    /** Every draft token of a path is accepted with this probability; a tree's children make it likelier. */
    private static double acceptanceLength(Setting setting) {
        double accepted = 1 - Math.pow(0.4, Math.sqrt(setting.verifiedTokens() / (double) setting.draftLength()));
        double length = 1;
        for (int k = 1; k <= setting.draftLength(); k++) {
            length += Math.pow(accepted, k);
        }
        return setting.isOff() ? 1 : length;
    }

    /** Memory-bound at small batches, so that more rows cost little there. */
    private static double milliseconds(Setting setting, int batch) {
        return 20
                + 0.4 * setting.draftLength()
                + 0.01 * batch * setting.draftLength() * setting.branching()
                + 0.15 * batch * (1 + setting.verifiedTokens());
    }

    private static double speed(Setting setting, int batch) {
        return acceptanceLength(setting) / milliseconds(setting, batch);
    }

    private static GridPruning pruning(int... batches) {
        List<GridPruning.Probe> probes = new ArrayList<>();
        List<Setting> settings = new ArrayList<>(List.of(Setting.OFF));
        settings.addAll(SettingGrid.probes());
        for (int batch : batches) {
            for (Setting setting : settings) {
                long sequenceSteps = (long) STEPS * batch;
                probes.add(new GridPruning.Probe(
                        batch,
                        setting,
                        milliseconds(setting, batch),
                        Math.round(acceptanceLength(setting) * sequenceSteps),
                        sequenceSteps));
            }
        }
        return new GridPruning(probes);
    }

    @Test
    void shouldNeverExcludeTheFastestSettingOfABatch() {
        int[] batches = {1, 2, 4, 8, 16, 32, 64};
        GridPruning pruning = pruning(batches);

        for (int batch : batches) {
            Setting fastest = SettingGrid.all().stream()
                    .max(Comparator.comparingDouble(setting -> speed(setting, batch)))
                    .orElseThrow();
            if (speed(fastest, batch) > speed(Setting.OFF, batch)) {
                assertThat(pruning.possible()).as("batch %d", batch).contains(fastest);
            }
        }
    }

    @Test
    void shouldExcludeWhatCouldNotBeTheFastestAtALargeBatch() {
        GridPruning pruning = pruning(64);

        assertThat(pruning.possible())
                .hasSizeLessThan(SettingGrid.all().size() / 2)
                .doesNotContain(SettingGrid.widest(8), SettingGrid.widest(2));
    }

    @Test
    void shouldKeepTheFirstOfEveryBatchByPrediction() {
        GridPruning pruning = pruning(1, 64);
        List<Setting> kept = pruning.kept(4);

        assertThat(kept).hasSize(4).doesNotHaveDuplicates();
        for (int batch : List.of(1, 64)) {
            Setting first = pruning.possible().stream()
                    .max(Comparator.comparingDouble(setting -> pruning.predicted(setting, batch)))
                    .orElseThrow();
            assertThat(kept).contains(first);
        }
    }

    @Test
    void shouldGenerateTreesThatCanBeGrownAndChainsOfTheirDepth() {
        assertThat(SettingGrid.all()).doesNotHaveDuplicates().allSatisfy(setting -> {
            int children = setting.branching();
            int drafted = children == 1
                    ? setting.draftLength()
                    : children + (setting.draftLength() - 1) * children * children;
            assertThat(setting.verifiedTokens()).isBetween(setting.draftLength(), drafted);
        });
        // the paper's own, as far as its depths and tokens are in the ranges
        assertThat(SettingGrid.all())
                .contains(
                        new Setting("eagle3", 5, 8, 32),
                        new Setting("eagle3", 3, 8, 16),
                        new Setting("eagle3", 3, 8, 8));
    }
}
