package dev.respec.model;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.decoding.ComputeType;

/** Targets on the kernel of an accelerator, which runs on the processor, too. */
public final class DeviceTargets {
    private DeviceTargets() {}

    public static TargetModel load(
            Checkpoint checkpoint, int slots, int capacity, ComputeType type, int[] featureLayers) {
        return TargetModel.load(checkpoint, slots, capacity, type, featureLayers, TargetModel.Kernels.DEVICE);
    }
}
