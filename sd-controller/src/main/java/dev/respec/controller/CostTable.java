package dev.respec.controller;

import dev.respec.schemas.CostProfile;
import dev.respec.schemas.SettingCost;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Milliseconds of one verify step by setting and active batch, as measured when a worker started. */
final class CostTable {
    private final Map<Setting, NavigableMap<Integer, Double>> milliseconds;

    private CostTable(Map<Setting, NavigableMap<Integer, Double>> milliseconds) {
        this.milliseconds = milliseconds;
    }

    /** Why the profile cannot be used; empty where it can. */
    static Optional<String> refusal(CostProfile profile) {
        for (SettingCost cost : profile.getCosts()) {
            double total = total(cost);
            if (!(total > 0) || !Double.isFinite(total) || cost.getActiveBatch() < 1) {
                return Optional.of("cost of %s at active batch %d is %s ms, expected more than 0"
                        .formatted(cost.getSetting().getDrafter(), cost.getActiveBatch(), total));
            }
            try {
                Setting.of(cost.getSetting());
            } catch (IllegalArgumentException e) {
                return Optional.of(String.valueOf(e.getMessage()));
            }
        }
        return profile.getCosts().stream()
                        .anyMatch(cost -> Setting.of(cost.getSetting()).equals(Setting.OFF))
                ? Optional.empty()
                : Optional.of("cost profile has no cost of plain decoding (drafter 'off'): nothing to compare with");
    }

    /** @throws IllegalArgumentException where {@link #refusal} gives a reason */
    static CostTable of(CostProfile profile) {
        refusal(profile).ifPresent(reason -> {
            throw new IllegalArgumentException(reason);
        });
        var milliseconds = new LinkedHashMap<Setting, NavigableMap<Integer, Double>>();
        for (SettingCost cost : profile.getCosts()) {
            milliseconds
                    .computeIfAbsent(Setting.of(cost.getSetting()), setting -> new TreeMap<>())
                    .put(cost.getActiveBatch(), total(cost));
        }
        return new CostTable(milliseconds);
    }

    private static double total(SettingCost cost) {
        return cost.getVerifyMilliseconds() + cost.getDraftMilliseconds() + cost.getOtherMilliseconds();
    }

    /** In the order of the profile. */
    Set<Setting> settings() {
        return milliseconds.keySet();
    }

    boolean knows(Setting setting) {
        return milliseconds.containsKey(setting);
    }

    /** One bucket a batch at which plain decoding was measured. */
    BatchBuckets buckets() {
        return new BatchBuckets(batches(Setting.OFF).keySet().stream()
                .mapToInt(Integer::intValue)
                .toArray());
    }

    private NavigableMap<Integer, Double> batches(Setting setting) {
        NavigableMap<Integer, Double> batches = milliseconds.get(setting);
        if (batches == null) {
            throw new IllegalArgumentException("no cost of " + setting);
        }
        return batches;
    }

    /**
     * Linear between the measured batches and constant below the smallest. Above the largest, the last measured slope or
     * plain decoding's growth, whichever is dearer: a setting not measured there must not look cheap.
     */
    double milliseconds(Setting setting, double activeBatch) {
        NavigableMap<Integer, Double> measured = batches(setting);
        Map.Entry<Integer, Double> below = measured.floorEntry((int) Math.floor(activeBatch));
        Map.Entry<Integer, Double> above = measured.ceilingEntry((int) Math.ceil(activeBatch));
        if (below == null) {
            return measured.firstEntry().getValue();
        }
        if (above != null) {
            return line(below, above, activeBatch);
        }
        Map.Entry<Integer, Double> before = measured.lowerEntry(below.getKey());
        double alongSlope = before == null ? below.getValue() : line(before, below, activeBatch);
        double growth = setting.isOff()
                ? 1
                : milliseconds(Setting.OFF, activeBatch) / milliseconds(Setting.OFF, below.getKey());
        return Math.max(alongSlope, below.getValue() * Math.max(1, growth));
    }

    private static double line(Map.Entry<Integer, Double> from, Map.Entry<Integer, Double> to, double at) {
        if (from.getKey().equals(to.getKey())) {
            return from.getValue();
        }
        double share = (at - from.getKey()) / (to.getKey() - from.getKey());
        return from.getValue() + share * (to.getValue() - from.getValue());
    }
}
