package dev.respec.learner.distillation;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What rejected drafts add to the loss of a step: weight · the mean loss of rejected drafts, each at the depth at which it
 * was rejected and by the pass that drafted it, with that pass's decay. As Online Speculative Decoding (arXiv 2310.07177)
 * trains on the positions that the target rejected, kept in a buffer.
 *
 * <p>A larger weight moves training to where verify steps end. It does not move what a draft is trained towards: the loss
 * of each row is smallest where the draft is the teacher's whole distribution, not the residual that the recovered token
 * was drawn from.
 *
 * @param weight of their mean loss beside the mean loss of all positions
 * @param drawn sequences from {@link #draw}; empty takes the rejected drafts of the batch itself
 */
public record Replay(double weight, List<TokenSequence> drawn) {
    public static final Replay NONE = new Replay(0, List.of());

    public Replay {
        drawn = List.copyOf(drawn);
    }

    /**
     * Draws sequences so that each is expected count · n / N times, with n of the N rejected drafts of the pool. With every
     * draft of a drawn sequence weighing 1 / n, the mean over the draws then has the mean over all N as its expectation
     * (systematic sampling with probability proportional to size; the correction of prioritised replay, arXiv 1511.05952,
     * in full).
     *
     * @param uniform from [0, 1)
     * @return count sequences, some of them more than once if they hold many of the drafts; none if there is no draft
     */
    public static List<TokenSequence> draw(List<TokenSequence> pool, int count, int passes, double uniform) {
        long[] upTo = new long[pool.size()];
        long total = 0;
        for (int i = 0; i < upTo.length; i++) {
            total += pool.get(i).trainableRejections(passes).count();
            upTo[i] = total;
        }
        if (total == 0) {
            return List.of();
        }
        var drawn = new ArrayList<TokenSequence>();
        int at = 0;
        for (int i = 0; i < count; i++) {
            double point = (i + uniform) * total / count;
            while (at < upTo.length - 1 && upTo[at] <= point) {
                at++;
            }
            drawn.add(pool.get(at));
        }
        return drawn;
    }

    /** Weight of each rejected draft of a batch, by sequence: all drafts alike. Nothing if others were drawn. */
    double[] ofBatch(List<TokenSequence> batch, int passes) {
        double[] perDraft = new double[batch.size()];
        long drafts = drawn.isEmpty() ? rejections(batch, passes) : 0;
        if (drafts > 0) {
            Arrays.fill(perDraft, weight / drafts);
        }
        return perDraft;
    }

    /** Weight of each rejected draft of the drawn sequences, by sequence: the same sum for each sequence. */
    double[] ofDrawn(int passes) {
        return drawn.stream()
                .mapToLong(sequence -> sequence.trainableRejections(passes).count())
                .mapToDouble(drafts -> drafts == 0 ? 0 : weight / drawn.size() / drafts)
                .toArray();
    }

    /** Rejected drafts that count in the step of a batch. */
    long drafts(List<TokenSequence> batch, int passes) {
        return weight == 0 ? 0 : rejections(drawn.isEmpty() ? batch : drawn, passes);
    }

    private static long rejections(List<TokenSequence> sequences, int passes) {
        return sequences.stream()
                .mapToLong(sequence -> sequence.trainableRejections(passes).count())
                .sum();
    }
}
