package dev.respec.generation.engine;

import dev.respec.model.TargetModel;
import dev.respec.model.decoding.Logits;
import dev.respec.model.decoding.TokenGrid;
import dev.respec.model.sampling.ChainLimit;
import dev.respec.model.sampling.DraftDistributions;
import dev.respec.model.sampling.DraftVocabulary;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.TokenDistribution;
import dev.respec.speculation.Setting;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Drafts chains with a smaller model that shares the policy's vocabulary.
 *
 * <p>Its cache grows only while its setting is in force; coming back to it reads what was emitted meanwhile. What it
 * cached of a draft counts as far as the draft was accepted. Sampled sequences are drafted from its own distribution at
 * their sampling options, greedy ones by its most likely token.
 */
public final class ModelDrafting implements Drafter {
    /** Name in settings. */
    public static final String NAME = "model";

    /** Tokens read in one pass while catching up. */
    private static final int CHUNK = 256;

    private final TargetModel model;
    private final TokenDistribution distribution;
    private final DraftVocabulary vocabulary;
    private final SplittableRandom random;
    private final TokenGrid grid = new TokenGrid();
    /** By slot: the tokens whose columns are cached. */
    private final int[][] cached;

    private final int[] cachedLength;

    /** @param model loaded with at least the policy's slots and capacity; closed with this */
    public ModelDrafting(TargetModel model, long seed) {
        this.model = model;
        this.distribution = new TokenDistribution(model.config().vocabularySize(), model.logitWeights());
        this.vocabulary = DraftVocabulary.identity(model.config().vocabularySize());
        this.random = new SplittableRandom(seed);
        this.cached = new int[model.slots()][model.capacity()];
        this.cachedLength = new int[model.slots()];
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void begin(Sequence sequence, int slot) {
        cachedLength[slot] = 0;
    }

    @Override
    public void moveSlot(int from, int to) {
        model.copySlot(from, to, cachedLength[from]);
        System.arraycopy(cached[from], 0, cached[to], 0, cachedLength[from]);
        cachedLength[to] = cachedLength[from];
    }

    @Override
    public void leave(int slot) {
        model.releaseSlot(slot);
        cachedLength[slot] = 0;
    }

    @Override
    public void draft(List<Sequence> active, Setting setting, Drafts drafts) {
        int batch = active.size();
        int[] lengths = new int[batch];
        for (int slot = 0; slot < batch; slot++) {
            lengths[slot] = Math.min(setting.draftLength(), active.get(slot).draftRoom());
            catchUp(active.get(slot), slot);
        }
        int longest = Arrays.stream(lengths).max().orElse(0);
        float[][] q = new float[batch][];
        for (int position = 0; position < longest; position++) {
            Logits logits = step(active, drafts, lengths, position);
            boolean further = limit(active, drafts.limit(), lengths, position, logits);
            int row = 0;
            for (int slot = 0; slot < batch; slot++) {
                row += grid.count(slot);
                if (position < lengths[slot]) {
                    SamplingOptions sampling = active.get(slot).request().sampling();
                    if (q[slot] == null && !sampling.isGreedy()) {
                        q[slot] = new float[lengths[slot] * vocabulary.size()];
                    }
                    distribution.load(logits.values(), (row - 1) * vocabulary.size(), sampling);
                    drafts.buffer(slot)[position] = choose(sampling, q[slot], position);
                }
            }
            longest = further ? Arrays.stream(lengths).max().orElse(0) : position + 1;
            for (int slot = 0; slot < batch; slot++) {
                lengths[slot] = Math.min(lengths[slot], longest);
            }
        }
        for (int slot = 0; slot < batch; slot++) {
            if (lengths[slot] > 0) {
                drafts.propose(
                        slot, lengths[slot], q[slot] == null ? null : new DraftDistributions(q[slot], vocabulary));
            }
        }
    }

    /** Shortens the drafts that end before a position; whether any goes on after it. */
    private boolean limit(List<Sequence> active, ChainLimit limit, int[] lengths, int position, Logits logits) {
        if (limit == ChainLimit.NONE) {
            return true;
        }
        double[] confidences = new double[lengths.length];
        boolean[] goesOn = new boolean[lengths.length];
        int row = 0;
        for (int slot = 0; slot < lengths.length; slot++) {
            row += grid.count(slot);
            goesOn[slot] = position < lengths[slot];
            if (goesOn[slot]) {
                distribution.load(
                        logits.values(),
                        (row - 1) * vocabulary.size(),
                        active.get(slot).request().sampling());
                confidences[slot] = distribution.probability(distribution.argmax());
            }
        }
        boolean further = limit.choose(position, confidences, goesOn);
        for (int slot = 0; slot < lengths.length; slot++) {
            lengths[slot] = goesOn[slot] ? lengths[slot] : Math.min(lengths[slot], position);
        }
        return further;
    }

    private int choose(SamplingOptions sampling, float[] q, int position) {
        if (sampling.isGreedy()) {
            return distribution.argmax();
        }
        distribution.copyProbabilities(q, position * vocabulary.size());
        return distribution.sample(random.nextDouble());
    }

    /** Cuts the cache back to what the sequence really holds, then reads all but its last tokens. */
    private void catchUp(Sequence sequence, int slot) {
        int[] tokens = sequence.tokens();
        int valid = Math.min(cachedLength[slot], sequence.length() - 1);
        cachedLength[slot] = commonPrefix(cached[slot], tokens, valid);
        while (sequence.length() - cachedLength[slot] > CHUNK) {
            int from = cachedLength[slot];
            grid.clear();
            grid.begin(from);
            grid.add(tokens, from, CHUNK);
            model.prefill(slot, grid);
            note(slot, tokens, from, CHUNK);
        }
    }

    private static int commonPrefix(int[] one, int[] other, int length) {
        int differing = Arrays.mismatch(one, 0, length, other, 0, length);
        return differing < 0 ? length : differing;
    }

    /** Position 0 reads what is new, later ones the token drafted last; a sequence with a shorter draft repeats its own. */
    private Logits step(List<Sequence> active, Drafts drafts, int[] lengths, int position) {
        grid.clear();
        for (int slot = 0; slot < active.size(); slot++) {
            Sequence sequence = active.get(slot);
            int from = cachedLength[slot];
            if (position == 0) {
                int count = sequence.length() - from;
                grid.begin(from);
                grid.add(sequence.tokens(), from, count);
                note(slot, sequence.tokens(), from, count);
            } else if (position < lengths[slot]) {
                grid.begin(from);
                grid.add(drafts.buffer(slot)[position - 1]);
                note(slot, drafts.buffer(slot), position - 1, 1);
            } else {
                grid.begin(from - 1);
                grid.add(cached[slot][from - 1]);
            }
        }
        return model.step(0, grid);
    }

    private void note(int slot, int[] tokens, int from, int count) {
        System.arraycopy(tokens, from, cached[slot], cachedLength[slot], count);
        cachedLength[slot] += count;
    }

    @Override
    public void close() {
        model.close();
    }
}
