package dev.respec.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.respec.model.Golden;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void nameFile() {
        file = directory.resolve("x.safetensors");
    }

    @Test
    void shouldReadWhatItWrites() {
        var tensors = new LinkedHashMap<String, HostTensor>();
        tensors.put("weights", HostTensor.ofFloats(new float[] {1.5f, -2f, Float.MIN_VALUE, 0f, 3f, 4f}, 2, 3));
        tensors.put("d2t", HostTensor.ofLongs(new long[] {0, -1, Long.MAX_VALUE}, 3));
        tensors.put("t2d", HostTensor.ofBooleans(new boolean[] {true, false, true}, 3));
        tensors.put("empty", HostTensor.ofFloats(new float[0], 0, 4));
        tensors.put("scalar", HostTensor.ofFloats(new float[] {7f}));

        Safetensors.write(file, tensors, Map.of("format", "pt"));
        var read = Safetensors.open(file);

        assertThat(read.metadata()).containsExactly(Map.entry("format", "pt"));
        assertThat(read.tensors()).containsOnlyKeys("weights", "d2t", "t2d", "empty", "scalar");
        assertThat(read.tensor("weights").shape()).containsExactly(2, 3);
        assertThat(read.tensor("weights").toFloats()).containsExactly(1.5f, -2f, Float.MIN_VALUE, 0f, 3f, 4f);
        assertThat(read.tensor("d2t").toLongs()).containsExactly(0, -1, Long.MAX_VALUE);
        assertThat(read.tensor("t2d").toLongs()).containsExactly(1, 0, 1);
        assertThat(read.tensor("empty").toFloats()).isEmpty();
        assertThat(read.tensor("scalar").toFloats()).containsExactly(7f);
    }

    @Test
    void shouldReproduceFileWrittenByReferenceImplementation() throws IOException {
        var original = Golden.path("hf-models/qwen2-old-config").resolve("model.safetensors");
        var opened = Safetensors.open(original);

        Safetensors.write(file, opened.tensors(), opened.metadata());

        assertThat(data(file)).isEqualTo(data(original));
    }

    @Test
    void shouldDecodeHalfPrecisionExactly() throws IOException {
        // numpy float16 of the bit patterns
        int[] halves = {0x3c00, 0x0001, 0x03ff, 0x7c00, 0xc500, 0x8000, 0x3555, 0x7bff};
        writeRaw("F16", 8, shorts(halves));

        assertThat(Safetensors.open(file).tensor("t").toFloats())
                .containsExactly(1f, 0x1p-24f, 0x3ffp-24f, Float.POSITIVE_INFINITY, -5f, -0f, 0x555p-12f, 65504f);
        assertThat(FloatFormats.halfToFloat((short) 0x7e00)).isNaN();
    }

    @Test
    void shouldDecodeBfloat16() throws IOException {
        writeRaw("BF16", 3, shorts(0x3f80, 0xc000, 0x3eab));

        assertThat(Safetensors.open(file).tensor("t").toFloats()).containsExactly(1f, -2f, 0xabp-9f);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}} | tensor t: shape needs 12 bytes, data_offsets span 8",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,12]}} | tensor t: starts at byte 4, expected 0",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16]}} | tensors span 16 bytes, the file holds 8 (truncated?)",
                "{\"t\":{\"dtype\":\"F8_E4M3\",\"shape\":[8],\"data_offsets\":[0,8]}} | tensor t: element type 'F8_E4M3' is not supported",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[0,8]}} | tensor t: shape or data_offsets is malformed",
                "{\"t\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,8]}} | tensor t: shape overflows",
                "[] | header is not a JSON object",
            })
    void shouldRefuseMalformedHeader(String header, String message) throws IOException {
        write(header, new byte[8]);

        assertThatThrownBy(() -> Safetensors.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(file + ": not a usable safetensors file: " + message);
    }

    @Test
    void shouldRefuseTruncatedFile() throws IOException {
        Safetensors.write(file, Map.of("t", HostTensor.ofFloats(new float[64], 64)), Map.of());
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 100));

        assertThatThrownBy(() -> Safetensors.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("truncated?");
    }

    @Test
    void shouldRefuseFileThatIsSomethingElse() throws IOException {
        Files.writeString(file, "version https://git-lfs.github.com/spec/v1\n");

        assertThatThrownBy(() -> Safetensors.open(file))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("header length");
    }

    @Test
    void shouldNameMissingTensor() {
        Safetensors.write(file, Map.of("t", HostTensor.ofFloats(new float[1], 1)), Map.of());

        assertThatThrownBy(() -> Safetensors.open(file).tensor("fc.weight"))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(file + ": tensor fc.weight: missing");
    }

    private void writeRaw(String type, int elements, byte[] data) throws IOException {
        write(
                "{\"t\":{\"dtype\":\"%s\",\"shape\":[%d],\"data_offsets\":[0,%d]}}"
                        .formatted(type, elements, data.length),
                data);
    }

    private void write(String header, byte[] data) throws IOException {
        var json = header.getBytes(StandardCharsets.UTF_8);
        var bytes = ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        Files.write(file, bytes.putLong(json.length).put(json).put(data).array());
    }

    private static byte[] shorts(int... values) {
        var bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            bytes.putShort((short) value);
        }
        return bytes.array();
    }

    private static byte[] data(Path file) throws IOException {
        var bytes = Files.readAllBytes(file);
        long header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        return Arrays.copyOfRange(bytes, (int) (8 + header), bytes.length);
    }
}
