package dev.respec.model.vector;

import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.decoding.CacheSize;
import dev.respec.model.decoding.DecoderKernel;
import dev.respec.model.decoding.Features;
import dev.respec.model.decoding.Logits;
import dev.respec.model.decoding.PagePool;
import dev.respec.model.decoding.PageTable;
import dev.respec.model.decoding.TokenGrid;
import dev.respec.model.kernels.Torch;
import dev.respec.model.kernels.WeightOrder;
import dev.respec.model.sampling.LogitWeights;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The decoder's step on the processor's vectors: weights in bfloat16, multiplied by {@link Products}, everything between
 * products in float32.
 *
 * <p>What a step costs beside reading and multiplying is next to nothing: no operation is dispatched and nothing is
 * allocated but a few kilobytes.
 */
public final class VectorDecoder implements DecoderKernel, PageTable.Contents {
    /** Share of the free heap that a model may take. */
    private static final double HEAP_SHARE = 0.8;

    private final ModelConfig config;
    private final Arithmetic arithmetic;
    private final int headWidth;
    private final int queryWidth;
    private final int hidden;
    private final Team team;
    private final Products products;
    private final PageTable pages;
    private @Nullable NDManager manager;
    private final Rows normed;
    private final Rows attended;
    private final DecoderLayer[] layers;
    private final Projection head;
    private float[] norm = new float[0];

    /** Null if the head's weights are the embeddings. */
    private final @Nullable EmbeddingTable embeddings;

    private final KeptFeatures kept;
    private final Rotation rotation;
    private final LogitWeights weights = new VectorLogitWeights();
    private final Scratch scratch = new Scratch();
    private float[] residual = new float[0];

    /** @param threads that compute a step */
    public VectorDecoder(ModelConfig config, CacheSize size, int[] featureLayers, int threads, Arithmetic arithmetic) {
        this.config = config;
        this.pages = new PageTable(size.slots(), new PagePool(size.pages()));
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
        this.layers = new DecoderLayer[config.layers()];
        Arrays.setAll(layers, i -> new DecoderLayer(config, pages, products, normed, attended, activated));
        this.head = products.projection(config.vocabularySize(), normed);
        this.embeddings =
                config.tiedEmbeddings() ? null : new EmbeddingTable(config.vocabularySize(), hidden, products);
        this.kept = new KeptFeatures(featureLayers, hidden, pages);
        this.rotation = new Rotation(config.rope(), headWidth, size.capacity());
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

    /** Bytes of the Java heap that weights and all pages take; machine code has them elsewhere but for the features. */
    public static long heapBytes(ModelConfig config, int pageCount, int featureLayers, Arithmetic arithmetic) {
        if (arithmetic.usesMachineCode()) {
            return (long) pageCount * PageTable.COLUMNS * featureLayers * config.hiddenSize() * Float.BYTES;
        }
        return 2 * config.parameters() + pageCount * bytesPerPage(config, featureLayers);
    }

    /** Bytes of one page: keys and values of all layers and the features kept. */
    public static long bytesPerPage(ModelConfig config, int featureLayers) {
        long column = config.layers() * KeyValueCache.floatsOfColumn(config.keyValueHeads(), config.headDimension());
        return PageTable.COLUMNS * (column + (long) featureLayers * config.hiddenSize()) * Float.BYTES;
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
            layers[i].adopt(checkpoint, names.subList(i * WeightOrder.PER_LAYER, (i + 1) * WeightOrder.PER_LAYER));
        }
        int rest = layers.length * WeightOrder.PER_LAYER;
        norm = checkpoint.tensor(names.get(rest + 1)).toFloats();
        if (embeddings == null) {
            head.adopt(checkpoint.tensor(names.get(rest)));
        } else {
            embeddings.adopt(checkpoint.tensor(names.get(rest)), team);
            head.adopt(checkpoint.tensor(names.get(rest + 2)));
        }
    }

    @Override
    public void step(int firstSlot, TokenGrid grid, boolean everyRow, Logits logits) {
        open(firstSlot, grid);
        int rows = grid.tokenCount();
        products.reserve(rows);
        residual = Scratch.atLeast(residual, rows * hidden);
        for (int row = 0; row < rows; row++) {
            embed(grid.token(row), row);
        }
        int mixedStride = layers[0].mixedStride();
        float[] mixed = scratch.mixed(rows * mixedStride);
        float[] results = scratch.attended(rows * queryWidth);
        StepPlan step = new StepPlan(config, firstSlot, grid, mixedStride);
        for (int i = 0; i < layers.length; i++) {
            DecoderLayer layer = layers[i];
            kept.keep(i, step, residual);
            norm(layer.inputNorm(), rows);
            layer.mixed().apply(rows, mixed);
            team.each(rows, row -> layer.turn(step, rotation, mixed, row));
            step.attend(team, layer.cache(), mixed, results);
            team.each(rows, row -> attended.put(row, results, row * queryWidth));
            layer.output().addTo(rows, residual);
            layer.feedForward().apply(residual, rows);
        }
        int wanted = everyRow ? rows : 1;
        norm(norm, wanted);
        head.apply(wanted, logits.space(wanted, head.stride()));
        logits.written(wanted, head.stride());
    }

    private void open(int firstSlot, TokenGrid grid) {
        for (int s = 0; s < grid.sequences(); s++) {
            pages.open(firstSlot + s, grid.start(s), grid.start(s) + grid.count(s), this);
        }
    }

    @Override
    public void opened(int page) {
        for (DecoderLayer layer : layers) {
            layer.cache().opened(page);
        }
        kept.opened(page);
    }

    @Override
    public void copyPage(int source, int target) {
        for (DecoderLayer layer : layers) {
            layer.cache().copyPage(source, target);
        }
        kept.copyPage(source, target);
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

    @Override
    public LogitWeights logitWeights() {
        return weights;
    }

    @Override
    public void share(int parts, IntConsumer work) {
        team.run(parts, work);
    }

    @Override
    public double multiply(int rows, int times) {
        return layers[0].feedForward().multiply(rows, times);
    }

    @Override
    public void moveColumns(long[] slots, long[] sources, long[] targets) {
        int width = 2 * config.keyValueHeads() * headWidth;
        float[] columns = new float[slots.length * width];
        for (int i = 0; i < slots.length; i++) {
            pages.open((int) slots[i], (int) targets[i], (int) targets[i] + 1, this);
        }
        for (DecoderLayer layer : layers) {
            for (int i = 0; i < slots.length; i++) {
                layer.cache().get((int) slots[i], (int) sources[i], columns, i * width);
            }
            for (int i = 0; i < slots.length; i++) {
                int at = i * width;
                layer.cache().put((int) slots[i], (int) targets[i], columns, at, at + width / 2);
            }
        }
        kept.move(slots, sources, targets);
    }

    @Override
    public void copySlot(int source, int target, int length) {
        pages.share(source, target, length);
    }

    @Override
    public void ownColumns(int slot, int columns) {
        pages.open(slot, 0, columns, this);
    }

    @Override
    public void releaseSlot(int slot) {
        pages.release(slot);
    }

    @Override
    public PageTable pages() {
        return pages;
    }

    @Override
    public Features features(NDManager owner, long[] slotOfRow, long[] positionOfRow) {
        return kept.read(slotOfRow, positionOfRow);
    }

    @Override
    public NDManager manager() {
        if (manager == null) {
            manager = Torch.manager();
        }
        return manager;
    }

    @Override
    public void close() {
        if (embeddings != null) {
            embeddings.close();
        }
        products.close();
        if (manager != null) {
            manager.close();
        }
    }
}
