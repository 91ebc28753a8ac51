package dev.respec.model.training;

import dev.respec.model.training.TrainableModel.Cotangent;

/**
 * A micro-batch and the derivative of its loss.
 *
 * @param cotangent called for each row once, after its forward pass, by whichever thread computes the micro-batch
 */
public record MicroBatchPass(SampledBatch batch, Cotangent cotangent) {}
