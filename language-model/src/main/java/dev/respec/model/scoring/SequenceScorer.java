package dev.respec.model.scoring;

import dev.respec.model.TargetModel;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ModelConfig;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.Logits;
import dev.respec.model.decoding.TokenGrid;
import dev.respec.model.kernels.Torch;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Log-probability of every token given those before it, in float32. Sequences are read in pieces, so that memory does not
 * grow with length times vocabulary. Owned by the thread that loaded it.
 */
public final class SequenceScorer implements AutoCloseable {
    private static final long CACHE_BYTES = 512L << 20;
    private static final int MOST_SLOTS = 16;
    private static final int LOGITS = 8 << 20;
    private static final int MOST_ROWS = 512;

    private final TargetModel target;
    private final int rows;
    private final TokenGrid grid = new TokenGrid();

    private SequenceScorer(TargetModel target) {
        this.target = target;
        this.rows = Math.max(1, Math.min(MOST_ROWS, LOGITS / target.config().vocabularySize()));
    }

    /**
     * @param longest tokens of the longest sequence
     * @param threads threads an operation may use, for the whole process
     * @param computeType float32 to compare with other implementations
     */
    public static SequenceScorer load(Checkpoint checkpoint, int longest, int threads, ComputeType computeType) {
        Torch.useThreads(threads);
        ModelConfig config = checkpoint.config();
        long slotBytes = 8L * config.layers() * config.keyValueHeads() * config.headDimension() * longest;
        int slots = (int) Math.max(1, Math.min(MOST_SLOTS, CACHE_BYTES / Math.max(1, slotBytes)));
        return new SequenceScorer(TargetModel.load(checkpoint, slots, Math.max(1, longest), computeType, new int[0]));
    }

    /** Memory of a model's weights and of what scoring keeps beside them. */
    public static long bytes(ModelConfig config, ComputeType computeType) {
        long table = (long) config.vocabularySize() * config.hiddenSize();
        long elements = config.parameters() + (config.tiedEmbeddings() ? table : 0);
        return elements * (computeType == ComputeType.FLOAT32 ? Float.BYTES : Short.BYTES) + 2 * CACHE_BYTES;
    }

    /** Sequences that are worth passing at once: several batches, so that equal lengths come together. */
    public int window() {
        return 8 * target.slots();
    }

    /**
     * @param sequences at least one token each, none longer than announced
     * @return for each sequence one number per token, from the second token on
     */
    public List<float[]> score(List<int[]> sequences) {
        Integer[] order = IntStream.range(0, sequences.size())
                .boxed()
                .sorted(Comparator.comparingInt(i -> -sequences.get(i).length))
                .toArray(Integer[]::new);
        float[][] scores = new float[order.length][];
        for (int from = 0; from < order.length; from += target.slots()) {
            Integer[] batch = Arrays.copyOfRange(order, from, Math.min(order.length, from + target.slots()));
            for (int index : batch) {
                scores[index] = new float[sequences.get(index).length - 1];
            }
            scoreBatch(sequences, batch, scores);
        }
        return List.of(scores);
    }

    /** @param batch indices of sequences, the longest first, so that those still going on are the first ones */
    private void scoreBatch(List<int[]> sequences, Integer[] batch, float[][] scores) {
        int seen = 0;
        int active = going(sequences, batch, seen);
        while (active > 0) {
            int piece = Math.max(1, rows / active);
            grid.clear();
            for (int slot = 0; slot < active; slot++) {
                int[] tokens = sequences.get(batch[slot]);
                grid.begin(seen);
                grid.add(tokens, seen, Math.min(piece, tokens.length - 1 - seen));
            }
            Logits logits = target.step(0, grid);
            int row = 0;
            for (int slot = 0; slot < active; slot++) {
                int[] tokens = sequences.get(batch[slot]);
                int end = Math.min(seen + piece, tokens.length - 1);
                for (int at = seen; at < end; at++) {
                    scores[batch[slot]][at] = logProbability(logits, row++, tokens[at + 1]);
                }
            }
            seen += piece;
            active = going(sequences, batch, seen);
        }
    }

    private static int going(List<int[]> sequences, Integer[] batch, int seen) {
        int active = 0;
        while (active < batch.length && sequences.get(batch[active]).length - 1 > seen) {
            active++;
        }
        return active;
    }

    private static float logProbability(Logits logits, int row, int token) {
        int width = logits.vocabularySize();
        int from = row * width;
        float[] values = logits.values();
        double largest = Double.NEGATIVE_INFINITY;
        for (int i = from; i < from + width; i++) {
            largest = Math.max(largest, values[i]);
        }
        double sum = 0;
        for (int i = from; i < from + width; i++) {
            sum += Math.exp(values[i] - largest);
        }
        return (float) (values[from + token] - largest - Math.log(sum));
    }

    @Override
    public void close() {
        target.close();
    }
}
