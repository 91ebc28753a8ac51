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
 * shuffled and gone through so many times, then the next one is filled. A pool is no larger than what is still to be
 * learnt from.
 */
final class ReplayedSequences implements Iterator<TokenSequence> {
    private final Iterator<TokenSequence> source;
    private final int poolSize;
    private final int repeats;
    private final long mostTokens;
    private final Random random;
    private final List<TokenSequence> pool = new ArrayList<>();
    private int position;
    private int passes;
    private long givenTokens;

    /**
     * Reads lazily.
     *
     * @param poolSize most sequences of a pool
     * @param repeats how often each sequence comes
     * @param mostTokens prompt and response tokens that will be asked for; a pool of fewer sequences may do
     */
    ReplayedSequences(Iterator<TokenSequence> source, int poolSize, int repeats, long mostTokens, long seed) {
        this.source = source;
        this.poolSize = poolSize;
        this.repeats = repeats;
        this.mostTokens = mostTokens;
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
        TokenSequence sequence = pool.get(position++);
        givenTokens += sequence.length();
        return sequence;
    }

    private void turn() {
        if (pool.isEmpty() || passes == repeats) {
            pool.clear();
            passes = 0;
            fill();
        }
        if (pool.isEmpty()) {
            throw new NoSuchElementException();
        }
        Collections.shuffle(pool, random);
        passes++;
        position = 0;
    }

    private void fill() {
        long tokens = 0;
        while (pool.size() < poolSize
                && (pool.isEmpty() || tokens * repeats < mostTokens - givenTokens)
                && source.hasNext()) {
            TokenSequence sequence = source.next();
            pool.add(sequence);
            tokens += sequence.length();
        }
    }
}
