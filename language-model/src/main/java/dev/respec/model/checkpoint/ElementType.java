package dev.respec.model.checkpoint;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Element types of the safetensors format that a checkpoint may use. */
public enum ElementType {
    FLOAT64("F64", 8),
    FLOAT32("F32", 4),
    FLOAT16("F16", 2),
    BFLOAT16("BF16", 2),
    INT64("I64", 8),
    INT32("I32", 4),
    INT16("I16", 2),
    INT8("I8", 1),
    UINT8("U8", 1),
    BOOL("BOOL", 1);

    private final String code;
    private final int bytes;

    ElementType(String code, int bytes) {
        this.code = code;
        this.bytes = bytes;
    }

    /** The name in a safetensors header. */
    public String code() {
        return code;
    }

    public int bytes() {
        return bytes;
    }

    /** The name in a config.json, as PyTorch calls it. */
    public String torchName() {
        return name().toLowerCase(Locale.ROOT);
    }

    public boolean isFloating() {
        return this == FLOAT64 || this == FLOAT32 || this == FLOAT16 || this == BFLOAT16;
    }

    /**
     * The type that a model directory's config.json says its weights have; float32 if it names none that is known.
     *
     * @throws CheckpointException if the file cannot be read
     */
    public static ElementType declared(Path directory) {
        JsonFields config = JsonFields.read(directory.resolve("config.json"));
        String name = config.node("dtype").asText(config.node("torch_dtype").asText());
        return Arrays.stream(values())
                .filter(type -> type.torchName().equals(name))
                .findFirst()
                .orElse(FLOAT32);
    }

    static Optional<ElementType> ofCode(String code) {
        return Arrays.stream(values()).filter(type -> type.code.equals(code)).findFirst();
    }
}
