package dev.respec.generation.engine;

import dev.respec.speculation.Setting;

/**
 * Sums over the pairs of turns of one setting and one rival; all of {@code dev.respec.schemas.PairedTurns}.
 *
 * @param logTimeRatios sum of ln(rival's milliseconds per step / setting's), then of the squares
 * @param logSpeedRatios sum of ln(rival's tokens per second / setting's), then of the squares
 */
public record TurnPairs(
        int activeBatch,
        Setting setting,
        Setting rival,
        long pairs,
        Side ofSetting,
        Side ofRival,
        double logTimeRatios,
        double squaredLogTimeRatios,
        double logSpeedRatios,
        double squaredLogSpeedRatios,
        double switchMilliseconds,
        long switches,
        long contextTokens) {
    /** A ratio beyond e² is an accident. */
    private static final double MOST_LOG_RATIO = 2;

    /** One side's sums over whole turns. */
    public record Side(long steps, long sequenceSteps, long tokens, double milliseconds) {
        static final Side EMPTY = new Side(0, 0, 0, 0);

        Side plus(Side other) {
            return new Side(
                    steps + other.steps,
                    sequenceSteps + other.sequenceSteps,
                    tokens + other.tokens,
                    milliseconds + other.milliseconds);
        }

        double batch() {
            return (double) sequenceSteps / steps;
        }

        double millisecondsPerStep() {
            return milliseconds / steps;
        }
    }

    static TurnPairs pair(int activeBatch, Setting setting, Setting rival, Side one, Side other, long contextTokens) {
        double time = logRatio(other.millisecondsPerStep(), one.millisecondsPerStep());
        double speed = logRatio(other.tokens() / other.milliseconds(), one.tokens() / one.milliseconds());
        return new TurnPairs(
                activeBatch,
                setting,
                rival,
                1,
                one,
                other,
                time,
                time * time,
                speed,
                speed * speed,
                0,
                0,
                contextTokens);
    }

    private static double logRatio(double one, double other) {
        return Math.max(-MOST_LOG_RATIO, Math.min(MOST_LOG_RATIO, Math.log(one / other)));
    }

    TurnPairs withSwitches(double milliseconds, long count) {
        return new TurnPairs(
                activeBatch,
                setting,
                rival,
                pairs,
                ofSetting,
                ofRival,
                logTimeRatios,
                squaredLogTimeRatios,
                logSpeedRatios,
                squaredLogSpeedRatios,
                milliseconds,
                count,
                contextTokens);
    }

    TurnPairs plus(TurnPairs other) {
        return new TurnPairs(
                activeBatch,
                setting,
                rival,
                pairs + other.pairs,
                ofSetting.plus(other.ofSetting),
                ofRival.plus(other.ofRival),
                logTimeRatios + other.logTimeRatios,
                squaredLogTimeRatios + other.squaredLogTimeRatios,
                logSpeedRatios + other.logSpeedRatios,
                squaredLogSpeedRatios + other.squaredLogSpeedRatios,
                switchMilliseconds + other.switchMilliseconds,
                switches + other.switches,
                contextTokens + other.contextTokens);
    }
}
