package dev.respec.ops.report;

import dev.respec.schemas.SpeculationSetting;

/** A speculation setting as the command line takes it: {@code off}, {@code suffix:8}, {@code eagle3:4x3/12}. */
public final class SettingName {
    private SettingName() {}

    public static String of(SpeculationSetting setting) {
        if (setting.getDraftLength() == 0) {
            return "off";
        }
        String chain = setting.getDrafter() + ":" + setting.getDraftLength();
        return setting.getBranching() > 1
                ? chain + "x" + setting.getBranching() + "/" + setting.getVerifiedTokens()
                : chain;
    }
}
