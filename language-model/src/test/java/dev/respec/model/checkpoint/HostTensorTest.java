package dev.respec.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HostTensorTest {
    private static final int PAGE = 4096;

    @TempDir
    Path directory;

    /** The embedding of a model of 7 billion parameters has 545 million elements; this tensor has more bytes than an int counts. */
    @ParameterizedTest
    @EnumSource(
            value = ElementType.class,
            names = {"FLOAT32", "BFLOAT16"})
    void shouldReadAndWriteTensorsOfMoreThanTwoGigabytes(ElementType type) throws IOException {
        // Given a sparse file: everything is zero but a few elements
        long[] shape = {152_064, 4L * 3_584};
        long size = shape[0] * shape[1];
        long[] places = {0, (1L << 30) - 1, 1L << 30, (1L << 31) / type.bytes() + 3, size - 1};
        var file = directory.resolve("large.safetensors");
        writeSparse(file, type, shape, places);
        // When
        var tensor = Safetensors.open(file).tensor("t");
        // Then
        assertThat(tensor.size()).isEqualTo(size);
        for (int i = 0; i < places.length; i++) {
            var value = new float[1];
            tensor.read(places[i], value, 0, 1);
            assertThat(value[0]).isEqualTo(i + 1f);
            var half = new short[1];
            tensor.readBfloat16(places[i], half, 0, 1);
            assertThat(Float.intBitsToFloat(half[0] << 16)).isEqualTo(i + 1f);
        }
        assertThat(tensor.bytes().part((1L << 30) - 4, 8).remaining()).isEqualTo(8);
    }

    @Test
    void shouldReadAcrossTheWindowsOfAMapping() throws IOException {
        // Given
        var bytes = new byte[3 * PAGE + 17];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31);
        }
        var file = Files.write(directory.resolve("bytes"), bytes);
        try (var channel = FileChannel.open(file)) {
            // When
            var mapped = MappedFile.map(channel, PAGE);
            var section = mapped.section(5, bytes.length - 5);
            // Then
            assertThat(section.size()).isEqualTo(bytes.length - 5);
            assertThat(bytes(section.part(0, bytes.length - 5))).isEqualTo(Arrays.copyOfRange(bytes, 5, bytes.length));
            section.release(0, section.size());
            assertThat(bytes(section.part(PAGE - 7, 4))).isEqualTo(Arrays.copyOfRange(bytes, PAGE - 2, PAGE + 2));
            assertThatThrownBy(() -> section.part(bytes.length - 6, 2)).isInstanceOf(IndexOutOfBoundsException.class);
        }
    }

    /** Values and codes of IEEE 754 and of bfloat16, which is the upper half of binary32. */
    @Test
    void shouldRoundToTheNearestOfHalfPrecisionTiesToEven() {
        float[] values = {
            1f, -2f, 65504f, 65519f, 65520f, 0x1p-24f, 0x1p-25f, 0x1.8p-24f, 1 + 0x1p-11f, 1 + 0x3p-11f, -0f
        };
        int[] halves = {0x3c00, 0xc000, 0x7bff, 0x7bff, 0x7c00, 0x0001, 0x0000, 0x0002, 0x3c00, 0x3c02, 0x8000};
        var stored = HostTensor.ofFloats(values, ElementType.FLOAT16, values.length);
        for (int i = 0; i < values.length; i++) {
            assertThat(stored.bytes().part(2L * i, 2).getShort(0))
                    .as("%a", values[i])
                    .isEqualTo((short) halves[i]);
        }
        float[] others = {1f, 1 + 0x1p-8f, 1 + 0x3p-8f, Float.NEGATIVE_INFINITY};
        int[] brains = {0x3f80, 0x3f80, 0x3f82, 0xff80};
        var brain = HostTensor.ofFloats(others, ElementType.BFLOAT16, 2, 2);
        for (int i = 0; i < others.length; i++) {
            assertThat(brain.bytes().part(2L * i, 2).getShort(0)).isEqualTo((short) brains[i]);
        }
    }

    /** Every value of half precision survives the way to float32 and back. */
    @Test
    void shouldConvertEveryHalfThereAndBack() {
        for (int bits = 0; bits < 1 << 16; bits++) {
            float value = FloatFormats.halfToFloat((short) bits);
            if (!Float.isNaN(value)) {
                assertThat(FloatFormats.toHalf(value)).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void shouldConvertWhileWriting() {
        var file = directory.resolve("x.safetensors");
        var values = new float[3_000_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 1024;
        }
        var tensor = HostTensor.ofFloats(values, values.length);

        Safetensors.write(file, Map.of("t", tensor.as(ElementType.BFLOAT16)), Map.of());

        var read = Safetensors.open(file).tensor("t");
        assertThat(read.type()).isEqualTo(ElementType.BFLOAT16);
        assertThat(read.toFloats()).isEqualTo(tensor.as(ElementType.BFLOAT16).toFloats());
        assertThat(read.sameAs(tensor.as(ElementType.BFLOAT16))).isTrue();
        assertThat(read.sameAs(tensor)).isFalse();
    }

    @Test
    void shouldRefuseToConvertIntegers() {
        var tensor = HostTensor.ofLongs(new long[] {1}, 1);

        assertThatThrownBy(() -> tensor.as(ElementType.FLOAT32))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("expected a floating-point tensor, found INT64");
        assertThatThrownBy(tensor::toFloats).isInstanceOf(CheckpointException.class);
    }

    private static byte[] bytes(ByteBuffer buffer) {
        var bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    /** The n-th place has the value n + 1. */
    private static void writeSparse(Path file, ElementType type, long[] shape, long[] places) throws IOException {
        long bytes = shape[0] * shape[1] * type.bytes();
        var header = "{\"t\":{\"dtype\":\"%s\",\"shape\":[%d,%d],\"data_offsets\":[0,%d]}}"
                .formatted(type.code(), shape[0], shape[1], bytes)
                .getBytes(StandardCharsets.UTF_8);
        try (var channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            var start = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
            channel.write(start.putLong(header.length).put(header).flip());
            for (int i = 0; i < places.length; i++) {
                var value =
                        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, i + 1f);
                // bfloat16 is the upper half of a float
                value.position(4 - type.bytes());
                channel.write(value, 8 + header.length + places[i] * type.bytes());
            }
        }
    }
}
