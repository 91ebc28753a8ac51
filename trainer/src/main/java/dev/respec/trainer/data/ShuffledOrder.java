package dev.respec.trainer.data;

import java.util.SplittableRandom;

/**
 * Order of finite data over epochs: a Fisher–Yates permutation for each epoch, drawn from (seed, epoch).
 *
 * <p>The permutations of the last two epochs asked for are kept, because dropped prompts of the epoch before come back
 * around its end.
 */
final class ShuffledOrder {
    private final int size;
    private final long seed;
    private final int[][] permutations = new int[2][];
    private final long[] epochs = {-1, -1};

    ShuffledOrder(int size, long seed) {
        if (size < 1) {
            throw new IllegalArgumentException("nothing to order");
        }
        this.size = size;
        this.seed = seed;
    }

    /** The element at a position, 0 and up. */
    synchronized int at(long position) {
        var epoch = position / size;
        var slot = (int) (epoch & 1);
        var permutation = permutations[slot];
        if (permutation == null || epochs[slot] != epoch) {
            permutation = permutation(epoch);
            permutations[slot] = permutation;
            epochs[slot] = epoch;
        }
        return permutation[(int) (position % size)];
    }

    private int[] permutation(long epoch) {
        var random = new SplittableRandom(Mixing.mix(seed, epoch));
        var order = new int[size];
        for (int i = 0; i < size; i++) {
            var other = random.nextInt(i + 1);
            order[i] = order[other];
            order[other] = i;
        }
        return order;
    }
}
