package dev.respec.worker;

import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.SpeculationSetting;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.worker.engine.Setting;
import dev.respec.worker.engine.SettingTable;
import java.util.HashMap;
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

    static SettingTable toTable(SpeculationSettings settings) {
        Map<Integer, Setting> byBatch = new HashMap<>();
        for (BatchSetting entry : settings.getTable()) {
            SpeculationSetting setting = entry.getSetting();
            byBatch.put(
                    entry.getMaxActiveBatch(),
                    new Setting(
                            setting.getDrafter(),
                            setting.getDraftLength(),
                            setting.getBranching(),
                            setting.getVerifiedTokens()));
        }
        return new SettingTable(settings.getVersion(), byBatch);
    }
}
