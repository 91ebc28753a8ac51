package dev.respec.model.vector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.respec.model.decoding.PageTable;
import dev.respec.model.machine.AttentionKernel;
import dev.respec.model.machine.MachineCode;
import dev.respec.model.machine.NativeArena;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Both caches against softmax(q k) v in double precision. */
class KeyValueCacheTest {
    private static final int HEADS = 2;
    private static final int SLOTS = 3;
    private static final int CAPACITY = 140;
    /** Taken first, so that a slot's pages do not lie one behind the other. */
    private static final int[] ELSEWHERE = {0, 40, 70};

    private static final boolean[][] CHAIN = {};

    private final Random random = new Random(3);
    private final NativeArena arena = new NativeArena();

    @AfterEach
    void free() {
        arena.close();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 6, 24, 0",
        "5, 6, 24, 100",
        "3, 1, 16, 15",
        "7, 2, 64, 31",
        "4, 4, 8, 5",
        "9, 4, 32, 16",
        "2, 3, 10, 47",
        "3, 71, 64, 20"
    })
    void shouldAttendToWhatEachTokenSees(int tokens, int group, int dimension, int start) {
        boolean[][] tree = new boolean[tokens][tokens];
        for (int i = 0; i < tokens; i++) {
            for (int j = 0; j < i; j++) {
                tree[i][j] = random.nextBoolean();
            }
            tree[i][i] = true;
        }
        for (boolean[][] seen : new boolean[][][] {CHAIN, tree}) {
            PageTable table = PageTable.whole(SLOTS, CAPACITY);
            assertAttends(table, new VectorCache(table, HEADS, dimension), tokens, group, dimension, start, seen);
            if (MachineCode.available()) {
                table = PageTable.whole(SLOTS, CAPACITY);
                var cache = new NativeCache(table, HEADS, dimension, arena);
                assertAttends(table, cache, tokens, group, dimension, start, seen);
            }
        }
    }

    private void assertAttends(
            PageTable table, KeyValueCache cache, int tokens, int group, int dimension, int start, boolean[][] seen) {
        int width = HEADS * dimension;
        float[][] columns = new float[start + tokens][];
        for (int column = 0; column < columns.length; column++) {
            columns[column] = values(2 * width);
            for (int elsewhere : ELSEWHERE) {
                if (column == elsewhere) {
                    table.open(0, 0, column + 1, cache);
                }
            }
            table.open(1, column, column + 1, cache);
            cache.put(1, column, columns[column], 0, width);
        }
        table.share(1, 2, columns.length);
        writeOver(table, cache, columns.length - 1, width);
        float[] read = new float[2 * width];
        cache.get(2, start, read, 0);
        assertThat(read).containsExactly(columns[start]);

        int stride = HEADS * group * dimension;
        float[] queries = values(tokens * stride);
        float[] actual = new float[queries.length];
        for (int head = 0; head < HEADS; head++) {
            int at = head * group * dimension;
            var run = new KeyValueCache.Run(2, head, start, group, at, stride, at, stride, seen);
            cache.attend(run, queries, 0, tokens * group, actual);
        }

        for (int token = 0; token < tokens; token++) {
            for (int head = 0; head < HEADS * group; head++) {
                int at = token * stride + head * dimension;
                double[] expected = attend(columns, head / group, dimension, queries, at, start, token, seen);
                for (int d = 0; d < dimension; d++) {
                    assertThat((double) actual[at + d]).isCloseTo(expected[d], within(1e-5));
                }
            }
        }
    }

    /** What one of two sharers writes the other one does not see. */
    private void writeOver(PageTable table, KeyValueCache cache, int column, int width) {
        table.open(1, column, column + 1, cache);
        cache.put(1, column, values(2 * width), 0, width);
    }

    private static double[] attend(
            float[][] columns, int head, int dimension, float[] q, int at, int start, int token, boolean[][] seen) {
        double[] result = new double[dimension];
        double total = 0;
        for (int column = 0; column <= start + token; column++) {
            if (column >= start && seen.length > 0 && !seen[token][column - start]) {
                continue;
            }
            double score = 0;
            for (int d = 0; d < dimension; d++) {
                score += (double) q[at + d] * columns[column][head * dimension + d];
            }
            double weight = Math.exp(score);
            total += weight;
            for (int d = 0; d < dimension; d++) {
                result[d] += weight * columns[column][(HEADS + head) * dimension + d];
            }
        }
        for (int d = 0; d < dimension; d++) {
            result[d] /= total;
        }
        return result;
    }

    @Test
    void shouldHaveABlockOfMachineCodeInAPage() {
        assertThat(PageTable.COLUMNS).isEqualTo(AttentionKernel.BLOCK);
        assertThat(PageTable.COLUMNS % Lanes.COUNT).isZero();
    }

    @Test
    void shouldNotReadWhatAnEarlierSequenceLeftBehindItsEnd() {
        assumeTrue(MachineCode.available(), "this processor has no dot products of bfloat16");
        PageTable table = PageTable.whole(1, 32);
        var cache = new NativeCache(table, 1, 8, arena);
        table.open(0, 0, 32, cache);
        float[] broken = new float[16];
        Arrays.fill(broken, Float.NaN);
        for (int column = 0; column < 32; column++) {
            cache.put(0, column, broken, 0, 8);
        }
        float[] column = values(16);
        cache.put(0, 0, column, 0, 8);
        float[] actual = new float[8];
        cache.attend(new KeyValueCache.Run(0, 0, 0, 1, 0, 8, 0, 8, CHAIN), values(8), 0, 1, actual);
        assertThat(actual).containsExactly(Arrays.copyOfRange(column, 8, 16), within(1e-6f));
    }

    private float[] values(int count) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }
}
