package dev.respec.model.sampling;

/**
 * The distributions that drafted tokens were sampled from, one row a draft position (chain) or a parent node (tree). A
 * row must be the one that was really sampled from, at the drafter's own temperature and weights.
 */
public final class DraftDistributions {
    private final float[] probabilities;
    private final int offset;
    private final DraftVocabulary vocabulary;

    /**
     * @param probabilities [rows][vocabulary.size()] flattened; not copied, so it must not change before verification
     * @param offset index of the first row's first probability
     */
    public DraftDistributions(float[] probabilities, int offset, DraftVocabulary vocabulary) {
        this.probabilities = probabilities;
        this.offset = offset;
        this.vocabulary = vocabulary;
    }

    public DraftDistributions(float[] probabilities, DraftVocabulary vocabulary) {
        this(probabilities, 0, vocabulary);
    }

    DraftVocabulary vocabulary() {
        return vocabulary;
    }

    float[] probabilities() {
        return probabilities;
    }

    int rowStart(int row) {
        return offset + row * vocabulary.size();
    }

    /**
     * Probability of a target token in a row; positive, because the token was sampled from it.
     *
     * @throws IllegalArgumentException if it is not: then the row is not the one that was sampled from
     */
    double drafted(int row, int token) {
        int id = vocabulary.toDraft(token);
        double probability = id < 0 ? 0 : probabilities[rowStart(row) + id];
        if (!(probability > 0)) {
            throw new IllegalArgumentException(
                    "drafted token %d has probability %s in row %d of the draft distributions: not sampled from it"
                            .formatted(token, probability, row));
        }
        return probability;
    }
}
