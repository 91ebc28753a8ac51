package dev.respec.controller;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.PairedTurns;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingStatistics;
import dev.respec.speculation.Setting;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether a worker's statistics can be true; what cannot must not steer. */
final class StatisticsCheck {
    private StatisticsCheck() {}

    /** Why they cannot; empty if they can. */
    static Optional<String> refusal(AcceptanceStats stats) {
        return Stream.concat(
                        stats.getSettings().stream().map(StatisticsCheck::refusal),
                        stats.getPairs().stream().map(StatisticsCheck::refusal))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private static Optional<String> refusal(PairedTurns pairs) {
        try {
            SettingCodec.of(pairs.getSetting());
            SettingCodec.of(pairs.getRival());
        } catch (IllegalArgumentException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
        boolean counted = pairs.getActiveBatch() >= 1
                && pairs.getPairs() >= 1
                && pairs.getSettingSteps() >= 1
                && pairs.getRivalSteps() >= 1
                && pairs.getSettingSequenceSteps() >= 1
                && pairs.getRivalSequenceSteps() >= 1
                && pairs.getSwitches() >= 0
                && pairs.getContextTokens() >= 0;
        boolean timed = Stream.of(
                        pairs.getSettingMilliseconds(),
                        pairs.getRivalMilliseconds(),
                        pairs.getSwitchMilliseconds() + 1,
                        pairs.getSquaredLogTimeRatios() + 1,
                        pairs.getSquaredLogSpeedRatios() + 1,
                        Math.abs(pairs.getLogTimeRatios()) + 1,
                        Math.abs(pairs.getLogSpeedRatios()) + 1)
                .allMatch(value -> value > 0 && Double.isFinite(value));
        return counted && timed
                ? Optional.empty()
                : Optional.of("paired turns of %s: expected at least one pair with steps and times above 0"
                        .formatted(pairs.getRival().getDrafter()));
    }

    private static Optional<String> refusal(SettingStatistics statistics) {
        Setting setting;
        try {
            setting = SettingCodec.of(statistics.getSetting());
        } catch (IllegalArgumentException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
        if (statistics.getActiveBatch() < 1
                || statistics.getVerifySteps() < 0
                || statistics.getSequenceSteps() < 0
                || statistics.getContextTokens() < 0) {
            return Optional.of(
                    "%s: active batch %d, verify steps %d, sequence steps %d, context tokens %d: expected at least 1, 0, 0, 0"
                            .formatted(
                                    setting,
                                    statistics.getActiveBatch(),
                                    statistics.getVerifySteps(),
                                    statistics.getSequenceSteps(),
                                    statistics.getContextTokens()));
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
