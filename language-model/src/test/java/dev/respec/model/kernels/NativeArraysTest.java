package dev.respec.model.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import dev.respec.model.checkpoint.ElementType;
import dev.respec.model.checkpoint.HostTensor;
import org.junit.jupiter.api.Test;

class NativeArraysTest {
    private static final float[] VALUES = new float[7 * 5];

    static {
        for (int i = 0; i < VALUES.length; i++) {
            VALUES[i] = i - 17.5f;
        }
    }

    @Test
    void shouldDecodeATensorOfAnyTypeToFloat32() {
        try (NDManager owner = Torch.manager()) {
            for (var type : new ElementType[] {ElementType.FLOAT32, ElementType.FLOAT16, ElementType.BFLOAT16}) {
                NDArray array = NativeArrays.of(owner, HostTensor.ofFloats(VALUES, type, 7, 5));
                assertThat(array.getDataType()).isEqualTo(DataType.FLOAT32);
                assertThat(array.getShape().getShape()).containsExactly(7, 5);
                assertThat(array.toFloatArray()).isEqualTo(VALUES);
            }
        }
    }

    @Test
    void shouldKeepBfloat16AsItIsStored() {
        var tensor = HostTensor.ofFloats(VALUES, ElementType.BFLOAT16, 7, 5);
        try (NDManager owner = Torch.manager()) {
            NDArray array = NativeArrays.stored(owner, tensor);
            assertThat(array.getShape().getShape()).containsExactly(7, 10);
            assertThat(new HostTensor(ElementType.BFLOAT16, new NativeWindows(array), 7, 5).sameAs(tensor))
                    .isTrue();
            assertThat(NativeArrays.stored(owner, HostTensor.ofFloats(VALUES, 35))
                            .toFloatArray())
                    .isEqualTo(VALUES);
        }
    }

    @Test
    void shouldReachEveryRowThroughWindows() {
        try (NDManager owner = Torch.manager()) {
            NDArray array = NativeArrays.of(owner, VALUES, 7, 5);
            // two rows a window
            var windows = new NativeWindows(array, 2 * 5 * Float.BYTES + 3);
            assertThat(windows.size()).isEqualTo(VALUES.length * (long) Float.BYTES);
            var read = new float[VALUES.length];
            windows.part(0, VALUES.length * Float.BYTES).asFloatBuffer().get(read);
            assertThat(read).isEqualTo(VALUES);
            // and they are the array's own memory
            windows.part(6 * 5 * Float.BYTES, Float.BYTES).putFloat(0, 99);
            assertThat(array.toFloatArray()[30]).isEqualTo(99);
        }
    }
}
