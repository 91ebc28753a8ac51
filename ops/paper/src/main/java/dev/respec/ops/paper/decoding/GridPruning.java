package dev.respec.ops.paper.decoding;

import dev.respec.speculation.Setting;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What of the grid is worth measuring, from a short look at plain decoding and at {@link SettingGrid#probes}. A setting is
 * excluded if it could not be the fastest at any batch even if it accepted as much as the widest tree of its depth; the
 * others are ranked by the speed that is predicted of them.
 */
final class GridPruning {
    /** What a short look may have missed of the acceptance length. */
    private static final double ALLOWANCE = 1.05;

    private final Map<Integer, List<Probe>> byBatch;
    private final Map<Integer, CostFit> fits = new TreeMap<>();
    private final Map<Setting, Double> acceptance;

    /** A setting that was looked at, at one batch. */
    record Probe(int batch, Setting setting, double milliseconds, long tokens, long sequenceSteps) {
        double tokensPerSecond() {
            return GridPruning.tokensPerSecond(batch, tokens / (double) Math.max(1, sequenceSteps), milliseconds);
        }
    }

    GridPruning(List<Probe> probes) {
        this.byBatch = probes.stream().collect(Collectors.groupingBy(Probe::batch, TreeMap::new, Collectors.toList()));
        byBatch.forEach((batch, all) -> fits.put(
                batch,
                CostFit.of(all.stream()
                        .map(probe -> new CostFit.Step(probe.setting(), probe.milliseconds()))
                        .toList())));
        this.acceptance = probes.stream()
                .collect(Collectors.groupingBy(
                        Probe::setting,
                        Collectors.collectingAndThen(
                                Collectors.toList(),
                                all -> all.stream().mapToLong(Probe::tokens).sum()
                                        / (double) Math.max(
                                                1,
                                                all.stream()
                                                        .mapToLong(Probe::sequenceSteps)
                                                        .sum()))));
    }

    /** Settings that may be the fastest at some batch. */
    List<Setting> possible() {
        return SettingGrid.all().stream()
                .filter(setting -> byBatch.keySet().stream().anyMatch(batch -> bound(setting, batch) >= best(batch)))
                .toList();
    }

    /** Of those, the first of each batch by prediction, then the second of each, until there are so many. */
    List<Setting> kept(int most) {
        List<List<Setting>> ranked = new ArrayList<>();
        for (int batch : byBatch.keySet()) {
            ranked.add(possible().stream()
                    .sorted(Comparator.comparingDouble((Setting setting) -> -predicted(setting, batch)))
                    .toList());
        }
        Set<Setting> kept = new LinkedHashSet<>();
        for (int rank = 0; rank < possible().size(); rank++) {
            for (List<Setting> settings : ranked) {
                if (kept.size() < most) {
                    kept.add(settings.get(rank));
                }
            }
        }
        return List.copyOf(kept);
    }

    double milliseconds(Setting setting, int batch) {
        return fit(batch).milliseconds(setting);
    }

    /** Tokens per second at a batch, with an acceptance length between those of the chain and the widest tree. */
    double predicted(Setting setting, int batch) {
        double narrow = acceptance(SettingGrid.chain(setting.draftLength()));
        double wide = acceptance(SettingGrid.widest(setting.draftLength()));
        double width = Math.log(setting.verifiedTokens() / (double) setting.draftLength())
                / Math.log(SettingGrid.widest(setting.draftLength()).verifiedTokens() / (double) setting.draftLength());
        return tokensPerSecond(batch, narrow + (wide - narrow) * width, milliseconds(setting, batch));
    }

    /** Tokens per second that it cannot exceed at a batch. */
    private double bound(Setting setting, int batch) {
        double most = ALLOWANCE * acceptance(SettingGrid.widest(setting.draftLength()));
        return tokensPerSecond(batch, most, milliseconds(setting, batch));
    }

    private double best(int batch) {
        return byBatch.getOrDefault(batch, List.of()).stream()
                .mapToDouble(Probe::tokensPerSecond)
                .max()
                .orElseThrow();
    }

    private CostFit fit(int batch) {
        CostFit fit = fits.get(batch);
        if (fit == null) {
            throw new IllegalArgumentException("batch %d was not looked at".formatted(batch));
        }
        return fit;
    }

    private double acceptance(Setting setting) {
        Double known = acceptance.get(setting);
        if (known == null) {
            throw new IllegalArgumentException("%s was not looked at".formatted(setting));
        }
        return known;
    }

    private static double tokensPerSecond(int batch, double acceptanceLength, double milliseconds) {
        return batch * acceptanceLength / milliseconds * 1000;
    }
}
