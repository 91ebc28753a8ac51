package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.schemas.SpeculationSettings;
import dev.respec.stage.config.RespecConfig;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ControllerReplayTest {
    private final Machine machine = new Machine(0.2).accepting("eagle3", 0.75).accepting("suffix", 0.35);
    private final Simulation recorded = new Simulation(
                    machine, RespecConfig.defaults().controller(), 17)
            .run(120, second -> second % 2 == 0 ? 4 : 32);

    @Test
    void shouldDecideTheSameEveryTimeWhateverTheOrderOfTheRecords() {
        var shuffled = new ArrayList<>(recorded.statistics);
        Collections.shuffle(shuffled, new Random(17));
        var replay = new ControllerReplay(RespecConfig.defaults().controller());

        var once = replay.run(List.of(machine.profile()), recorded.statistics);
        var again = replay.run(List.of(machine.profile()), shuffled);

        assertThat(once.tables()).isEqualTo(again.tables()).isNotEmpty();
        assertThat(once.tables()).extracting(SpeculationSettings::getVersion).startsWith(1L, 2L, 3L);
    }

    @Test
    void shouldAgreeWithTheRecordingControllerOnMostSteps() {
        var replay = new ControllerReplay(RespecConfig.defaults().controller())
                .run(List.of(machine.profile()), recorded.statistics);

        assertThat(replay.agreement()).isGreaterThan(0.85);
        assertThat(replay.alarms()).isZero();
    }

    @Test
    void shouldFindNothingInNothing() {
        assertThat(new ControllerReplay(RespecConfig.defaults().controller())
                        .run(List.of(), List.of())
                        .tables())
                .isEmpty();
    }
}
