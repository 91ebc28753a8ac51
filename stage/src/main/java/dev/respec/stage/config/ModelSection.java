package dev.respec.stage.config;

public record ModelSection(
        String policy, String drafter, String smaller, String id, ComputeType computeType, String device) {
    /** Type the weights are multiplied in; AUTO takes bfloat16 if the machine multiplies it faster. */
    public enum ComputeType {
        FLOAT32,
        BFLOAT16,
        AUTO
    }

    public ModelSection {
        InvalidValue.require(!policy.isBlank(), "policy", policy, "builtin:policy or a checkpoint folder");
        InvalidValue.require(
                !drafter.isBlank(), "drafter", drafter, "builtin:drafter, a checkpoint folder, new or none");
        InvalidValue.require(!smaller.isBlank(), "smaller", smaller, "a checkpoint folder or none");
        InvalidValue.require(!id.isBlank(), "id", id, "a name");
        DeviceSetting.require("device", device);
    }
}
