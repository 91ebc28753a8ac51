package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.controller.ControllerReplay.Replay;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SpeculationSettings;
import dev.respec.speculation.Setting;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class HindsightJudgementTest {
    private static final Setting GOOD = Setting.chain("eagle3", 4);

    private final Machine machine = new Machine(0.2).accepting("eagle3", 0.75);

    /** Plain decoding for 100 s, then the better setting for 100 s, at batch 4. */
    private final List<AcceptanceStats> stats =
            List.of(interval(1, Setting.OFF), interval(2, Setting.OFF), interval(3, GOOD), interval(4, GOOD));

    private final double off = 4 / machine.milliseconds(Setting.OFF, 4);
    private final double good =
            4 * (1 + 0.75 + Math.pow(0.75, 2) + Math.pow(0.75, 3) + Math.pow(0.75, 4)) / machine.milliseconds(GOOD, 4);

    @Test
    void shouldGiveAPerfectControllerOne() {
        var judgement = HindsightJudgement.judge(replay(0, GOOD), stats);

        assertThat(judgement.replayed()).isCloseTo(1, within(1e-3));
        double offTime = 2 * 100 * machine.milliseconds(Setting.OFF, 4);
        double goodTime = 2 * 100 * machine.milliseconds(GOOD, 4);
        assertThat(judgement.recorded())
                .isCloseTo((offTime * off / good + goodTime) / (offTime + goodTime), within(1e-3));
        assertThat(judgement.milliseconds()).isCloseTo(offTime + goodTime, within(1e-6));
        assertThat(judgement.judgedTime()).isEqualTo(1);
    }

    @Test
    void shouldGiveAControllerThatNeverSpeculatesItsShareOfTheBestSpeed() {
        var judgement = HindsightJudgement.judge(new Replay(List.of(), 0, 0), stats);

        assertThat(judgement.replayed()).isCloseTo(off / good, within(1e-3));
    }

    @Test
    void shouldNotJudgeWhatWasNeverMeasured() {
        var judgement = HindsightJudgement.judge(replay(0, Setting.chain("suffix", 8)), stats);

        assertThat(judgement.judgedTime()).isZero();
        assertThat(judgement.replayed()).isNaN();
    }

    private AcceptanceStats interval(int second, Setting setting) {
        return Statistics.interval(at(second), Statistics.exact(machine, setting, 4, 100));
    }

    private static Replay replay(int second, Setting setting) {
        var table = new SpeculationSettings(
                "policy",
                "cpu",
                1L,
                at(second),
                List.of(new BatchSetting(64, SettingCodec.toAvro(setting), 1.0, 1.0, "argmax", List.of())),
                "run",
                "cpu-float32");
        return new Replay(List.of(table), 0, 0);
    }

    private static Instant at(int second) {
        return Machine.START.plusSeconds(second);
    }
}
