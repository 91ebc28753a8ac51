package dev.respec.controller;

import dev.respec.schemas.CostProfile;
import dev.respec.schemas.SettingCost;
import dev.respec.schemas.SpeculationSetting;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Cost profiles of several workers of one class, or of several starts of one, as a single profile. */
final class CostProfiles {
    /** Contexts that differ by less than this share are the same: how long the long one is depends on a worker's start. */
    private static final double SAME_CONTEXT = 0.2;

    private CostProfiles() {}

    /** Every entry as it was measured last; what the newer profile lacks stays as it was. The order does not matter. */
    static CostProfile merged(CostProfile one, CostProfile other) {
        boolean ordered = !other.getMeasuredAt().isBefore(one.getMeasuredAt());
        CostProfile older = ordered ? one : other;
        CostProfile newer = ordered ? other : one;
        var batches = new TreeSet<>(older.getBatches());
        batches.addAll(newer.getBatches());
        return new CostProfile(
                newer.getModelId(),
                newer.getDeviceClass(),
                newer.getEngineClass(),
                newer.getMeasuredAt(),
                costs(older.getCosts(), newer.getCosts()),
                newer.getRunId(),
                union(older.getCandidates(), newer.getCandidates()),
                List.copyOf(batches));
    }

    private static List<SpeculationSetting> union(List<SpeculationSetting> older, List<SpeculationSetting> newer) {
        var union = new LinkedHashSet<>(newer);
        union.addAll(older);
        return List.copyOf(union);
    }

    private record Place(SpeculationSetting setting, int batch) {}

    private static List<SettingCost> costs(List<SettingCost> older, List<SettingCost> newer) {
        Map<Place, List<SettingCost>> byPlace = new LinkedHashMap<>();
        newer.forEach(cost ->
                byPlace.computeIfAbsent(place(cost), key -> new ArrayList<>()).add(cost));
        for (SettingCost cost : older) {
            List<SettingCost> here = byPlace.computeIfAbsent(place(cost), key -> new ArrayList<>());
            if (here.stream().noneMatch(measured -> sameContext(measured, cost))) {
                here.add(cost);
            }
        }
        return byPlace.values().stream().flatMap(List::stream).toList();
    }

    private static Place place(SettingCost cost) {
        return new Place(cost.getSetting(), cost.getActiveBatch());
    }

    private static boolean sameContext(SettingCost one, SettingCost other) {
        int larger = Math.max(one.getContextTokens(), other.getContextTokens());
        return Math.abs(one.getContextTokens() - other.getContextTokens()) <= SAME_CONTEXT * larger;
    }
}
