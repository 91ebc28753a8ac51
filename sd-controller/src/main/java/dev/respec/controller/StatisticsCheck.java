package dev.respec.controller;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.SettingStatistics;
import java.util.List;
import java.util.Optional;

/** Whether a worker's statistics can be true; what cannot must not steer. */
final class StatisticsCheck {
    private StatisticsCheck() {}

    /** Why they cannot; empty where they can. */
    static Optional<String> refusal(AcceptanceStats stats) {
        return stats.getSettings().stream()
                .map(StatisticsCheck::refusal)
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<String> refusal(SettingStatistics statistics) {
        Setting setting;
        try {
            setting = Setting.of(statistics.getSetting());
        } catch (IllegalArgumentException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
        if (statistics.getActiveBatch() < 1 || statistics.getVerifySteps() < 0 || statistics.getSequenceSteps() < 0) {
            return Optional.of("%s: active batch %d, verify steps %d, sequence steps %d: expected at least 1, 0, 0"
                    .formatted(
                            setting,
                            statistics.getActiveBatch(),
                            statistics.getVerifySteps(),
                            statistics.getSequenceSteps()));
        }
        for (double milliseconds : List.of(
                statistics.getDraftMilliseconds(),
                statistics.getVerifyMilliseconds(),
                statistics.getOtherMilliseconds())) {
            if (!(milliseconds >= 0) || !Double.isFinite(milliseconds)) {
                return Optional.of("%s: a phase took %s ms, expected 0 or more".formatted(setting, milliseconds));
            }
        }
        return acceptanceRefusal(setting, statistics);
    }

    /** First k accepted is never more often than first k − 1 accepted. */
    private static Optional<String> acceptanceRefusal(Setting setting, SettingStatistics statistics) {
        long before = statistics.getSequenceSteps();
        for (long accepted : statistics.getAcceptedByPosition()) {
            if (accepted < 0 || accepted > before) {
                return Optional.of("%s: accepted by position %s of %d sequence steps: expected a falling sequence"
                        .formatted(setting, statistics.getAcceptedByPosition(), statistics.getSequenceSteps()));
            }
            before = accepted;
        }
        return Optional.empty();
    }
}
