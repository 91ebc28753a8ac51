package dev.respec.model;

/** Element type of weights and KV cache while decoding; logits are float32 in either case. */
public enum ComputeType {
    FLOAT32,
    BFLOAT16
}
