package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.respec.controller.ControllerReplay.Replay;
import dev.respec.schemas.AcceptanceStats;
import dev.respec.schemas.BatchSetting;
import dev.respec.schemas.PairedTurns;
import dev.respec.schemas.SettingCodec;
import dev.respec.schemas.SettingStatistics;
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

    /** The machine is three times as slow while plain decoding runs, which the pairs cancel. */
    @Test
    void shouldNotMistakeASlowMinuteForASlowSetting() {
        SettingStatistics plain = Statistics.exact(machine, Setting.OFF, 4, 100);
        SettingStatistics slow = Statistics.exact(machine, GOOD, 4, 100);
        slow.setVerifyMilliseconds(3 * slow.getVerifyMilliseconds());
        slow.setDraftMilliseconds(3 * slow.getDraftMilliseconds());
        PairedTurns pairs = Statistics.exactPairs(machine, Setting.OFF, GOOD, 4, 10);
        var recorded = List.of(
                Statistics.interval(at(1), List.of(plain), List.of()),
                Statistics.interval(at(2), List.of(slow), List.of(pairs)));

        assertThat(HindsightJudgement.judge(replay(0, GOOD), recorded).replayed())
                .isCloseTo(1, within(1e-3));
        assertThat(HindsightJudgement.judge(new Replay(List.of(), 0, 0), recorded)
                        .replayed())
                .isCloseTo(off / good, within(1e-3));
    }

    /** A is twice as fast as B, B three times as fast as plain decoding: no pair compares A with plain decoding. */
    @Test
    void shouldChainComparisonsAndTellTheirError() {
        Setting shorter = Setting.chain("eagle3", 2);
        var recorded = List.of(Statistics.interval(
                at(1),
                List.of(Statistics.exact(machine, Setting.OFF, 4, 100)),
                List.of(pairs(Setting.OFF, shorter, 8, 3, 0.1), pairs(shorter, GOOD, 8, 2, 0.1))));

        var judgement = HindsightJudgement.judge(new Replay(List.of(), 0, 0), recorded);

        assertThat(judgement.replayed()).isCloseTo(1 / 6.0, within(1e-6));
        // one moment for each comparison says nothing of how far moments lie apart: 0.3 is assumed; two edges in a row
        double variance = 0.3 * 0.3;
        assertThat(judgement.error()).isCloseTo(1.96 / 6 * Math.sqrt(2 * variance / 8), within(1e-6));
    }

    /** Two moments, the pairs of each agree: the error is what the moments lie apart. */
    @Test
    void shouldTakeTheErrorFromMomentsThatDisagree() {
        double fast = 3;
        double slow = 1 / 3.0;
        var recorded = List.of(Statistics.interval(
                at(1),
                List.of(Statistics.exact(machine, GOOD, 4, 100)),
                List.of(pairs(Setting.OFF, GOOD, 8, 2 * fast, 0), pairs(Setting.OFF, GOOD, 8, 2 * slow, 0))));

        var judgement = HindsightJudgement.judge(new Replay(List.of(), 0, 0), recorded);

        assertThat(judgement.replayed()).isCloseTo(0.5, within(1e-6));
        double variance = (4 * 0.3 * 0.3 + 2 * 8 * Math.pow(Math.log(3), 2)) / (4 + 1);
        assertThat(judgement.error()).isCloseTo(1.96 * 0.5 * Math.sqrt(variance / 16), within(1e-6));
    }

    private static PairedTurns pairs(Setting setting, Setting rival, long count, double speed, double deviation) {
        PairedTurns pairs = Statistics.exactPairs(new Machine(0.2), setting, rival, 4, (int) count);
        double log = Math.log(speed);
        pairs.setLogSpeedRatios(count * log);
        pairs.setSquaredLogSpeedRatios(count * (log * log + deviation * deviation));
        return pairs;
    }

    private AcceptanceStats interval(int second, Setting setting) {
        return Statistics.interval(
                at(second),
                List.of(Statistics.exact(machine, setting, 4, 100)),
                List.of(Statistics.exactPairs(machine, Setting.OFF, GOOD, 4, 10)));
    }

    private static Replay replay(int second, Setting setting) {
        var table = new SpeculationSettings(
                "policy",
                "cpu",
                1L,
                at(second),
                List.of(new BatchSetting(64, SettingCodec.toAvro(setting), 1.0, 1.0, "argmax", List.of())),
                "run",
                "cpu-float32",
                List.of());
        return new Replay(List.of(table), 0, 0);
    }

    private static Instant at(int second) {
        return Machine.START.plusSeconds(second);
    }
}
