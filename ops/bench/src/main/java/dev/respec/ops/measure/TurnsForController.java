package dev.respec.ops.measure;

import dev.respec.controller.MeasuredDecision.Measurement;
import dev.respec.generation.ThroughputComparison.Speed;
import dev.respec.generation.engine.StepStatistics.Counts;
import dev.respec.speculation.Setting;
import dev.respec.stage.BadInputException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Turns of a setting in the form in which the controller hears of them. */
final class TurnsForController {
    private TurnsForController() {}

    /** Steps of other settings are left out: they ran while the batch was not full. */
    static Measurement measurement(int batch, Setting setting, Speed speed) {
        List<Counts> turns = speed.counts().stream()
                .filter(counts -> counts.setting().equals(setting) && counts.verifySteps() > 0)
                .toList();
        if (turns.isEmpty()) {
            throw new BadInputException(
                    "bench decode: no step of %s ran at batch %d: give a longer --segment".formatted(setting, batch));
        }
        return new Measurement(
                batch,
                setting,
                turns.stream().mapToLong(Counts::verifySteps).sum(),
                turns.stream().mapToLong(Counts::sequenceSteps).sum(),
                byPosition(turns, setting, Counts::acceptedByPosition),
                byPosition(turns, setting, Counts::draftedByPosition),
                turns.stream().mapToLong(Counts::contextTokens).sum(),
                turns.stream().mapToDouble(TurnsForController::milliseconds).sum(),
                speed.turnTokensPerSecond());
    }

    private static double milliseconds(Counts counts) {
        return counts.draftMilliseconds() + counts.verifyMilliseconds() + counts.otherMilliseconds();
    }

    private static List<Long> byPosition(List<Counts> turns, Setting setting, Function<Counts, long[]> counted) {
        List<Long> sums = new ArrayList<>();
        for (int k = 0; k < setting.draftLength(); k++) {
            int position = k;
            sums.add(turns.stream()
                    .mapToLong(turn -> counted.apply(turn)[position])
                    .sum());
        }
        return sums;
    }
}
