package dev.respec.learner.pretraining;

import dev.respec.learner.distillation.TokenSequence;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;

/**
 * Gives every sequence several times, because sampling one costs more than learning from it again: a pool is filled,
 * shuffled and gone through so many times, then the next one is filled.
 */
final class ReplayedSequences implements Iterator<TokenSequence> {
    private final Iterator<TokenSequence> source;
    private final int poolSize;
    private final int repeats;
    private final Random random;
    private final List<TokenSequence> pool = new ArrayList<>();
    private int position;
    private int passes;

    /**
     * Reads lazily.
     *
     * @param repeats how often each sequence comes
     */
    ReplayedSequences(Iterator<TokenSequence> source, int poolSize, int repeats, long seed) {
        this.source = source;
        this.poolSize = poolSize;
        this.repeats = repeats;
        this.random = new Random(seed);
    }

    @Override
    public boolean hasNext() {
        return position < pool.size() || (!pool.isEmpty() && passes < repeats) || source.hasNext();
    }

    @Override
    public TokenSequence next() {
        if (position == pool.size()) {
            turn();
        }
        return pool.get(position++);
    }

    private void turn() {
        if (pool.isEmpty() || passes == repeats) {
            pool.clear();
            passes = 0;
            while (pool.size() < poolSize && source.hasNext()) {
                pool.add(source.next());
            }
        }
        if (pool.isEmpty()) {
            throw new NoSuchElementException();
        }
        Collections.shuffle(pool, random);
        passes++;
        position = 0;
    }
}
