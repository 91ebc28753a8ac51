package dev.respec.controller;

import dev.respec.controller.CostDeviations.Observation;
import dev.respec.schemas.PairedTurns;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SpeculationSetting;
import dev.respec.speculation.Setting;
import java.util.ArrayList;
import java.util.Comparator;
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
        subtract(
                bucket, pairs.getSetting(), pairs.getSettingMilliseconds(), pairs.getSettingSteps(), stepOfSetting, at);
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
        List<Sums> enough = here.entrySet().stream()
                .map(entry -> new Sums(
                        entry.getKey(),
                        entry.getValue().get(0, now),
                        entry.getValue().get(1, now)))
                .filter(each -> each.milliseconds() >= LEAST_MILLIS && each.expected() > 0)
                .sorted(Comparator.comparingDouble(Sums::milliseconds).reversed())
                .toList();
        if (enough.size() < 2) {
            return List.of();
        }
        Sums longest = enough.get(0);
        // its time is shared among its rivals
        double ofLongest = variance(longest.milliseconds() / (enough.size() - 1));
        var observations = new ArrayList<Observation>();
        for (Sums rival : enough.subList(1, enough.size())) {
            double ratio = Math.log(rival.slowness() / longest.slowness());
            double variance = noise * (ofLongest + variance(rival.milliseconds())) + FLOOR * FLOOR;
            observations.add(new Observation(bucket, longest.setting(), rival.setting(), ratio, variance));
        }
        enough.forEach(each -> here.remove(each.setting()));
        comparedAt.put(bucket, now);
        return observations;
    }

    /** Time of recent steps of a setting, and the time that the table expects of them. */
    private record Sums(Setting setting, double milliseconds, double expected) {
        double slowness() {
            return milliseconds / expected;
        }
    }

    private static double variance(double milliseconds) {
        return OF_A_SECOND * OF_A_SECOND * Math.pow(1000 / milliseconds, FALL);
    }
}
