package dev.respec.ops.local;

import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SpeculationSettings;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A settings table in one short text: {@code 1–4 eagle3:2, 5–32 suffix:4, 33+ off}. */
final class SettingsText {
    private SettingsText() {}

    static String of(@Nullable SpeculationSettings settings) {
        if (settings == null || settings.getTable().isEmpty()) {
            return "off";
        }
        List<String> runs = new ArrayList<>();
        List<BatchSetting> table = settings.getTable();
        int from = 1;
        for (int i = 0; i < table.size(); i++) {
            String name = SettingCodec.text(table.get(i).getSetting());
            boolean last = i == table.size() - 1;
            if (last || !name.equals(SettingCodec.text(table.get(i + 1).getSetting()))) {
                int to = table.get(i).getMaxActiveBatch();
                runs.add((last ? from + "+" : from == to ? "" + from : from + "–" + to) + " " + name);
                from = to + 1;
            }
        }
        return runs.size() == 1 ? SettingCodec.text(table.get(0).getSetting()) : String.join(", ", runs);
    }
}
