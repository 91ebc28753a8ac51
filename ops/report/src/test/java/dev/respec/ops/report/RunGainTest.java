package dev.respec.ops.report;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.PairedTurns;
import dev.respec.schemas.SettingStatistics;
import dev.respec.schemas.SpeculationSetting;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class RunGainTest {
    private static final SpeculationSetting OFF = new SpeculationSetting("off", 0, 1, 0);
    private static final SpeculationSetting EAGLE = new SpeculationSetting("eagle3", 4, 1, 4);
    private static final SpeculationSetting SUFFIX = new SpeculationSetting("suffix", 2, 1, 2);

    private static SettingStatistics took(int batch, SpeculationSetting setting, double milliseconds) {
        return new SettingStatistics(
                batch, setting, 10L, 10L * batch, 0L, List.of(), List.of(), 10L * batch, 0.0, milliseconds, 0.0, 0L);
    }

    /** The rival is so many times as fast as the setting, in every pair. */
    private static PairedTurns pairs(
            int batch, SpeculationSetting setting, SpeculationSetting rival, long count, double speed) {
        double log = Math.log(speed);
        return PairedTurns.newBuilder()
                .setActiveBatch(batch)
                .setSetting(setting)
                .setRival(rival)
                .setPairs(count)
                .setSettingSteps(4 * count)
                .setSettingSequenceSteps(4 * count * batch)
                .setSettingTokens(4 * count * batch)
                .setSettingMilliseconds(1)
                .setRivalSteps(4 * count)
                .setRivalSequenceSteps(4 * count * batch)
                .setRivalTokens(4 * count * batch)
                .setRivalMilliseconds(1)
                .setLogTimeRatios(0)
                .setSquaredLogTimeRatios(0)
                .setLogSpeedRatios(count * log)
                .setSquaredLogSpeedRatios(count * log * log)
                .setSwitchMilliseconds(0)
                .setSwitches(0)
                .setContextTokens(0)
                .build();
    }

    private static AcceptanceStats interval(List<SettingStatistics> settings, PairedTurns... pairs) {
        return AcceptanceStats.newBuilder()
                .setRunId("run")
                .setWorkerId("w")
                .setModelId("policy")
                .setDeviceClass("cpu")
                .setIntervalStart(Instant.EPOCH)
                .setIntervalEnd(Instant.EPOCH)
                .setPolicyVersion(0)
                .setDrafterVersion(0)
                .setSettings(settings)
                .setPairs(List.of(pairs))
                .build();
    }

    @Test
    void shouldWeighEveryBatchByItsTime() {
        // 300 ms of a setting twice as fast as plain decoding, 100 ms of plain decoding: 700 ms of plain decoding in
        // 400
        var gain = requireNonNull(RunGain.of(List.of(interval(
                List.of(took(4, EAGLE, 300), took(16, OFF, 100)),
                pairs(4, EAGLE, OFF, 50, 0.5),
                pairs(4, OFF, EAGLE, 50, 2)))));

        assertThat(gain.gain()).isCloseTo(1.75, within(1e-9));
        assertThat(gain.judgedTime()).isEqualTo(1);
        assertThat(gain.pairs()).isEqualTo(100);
        // 300 · 2 / 400 · 1.96 standard errors of the mean of a hundred pairs without any deviation but the assumed one
        double deviation = Math.sqrt(2 * 0.15 * 0.15 / 101 / 100);
        assertThat(gain.error()).isCloseTo(1.5 * 1.96 * deviation, within(1e-9));
    }

    @Test
    void shouldTellHowMuchOfTheTimeWasNeverCompared() {
        var gain = requireNonNull(RunGain.of(
                List.of(interval(List.of(took(4, EAGLE, 300), took(4, SUFFIX, 100)), pairs(4, OFF, EAGLE, 10, 2)))));

        assertThat(gain.gain()).isCloseTo(2, within(1e-9));
        assertThat(gain.judgedTime()).isEqualTo(0.75);
    }

    @Test
    void shouldSayNothingWithoutPairs() {
        assertThat(RunGain.of(List.of(interval(List.of(took(4, EAGLE, 300)))))).isNull();
    }
}
