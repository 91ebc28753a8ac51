package dev.respec.generation;

import static java.util.Objects.requireNonNull;

import dev.respec.model.TargetModel;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.TokenGrid;
import dev.respec.model.kernels.Torch;
import java.util.EnumMap;
import java.util.Map;

/**
 * Which compute type verifies fastest with this model on this machine: bfloat16 if it runs in machine code, otherwise the
 * winner of a measurement in which both take turns over the same steps.
 */
final class FastestComputeType {
    private static final int SEQUENCES = 4;
    private static final int ROUNDS = 6;
    /** Until then the compiler has taken up the loops of the vector kernel. */
    private static final long COMPILED_NANOS = 1_500_000_000L;

    private static final int[] TOKENS = {1, 5};
    private static final int POSITION = 64;

    private FastestComputeType() {}

    static ComputeType of(Checkpoint policy) {
        if (TargetModel.runsInMachineCode(policy.config())) {
            return ComputeType.BFLOAT16;
        }
        int capacity = Math.min(POSITION + 16, policy.config().maxPositions());
        Map<ComputeType, Double> milliseconds = new EnumMap<>(ComputeType.class);
        try (var whole = TargetModel.load(policy, SEQUENCES, capacity, ComputeType.FLOAT32, new int[0]);
                var half = TargetModel.load(policy, SEQUENCES, capacity, ComputeType.BFLOAT16, new int[0])) {
            Map<ComputeType, TargetModel> models = Map.of(ComputeType.FLOAT32, whole, ComputeType.BFLOAT16, half);
            for (int tokens : TOKENS) {
                Map<ComputeType, Double> fastest = new EnumMap<>(ComputeType.class);
                long begun = System.nanoTime();
                for (int round = 0; round < ROUNDS || System.nanoTime() - begun < COMPILED_NANOS; round++) {
                    models.forEach((type, model) -> fastest.merge(type, time(model, capacity, tokens), Math::min));
                }
                fastest.forEach((type, time) -> milliseconds.merge(type, time, Double::sum));
            }
        }
        double single = requireNonNull(milliseconds.get(ComputeType.FLOAT32));
        return requireNonNull(milliseconds.get(ComputeType.BFLOAT16)) < single
                ? ComputeType.BFLOAT16
                : ComputeType.FLOAT32;
    }

    private static double time(TargetModel model, int capacity, int tokens) {
        var grid = new TokenGrid();
        for (int sequence = 0; sequence < SEQUENCES; sequence++) {
            grid.begin(Math.min(POSITION, capacity - tokens));
            for (int i = 0; i < tokens; i++) {
                grid.add(0);
            }
        }
        // each kernel has its own way of using threads
        Torch.useThreads(Torch.threads());
        long begun = System.nanoTime();
        model.step(0, grid);
        return (System.nanoTime() - begun) / 1e6;
    }
}
