package dev.respec.schemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class PackedArraysTest {
    @Test
    void shouldPackLittleEndian() {
        assertThat(PackedArrays.ofInts(new int[] {1, -2}).array()).containsExactly(1, 0, 0, 0, -2, -1, -1, -1);
        assertThat(PackedArrays.ofFloats(new float[] {1f}).array()).containsExactly(0, 0, -128, 63);
    }

    @Test
    void shouldLeaveThePositionAlone() {
        var bytes = ByteBuffer.wrap(new byte[] {9, 9, 9, 9, 5, 0, 0, 0});
        bytes.position(4);

        assertThat(PackedArrays.toInts(bytes)).containsExactly(5);
        assertThat(PackedArrays.toInts(bytes)).containsExactly(5);
        assertThat(PackedArrays.ofInts(new int[] {1, 2, 3}).remaining()).isEqualTo(12);
    }

    @Test
    void shouldKeepEveryBitOfAFloat() {
        float[] values = {0f, -0f, Float.MIN_VALUE, Float.NaN, Float.NEGATIVE_INFINITY, -1.5e-7f};

        assertThat(PackedArrays.toFloats(PackedArrays.ofFloats(values))).containsExactly(values);
    }

    @Test
    void shouldRefuseBytesThatAreNoArray() {
        assertThatThrownBy(() -> PackedArrays.toFloats(ByteBuffer.allocate(7)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("7 bytes");
    }
}
