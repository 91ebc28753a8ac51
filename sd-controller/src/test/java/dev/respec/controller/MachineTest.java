package dev.respec.controller;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.speculation.Setting;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The ground the other tests stand on: on this machine the best setting differs by batch. */
class MachineTest {
    @Test
    void shouldHaveDifferentBestSettingsByBatch() {
        var machine = new Machine(0.2).accepting("eagle3", 0.75).accepting("suffix", 0.35);

        assertThat(Arrays.stream(Machine.BATCHES)
                        .mapToObj(machine::best)
                        .distinct()
                        .count())
                .isGreaterThanOrEqualTo(3);
        assertThat(machine.best(1)).isEqualTo(Setting.chain("eagle3", 4));
        assertThat(machine.best(64)).isEqualTo(Setting.OFF);
    }
}
