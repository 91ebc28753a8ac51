package dev.respec.model.vector;

import ai.djl.ndarray.NDManager;
import dev.respec.model.DecoderKernel;
import dev.respec.model.Features;
import dev.respec.model.Logits;
import dev.respec.model.TokenGrid;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.kernels.Torch;
import dev.respec.model.kernels.WeightOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The decoder's step on the processor's vectors: weights in bfloat16, multiplied by {@link Products}, everything between
 * products in float32.
 *
 * <p>What a step costs beside reading and multiplying is next to nothing: no operation is dispatched and nothing is
 * allocated but a few kilobytes.
 */
public final class VectorDecoder implements DecoderKernel {
    /** Share of the free heap that a model may take. */
    private static final double HEAP_SHARE = 0.8;

    private final ModelConfig config;
    private final int[] featureLayers;
    private final Arithmetic arithmetic;
    private final int headWidth;
    private final int queryWidth;
    private final int hidden;
    private final Team team;
    private final Products products;
    private final NDManager manager;
    private final Rows normed;
    private final Rows attended;
    private final Layer[] layers;
    private final Projection head;
    private float[] norm = new float[0];
    /** Null where the head's weights are the embeddings. */
    private final @Nullable EmbeddingTable embeddings;

    private final float[][] kept;
    private final Rotation rotation;
    private final Scratch scratch = new Scratch();
    private float[] residual = new float[0];
    private float[] chosen = new float[0];

    private static final class Layer {
        private final Projection mixed;
        private final Projection output;
        private final FeedForward feedForward;
        private final KeyValueCache cache;
        private float[] inputNorm = new float[0];
        private float[] queryNorm = new float[0];
        private float[] keyNorm = new float[0];
        private float[] bias = new float[0];

        Layer(
                ModelConfig config,
                int slots,
                int capacity,
                Products products,
                Rows normed,
                Rows attended,
                Rows activated) {
            int query = config.heads() * config.headDimension();
            int all = query + 2 * config.keyValueHeads() * config.headDimension();
            mixed = products.projection(all, normed);
            output = products.projection(config.hiddenSize(), attended);
            feedForward = products.feedForward(normed, activated, config.rmsNormEpsilon());
            cache = products.cache(slots, config.keyValueHeads(), capacity, config.headDimension());
        }
    }

    /** @param threads that compute a step */
    public VectorDecoder(
            ModelConfig config, int slots, int capacity, int[] featureLayers, int threads, Arithmetic arithmetic) {
        this.config = config;
        this.featureLayers = featureLayers.clone();
        this.arithmetic = arithmetic;
        this.headWidth = config.headDimension();
        this.queryWidth = config.heads() * headWidth;
        this.hidden = config.hiddenSize();
        WarmUp.begin(arithmetic);
        this.team = Team.of(threads);
        if (threads > 1) {
            // helpers take the native library's place: its own threads would compete with them
            Torch.enterHelper();
        }
        this.products = Products.of(team, arithmetic);
        this.normed = products.rows(hidden);
        this.attended = products.rows(queryWidth);
        Rows activated = products.rows(config.intermediateSize());
        this.manager = Torch.manager();
        this.layers = new Layer[config.layers()];
        Arrays.setAll(layers, i -> new Layer(config, slots, capacity, products, normed, attended, activated));
        this.head = products.projection(config.vocabularySize(), normed);
        this.embeddings = config.tiedEmbeddings() ? null : new EmbeddingTable(config.vocabularySize(), hidden, products);
        this.kept = new float[slots][featureLayers.length == 0 ? 0 : capacity * featureLayers.length * hidden];
        this.rotation = new Rotation(config.rope(), headWidth, capacity);
    }

    /** Whether this Java has vectors; see {@link VectorModule} for the option that it takes. */
    public static boolean available() {
        return VectorModule.available();
    }

    /** Whether inputs come in pairs everywhere. */
    public static boolean suits(ModelConfig config) {
        return config.hiddenSize() % 2 == 0 && config.intermediateSize() % 2 == 0;
    }

    /** Whether the Java heap still has room for so many bytes, and some to spare. */
    public static boolean fitsHeap(long bytes) {
        Runtime runtime = Runtime.getRuntime();
        long used = runtime.totalMemory() - runtime.freeMemory();
        return bytes < HEAP_SHARE * (runtime.maxMemory() - used);
    }

