package dev.respec.model.decoding;

/**
 * Element type of the weight matrices while decoding. Norms, rotation, attention, KV cache, residual stream, logits and
 * log-probabilities are float32 in either case.
 */
public enum ComputeType {
    FLOAT32,
    BFLOAT16
}
