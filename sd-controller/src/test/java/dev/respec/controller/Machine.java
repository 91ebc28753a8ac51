package dev.respec.controller;

import dev.respec.schemas.CostProfile;
import dev.respec.schemas.EngineKey;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingCost;
import dev.respec.speculation.Setting;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A worker's machine with known step times and acceptance, so that the best setting is found by enumeration. A target
 * pass over B sequences of n tokens takes {@code floor + perToken · max(0, B·n − knee)} ms; drafting a token takes
 * {@code draft + draftPerSequence · B}, for a suffix drafter nothing.
 */
final class Machine {
    static final int[] BATCHES = {1, 2, 4, 8, 16, 32, 64};
    static final int CONTEXT = 100;
    static final EngineKey KEY = new EngineKey("run", "policy", "cpu-float32");
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    static final List<Setting> SETTINGS = List.of(
            Setting.OFF,
            Setting.chain("suffix", 2),
            Setting.chain("suffix", 4),
            Setting.chain("suffix", 8),
            Setting.chain("eagle3", 1),
            Setting.chain("eagle3", 2),
            Setting.chain("eagle3", 4));

    private final double floor = 5;
    private final double knee = 24;
    private final double perToken;
    private final double draft = 0.8;
    private final double draftPerSequence = 0.01;
    private final Map<String, Double> acceptance = new LinkedHashMap<>();

    /** @param perToken 0.2 makes speculation lose from a batch of about 16 */
    Machine(double perToken) {
        this.perToken = perToken;
    }

    /** Every position of the drafter's drafts is accepted with this probability, given the ones before. */
    Machine accepting(String drafter, double probability) {
        acceptance.put(drafter, probability);
        return this;
    }

    double acceptance(String drafter) {
        return acceptance.getOrDefault(drafter, 0.0);
    }

    double verifyMilliseconds(Setting setting, int batch) {
        return floor + perToken * Math.max(0, batch * (setting.verifiedTokens() + 1) - knee);
    }

    double draftMilliseconds(Setting setting, int batch) {
        return setting.drafter().equals("eagle3") ? setting.draftLength() * (draft + draftPerSequence * batch) : 0;
    }

    double milliseconds(Setting setting, int batch) {
        return verifyMilliseconds(setting, batch) + draftMilliseconds(setting, batch);
    }

    /** (1 − α^(γ+1)) / (1 − α). */
    double acceptanceLength(Setting setting) {
        double alpha = acceptance(setting.drafter());
        return setting.isOff() ? 1 : (1 - Math.pow(alpha, setting.draftLength() + 1)) / (1 - alpha);
    }

    double gain(Setting setting, int batch) {
        return acceptanceLength(setting) * milliseconds(Setting.OFF, batch) / milliseconds(setting, batch);
    }

    /** By enumeration. */
    Setting best(int batch) {
        Setting best = Setting.OFF;
        for (Setting setting : SETTINGS) {
            best = gain(setting, batch) > gain(best, batch) ? setting : best;
        }
        return best;
    }

    CostProfile profile() {
        return profile(SETTINGS, new Random(0), 0);
    }

    /**
     * As measured, every cost off by a random factor.
     *
     * @param measured settings that have costs; all are candidates
     * @param deviation standard deviation of the factors' logarithms
     */
    CostProfile profile(List<Setting> measured, Random random, double deviation) {
        var costs = new ArrayList<SettingCost>();
        for (Setting setting : measured) {
            for (int batch : BATCHES) {
                double factor = Math.exp(deviation * random.nextGaussian());
                costs.add(new SettingCost(
                        batch,
                        SettingCodec.toAvro(setting),
                        verifyMilliseconds(setting, batch) * factor,
                        draftMilliseconds(setting, batch) * factor,
                        0.0,
                        CONTEXT));
            }
        }
        return profile(costs);
    }

    CostProfile profile(List<SettingCost> costs) {
        return new CostProfile(
                KEY.modelId(),
                "cpu",
                KEY.engineClass(),
                START,
                costs,
                KEY.runId(),
                SETTINGS.stream().map(SettingCodec::toAvro).toList(),
                Arrays.stream(BATCHES).boxed().toList());
    }
}
