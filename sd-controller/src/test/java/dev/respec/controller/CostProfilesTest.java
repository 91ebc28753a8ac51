package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.CostProfile;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingCost;
import dev.respec.speculation.Setting;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CostProfilesTest {
    private static final Setting EAGLE = Setting.chain("eagle3", 4);
    private static final Setting SUFFIX = Setting.chain("suffix", 8);

    private static SettingCost cost(Setting setting, int batch, int context, double milliseconds) {
        return new SettingCost(batch, SettingCodec.toAvro(setting), milliseconds, 0.0, 0.0, context);
    }

    private static CostProfile profile(int second, List<Setting> candidates, SettingCost... costs) {
        return new CostProfile(
                "policy",
                "cpu",
                "cpu-float32",
                Machine.START.plusSeconds(second),
                List.of(costs),
                "run",
                candidates.stream().map(SettingCodec::toAvro).toList(),
                Stream.of(costs).map(SettingCost::getActiveBatch).distinct().toList());
    }

    @Test
    void shouldKeepWhatTheNewerProfileLacks() {
        var older = profile(
                1,
                List.of(Setting.OFF, EAGLE),
                cost(Setting.OFF, 4, 48, 5),
                cost(EAGLE, 4, 48, 9),
                cost(EAGLE, 8, 48, 12));
        var newer = profile(2, List.of(Setting.OFF, SUFFIX), cost(Setting.OFF, 4, 48, 6), cost(SUFFIX, 4, 48, 7));

        for (CostProfile merged : List.of(CostProfiles.merged(older, newer), CostProfiles.merged(newer, older))) {
            assertThat(merged.getMeasuredAt()).isEqualTo(newer.getMeasuredAt());
            assertThat(merged.getCosts())
                    .containsExactlyInAnyOrder(
                            cost(Setting.OFF, 4, 48, 6),
                            cost(SUFFIX, 4, 48, 7),
                            cost(EAGLE, 4, 48, 9),
                            cost(EAGLE, 8, 48, 12));
            assertThat(merged.getCandidates())
                    .containsExactlyInAnyOrder(
                            SettingCodec.toAvro(Setting.OFF), SettingCodec.toAvro(SUFFIX), SettingCodec.toAvro(EAGLE));
            assertThat(merged.getBatches()).containsExactly(4, 8);
        }
    }

    @Test
    void shouldReplaceCostsOfNearlyTheSameContext() {
        var older = profile(1, List.of(Setting.OFF), cost(Setting.OFF, 4, 48, 5), cost(Setting.OFF, 4, 576, 9));
        var newer = profile(2, List.of(Setting.OFF), cost(Setting.OFF, 4, 48, 6), cost(Setting.OFF, 4, 540, 8));

        assertThat(CostProfiles.merged(older, newer).getCosts())
                .containsExactlyInAnyOrder(cost(Setting.OFF, 4, 48, 6), cost(Setting.OFF, 4, 540, 8));
    }
}
