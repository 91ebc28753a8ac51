package dev.respec.learner.pretraining;

import dev.respec.learner.distillation.TokenSequence;
import dev.respec.model.TargetModel;
import dev.respec.model.checkpoint.Checkpoint;
import dev.respec.model.decoding.ComputeType;
import dev.respec.model.decoding.TokenGrid;
import dev.respec.model.sampling.RandomStream;
import dev.respec.model.sampling.SamplingOptions;
import dev.respec.model.sampling.SplittableRandomStream;
import dev.respec.model.sampling.TokenDistribution;
import dev.respec.stage.BadInputException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The policy's own responses to prompts, sampled at a temperature: the sequences a drafter will meet. Sequences come in
 * the order in which they end. Owned by one thread.
 */
public final class PolicyResponses implements Iterator<TokenSequence>, AutoCloseable {
    private static final int MOST_TOO_LONG = 10_000;

    private final TargetModel policy;
    private final Iterator<int[]> prompts;
    private final SamplingOptions sampling;
    private final int maxTokens;
    private final Set<Integer> stopTokens;
    private final RandomStream random;
    private final TokenDistribution distribution;
    private final @Nullable Slot[] slots;
    private final TokenGrid grid = new TokenGrid();
    private LongConsumer progress = tokens -> {};
    private long sampledTokens;
    private final Deque<TokenSequence> ended = new ArrayDeque<>();

    /** A sequence in the making; the first of the tokens that the policy has not seen. */
    private static final class Slot {
        private final int[] prompt;
        private final List<Integer> response = new ArrayList<>();
        private int seen;

        private Slot(int[] prompt) {
            this.prompt = prompt;
        }
    }

    /**
     * Samples lazily.
     *
     * @param prompts longer ones than capacity - maxTokens are left out
     * @param slots sequences generated at once
     */
    public PolicyResponses(
            Checkpoint policy, Iterator<int[]> prompts, double temperature, int maxTokens, int slots, long seed) {
        var config = policy.config();
        this.policy = TargetModel.load(policy, slots, config.maxPositions(), ComputeType.FLOAT32, new int[0]);
        this.prompts = prompts;
        this.sampling = SamplingOptions.atTemperature(temperature);
        this.maxTokens = maxTokens;
        this.stopTokens = new HashSet<>(config.stopTokens());
        this.random = new SplittableRandomStream(seed, 0);
        this.distribution = new TokenDistribution(config.vocabularySize(), this.policy.logitWeights());
        this.slots = new Slot[slots];
    }

    /** @param listener told the response tokens sampled so far, after every pass of the model */
    public void onProgress(LongConsumer listener) {
        progress = listener;
    }

    @Override
    public boolean hasNext() {
        while (ended.isEmpty() && fill() > 0) {
            step();
        }
        return !ended.isEmpty();
    }

    @Override
    public TokenSequence next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return ended.remove();
    }

    /** Gives free slots the next prompts; returns how many sequences are in the making. Those come first. */
    private int fill() {
        int active = 0;
        for (int slot = 0; slot < slots.length; slot++) {
            if (slots[slot] == null) {
                slots[slot] = nextSlot();
            }
            if (slots[slot] == null) {
                close(slot);
            }
            active += slots[slot] == null ? 0 : 1;
        }
        return active;
    }

    private @Nullable Slot nextSlot() {
        for (int tooLong = 0; prompts.hasNext(); tooLong++) {
            int[] prompt = prompts.next();
            if (prompt.length > 0 && prompt.length + maxTokens <= policy.capacity()) {
                return new Slot(prompt);
            }
            if (tooLong == MOST_TOO_LONG) {
                throw new BadInputException(
                        "%,d prompts in a row leave no room for a response of %d tokens in the policy's %d positions: lower sampling.max-tokens"
                                .formatted(tooLong, maxTokens, policy.capacity()));
            }
        }
        return null;
    }

    /** Moves the last sequence into a slot that stays free. */
    private void close(int free) {
        for (int slot = slots.length - 1; slot > free; slot--) {
            var moved = slots[slot];
            if (moved != null) {
                policy.copySlot(slot, free, moved.seen);
                slots[free] = moved;
                slots[slot] = null;
                return;
            }
        }
    }

    private void step() {
        grid.clear();
        for (Slot slot : slots) {
            if (slot != null) {
                grid.begin(slot.seen);
                if (slot.seen == 0) {
                    grid.add(slot.prompt, 0, slot.prompt.length);
                } else {
                    grid.add(slot.response.get(slot.response.size() - 1));
                }
            }
        }
        var logits = policy.step(0, grid);
        int row = -1;
        int sequence = 0;
        for (int index = 0; index < slots.length; index++) {
            var slot = slots[index];
            if (slot != null) {
                row += grid.count(sequence++);
                distribution.load(logits.values(), row * logits.vocabularySize(), sampling);
                append(index, slot, distribution.sample(random.nextDouble()));
            }
        }
        progress.accept(sampledTokens);
    }

    private void append(int index, Slot slot, int token) {
        slot.seen = slot.prompt.length + slot.response.size();
        slot.response.add(token);
        sampledTokens++;
        if (stopTokens.contains(token) || slot.response.size() == maxTokens) {
            int[] response = slot.response.stream().mapToInt(Integer::intValue).toArray();
            ended.add(new TokenSequence(Arrays.copyOf(slot.prompt, slot.prompt.length), response));
            slots[index] = null;
        }
    }

    @Override
    public void close() {
        policy.close();
    }
}
