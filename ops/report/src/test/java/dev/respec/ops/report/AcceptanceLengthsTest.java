package dev.respec.ops.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.ops.audit.Runs;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.SpeculationSetting;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AcceptanceLengthsTest {
    private final List<AcceptanceStats> intervals = new ArrayList<>();

    @Test
    void shouldNotTakeAnotherDraftLengthForAChange() {
        // Ten intervals: long drafts first, short ones later, each accepted alike throughout.
        for (int i = 0; i < 10; i++) {
            add(statistics(8, 4.0, i < 5 ? 1000 : 100), statistics(2, 2.0, i < 5 ? 100 : 1000));
        }

        var lengths = AcceptanceLengths.of(intervals);

        assertThat(lengths.first()).isEqualTo(3.0);
        assertThat(lengths.last()).isEqualTo(3.0);
        assertThat(lengths.mean()).isEqualTo(3.0);
    }

    @Test
    void shouldShowWhatChangedUnderTheSameSetting() {
        for (int i = 0; i < 10; i++) {
            add(statistics(2, i < 5 ? 1.5 : 2.5, 1000));
        }

        var lengths = AcceptanceLengths.of(intervals);

        assertThat(lengths.first()).isEqualTo(1.5);
        assertThat(lengths.last()).isEqualTo(2.5);
        assertThat(lengths.mean()).isEqualTo(2.0);
    }

    @Test
    void shouldCompareNothingWhereNoSettingIsCommon() {
        for (int i = 0; i < 10; i++) {
            add(i < 5 ? statistics(8, 4.0, 1000) : statistics(2, 2.0, 1000));
        }

        assertThat(AcceptanceLengths.of(intervals)).isEqualTo(new RunSummary.AcceptanceLength(3, 3, 3));
        assertThat(AcceptanceLengths.of(List.of())).isEqualTo(new RunSummary.AcceptanceLength(1, 1, 1));
    }

    private void add(SettingStatistics... settings) {
        var start = Runs.START.plusSeconds(intervals.size());
        intervals.add(new AcceptanceStats(
                Runs.RUN,
                "w",
                "policy",
                "cpu",
                start,
                start.plusSeconds(1),
                0L,
                0L,
                List.of(settings),
                "engine",
                List.of(),
                0L));
    }

    private static SettingStatistics statistics(int draftLength, double length, long steps) {
        return new SettingStatistics(
                8,
                new SpeculationSetting("suffix", draftLength, 1, draftLength),
                steps,
                steps,
                steps * draftLength,
                List.of(),
                List.of(),
                (long) (steps * length),
                1.0,
                1.0,
                1.0,
                0L);
    }
}
