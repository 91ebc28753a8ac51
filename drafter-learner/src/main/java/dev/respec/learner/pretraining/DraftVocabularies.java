package dev.respec.learner.pretraining;

import dev.respec.learner.distillation.TokenSequence;
import java.util.Collection;
import java.util.stream.IntStream;

/** Which tokens a drafter is to propose. */
public final class DraftVocabularies {
    private DraftVocabularies() {}

    /** The most frequent response tokens, ascending by id; ties go to the lower id. */
    public static int[] mostFrequent(Collection<TokenSequence> sequences, int size, int vocabularySize) {
        if (size < 1 || size > vocabularySize) {
            throw new IllegalArgumentException(
                    "a draft vocabulary must have 1 to %d tokens, not %d".formatted(vocabularySize, size));
        }
        long[] counts = new long[vocabularySize];
        for (var sequence : sequences) {
            for (int token : sequence.response()) {
                counts[token]++;
            }
        }
        return mostFrequent(counts, size);
    }

    /**
     * The most frequent tokens, ascending by id; ties go to the lower id.
     *
     * @param counts by token id
     */
    public static int[] mostFrequent(long[] counts, int size) {
        return IntStream.range(0, counts.length)
                .boxed()
                .sorted((a, b) -> counts[a] == counts[b] ? Integer.compare(a, b) : Long.compare(counts[b], counts[a]))
                .limit(size)
                .mapToInt(Integer::intValue)
                .sorted()
                .toArray();
    }
}
