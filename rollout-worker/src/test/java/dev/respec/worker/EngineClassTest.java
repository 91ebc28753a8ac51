package dev.respec.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.model.ComputeType;
import java.util.List;
import org.junit.jupiter.api.Test;

class EngineClassTest {
    @Test
    void shouldTellProcessorsKernelsAndTypesApart() {
        var one = new EngineClass("amd64 AMD EPYC 25 1", 2, "machine code", ComputeType.BFLOAT16);

        assertThat(one.device()).isEqualTo("amd64-amd-epyc-25-1-2");
        assertThat(one.text()).isEqualTo("amd64-amd-epyc-25-1-2-machine-code-bfloat16");
        assertThat(List.of(
                        one.text(),
                        new EngineClass("amd64 AMD EPYC 26 2", 2, "machine code", ComputeType.BFLOAT16).text(),
                        new EngineClass("amd64 AMD EPYC 25 1", 1, "machine code", ComputeType.BFLOAT16).text(),
                        new EngineClass("amd64 AMD EPYC 25 1", 2, "vector", ComputeType.BFLOAT16).text(),
                        new EngineClass("amd64 AMD EPYC 25 1", 2, "machine code", ComputeType.FLOAT32).text()))
                .doesNotHaveDuplicates();
    }

    @Test
    void shouldReadTheFirstProcessorOfLinux() {
        assertThat(EngineClass.model(List.of(
                        "processor\t: 0",
                        "vendor_id\t: GenuineIntel",
                        "cpu family\t: 6",
                        "model\t\t: 143",
                        "model name\t: Intel(R) Xeon(R) Platinum 8481C",
                        "",
                        "processor\t: 1",
                        "model\t\t: 144")))
                .isEqualTo("Intel(R) Xeon(R) Platinum 8481C 6 143");
        assertThat(EngineClass.model(List.of("CPU implementer\t: 0x41", "CPU part\t: 0xd0c")))
                .isEqualTo("0x41 0xd0c");
    }
}