    /** Bytes of the Java heap that weights and caches take; machine code has them elsewhere. */
    public static long heapBytes(
            ModelConfig config, int slots, int capacity, int featureLayers, Arithmetic arithmetic) {
        if (arithmetic.usesMachineCode()) {
            return (long) slots * featureLayers * capacity * config.hiddenSize() * Float.BYTES;
        }
        return 2 * config.parameters() + slots * bytesPerSlot(config, capacity, featureLayers);
    }

    /** Bytes of one slot: keys and values of all layers and the features kept. */
    public static long bytesPerSlot(ModelConfig config, int capacity, int featureLayers) {
        long column = config.layers() * KeyValueCache.floatsOfColumn(config.keyValueHeads(), config.headDimension());
        return Lanes.padded(capacity) * (column + (long) featureLayers * config.hiddenSize()) * Float.BYTES;
    }

    @Override
    public String name() {
        return arithmetic.usesMachineCode() ? "machine code" : "vector";
    }

    @Override
    public void adopt(Checkpoint checkpoint) {
        products.begin();
        List<String> names = WeightOrder.names(config);
        for (int i = 0; i < layers.length; i++) {
            adopt(layers[i], checkpoint, names.subList(i * WeightOrder.PER_LAYER, (i + 1) * WeightOrder.PER_LAYER));
        }
        int rest = layers.length * WeightOrder.PER_LAYER;
        norm = vector(checkpoint, names.get(rest + 1));
        if (embeddings == null) {
            head.adopt(checkpoint.tensor(names.get(rest)));
        } else {
            embeddings.adopt(checkpoint.tensor(names.get(rest)), team);
            head.adopt(checkpoint.tensor(names.get(rest + 2)));
        }
    }

    private void adopt(Layer layer, Checkpoint checkpoint, List<String> names) {
        List<HostTensor> matrices = new ArrayList<>();
        for (int i : new int[] {1, 2, 3, 7, 11, 12, 13}) {
            matrices.add(checkpoint.tensor(names.get(i)));
        }
        layer.inputNorm = vector(checkpoint, names.get(0));
        layer.bias = Lanes.joined(
                vector(checkpoint, names.get(4)), vector(checkpoint, names.get(5)), vector(checkpoint, names.get(6)));
        layer.queryNorm = vector(checkpoint, names.get(8));
        layer.keyNorm = vector(checkpoint, names.get(9));
        layer.mixed.adopt(matrices.get(0), matrices.get(1), matrices.get(2));
        layer.output.adopt(matrices.get(3));
        layer.feedForward.adopt(
                vector(checkpoint, names.get(10)), matrices.get(4), matrices.get(5), matrices.get(6));
    }

    private static float[] vector(Checkpoint checkpoint, String name) {
        HostTensor tensor = checkpoint.tensors().get(name);
        return tensor == null ? new float[0] : tensor.toFloats();
    }

    @Override
    public void step(int firstSlot, TokenGrid grid, boolean everyRow, Logits logits) {
        int rows = grid.tokenCount();
        products.reserve(rows);
        residual = Scratch.atLeast(residual, rows * hidden);
        for (int row = 0; row < rows; row++) {
            embed(grid.token(row), row);
        }
        int mixedStride = layers[0].mixed.stride();
        float[] mixed = scratch.mixed(rows * mixedStride);
        float[] results = scratch.attended(rows * queryWidth);
        StepPlan step = new StepPlan(config, firstSlot, grid, mixedStride);
        int feature = 0;
        for (int i = 0; i < layers.length; i++) {
            Layer layer = layers[i];
            if (feature < featureLayers.length && featureLayers[feature] == i) {
                keep(step, feature++);
            }
            norm(layer.inputNorm, rows);
            layer.mixed.apply(rows, mixed);
            team.each(rows, row -> turn(layer, step, mixed, row));
            step.attend(team, layer.cache, mixed, results);
            team.each(rows, row -> attended.put(row, results, row * queryWidth));
            layer.output.addTo(rows, residual);
            layer.feedForward.apply(residual, rows);
        }
        int wanted = everyRow ? rows : 1;
        norm(norm, wanted);
        float[] out = scratch.wide(Math.multiplyExact(wanted, head.stride()));
        head.apply(wanted, out);
        logits.fill(out, wanted, head.stride());
    }

