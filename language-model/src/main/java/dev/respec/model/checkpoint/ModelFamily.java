package dev.respec.model.checkpoint;

import java.util.Arrays;
import java.util.Optional;

/** The architectures that a decoder can be built from. */
public enum ModelFamily {
    QWEN2("qwen2", "Qwen2ForCausalLM"),
    QWEN3("qwen3", "Qwen3ForCausalLM"),
    LLAMA("llama", "LlamaForCausalLM");

    private final String modelType;
    private final String architecture;

    ModelFamily(String modelType, String architecture) {
        this.modelType = modelType;
        this.architecture = architecture;
    }

    /** {@code model_type} in config.json. */
    public String modelType() {
        return modelType;
    }

    /** The entry of {@code architectures} in config.json. */
    public String architecture() {
        return architecture;
    }

    static Optional<ModelFamily> ofModelType(String modelType) {
        return Arrays.stream(values())
                .filter(family -> family.modelType.equals(modelType))
                .findFirst();
    }
}
