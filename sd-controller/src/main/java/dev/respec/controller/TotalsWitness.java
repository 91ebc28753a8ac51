package dev.respec.controller;

import dev.respec.schemas.SettingCodec;
import dev.respec.controller.CostDeviations.Observation;
import dev.respec.schemas.PairedTurns;
import dev.respec.schemas.SpeculationSetting;
import dev.respec.speculation.Setting;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The second witness beside pairs of turns: what steps of two settings took that ran at the same range of batches within the
 * same half minute, but not in turns. The machine may have changed between them, so that a second of steps tells less
 * than a second of pairs; but there are many more of them, and a setting that was chosen by accident is found out by them.
 *
 * <p>INVARIANT: a step counts either here or in a pair, never in both.
 */
final class TotalsWitness {
    /** Steps of this age weigh 1/e. */
    private static final double WINDOW_MILLIS = 15_000;

    /** Time of either setting from which a comparison is made. */
    private static final double LEAST_MILLIS = 150;

    /** A comparison uses up what it compares, so there is none more often than this. */
    private static final long INTERVAL_MILLIS = 5000;

    /** Standard deviation of the logarithm of what a second of steps takes, as measured beside a training thread. */
    private static final double OF_A_SECOND = 0.25;

    /** By how much the variance falls with time: steps of a second are not independent. Measured up to a second. */
    private static final double FALL = 0.5;

    /** What no amount of time removes: contexts, batches and the machine differ between the times of two settings. */
    private static final double FLOOR = 0.2;

    private final Map<Integer, Map<Setting, DecayingCounts>> sums = new HashMap<>();
    private final Map<Integer, Long> comparedAt = new HashMap<>();

    /** Steps of a setting: their time, and the time that the table expects. */
    void add(int bucket, Setting setting, double milliseconds, double expectedMilliseconds, long at) {
        sums.computeIfAbsent(bucket, key -> new HashMap<>())
                .computeIfAbsent(setting, key -> new DecayingCounts(WINDOW_MILLIS))
                .add(at, milliseconds, expectedMilliseconds);
    }

    /** What is told apart by pairs already, with the steps that caught up on drafter caches between their turns. */
    void subtract(int bucket, PairedTurns pairs, double stepOfSetting, double stepOfRival, long at) {
        double switches = pairs.getSwitches() / 2.0;
        double perExpected = pairs.getSwitchMilliseconds() / Math.max(1e-9, switches * (stepOfSetting + stepOfRival));
        subtract(bucket, pairs.getSetting(), pairs.getSettingMilliseconds(), pairs.getSettingSteps(), stepOfSetting, at);
        subtract(bucket, pairs.getRival(), pairs.getRivalMilliseconds(), pairs.getRivalSteps(), stepOfRival, at);
        subtract(bucket, pairs.getSetting(), switches * stepOfSetting * perExpected, switches, stepOfSetting, at);
        subtract(bucket, pairs.getRival(), switches * stepOfRival * perExpected, switches, stepOfRival, at);
    }

    private void subtract(
            int bucket, SpeculationSetting setting, double milliseconds, double steps, double expected, long at) {
        add(bucket, SettingCodec.of(setting), -milliseconds, -steps * expected, at);
    }

    /**
     * Comparisons with the setting that ran longest, each made of steps that no other is made of.
     *
     * @param noise of the machine, relative to the one on which the constants were measured
     */
    List<Observation> take(int bucket, double noise, long now) {
        Map<Setting, DecayingCounts> here = sums.getOrDefault(bucket, Map.of());
        if (now < comparedAt.getOrDefault(bucket, Long.MIN_VALUE) + INTERVAL_MILLIS) {
            return List.of();
        }
        List<Setting> enough = here.keySet().stream()
                .filter(setting -> here.get(setting).get(0, now) >= LEAST_MILLIS
                        && here.get(setting).get(1, now) > 0)
                .sorted((one, other) ->
                        Double.compare(here.get(other).get(0, now), here.get(one).get(0, now)))
                .toList();
        if (enough.size() < 2) {
            return List.of();
        }
        Setting longest = enough.get(0);
        var observations = new ArrayList<Observation>();
        for (Setting rival : enough.subList(1, enough.size())) {
            DecayingCounts one = here.get(longest);
            DecayingCounts other = here.get(rival);
            double ratio = Math.log(other.get(0, now) / other.get(1, now) / (one.get(0, now) / one.get(1, now)));
            // the longest one's time is shared among its rivals
            double ofLongest = one.get(0, now) / (enough.size() - 1);
            double variance = noise * (variance(ofLongest) + variance(other.get(0, now))) + FLOOR * FLOOR;
            observations.add(new Observation(bucket, longest, rival, ratio, variance));
        }
        enough.forEach(here::remove);
        comparedAt.put(bucket, now);
        return observations;
    }

    private static double variance(double milliseconds) {
        return OF_A_SECOND * OF_A_SECOND * Math.pow(1000 / milliseconds, FALL);
    }
}
