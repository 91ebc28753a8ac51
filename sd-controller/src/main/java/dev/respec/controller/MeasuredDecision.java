package dev.respec.controller;

import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import dev.respec.stage.config.ControllerSection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/** The controller's decision on settings whose speed was measured side by side in this process. */
public final class MeasuredDecision {
    private static final Comparator<Measurement> PLAIN_FIRST =
            Comparator.comparing(measurement -> !measurement.setting().isOff());

    private final SettingDecision decision;

    private MeasuredDecision(ControllerSection config) {
        this.decision = new SettingDecision(config, config.switchCost().toMillis());
    }

    /** Speed and acceptance of one setting at one batch. */
    public record Measurement(int activeBatch, Setting setting, double tokensPerSecond, double acceptanceLength) {}

    /**
     * The table for the batches that were measured.
     *
     * @param measured plain decoding among the settings of each batch
     */
    public static SettingTable table(ControllerSection controller, List<Measurement> measured) {
        var deciding = new MeasuredDecision(controller);
        NavigableMap<Integer, List<Measurement>> byBatch = new TreeMap<>();
        measured.forEach(measurement -> byBatch.computeIfAbsent(measurement.activeBatch(), key -> new ArrayList<>())
                .add(measurement));
        Map<Integer, Setting> table = new TreeMap<>();
        byBatch.forEach((batch, settings) -> table.put(batch, deciding.choose(settings)));
        return new SettingTable(0, table);
    }

    private Setting choose(List<Measurement> measured) {
        double plain = measured.stream().min(PLAIN_FIRST).orElseThrow().tokensPerSecond();
        // measured and compared side by side: nothing is left to doubt
        List<SettingEstimate> estimates = measured.stream()
                .map(each -> new SettingEstimate(
                        each.setting(),
                        each.tokensPerSecond() / plain,
                        0,
                        0,
                        each.acceptanceLength(),
                        Double.POSITIVE_INFINITY))
                .toList();
        return decision.choose(Choice.NO_DATA, estimates, Set.of(), Long.MAX_VALUE)
                .setting();
    }
}
