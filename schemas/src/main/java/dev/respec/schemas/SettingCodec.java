package dev.respec.schemas;

import dev.respec.speculation.Setting;
import dev.respec.speculation.SettingTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Speculation settings between events and the domain. */
public final class SettingCodec {
    private SettingCodec() {}

    public static SpeculationSetting toAvro(Setting setting) {
        return new SpeculationSetting(
                setting.drafter(), setting.draftLength(), setting.branching(), setting.verifiedTokens());
    }

    /** @throws IllegalArgumentException if the event holds no possible setting */
    public static Setting of(SpeculationSetting event) {
        return new Setting(event.getDrafter(), event.getDraftLength(), event.getBranching(), event.getVerifiedTokens());
    }

    /** The event's setting as the command line takes it: {@code eagle3:4x3/12}. */
    public static String text(SpeculationSetting event) {
        return of(event).toString();
    }

    /**
     * The table as a worker runs it.
     *
     * @param workerId who runs it: trials of other workers are left out
     * @throws IllegalArgumentException if the event holds no possible setting, or no entry
     */
    public static SettingTable table(SpeculationSettings settings, String workerId) {
        Map<Integer, SettingTable.Entry> byBatch = new HashMap<>();
        for (BatchSetting entry : settings.getTable()) {
            List<SettingTable.Trial> trials = entry.getTrials().stream()
                    .filter(trial ->
                            trial.getWorkerId().isEmpty() || trial.getWorkerId().equals(workerId))
                    .map(trial -> new SettingTable.Trial(
                            trial.getId(),
                            of(trial.getRival()),
                            trial.getTurnSteps(),
                            trial.getTurnMilliseconds(),
                            trial.getPairs()))
                    .toList();
            byBatch.put(entry.getMaxActiveBatch(), new SettingTable.Entry(of(entry.getSetting()), trials));
        }
        return SettingTable.of(settings.getVersion(), byBatch);
    }
}
