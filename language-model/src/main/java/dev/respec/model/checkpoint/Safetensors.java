package dev.respec.model.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes the safetensors format: 8 bytes little-endian header length, a JSON header, then the tensors' bytes
 * without gaps. A file is fully validated before any tensor is handed out.
 */
public final class Safetensors {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final String METADATA = "__metadata__";
    private static final long MAX_HEADER_BYTES = 100L << 20;
    private static final int ALIGNMENT = 8;
    /** A multiple of every element's size. */
    private static final int CHUNK_BYTES = 4 << 20;

    private Safetensors() {}

    /**
     * Maps a file.
     *
     * @throws CheckpointException if the file cannot be read or is not a well-formed safetensors file
     */
    public static SafetensorsFile open(Path file) {
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            var header = readHeader(file, channel);
            return tensors(file, channel, header.json(), header.dataStart());
        } catch (IOException e) {
            throw new CheckpointException("%s: cannot be read: %s".formatted(file, describe(e)), e);
        }
    }

    /**
     * Writes a file atomically: readers see the old content or all of the new. Tensors keep their element type and come
     * in the map's order.
     */
    public static void write(Path file, Map<String, HostTensor> tensors, Map<String, String> metadata) {
        var header = JSON.createObjectNode();
        if (!metadata.isEmpty()) {
            var node = header.putObject(METADATA);
            metadata.forEach(node::put);
        }
        long offset = 0;
        for (var entry : tensors.entrySet()) {
            var tensor = entry.getValue();
            var node = header.putObject(entry.getKey());
            node.put("dtype", tensor.type().code());
            var shape = node.putArray("shape");
            for (long dimension : tensor.shape()) {
                shape.add(dimension);
            }
            long end = offset + tensor.bytes().size();
            node.putArray("data_offsets").add(offset).add(end);
            offset = end;
        }
        var headerBytes = padded(header);
        AtomicFiles.write(file, channel -> {
            var length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, headerBytes.length);
            writeFully(channel, length);
            writeFully(channel, ByteBuffer.wrap(headerBytes));
            for (var tensor : tensors.values()) {
                write(channel, tensor.bytes());
            }
        });
    }

    private record Header(ObjectNode json, long dataStart) {}

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Entry(String name, ElementType type, long[] shape, long begin, long end) {}

    private static Header readHeader(Path file, FileChannel channel) throws IOException {
        long size = channel.size();
        if (size < 8) {
            throw malformed(file, "expected at least 8 bytes, found " + size);
        }
        long length = read(channel, 0, 8).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
        if (length < 2 || length > MAX_HEADER_BYTES || length > size - 8) {
            throw malformed(
                    file, "header length %d does not fit the file of %d bytes (truncated?)".formatted(length, size));
        }
        try {
            var json = JSON.readTree(read(channel, 8, (int) length).array());
            if (json instanceof ObjectNode object) {
                return new Header(object, 8 + length);
            }
        } catch (JsonProcessingException e) {
            throw malformed(file, "header is not JSON: " + e.getOriginalMessage());
        }
        throw malformed(file, "header is not a JSON object");
    }

    private static SafetensorsFile tensors(Path file, FileChannel channel, ObjectNode header, long dataStart)
            throws IOException {
        var metadata = new LinkedHashMap<String, String>();
        var entries = new ArrayList<Entry>();
        for (var field : header.properties()) {
            if (field.getKey().equals(METADATA)) {
                field.getValue()
                        .properties()
                        .forEach(e -> metadata.put(e.getKey(), e.getValue().asText()));
            } else {
                entries.add(entry(file, field.getKey(), field.getValue()));
            }
        }
        entries.sort(Comparator.comparingLong(Entry::begin));
        checkContiguous(file, entries, channel.size() - dataStart);
        var mapped = MappedFile.map(channel);
        var tensors = new LinkedHashMap<String, HostTensor>();
        for (var entry : entries) {
            var bytes = mapped.section(dataStart + entry.begin(), entry.end() - entry.begin());
            tensors.put(entry.name(), new HostTensor(entry.type(), bytes, entry.shape()));
        }
        return new SafetensorsFile(file, tensors, metadata);
    }

    private static Entry entry(Path file, String name, JsonNode node) {
        var code = node.path("dtype").asText();
        var type = ElementType.ofCode(code)
                .orElseThrow(
                        () -> malformed(file, "tensor %s: element type '%s' is not supported".formatted(name, code)));
        var shape = longs(node.path("shape"));
        var offsets = longs(node.path("data_offsets"));
        if (shape == null || offsets == null || offsets.length != 2 || offsets[0] > offsets[1]) {
            throw malformed(file, "tensor %s: shape or data_offsets is malformed".formatted(name));
        }
        long bytes = offsets[1] - offsets[0];
        long expected;
        try {
            expected = Math.multiplyExact(HostTensor.count(shape), (long) type.bytes());
        } catch (ArithmeticException e) {
            throw malformed(file, "tensor %s: shape overflows".formatted(name));
        }
        if (expected != bytes) {
            throw malformed(
                    file, "tensor %s: shape needs %d bytes, data_offsets span %d".formatted(name, expected, bytes));
        }
        return new Entry(name, type, shape, offsets[0], offsets[1]);
    }

    private static void checkContiguous(Path file, List<Entry> entries, long dataBytes) {
        long position = 0;
        for (var entry : entries) {
            if (entry.begin() != position) {
                throw malformed(
                        file,
                        "tensor %s: starts at byte %d, expected %d".formatted(entry.name(), entry.begin(), position));
            }
            position = entry.end();
        }
        if (position != dataBytes) {
            throw malformed(
                    file, "tensors span %d bytes, the file holds %d (truncated?)".formatted(position, dataBytes));
        }
    }

    private static long @Nullable [] longs(JsonNode node) {
        if (!node.isArray()) {
            return null;
        }
        var values = new long[node.size()];
        for (int i = 0; i < values.length; i++) {
            if (!node.get(i).canConvertToLong() || node.get(i).longValue() < 0) {
                return null;
            }
            values[i] = node.get(i).longValue();
        }
        return values;
    }

    private static byte[] padded(ObjectNode header) {
        var json = header.toString().getBytes(StandardCharsets.UTF_8);
        var bytes = new byte[(json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT];
        Arrays.fill(bytes, (byte) ' ');
        System.arraycopy(json, 0, bytes, 0, json.length);
        return bytes;
    }

    private static ByteBuffer read(FileChannel channel, long position, int length) throws IOException {
        var buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new IOException("unexpected end of file");
            }
        }
        return buffer;
    }

    private static void write(FileChannel channel, TensorBytes bytes) throws IOException {
        for (long from = 0; from < bytes.size(); from += CHUNK_BYTES) {
            int count = (int) Math.min(CHUNK_BYTES, bytes.size() - from);
            writeFully(channel, bytes.part(from, count));
            bytes.release(from, count);
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    private static CheckpointException malformed(Path file, String what) {
        return new CheckpointException("%s: not a usable safetensors file: %s".formatted(file, what));
    }

    static String describe(IOException e) {
        return e instanceof NoSuchFileException ? "no such file" : String.valueOf(e.getMessage());
    }
}
