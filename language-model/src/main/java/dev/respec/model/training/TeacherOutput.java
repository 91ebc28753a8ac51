package dev.respec.model.training;

import ai.djl.ndarray.NDArray;

/**
 * What the drafter learns from, owned by the manager handed to {@link TeacherModel#teach}; usable in autograd.
 *
 * @param ids [B, T] int64, right-padded with 0
 * @param features [B, T, 3H] float32
 * @param logits [B, T, V] float32
 */
public record TeacherOutput(NDArray ids, NDArray features, NDArray logits) {}
