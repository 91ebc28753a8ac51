package dev.respec.worker;

import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.SpeculationSetting;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.worker.engine.Setting;
import dev.respec.worker.engine.SettingTable;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Settings between Avro and the engine. */
final class SettingCodec {
    private SettingCodec() {}

    static SpeculationSetting toAvro(Setting setting) {
        return SpeculationSetting.newBuilder()
                .setDrafter(setting.drafter())
                .setDraftLength(setting.draftLength())
                .setBranching(setting.branching())
                .setVerifiedTokens(setting.verifiedTokens())
                .build();
    }

    /** @param workerId who runs it: trials of other workers are left out */
    static SettingTable toTable(SpeculationSettings settings, String workerId) {
        Map<Integer, SettingTable.Entry> byBatch = new HashMap<>();
        for (BatchSetting entry : settings.getTable()) {
            List<SettingTable.Trial> trials = entry.getTrials().stream()
                    .filter(trial ->
                            trial.getWorkerId().isEmpty() || trial.getWorkerId().equals(workerId))
                    .map(trial -> new SettingTable.Trial(
                            trial.getId(),
                            ofAvro(trial.getRival()),
                            trial.getTurnSteps(),
                            trial.getTurnMilliseconds(),
                            trial.getPairs()))
                    .toList();
            byBatch.put(entry.getMaxActiveBatch(), new SettingTable.Entry(ofAvro(entry.getSetting()), trials));
        }
        return SettingTable.of(settings.getVersion(), byBatch);
    }

    private static Setting ofAvro(SpeculationSetting setting) {
        return new Setting(
                setting.getDrafter(), setting.getDraftLength(), setting.getBranching(), setting.getVerifiedTokens());
    }
}
