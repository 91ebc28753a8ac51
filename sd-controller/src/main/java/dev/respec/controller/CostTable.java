package dev.respec.controller;

import static java.util.Objects.requireNonNull;

import dev.respec.schemas.CostProfile;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingCost;
import dev.respec.speculation.Setting;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Milliseconds of one verify step by setting, active batch and context, as measured when a worker started. What was not
 * measured is estimated; live comparisons correct both.
 */
final class CostTable {
    /** Share of a plain step that drafting one token with a model is taken to cost if it was not measured. */
    private static final double DRAFT_SHARE = 0.15;

    /** Share by which one more sequence is taken to lengthen a plain step if none was measured. */
    private static final double GROWTH = 0.05;

    private final Map<Setting, NavigableMap<Integer, CostCurve>> measured;
    private final Set<Setting> settings;
    private final BatchBuckets buckets;

    private CostTable(
            Map<Setting, NavigableMap<Integer, CostCurve>> measured, Set<Setting> settings, BatchBuckets buckets) {
        this.measured = measured;
        this.settings = settings;
        this.buckets = buckets;
    }

    /** Why the profile cannot be used; empty if it can. */
    static Optional<String> refusal(CostProfile profile) {
        try {
            profile.getCandidates().forEach(SettingCodec::of);
            for (SettingCost cost : profile.getCosts()) {
                Setting setting = SettingCodec.of(cost.getSetting());
                double total = total(cost);
                if (!(total > 0)
                        || !Double.isFinite(total)
                        || cost.getActiveBatch() < 1
                        || cost.getContextTokens() < 0) {
                    return Optional.of(
                            "cost of %s at active batch %d and %d context tokens is %s ms, expected more than 0"
                                    .formatted(setting, cost.getActiveBatch(), cost.getContextTokens(), total));
                }
            }
        } catch (IllegalArgumentException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
        return profile.getCosts().isEmpty() && profile.getBatches().isEmpty()
                ? Optional.of("cost profile names no active batch: nothing to decide for")
                : Optional.empty();
    }

    /** @throws IllegalArgumentException if {@link #refusal} gives a reason */
    static CostTable of(CostProfile profile) {
        refusal(profile).ifPresent(reason -> {
            throw new IllegalArgumentException(reason);
        });
        var points = new LinkedHashMap<Setting, NavigableMap<Integer, NavigableMap<Integer, Double>>>();
        var settings = new LinkedHashSet<Setting>();
        settings.add(Setting.OFF);
        var batches = new TreeSet<Integer>(profile.getBatches());
        for (SettingCost cost : profile.getCosts()) {
            Setting setting = SettingCodec.of(cost.getSetting());
            settings.add(setting);
            if (setting.isOff()) {
                batches.add(cost.getActiveBatch());
            }
            points.computeIfAbsent(setting, key -> new TreeMap<>())
                    .computeIfAbsent(cost.getContextTokens(), key -> new TreeMap<>())
                    .put(cost.getActiveBatch(), total(cost));
        }
        if (batches.isEmpty()) {
            profile.getCosts().forEach(cost -> batches.add(cost.getActiveBatch()));
        }
        profile.getCandidates().forEach(candidate -> settings.add(SettingCodec.of(candidate)));
        var measured = new LinkedHashMap<Setting, NavigableMap<Integer, CostCurve>>();
        points.forEach((setting, byContext) -> {
            var curves = new TreeMap<Integer, CostCurve>();
            byContext.forEach((context, byBatch) -> curves.put(context, new CostCurve(byBatch)));
            measured.put(setting, curves);
        });
        return new CostTable(
                measured,
                settings,
                new BatchBuckets(batches.stream().mapToInt(Integer::intValue).toArray()));
    }

    private static double total(SettingCost cost) {
        return cost.getVerifyMilliseconds() + cost.getDraftMilliseconds() + cost.getOtherMilliseconds();
    }

    /** What the worker can run, off first. */
    Set<Setting> settings() {
        return settings;
    }

    boolean knows(Setting setting) {
        return settings.contains(setting);
    }

    boolean isMeasured(Setting setting) {
        return measured.containsKey(setting) && measured.containsKey(Setting.OFF);
    }

    /** One bucket for each batch that the profile names or at which plain decoding was measured. */
    BatchBuckets buckets() {
        return buckets;
    }

    /**
     * Linear between the measured contexts and beyond the largest. A setting measured with one context grows with the
     * context as plain decoding does.
     */
    double milliseconds(Setting setting, double activeBatch, double contextTokens) {
        NavigableMap<Integer, CostCurve> byContext = measured.get(setting);
        if (byContext == null) {
            return estimate(setting, activeBatch, contextTokens);
        }
        int first = byContext.firstKey();
        double shortest = at(byContext, first, setting, activeBatch);
        if (contextTokens <= first) {
            return shortest;
        }
        if (byContext.size() == 1) {
            return setting.isOff()
                    ? shortest
                    : shortest
                            * milliseconds(Setting.OFF, activeBatch, contextTokens)
                            / milliseconds(Setting.OFF, activeBatch, first);
        }
        Integer above = byContext.ceilingKey((int) Math.ceil(contextTokens));
        int to = above == null ? byContext.lastKey() : above;
        int from = byContext.lowerKey(to);
        double near = at(byContext, from, setting, activeBatch);
        double far = Math.max(near, at(byContext, to, setting, activeBatch));
        return near + (contextTokens - from) / (to - from) * (far - near);
    }

    private double at(NavigableMap<Integer, CostCurve> byContext, int context, Setting setting, double activeBatch) {
        CostCurve curve = requireNonNull(byContext.get(context));
        int largest = curve.largestBatch();
        double growth = setting.isOff() || activeBatch <= largest
                ? 1
                : milliseconds(Setting.OFF, activeBatch, context) / milliseconds(Setting.OFF, largest, context);
        return curve.milliseconds(activeBatch, growth);
    }

    /** A pass over several tokens of each sequence is taken to cost what plain decoding of as many sequences costs. */
    private double estimate(Setting setting, double activeBatch, double contextTokens) {
        if (setting.isOff()) {
            return 1 + GROWTH * (activeBatch - 1);
        }
        double plain = milliseconds(Setting.OFF, activeBatch, contextTokens);
        double verify = milliseconds(Setting.OFF, activeBatch * (setting.verifiedTokens() + 1), contextTokens);
        double draft = setting.drafter().equals("suffix") ? 0 : DRAFT_SHARE * setting.draftLength() * plain;
        return Math.max(plain, verify) + draft;
    }
}
