package dev.respec.model.training;

import dev.respec.model.checkpoint.ModelConfig;

/** placeholder */
public final class TrainingMemory {
    static final long CHUNK_ELEMENTS = 1L << 26;

    private TrainingMemory() {}
}
