package dev.respec.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.NDManager;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.checkpoint.ElementType;
import dev.respec.model.checkpoint.HostTensor;
import dev.respec.model.decoding.CacheSize;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.Logits;
import dev.respec.model.decoding.PageTable;
import dev.respec.model.decoding.TokenGrid;
import dev.respec.model.kernels.Torch;
import dev.respec.model.machine.MachineCode;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Against the scripted kernel in float32 with the same rounded weights; that one is held against transformers' values in
 * {@link TargetModelTest}.
 */
class VectorDecoderTest {
    private static final int SLOTS = 4;
    private static final int CAPACITY = 60;

    private final Random random = new Random(5);

    @AfterEach
    void oneThreadAgain() {
        Torch.useThreads(1);
    }

    @ParameterizedTest
    @CsvSource({
        "qwen2-old-config, 1",
        "qwen3-sharded, 2",
        "qwen2-tiny, 1",
        "qwen2-tiny, 3",
        "qwen2-tiny-untied, 1",
        "qwen3-tiny, 1",
        "llama-tiny, 2",
        "llama3-rope-tiny, 1"
    })
    void shouldGiveTheScriptedKernelsLogits(String name, int threads) {
        try (Pair pair = new Pair(name, threads, new int[0], TargetModel.Kernels.PORTABLE)) {
            // Given two sequences of different lengths, in pieces
            int[] starts = {0, 0};
            for (int piece : new int[] {1, 2, 3, 4, 1, 1, 3, 2}) {
                TokenGrid grid = new TokenGrid();
                for (int sequence = 0; sequence < 2; sequence++) {
                    grid.begin(starts[sequence]);
                    for (int i = 0; i < piece - (piece > 2 ? sequence : 0); i++) {
                        grid.add(pair.token(random));
                        starts[sequence]++;
                    }
                }
                // Then
                pair.assertSame(1, grid, 1e-4f);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"qwen2-tiny, 2", "qwen2-tiny-untied, 1", "qwen3-tiny, 2", "llama-tiny, 1", "llama3-rope-tiny, 2"})
    void shouldStayNearTheScriptedKernelWithRoundedActivations(String name, int threads) {
        try (Pair pair = new Pair(name, threads, new int[0], TargetModel.Kernels.FASTEST)) {
            int start = 0;
            for (int piece : new int[] {7, 1, 2, 32, 1, 5}) {
                TokenGrid grid = new TokenGrid();
                for (int sequence = 0; sequence < 3; sequence++) {
                    grid.begin(start);
                    for (int i = 0; i < piece; i++) {
                        grid.add(pair.token(random));
                    }
                }
                pair.assertSame(1, grid, 0.03f);
                start += piece;
            }
        }
    }

    /** What a draft is judged by are the logits that plain decoding has, in every bit. */
    @Test
    void shouldGiveADraftTheLogitsOfPlainDecoding() {
        assumeTrue(MachineCode.available(), "other kernels add up in another order for other numbers of rows");
        try (Pair pair = new Pair("qwen3-tiny", 2, new int[0], TargetModel.Kernels.FASTEST)) {
            int[] tokens =
                    random.ints(20, 0, pair.vector.config().vocabularySize()).toArray();
            float[][] plain = new float[tokens.length][];
            for (int i = 0; i < tokens.length; i++) {
                TokenGrid one = new TokenGrid();
                one.begin(i);
                one.add(tokens[i]);
                plain[i] = pair.vector.step(0, one).row(0).clone();
            }
            for (int from = 0, count = 1; from + count <= tokens.length; from += count, count++) {
                TokenGrid together = new TokenGrid();
                for (int sequence = 0; sequence < 3; sequence++) {
                    together.begin(from);
                    for (int i = 0; i < count; i++) {
                        together.add(sequence == 1 ? tokens[from + i] : pair.token(random));
                    }
                }
                Logits logits = pair.vector.step(1, together);
                for (int i = 0; i < count; i++) {
                    assertThat(logits.row(count + i)).containsExactly(plain[from + i]);
                }
            }
        }
    }

    @Test
    void shouldMultiplyManyRowsInTheNativeLibrary() {
        try (Pair pair = new Pair("qwen2-tiny", 2, new int[0], TargetModel.Kernels.PORTABLE)) {
            TokenGrid grid = new TokenGrid();
            for (int sequence = 0; sequence < 2; sequence++) {
                grid.begin(0);
                for (int i = 0; i < 30; i++) {
                    grid.add(pair.token(random));
                }
            }
            // activations are rounded to bfloat16 on the way
            pair.assertSame(0, grid, 0.05f);
        }
    }

    @ParameterizedTest
    @CsvSource({"PORTABLE, 1e-4", "FASTEST, 0.02"})
    void shouldSeeAncestorsOnlyAndMoveAnAcceptedPath(TargetModel.Kernels kernels, float share) {
        try (Pair pair = new Pair("qwen3-tiny", 2, new int[] {0, 1}, kernels)) {
            TokenGrid prompt = new TokenGrid();
            prompt.begin(0);
            prompt.add(new int[] {5, 6, 7}, 0, 3);
            pair.assertSame(2, prompt, share);
            // Given a tree of two branches behind the prompt
            TokenGrid tree = new TokenGrid();
            tree.begin(3);
            tree.addNode(8, -1);
            tree.addNode(9, 0);
            tree.addNode(10, 0);
            tree.addNode(11, 2);
            tree.addNode(12, 1);
            pair.assertSame(2, tree, share);

            // When the path 8, 10, 11 is accepted and copied to another slot
            for (TargetModel model : pair.both()) {
                model.moveColumns(new long[] {2, 2}, new long[] {5, 6}, new long[] {4, 5});
                model.copySlot(2, 0, 6);
            }

            // Then the next token meets it, and features are those of the path
            TokenGrid next = new TokenGrid();
            next.begin(6);
            next.add(13);
            pair.assertSame(0, next, share);
            long[] slots = {0, 2, 0};
            long[] columns = {4, 5, 6};
            try (NDManager scope = pair.vector.manager().newSubManager()) {
                float[] actual =
                        pair.vector.features(scope, slots, columns).array(scope).toFloatArray();
                float[] expected = pair.scripted.features(scope, slots, columns).values();
                float largest = 0;
                for (float value : expected) {
                    largest = Math.max(largest, Math.abs(value));
                }
                assertThat(actual).containsExactly(expected, within(share * largest));
            }
        }
    }

    /** Slots of the scripted kernel are memory of their own. */
    @ParameterizedTest
    @CsvSource({"PORTABLE, 1e-4", "FASTEST, 0.02"})
    void shouldShareAPrefixInPagesUntilSlotsDiverge(TargetModel.Kernels kernels, float share) {
        try (Pair pair = new Pair("qwen3-tiny", 2, new int[] {0, 1}, kernels)) {
            PageTable pages = requireNonNull(pair.vector.pages());
            for (int from = 0; from < 37; from += 4) {
                TokenGrid piece = new TokenGrid();
                piece.begin(from);
                for (int i = from; i < Math.min(37, from + 4); i++) {
                    piece.add(pair.token(random));
                }
                pair.assertSame(0, piece, share);
            }
            assertThat(pages.pool().inUse()).isEqualTo(3);
            // Given the whole of it in a second slot and a part that ends within a page in a third
            int[] lengths = {37, 37, 20};
            for (TargetModel model : pair.both()) {
                model.copySlot(0, 1, 37);
                model.copySlot(0, 2, 20);
            }
            assertThat(pages.pool().inUse()).isEqualTo(3);

            // When all three go on, each its way
            for (int step = 0; step < 7; step++) {
                TokenGrid grid = new TokenGrid();
                for (int slot = 0; slot < 3; slot++) {
                    grid.begin(lengths[slot]);
                    for (int i = 0; i <= (step + slot) % 3; i++) {
                        grid.add(pair.token(random));
                        lengths[slot]++;
                    }
                }
                pair.assertSame(0, grid, share);
            }

            // Then each holds what it wrote, and gives it back
            for (int slot = 0; slot < 3; slot++) {
                pair.vector.releaseSlot(slot);
            }
            assertThat(pages.pool().inUse()).isZero();
        }
    }

    @Test
    void shouldHaveFewerWholeSlotsWhereTheKernelHasNoPages() {
        Checkpoint checkpoint = Checkpoint.read(Golden.path("hf-models/qwen3-tiny"));
        var size = new CacheSize(8, 40, 7);
        try (var scripted = TargetModel.load(
                        checkpoint, size, ComputeType.FLOAT32, new int[0], TargetModel.Kernels.SCRIPTED);
                var vector = TargetModel.load(
                        checkpoint, size, ComputeType.BFLOAT16, new int[0], TargetModel.Kernels.PORTABLE)) {
            assertThat(scripted.slots()).isEqualTo(2);
            assertThat(scripted.pages()).isNull();
            assertThat(vector.slots()).isEqualTo(8);
            assertThat(requireNonNull(vector.pages()).pool().size()).isEqualTo(7);
        }
    }

    private static final class Pair implements AutoCloseable {
        private final TargetModel vector;
        private final TargetModel scripted;

        Pair(String name, int threads, int[] featureLayers, TargetModel.Kernels kernels) {
            Checkpoint checkpoint = Checkpoint.read(Golden.path("hf-models/" + name));
            Torch.useThreads(threads);
            vector = TargetModel.load(checkpoint, SLOTS, CAPACITY, ComputeType.BFLOAT16, featureLayers, kernels);
            scripted = TargetModel.load(rounded(checkpoint), SLOTS, CAPACITY, ComputeType.FLOAT32, featureLayers);
        }

        private static Checkpoint rounded(Checkpoint checkpoint) {
            Map<String, HostTensor> tensors = new LinkedHashMap<>();
            checkpoint.tensors().forEach((name, tensor) -> {
                boolean matrix = tensor.shape().length == 2;
                tensors.put(
                        name,
                        matrix ? HostTensor.ofFloats(tensor.toFloats(), ElementType.BFLOAT16, tensor.shape()) : tensor);
            });
            return new Checkpoint(checkpoint.config(), tensors);
        }

        TargetModel[] both() {
            return new TargetModel[] {vector, scripted};
        }

        int token(Random random) {
            return random.nextInt(vector.config().vocabularySize());
        }

        void assertSame(int firstSlot, TokenGrid grid, float share) {
            Logits expected = scripted.step(firstSlot, grid);
            Logits actual = vector.step(firstSlot, grid);
            assertThat(actual.rows()).isEqualTo(grid.tokenCount());
            float largest = 0;
            for (int row = 0; row < expected.rows(); row++) {
                for (float value : expected.row(row)) {
                    largest = Math.max(largest, Math.abs(value));
                }
            }
            for (int row = 0; row < expected.rows(); row++) {
                assertThat(actual.row(row)).containsExactly(expected.row(row), within(share * largest));
            }
        }

        @Override
        public void close() {
            vector.close();
            scripted.close();
        }
    }
}
