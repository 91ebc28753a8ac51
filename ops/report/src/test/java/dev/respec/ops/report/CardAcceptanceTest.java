package dev.respec.ops.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.ops.audit.Runs;
import dev.respec.ops.report.RunSummary.AcceptanceLength;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.SpeculationSetting;
import dev.respec.schemas.TrustedEvents;
import java.util.List;
import org.junit.jupiter.api.Test;

/** 100 steps of version 0, then 100 of version 3 with 50 of suffix drafts and 10 of plain decoding beside them. */
class CardAcceptanceTest {
    static {
        TrustedEvents.trust(); // builders fill in records by default
    }

    private static final List<AcceptanceStats> INTERVALS = List.of(
            interval(0, statistics("eagle3", 2, 100, 150, List.of(40L, 10L))),
            interval(
                    3,
                    statistics("eagle3", 2, 100, 250, List.of(90L, 60L)),
                    statistics("suffix", 2, 50, 75, List.of(20L, 5L)),
                    statistics("off", 0, 10, 10, List.of())));

    @Test
    void shouldTellOfTheDrafterWhatIsItsOwn() {
        assertThat(CardAcceptance.ofDrafter(INTERVALS, 3))
                .startsWith("Acceptance length during the run (tokens per verify step that drafted with this drafter):"
                        + " 1.50 at first, 2.50 at last, 2.00 on average; 50.0 % of its draft tokens were accepted.\n")
                .contains("\n| 0 | 1.50 | 25.0 % | 100 |\n| 3 | 2.50 | 75.0 % | 100 |\n")
                .endsWith("\nOther drafters of the run, on average: suffix 1.50 (25.0 % of its draft tokens).\n")
                .doesNotContain("did not draft");
    }

    @Test
    void shouldSayThatTheNewestVersionWasNotServed() {
        assertThat(CardAcceptance.ofDrafter(INTERVALS, 4))
                .contains("\nVersion 4, the newest, did not draft in the run any more.\n");
    }

    @Test
    void shouldSayThatItWasNeverUsed() {
        List<AcceptanceStats> plain = List.of(interval(
                0, statistics("off", 0, 10, 10, List.of()), statistics("suffix", 2, 50, 75, List.of(20L, 5L))));

        assertThat(CardAcceptance.ofDrafter(plain, 0))
                .isEqualTo("No step of the run drafted with it.\n"
                        + "\nOther drafters of the run, on average: suffix 1.50 (25.0 % of its draft tokens).\n");
        assertThat(CardAcceptance.ofRun(List.of(), new AcceptanceLength(1, 1, 1)))
                .isEqualTo("No step of the run drafted.\n");
    }

    @Test
    void shouldTellOfThePolicyWhatAllDrafted() {
        assertThat(CardAcceptance.ofRun(INTERVALS, AcceptanceLengths.of(INTERVALS)))
                .isEqualTo(
                        "Acceptance length during the run (tokens per verify step that drafted, all drafters together):"
                                + " 1.50 at first, 2.50 at last, 1.90 on average. By drafter, on average: eagle3 2.00 (50.0 % of"
                                + " its draft tokens), suffix 1.50 (25.0 % of its draft tokens).\n");
    }

    private static AcceptanceStats interval(long drafterVersion, SettingStatistics... settings) {
        return AcceptanceStats.newBuilder()
                .setRunId(Runs.RUN)
                .setWorkerId("w")
                .setModelId("policy")
                .setDeviceClass("cpu")
                .setIntervalStart(Runs.START)
                .setIntervalEnd(Runs.START.plusSeconds(1))
                .setPolicyVersion(0)
                .setDrafterVersion(drafterVersion)
                .setSettings(List.of(settings))
                .build();
    }

    private static SettingStatistics statistics(
            String drafter, int length, long steps, long emitted, List<Long> accepted) {
        return SettingStatistics.newBuilder()
                .setActiveBatch(1)
                .setSetting(new SpeculationSetting(drafter, length, 1, length))
                .setVerifySteps(steps)
                .setSequenceSteps(steps)
                .setDraftedTokens(steps * length)
                .setAcceptedByPosition(accepted)
                .setDraftedByPosition(accepted.stream().map(each -> steps).toList())
                .setEmittedTokens(emitted)
                .setDraftMilliseconds(1)
                .setVerifyMilliseconds(1)
                .setOtherMilliseconds(1)
                .build();
    }
}