    private void embed(int token, int row) {
        if (embeddings == null) {
            head.weights(token, residual, row * hidden);
        } else {
            embeddings.read(token, residual, row * hidden);
        }
    }

    private void norm(float[] weight, int rows) {
        team.each(rows, row -> normed.norm(row, residual, row * hidden, weight, config.rmsNormEpsilon()));
    }

    /** Keeps the residual stream as the next part of the features. */
    private void keep(StepPlan step, int part) {
        int width = featureLayers.length * hidden;
        for (int row = 0; row < step.rows(); row++) {
            System.arraycopy(
                    residual, row * hidden, kept[step.slot(row)], step.column(row) * width + part * hidden, hidden);
        }
    }

    /** Bias, head norms and rotation of one row; keys and values go to the cache. */
    private void turn(Layer layer, StepPlan step, float[] mixed, int row) {
        int at = row * layer.mixed.stride();
        int keysAt = at + queryWidth;
        int valuesAt = keysAt + config.keyValueHeads() * headWidth;
        if (layer.bias.length > 0) {
            Lanes.add(mixed, at, layer.bias, 0, layer.bias.length);
        }
        if (layer.queryNorm.length > 0) {
            norms(layer.queryNorm, mixed, at, config.heads());
            norms(layer.keyNorm, mixed, keysAt, config.keyValueHeads());
        }
        float scale = (float) (1 / Math.sqrt(headWidth));
        rotation.turn(mixed, at, config.heads(), step.position(row), scale);
        rotation.turn(mixed, keysAt, config.keyValueHeads(), step.position(row), 1);
        layer.cache.put(step.slot(row), step.column(row), mixed, keysAt, valuesAt);
    }

    private void norms(float[] weight, float[] mixed, int at, int heads) {
        for (int head = 0; head < heads; head++) {
            int from = at + head * headWidth;
            Lanes.rmsNorm(mixed, from, weight, config.rmsNormEpsilon(), mixed, from);
        }
    }

    @Override
    public double multiply(int rows, int times) {
        return layers[0].feedForward.multiply(rows, times);
    }

    @Override
    public void moveColumns(long[] slots, long[] sources, long[] targets) {
        int width = 2 * config.keyValueHeads() * headWidth;
        float[] columns = new float[slots.length * width];
        for (Layer layer : layers) {
            for (int i = 0; i < slots.length; i++) {
                layer.cache.get((int) slots[i], (int) sources[i], columns, i * width);
            }
            for (int i = 0; i < slots.length; i++) {
                int at = i * width;
                layer.cache.put((int) slots[i], (int) targets[i], columns, at, at + width / 2);
            }
        }
        int features = featureLayers.length * hidden;
        float[] moved = new float[slots.length * features];
        for (int i = 0; i < slots.length && features > 0; i++) {
            System.arraycopy(kept[(int) slots[i]], (int) sources[i] * features, moved, i * features, features);
        }
        for (int i = 0; i < slots.length && features > 0; i++) {
            System.arraycopy(moved, i * features, kept[(int) slots[i]], (int) targets[i] * features, features);
        }
    }

    @Override
    public void copySlot(int source, int target, int length) {
        for (Layer layer : layers) {
            layer.cache.copySlot(source, target, length);
        }
        System.arraycopy(
                kept[source],
                0,
                kept[target],
                0,
                Math.min(kept[source].length, length * featureLayers.length * hidden));
    }

    @Override
    public Features features(NDManager owner, long[] slotOfRow, long[] positionOfRow) {
        int width = featureLayers.length * hidden;
        chosen = Scratch.atLeast(chosen, slotOfRow.length * width);
        for (int i = 0; i < slotOfRow.length; i++) {
            System.arraycopy(kept[(int) slotOfRow[i]], (int) positionOfRow[i] * width, chosen, i * width, width);
        }
        return Features.of(chosen, slotOfRow.length, width);
    }

    @Override
    public NDManager manager() {
        return manager;
    }

    @Override
    public void close() {
        if (embeddings != null) {
            embeddings.close();
        }
        products.close();
        manager.close();
    }
}
