package dev.respec.model.sampling;

import org.jspecify.annotations.Nullable;

/**
 * Lossless verification of a chain of drafted tokens: what is emitted is distributed as if the target alone had been
 * sampled, whatever was drafted.
 *
 * <p>Drafts sampled from q (Leviathan et al. 2023, Chen et al. 2023): token x is accepted with min(1, p(x)/q(x)),
 * otherwise one token comes from norm(max(0, p - q)).
 *
 * <p>Drafts of a rule or a greedy drafter (q one-hot): accepting x with p(x) and otherwise sampling p without x is the
 * same as sampling p once and accepting if x comes out. Done that way, a step uses one random number an emitted token,
 * so the tokens are those that plain decoding draws from the same random stream.
 *
 * <p>A row is evaluated only once all earlier drafts are accepted. One thread at a time.
 */
public final class ChainVerifier {
    private static final int OWN = -1;

    private final TokenDistribution target;
    private final double leniency;
    private Verdict verdict = new Verdict();

    public ChainVerifier(int vocabularySize) {
        this(new TokenDistribution(vocabularySize));
    }

    /** @param target where rows are loaded; nobody else's while one is verified */
    public ChainVerifier(TokenDistribution target) {
        this(target, Leniency.ofThisProcess());
    }

    /** @param leniency 1 is lossless, see {@link Leniency} */
    ChainVerifier(TokenDistribution target, double leniency) {
        this.target = target;
        this.leniency = leniency;
    }

    /** Takes a verdict that the next calls overwrite in place of this verifier's own. */
    public ChainVerifier into(Verdict other) {
        verdict = other;
        return this;
    }

    /**
     * Verifies a draft. With draftLength 0 this is plain sampling.
     *
     * @param logits the target's rows [draftLength + 1][vocabulary] flattened: row i follows the i-th draft token
     * @param offset index of the first row's first logit
     * @param draft drafted target ids
     * @param q what the draft was sampled from, row i for draft[i]; null for a draft that was not sampled
     * @return the verdict, overwritten by the next call
     */
    public Verdict verify(
            float[] logits,
            int offset,
            int[] draft,
            int draftLength,
            @Nullable DraftDistributions q,
            SamplingOptions options,
            RandomStream random) {
        verdict.clear();
        for (int position = 0; position < draftLength; position++) {
            int drafted = draft[position];
            target.load(logits, offset + position * target.vocabularySize(), options);
            int token = q == null || options.isGreedy()
                    ? draw(target, options, random)
                    : acceptOrRecover(drafted, position, q, random);
            boolean accepted = token == drafted;
            verdict.emit(token, target.logProbability(token), accepted ? position : OWN);
            if (!accepted) {
                return verdict;
            }
        }
        target.load(logits, offset + draftLength * target.vocabularySize(), options);
        int bonus = draw(target, options, random);
        verdict.emit(bonus, target.logProbability(bonus), OWN);
        return verdict;
    }

    static int draw(TokenDistribution target, SamplingOptions options, RandomStream random) {
        return options.isGreedy() ? target.argmax() : target.sample(random.nextDouble());
    }

    /** The drafted token or, after a rejection, another: in the residual p(x) - q(x) < 0 has become 0. */
    private int acceptOrRecover(int drafted, int position, DraftDistributions q, RandomStream random) {
        double ratio = target.probability(drafted) / q.drafted(position, drafted);
        if (random.nextDouble() < leniency * ratio) {
            return drafted;
        }
        target.subtract(q.probabilities(), q.rowStart(position), q.vocabulary());
        target.remove(drafted);
        if (target.isEmpty()) {
            // p = q up to rounding: a rejection has probability 0 in exact arithmetic.
            return drafted;
        }
        return target.sample(random.nextDouble());
    }
}
