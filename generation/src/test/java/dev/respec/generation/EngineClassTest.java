package dev.respec.generation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.respec.model.decoding.ComputeType;
import java.util.List;
import org.junit.jupiter.api.Test;

class EngineClassTest {
    private static EngineClass engine(
            String processor, int threads, String kernel, ComputeType type, int slots, String... choices) {
        return new EngineClass(processor, threads, kernel, type, slots, List.of(choices));
    }

    @Test
    void shouldTellProcessorsKernelsAndTypesApart() {
        var one = engine("amd64 AMD EPYC 25 1", 2, "machine code", ComputeType.BFLOAT16, 32, "8", "eagle3:4");

        assertThat(one.device()).isEqualTo("amd64-amd-epyc-25-1-2");
        // the checksum is that of "8 eagle3:4" by Python's zlib.crc32
        assertThat(one.text()).isEqualTo("amd64-amd-epyc-25-1-2-machine-code-bfloat16-32-c86e120d");
        assertThat(List.of(
                        one.text(),
                        engine("amd64 AMD EPYC 26 2", 2, "machine code", ComputeType.BFLOAT16, 32, "8", "eagle3:4")
                                .text(),
                        engine("amd64 AMD EPYC 25 1", 1, "machine code", ComputeType.BFLOAT16, 32, "8", "eagle3:4")
                                .text(),
                        engine("amd64 AMD EPYC 25 1", 2, "vector", ComputeType.BFLOAT16, 32, "8", "eagle3:4")
                                .text(),
                        engine("amd64 AMD EPYC 25 1", 2, "machine code", ComputeType.FLOAT32, 32, "8", "eagle3:4")
                                .text(),
                        engine("amd64 AMD EPYC 25 1", 2, "machine code", ComputeType.BFLOAT16, 16, "8", "eagle3:4")
                                .text(),
                        engine("amd64 AMD EPYC 25 1", 2, "machine code", ComputeType.BFLOAT16, 32, "8", "eagle3:8")
                                .text()))
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
