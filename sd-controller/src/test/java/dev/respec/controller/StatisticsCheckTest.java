package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.SpeculationSetting;
import dev.respec.speculation.Setting;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class StatisticsCheckTest {
    private static final Machine MACHINE = new Machine(0.2).accepting("eagle3", 0.5);

    private static String refusal(Consumer<SettingStatistics> change) {
        var statistics = Statistics.exact(MACHINE, Setting.chain("eagle3", 2), 4, 100);
        change.accept(statistics);
        return StatisticsCheck.refusal(Statistics.interval(Machine.START, statistics))
                .orElse("");
    }

    @Test
    void shouldAcceptWhatAWorkerPublishes() {
        assertThat(refusal(statistics -> {})).isEmpty();
    }

    @Test
    void shouldRefuseWhatCannotBe() {
        assertThat(refusal(statistics -> statistics.setAcceptedByPosition(List.of(500L, 100L))))
                .contains("falling");
        assertThat(refusal(statistics -> statistics.setAcceptedByPosition(List.of(100L, 200L))))
                .contains("falling");
        assertThat(refusal(statistics -> statistics.setVerifyMilliseconds(Double.NaN)))
                .contains("NaN");
        assertThat(refusal(statistics -> statistics.setDraftMilliseconds(-1))).contains("-1");
        assertThat(refusal(statistics -> statistics.setActiveBatch(0))).contains("active batch 0");
        assertThat(refusal(statistics -> statistics.setSetting(new SpeculationSetting("eagle3", 0, 1, 0))))
                .contains("eagle3");
    }
}
