package dev.respec.model.vector;

import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.decoding.PageTable;
import java.util.List;

/** One layer of {@link VectorDecoder}: its weights, its cache, and what happens to a row between its products. */
final class DecoderLayer {
    private final ModelConfig config;
    private final int headWidth;
    private final int queryWidth;
    private final Projection mixed;
    private final Projection output;
    private final FeedForward feedForward;
    private final KeyValueCache cache;
    private float[] inputNorm = new float[0];
    private float[] queryNorm = new float[0];
    private float[] keyNorm = new float[0];
    private float[] bias = new float[0];

    DecoderLayer(ModelConfig config, PageTable pages, Products products, Rows normed, Rows attended, Rows activated) {
        this.config = config;
        headWidth = config.headDimension();
        queryWidth = config.heads() * headWidth;
        mixed = products.projection(queryWidth + 2 * config.keyValueHeads() * headWidth, normed);
        output = products.projection(config.hiddenSize(), attended);
        feedForward = products.feedForward(normed, activated, config.rmsNormEpsilon());
        cache = products.cache(pages, config.keyValueHeads(), headWidth);
    }

    /** @param names of the layer's tensors in kernel order */
    void adopt(Checkpoint checkpoint, List<String> names) {
        inputNorm = vector(checkpoint, names.get(0));
        mixed.adopt(checkpoint.tensor(names.get(1)), checkpoint.tensor(names.get(2)), checkpoint.tensor(names.get(3)));
        bias = Lanes.joined(
                vector(checkpoint, names.get(4)), vector(checkpoint, names.get(5)), vector(checkpoint, names.get(6)));
        output.adopt(checkpoint.tensor(names.get(7)));
        queryNorm = vector(checkpoint, names.get(8));
        keyNorm = vector(checkpoint, names.get(9));
        feedForward.adopt(
                vector(checkpoint, names.get(10)),
                checkpoint.tensor(names.get(11)),
                checkpoint.tensor(names.get(12)),
                checkpoint.tensor(names.get(13)));
    }

    /** Empty if the architecture has no such tensor. */
    private static float[] vector(Checkpoint checkpoint, String name) {
        HostTensor tensor = checkpoint.tensors().get(name);
        return tensor == null ? new float[0] : tensor.toFloats();
    }

    float[] inputNorm() {
        return inputNorm;
    }

    /** Queries, keys and values. */
    Projection mixed() {
        return mixed;
    }

    int mixedStride() {
        return mixed.stride();
    }

    Projection output() {
        return output;
    }

    FeedForward feedForward() {
        return feedForward;
    }

    KeyValueCache cache() {
        return cache;
    }

    /** Bias, head norms and rotation of one row; keys and values go to the cache. */
    void turn(StepPlan step, Rotation rotation, float[] rows, int row) {
        int at = row * mixed.stride();
        int keysAt = at + queryWidth;
        int valuesAt = keysAt + config.keyValueHeads() * headWidth;
        if (bias.length > 0) {
            Lanes.add(rows, at, bias, 0, bias.length);
        }
        if (queryNorm.length > 0) {
            norms(queryNorm, rows, at, config.heads());
            norms(keyNorm, rows, keysAt, config.keyValueHeads());
        }
        float scale = (float) (1 / Math.sqrt(headWidth));
        rotation.turn(rows, at, config.heads(), step.position(row), scale);
        rotation.turn(rows, keysAt, config.keyValueHeads(), step.position(row), 1);
        cache.put(step.slot(row), step.column(row), rows, keysAt, valuesAt);
    }

    private void norms(float[] weight, float[] rows, int at, int heads) {
        for (int head = 0; head < heads; head++) {
            int from = at + head * headWidth;
            Lanes.rmsNorm(rows, from, weight, config.rmsNormEpsilon(), rows, from);
        }
    }
}
