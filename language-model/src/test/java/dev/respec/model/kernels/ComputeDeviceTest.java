package dev.respec.model.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ComputeDeviceTest {
    @Test
    void shouldTakeTheProcessorWhereThereIsNoDevice() {
        assumeTrue(CudaDriver.devices().isEmpty());

        assertThat(ComputeDevice.of("model.device", "auto")).isEqualTo(ComputeDevice.CPU);
        assertThat(ComputeDevice.of("model.device", "cpu")).isEqualTo(ComputeDevice.CPU);
        assertThatThrownBy(() -> ComputeDevice.of("worker.device", "cuda:1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "worker.device is cuda:1, but this machine has no CUDA device (no driver, or none visible to"
                                + " it); use auto or cpu");
    }

    @Test
    void shouldRefuseWhatIsNoDevice() {
        for (String setting : List.of("gpu", "cuda:", "cuda:x", "cuda:-1", "", "CPU")) {
            assertThatThrownBy(() -> ComputeDevice.of("model.device", setting))
                    .hasMessage("model.device: expected auto, cpu, cuda or cuda:N, got '" + setting + "'");
        }
    }

    @Test
    void shouldNameWhatIsThere() {
        assertThat(ComputeDevice.inWords(List.of("A"))).isEqualTo("1 CUDA device: cuda:0 A");
        assertThat(ComputeDevice.inWords(List.of("A", "A"))).isEqualTo("2 CUDA devices: cuda:0 to cuda:1 A");
        assertThat(ComputeDevice.CPU).hasToString("cpu");
        assertThat(new ComputeDevice(2)).hasToString("cuda:2");
    }
}
